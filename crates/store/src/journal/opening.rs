//! Finding out what a journal holds: what is whole, what was torn, what was lost.
//!
//! A write that power cut short is cut away. A bad place in front of acknowledged data is loss: it
//! is named as exactly as what follows allows, and a log that may have lost its last entries is
//! closed, since continuing it would use a position twice.

use std::collections::{BTreeMap, BTreeSet};

use journal::{EntryId, LogId, LogName};

use super::{Journal, OpenSegment};
use crate::fault::Fault;
use crate::index::{Index, ItemPlace, Span};
use crate::item::{Body, Extent, Fence, Found, Held, Piece, Scan, scan};
use crate::segments::{Segments, id_in};

/// Acknowledged entries that the journal does not hold any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The log.
    pub log: LogName,
    /// The first entry that is missing.
    pub first: u64,
    /// The last; `None` where nothing tells whether, and how many, stood at the log's end.
    pub last: Option<u64>,
}

/// A place of the journal that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable {
    /// The number of the segment.
    pub segment: u32,
    /// The first bad byte.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
}

/// What was found in a journal.
#[derive(Debug)]
pub(crate) struct Found2 {
    pub(crate) journal: Journal,
    pub(crate) index: Index,
    pub(crate) torn_bytes: u64,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) damage: Vec<Damage>,
}
