//! What goes wrong on a disk, in words for our own log; and why an append was not done.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::LogName;
use journal::limits::PAYLOAD_BYTES_MAX;

/// The disk, or what was found on it, is at fault.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system refused.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Another process has the directory.
    #[error("{0} is in use by another process: stop that one first, or let it do the work")]
    Locked(PathBuf),
    /// A newer program wrote the directory.
    #[error("{path} says format {found}, and this program knows {known}: install the newer one")]
    Newer {
        /// The file with the number.
        path: PathBuf,
        /// What it says.
        found: u32,
        /// What this program knows.
        known: u32,
    },
    /// The directory has a journal, but does not say in which format.
    #[error("{0} is missing or no number: restore it (this program would write \"1\")")]
    NoFormat(PathBuf),
    /// What was written cannot be read back.
    #[error("{0} is damaged: what it held is not used")]
    Damaged(String),
    /// The views are being made anew.
    #[error("the views are being rebuilt from the journal: try again in a moment")]
    Rebuilding,
    /// The views cannot be read.
    #[error("the views are unusable ({0}): start again, and they are rebuilt from the journal")]
    Views(String),
    /// The name is not one of a local file.
    #[error("{0:?} cannot name a local file: use a-z, 0-9, '.', '-', '_', not a leading '.'")]
    LocalName(String),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(String),
    /// A part of this program panicked; nothing it was about to write was written.
    #[error("{0} panicked")]
    Panicked(&'static str),
    /// The storage thread has ended.
    #[error("the storage thread has ended: start the program again")]
    Stopped,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError<E> {
    /// The decision refused.
    #[error(transparent)]
    Refused(E),
    /// The log has a hole at its end: what stood there is lost, so it is never continued.
    #[error("log {} lost its last entries and is never continued: open a new epoch", .0.id())]
    Closed(LogName),
    /// The log is another device's.
    #[error("log {} belongs to another device", .0.id())]
    NotOurs(LogName),
    /// A payload is too large to be an entry.
    #[error("a payload of {0} bytes is larger than the {PAYLOAD_BYTES_MAX} allowed")]
    TooLarge(usize),
    /// It did not reach the disk. The record is *not* saved.
    #[error("this is not saved: {0}")]
    NotSaved(#[source] Fault),
}

impl Fault {
    /// Returns what to make of an error of the operating system.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }
}
