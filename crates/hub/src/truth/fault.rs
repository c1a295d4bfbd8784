//! What can go wrong with the truth: the disk, or bytes that are not what was written.

use journal::codec::CodecError;
use journal::{FrameFault, SiteCode};

use crate::db;

/// The truth can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database says no.
    #[error("the database can't be used: {0}")]
    Sql(#[from] db::Error),
    /// No hub was founded here.
    #[error("no hub here yet: run `ashuu-hub init` first, or give --data")]
    NotInitialised,
    /// The database is another hub's.
    #[error(
        "the database is of a hub with another key than the one in this data directory: correct \
         `database`, or copy hub.key from the data directory of the hub it belongs to"
    )]
    OtherHub,
    /// Something in the database is not what was written there.
    #[error("{0} is damaged in the database: run `ashuu-hub verify`")]
    Damaged(String),
    /// Another process wrote the same log meanwhile.
    #[error("this log was written by another exchange meanwhile: try again")]
    Moved,
    /// Something is too large to be written.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Views can't be folded beside.
    #[error("{0} can't be used to fold the views once more: {1}")]
    Scratch(String, #[source] std::io::Error),
    /// Something arrives all the time.
    #[error("entries arrive without a pause: the views can't be compared now; try again")]
    Busy,
    /// The system has no randomness.
    #[error("{0}")]
    Random(String),
}

impl Fault {
    /// Returns whether the same transaction, done again, may succeed; nothing of it stands.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Sql(error) if db::is_passing(error))
    }

    pub(crate) fn random(fault: crate::keys::KeyFault) -> Self {
        Self::Random(fault.to_string())
    }
}

impl From<FrameFault> for Fault {
    fn from(fault: FrameFault) -> Self {
        Self::Damaged(format!("a frame ({fault})"))
    }
}

/// Names what is damaged.
pub(crate) fn damaged(what: &str) -> Fault {
    Fault::Damaged(what.to_owned())
}

/// Reads bytes whose number is known.
pub(crate) fn array<const N: usize>(what: &str, bytes: Vec<u8>) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_other_length| damaged(what))
}

/// Reads a site's code.
pub(crate) fn site(text: String) -> Result<SiteCode, Fault> {
    SiteCode::try_from(text).map_err(|_malformed| damaged("a site's code"))
}
