//! A copy of everything on this machine in one file, sealed with a passphrase; and making a
//! machine of it again.
//!
//! The file holds the journal's frames and the small files beside them, the device's key among
//! them. It never holds sled, whose rows are made anew. A machine that was restored opens its next
//! epoch before it writes anything else: what it wrote after the copy may be at the hub, and no
//! position of a log may be used twice.

mod item;
mod read;
mod restore;
mod write;

use std::fmt;
use std::path::Path;

use seal::ItemsFault;
use serde::{Deserialize, Serialize};

pub(crate) use self::restore::{is_unfinished, restore};
pub(crate) use self::write::{Source, write};
use crate::problem::{Cause, Problem};

/// What a backup is sealed with; it never shows in a log.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Passphrase(pub String);

/// What was written or restored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Tally {
    /// Bytes of the sealed file.
    pub(crate) bytes: u64,
    /// Frames of the journal.
    pub(crate) frames: u64,
    /// Their entries.
    pub(crate) entries: u64,
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Says why the file can't be used: a fault of the disk, or of the file.
fn unusable(file: &Path, fault: &ItemsFault) -> Problem {
    let cause = match fault {
        ItemsFault::Io(_) => Cause::Unavailable,
        ItemsFault::Seal(_) | ItemsFault::TooLarge(_) | ItemsFault::Unfinished => Cause::Refused,
    };
    Problem::new(cause, format!("{}: {fault}", file.display()))
}

#[cfg(test)]
mod tests;
