//! Signed, append-only logs: what a device wrote, in an order nobody can change unseen.
//!
//! A device writes *entries* into a *log* (one epoch and one lane of one device). Each entry's
//! header names the entry before it and commits to its payload with a salted hash, so a payload can
//! be erased later while the chain stays whole. Entries travel in [`Frame`]s: a run of them with
//! one signature over the last. [`Frame::verify`] is the only way from a foreign frame to
//! [`Entry`]s. The hub answers with a [`Receipt`].
//!
//! This crate is pure: no I/O, no clock, no randomness; seeds and times are arguments. It does not
//! know what a record is.

pub mod codec;
mod dot;
mod entry;
mod envelope;
mod frame;
mod id;
mod key;
pub mod limits;
mod own;
mod receipt;
mod wire;
mod writer;

pub use dot::{Dot, MalformedDot};
pub use entry::{BootId, Entry, Header, Kind, Payload, Salt, Seed, Stamp};
pub use envelope::Envelope;
pub use frame::{Form, Frame, FrameFault, Item, SaltKey, SaltRun};
pub use id::{EntryId, Epoch, Head, Lane, LogId, LogName, MalformedSiteCode, ShortId, SiteCode};
pub use key::{BadSignature, DeviceKey, DeviceSecret, MalformedKey, Signature};
pub use own::{Binding, BindingState, EpochStart, PreviousEpoch};
pub use receipt::{BranchHead, Receipt, ReceiptId, ReceiptName, Run};
pub use writer::{Draft, Writer};
