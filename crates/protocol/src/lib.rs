//! The exchange between an agent and the hub: what is said, and who decides what to say next.
//!
//! Two state machines, [`Agent`] and [`Hub`], are told what happened and answer with what to do.
//! They never ask: time arrives as an argument, reads and commits are messages (`Load` out,
//! `Loaded` back). So they run the same on a link, over a stick and in a simulator. Their promise:
//! **nothing is receipted before it is durable, and nothing is called held before the device has
//! compared it with its own entry.**
//!
//! This crate does not know what a record is, nor how bytes reach the other side.

mod agent;
mod backoff;
mod enrol;
#[cfg(test)]
mod fixture;
mod goodput;
mod hub;
pub mod limits;
mod message;
mod pack;
mod skip;

pub use agent::{Agent, AgentInput, AgentOutput, Ended, Known, OwnBranch, OwnLog, Place, Report};
pub use backoff::Backoff;
pub use enrol::{EnrolAnswer, EnrolRequest, Invitation, MalformedInvitation, fingerprint};
pub use goodput::Goodput;
pub use hub::{Author, Bounds, Held, Hub, HubInput, HubOutput, Keep, Member, Post, Standing};
pub use message::{
    Amount, Hello, Malformed, Message, PROTOCOL_HEADER, Refused, Waiting, Why, split_first,
};
pub use pack::{Pace, Packed, Unpacker, pack, unpack};
pub use skip::skip_positions;
