//! Talking to the hub: when there is a link, by itself, and no more than needed.
//!
//! A [`Courier`] performs what the machine of crate `protocol` decides. [`Daemon`] decides when.
//! The [`Ledger`] keeps what the hub has proved to hold.

mod allowance;
mod courier;
mod daemon;
mod interface;
mod ledger;
mod link;
mod outcome;
mod tls;

pub use courier::{Courier, Desk};
pub use daemon::{Daemon, LinkState, LinkView, Settings, SyncHandle};
pub use interface::watch_interfaces;
pub use ledger::{Ledger, Reach, Removed};
pub use link::{Answer, Link, LinkError};
pub use outcome::Outcome;
