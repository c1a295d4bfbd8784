//! Entries that share their name with another one: both are kept, and neither is projected.
//!
//! A name is a log, a number, and the beginning of an id. Only who has the device's key and tries
//! some billions of times makes two entries with one name. Views keep what an entry did by its
//! name, so with two of them they would hang on which came first. The names follow from the
//! journal and the branches alone: they are found again at each opening.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use journal::{Dot, EntryId, LogId};

use crate::branches::Branches;
use crate::index::{Index, LogIndex, Span};
use crate::segments::Segments;
use crate::staged::Staged;

/// Numbers of a log.
pub(crate) type Numbers = (LogId, RangeInclusive<u64>);

/// Returns the names that several entries have.
pub(crate) fn all(index: &Index, segments: &Segments, branches: &Branches) -> BTreeSet<Dot> {
    let forked = branches.logs().filter_map(|log| {
        let first = branches.of(log).iter().map(|branch| branch.first).min()?;
        Some((*log, first..=u64::MAX))
    });
    forked.flat_map(|(log, at)| within((index, segments, branches), &log, &at)).collect()
}

/// Returns where a group brought something to logs that have branches.
pub(crate) fn new_in(staged: &[Staged], branches: &Branches) -> Vec<Numbers> {
    let forked = staged.iter().filter(|staged| !branches.of(&staged.log).is_empty());
    let runs = |staged: &Staged| {
        let log = staged.log;
        staged.runs.clone().into_iter().map(move |(first, last)| (log, first..=last))
    };
    forked.flat_map(runs).collect()
}

/// Returns the names that several entries of a log have at these numbers.
pub(crate) fn within(
    (index, segments, branches): (&Index, &Segments, &Branches),
    log: &LogId,
    at: &RangeInclusive<u64>,
) -> BTreeSet<Dot> {
    let mut ids = BTreeMap::new();
    let mut twice = BTreeSet::new();
    let mut note = |seq: u64, id: EntryId| {
        let dot = Dot { log: *log, seq, id: id.short() };
        if at.contains(&seq) && *ids.entry(dot).or_insert(id) != id {
            twice.insert(dot);
        }
    };
    for branch in branches.of(log) {
        let here = *at.start().max(&branch.first)..=*at.end().min(&branch.last());
        here.for_each(|seq| branch.id(seq).into_iter().for_each(|id| note(seq, id)));
    }
    let before = at.start().saturating_sub(1);
    let spans = index.log(log).map_or(&[][..], |log: &LogIndex| log.after(before));
    for span in spans.iter().take_while(|span: &&Span| span.first <= *at.end()) {
        match segments.entries(span) {
            Ok(entries) => entries.iter().for_each(|entry| note(entry.header.seq, entry.id)),
            // What can't be read is not projected either, and `verify` names it.
            Err(fault) => tracing::warn!(%fault, "entries were not compared with their branches"),
        }
    }
    twice
}

/// Returns the version of views that leave these names out.
pub(crate) fn version(projector: u32, forged: &BTreeSet<Dot>) -> u32 {
    if forged.is_empty() {
        return projector;
    }
    let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 views without forged names v1");
    hasher.update(&projector.to_le_bytes());
    for dot in forged {
        hasher.update(&dot.log.0).update(&dot.seq.to_le_bytes()).update(&dot.id.0);
    }
    let mut version = [0; 4];
    hasher.finalize_xof().fill(&mut version);
    u32::from_le_bytes(version)
}
