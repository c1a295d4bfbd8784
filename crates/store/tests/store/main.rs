//! The store over real files and over a disk that lies, loses and fails.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]
#![expect(clippy::indexing_slicing, reason = "likewise")]

mod branching;
mod copying;
mod crash;
mod damage;
mod forged;
mod keeping;
mod killed;
mod saving;
mod speed;
mod toy;
mod views;
