//! Remarks on entries that could not become part of a record.

use journal::{Dot, Entry, Kind};
use record::{EntryRule, RecordKey};
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
    pub rule: EntryRule,
    /// The record it speaks of, where that can be read.
    pub record: Option<RecordKey>,
}

/// Keeps a remark.
pub(super) fn put(view: &mut dyn View, entry: &Entry, rule: EntryRule, record: Option<&RecordKey>) {
    let dot = entry.dot();
    let remark = Remark { dot, kind: entry.header.kind, rule, record: record.cloned() };
    let written = rows::put(view, rows::REMARKS, rows::dot_key(&dot), &remark);
    debug_assert!(written.is_some(), "a remark is small");
}
