//! Remarks on entries that could not become part of a record.

use journal::{Dot, Entry, Kind};
use record::RecordKey;
use serde::{Deserialize, Serialize};
use store::View;

use super::rows;

/// A remark on one entry: it is held and forwarded, and not part of any record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    /// The entry.
    pub dot: Dot,
    /// What its payload says it is.
    pub kind: Kind,
    /// What is remarkable.
    pub rule: Rule,
    /// The record it speaks of, where that can be read.
    pub record: Option<RecordKey>,
}

/// What is remarkable about an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// Newer software wrote it.
    UnknownKind,
    /// Its payload is not of the layout its kind has.
    Unreadable,
    /// Its payload is not held.
    NoPayload,
    /// It was written by a device of another site.
    DoesNotCount,
    /// It says of a person, a device or a site what only others may say.
    NotItsWord,
}

impl Rule {
    /// Returns the rule's name, as findings carry it; the hub calls it the same.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownKind => "unknown_kind",
            Self::Unreadable => "unreadable",
            Self::NoPayload => "payload_missing",
            Self::DoesNotCount => "does_not_count",
            Self::NotItsWord => "not_its_word",
        }
    }

    /// Returns what to tell a person.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnknownKind => {
                "an entry of a kind this version doesn't know is kept; a newer version shows it"
            }
            Self::Unreadable => "an entry that can't be read is kept and not shown",
            Self::NoPayload => "an entry is held without its content",
            Self::DoesNotCount => "a change by a device of another site is kept and does not count",
            Self::NotItsWord => {
                "an entry says what only the hub, or the person's own site, may say; it is left out"
            }
        }
    }
}

/// Keeps a remark.
pub(super) fn put(view: &mut dyn View, entry: &Entry, rule: Rule, record: Option<&RecordKey>) {
    let dot = entry.dot();
    let remark = Remark { dot, kind: entry.header.kind, rule, record: record.cloned() };
    let key = [rows::entry_key(dot.log, dot.seq).as_slice(), &dot.id.0].concat();
    let written = rows::put(view, rows::REMARKS, key, &remark);
    debug_assert!(written.is_some(), "a remark is small");
}
