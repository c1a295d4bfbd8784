//! The real programs on real sockets and real disks: what a person would see, and what must hold
//! when links break, processes die and disks lie.
//!
//! Each file is one theme, each test one law. [`rig`] starts hubs and colonies in temporary
//! directories, [`link`] is the wire between them. The programs are looked for beside the test's
//! own: `cargo build --workspace --bins` makes them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect must stop, helpers included"
)]

mod backup;
mod branches;
mod care;
mod carry;
mod clock;
mod conflict;
mod coverage;
mod data;
mod demo;
mod disk;
mod doctor;
mod forged;
mod hostile;
mod input;
mod interface;
mod kill;
mod link;
mod lost_answer;
mod offline;
mod older;
mod postgres;
mod publish;
mod ready;
mod review;
mod rig;
#[path = "../postgres.rs"]
mod server;
mod sites;
mod skeleton;
mod sled;
mod strace;
mod tasks;
mod truth;
