//! An agent's disk: the journal, which is the truth, and views of it, which can always be remade.
//!
//! [`Store::append`] and [`Store::keep`] return when what was written is on the disk, and not
//! before: entries go to segment files of our own, synced by one storage thread for all that wait.
//! Only then do rows that a [`Projector`] made of them go to sled, which never holds the only copy
//! of anything. At opening both are compared; whatever is wrong with the views is answered by
//! making them anew, and whatever is missing from the journal is named.
//!
//! The store does not know what a record is, nor how entries travel. No type of sled leaves it.
//!
//! ```text
//! DATA/format        "1"
//! DATA/lock          held while the store is open
//! DATA/journal/      NNNNNNNN.seg
//! DATA/branches/     branches of forked logs that stand beside the journal
//! DATA/local/        small files that are part of no log
//! DATA/sled/         the views
//! DATA/quarantine-N/ views that could not be used
//! ```

mod append;
mod batch;
mod branches;
mod claim;
mod commit;
mod copy;
mod disk;
mod fault;
mod forged;
mod index;
mod item;
mod keep;
pub mod limits;
mod local;
pub mod memory;
mod opening;
mod path;
mod project;
mod reader;
mod rebuild;
mod replay;
mod sealing;
mod segments;
mod sending;
mod shared;
mod staged;
mod starts;
mod storage;
mod store;
mod verify;
mod views;

pub use self::batch::Logs;
pub use self::branches::Fork;
pub use self::claim::FORMAT;
pub use self::commit::opening::{Damage, Unreadable};
pub use self::copy::{CopiedFile, put_copied};
pub use self::disk::{Disk, DiskFile, RealDisk};
pub use self::fault::{AppendError, Fault};
pub use self::keep::{Keeping, Kept};
pub use self::local::Local;
pub use self::opening::Opening;
pub use self::path::{Stretch, Way, common};
pub use self::project::{Lookup, Projector, Row, View};
pub use self::reader::{Reader, Rows};
pub use self::rebuild::Rebuilt;
pub use self::shared::StoreState;
pub use self::store::{Entropy, Options, Store, SystemEntropy};
pub use self::verify::JournalFault;
