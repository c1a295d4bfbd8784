//! The hub of the central office: receives logs from devices, keeps them, folds and shows them.
//!
//! The truth (module [`truth`]) is logs in a database; views are folded from it. Devices exchange
//! on the sync port (module [`sync`]), people look at pages. What a device may say and what it is
//! answered is decided in the crate `protocol`, what a record is in the crate `record`.

mod addresses;
mod api;
mod backups;
mod cli;
pub mod clock;
pub mod config;
pub mod db;
mod failure;
pub mod fold;
pub mod keys;
pub mod limits;
mod metrics;
mod open;
mod print;
mod problem;
pub mod read;
mod run;
mod stop;
pub mod sync;
mod tables;
pub mod truth;
mod web;
pub mod write;

#[cfg(test)]
#[path = "../../../tests/postgres.rs"]
#[expect(dead_code, reason = "what kills and restarts a server is for tests with processes")]
mod postgres;
#[cfg(test)]
mod world;

pub use cli::main_with;
