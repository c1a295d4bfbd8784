//! What both command lines do at a terminal: files that appear whole or not at all, passphrases,
//! signs of progress, and the lines of `doctor`.
//!
//! It knows no record, no hub and no agent: what is written, sealed or looked at is theirs.

mod doctor;
mod files;
mod fresh;
pub mod limits;
mod passphrase;
mod progress;

pub use doctor::{Check, Space, State, permissions, worst};
pub use files::{Draft, Out, finish};
pub use fresh::Fresh;
pub use passphrase::{Asking, PassphraseFault, check_length, passphrase};
pub use progress::{Bar, Counted, PATIENCE, Waiting};
