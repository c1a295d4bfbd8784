//! A copy of a hub in one file, sealed with a passphrase; and making a hub of it again.
//!
//! The file holds the rows of all tables that are truth, in a form of our own, and the hub's key:
//! so a copy of one engine can be restored on the other. Views are left out and folded anew. A hub
//! that was restored opens its next epoch, in each of its lanes and for its receipts, in the same
//! transaction that brings the rows: what it said after the copy is with its devices, and no
//! position of a lane and no number of a receipt may mean two things.

mod around;
mod carve;
mod check;
mod copy;
mod item;
mod mend;
mod read;
mod rescue;
mod restore;
mod sound;
mod source;
pub(super) mod tables;
mod write;

use std::path::{Path, PathBuf};

use seal::ItemsFault;

pub use self::check::{Checked, check};
pub use self::copy::copy_rows;
#[cfg(test)]
pub(crate) use self::copy::names;
pub use self::item::Head;
pub use self::read::Backup;
pub use self::rescue::{Rescued, rescue};
pub use self::restore::{Restored, restore};
pub(crate) use self::write::DAMAGED;
pub use self::write::write;
use super::fault::Fault;
use crate::db;
use crate::keys::KeyFault;

/// A copy that was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// Where it stands: as asked, or beside that, named after its being damaged.
    pub file: PathBuf,
    /// Bytes of the sealed file.
    pub bytes: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// What is wrong with what was copied, a line each.
    pub damage: Vec<String>,
}

/// A copy can't be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The file can't be read or written, or is not what was sealed.
    #[error("{file}: {fault}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        fault: ItemsFault,
    },
    /// What stands in the file can't be used.
    #[error("{file}: {words}")]
    Refused {
        /// The file.
        file: String,
        /// Why, and what to do.
        words: String,
    },
    /// The database can't be read or written.
    #[error(transparent)]
    Truth(#[from] Fault),
    /// The key can't be made or written.
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl BackupFault {
    fn refused(file: &Path, words: impl Into<String>) -> Self {
        Self::Refused { file: file.display().to_string(), words: words.into() }
    }

    fn file(file: &Path) -> impl FnOnce(ItemsFault) -> Self {
        move |fault| Self::File { file: file.display().to_string(), fault }
    }

    fn io(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::File { file: file.display().to_string(), fault: error.into() }
    }
}

impl From<db::Error> for BackupFault {
    fn from(error: db::Error) -> Self {
        Self::Truth(error.into())
    }
}

#[cfg(test)]
mod tests;
