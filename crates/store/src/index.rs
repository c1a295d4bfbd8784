//! Where each entry of each log stands in the segments; durable entries only.
//!
//! The spans of a log never overlap: where a frame brings entries that were held already, the
//! first copy keeps them. A log may have gaps, where acknowledged entries were lost.

use std::collections::BTreeMap;

use journal::{EntryId, Head, LogId, LogName};

/// The logs of a journal.
#[derive(Debug, Default)]
pub(crate) struct Index {
    logs: BTreeMap<LogId, LogIndex>,
}

/// What is held of one log.
#[derive(Debug)]
pub(crate) struct LogIndex {
    pub(crate) name: LogName,
    /// In the order of their first entries.
    pub(crate) spans: Vec<Span>,
    /// How many entries are held.
    pub(crate) held: u64,
    /// The highest number that was ever acknowledged.
    pub(crate) attested: u64,
    /// Whether it must never be continued.
    pub(crate) closed: bool,
}

/// Consecutive entries that stand in one item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Span {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The id of the last.
    pub(crate) id: EntryId,
    pub(crate) at: ItemPlace,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct ItemPlace {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) len: u32,
}

impl Index {
    /// Returns what is held of a log.
    pub(crate) fn log(&self, log: &LogId) -> Option<&LogIndex> {
        self.logs.get(log)
    }

    /// Returns all logs in the order of their ids.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (&LogId, &LogIndex)> {
        self.logs.iter()
    }

    /// Returns what is held of a log, which may be new.
    pub(crate) fn log_mut(&mut self, name: &LogName) -> &mut LogIndex {
        self.logs.entry(name.id()).or_insert_with(|| LogIndex {
            name: name.clone(),
            spans: Vec::new(),
            held: 0,
            attested: 0,
            closed: false,
        })
    }

    /// Closes a log that is known.
    pub(crate) fn close(&mut self, log: &LogId) {
        if let Some(log) = self.logs.get_mut(log) {
            log.closed = true;
        }
    }

    /// Returns where a log stands.
    pub(crate) fn head(&self, log: &LogId) -> Head {
        let last = self.logs.get(log).and_then(|log| log.spans.last());
        last.map_or_else(|| Head::empty(*log), |span| Head { seq: span.last, id: span.id })
    }

    /// Returns the span that holds an entry.
    pub(crate) fn find(&self, log: &LogId, seq: u64) -> Option<Span> {
        self.logs.get(log)?.find(seq).copied()
    }

    /// Returns how many entries are held in all logs.
    pub(crate) fn entries(&self) -> u64 {
        self.logs.values().map(|log| log.held).sum()
    }
}

impl LogIndex {
    /// Returns the span that holds an entry.
    pub(crate) fn find(&self, seq: u64) -> Option<&Span> {
        let after = self.spans.partition_point(|span| span.first <= seq);
        self.spans.get(after.checked_sub(1)?).filter(|span| seq <= span.last)
    }

    /// Returns the spans that hold entries after `seq`.
    pub(crate) fn after(&self, seq: u64) -> &[Span] {
        let from = self.spans.partition_point(|span| span.last <= seq);
        self.spans.get(from..).unwrap_or_default()
    }

    /// Returns the runs of `first..=last` that are not held.
    pub(crate) fn missing(&self, first: u64, last: u64) -> Vec<(u64, u64)> {
        let mut missing = Vec::new();
        let mut next = first;
        for span in self.after(first - 1) {
            if last < span.first {
                break;
            }
            if next < span.first {
                missing.push((next, span.first - 1));
            }
            next = span.last + 1;
        }
        if next <= last {
            missing.push((next, last));
        }
        missing
    }

    /// Returns how many entries after `seq` are held.
    pub(crate) fn held_after(&self, seq: u64) -> u64 {
        self.after(seq).iter().map(|span| span.last - span.first.max(seq + 1) + 1).sum()
    }

    /// Adds a span of entries that are not held yet.
    pub(crate) fn insert(&mut self, span: Span) {
        let at = self.spans.partition_point(|held| held.first < span.first);
        self.spans.insert(at, span);
        self.held += span.last - span.first + 1;
        self.attested = self.attested.max(span.last);
    }

    /// Returns the acknowledged entries that are lost.
    pub(crate) fn gaps(&self) -> Vec<(u64, u64)> {
        if self.attested == 0 { Vec::new() } else { self.missing(1, self.attested) }
    }

    /// Returns the number of the last entry held.
    pub(crate) fn last(&self) -> u64 {
        self.spans.last().map_or(0, |span| span.last)
    }
}

#[cfg(test)]
mod tests {
    use journal::{DeviceKey, Epoch, Lane};

    use super::*;

    #[test]
    fn what_is_missing_is_what_no_span_holds() {
        let mut index = Index::default();
        let log = index.log_mut(&name());
        log.insert(span(1, 10));
        log.insert(span(21, 30));
        assert_eq!(log.missing(1, 40), [(11, 20), (31, 40)]);
        assert_eq!(log.missing(5, 9), []);
        assert_eq!(log.gaps(), [(11, 20)]);
        log.insert(span(11, 20));
        assert_eq!(log.gaps(), []);
        assert_eq!((log.held, log.last()), (30, 30));
        assert_eq!(log.find(20).map(|span| span.first), Some(11));
        assert_eq!(log.find(31), None);
    }

    #[test]
    fn an_attested_entry_that_is_not_held_is_a_gap_at_the_end() {
        let mut index = Index::default();
        let log = index.log_mut(&name());
        log.insert(span(1, 2));
        log.attested = 4;
        assert_eq!(log.gaps(), [(3, 4)]);
    }

    fn span(first: u64, last: u64) -> Span {
        let at = ItemPlace { segment: 1, offset: first, len: 1 };
        Span { first, last, id: EntryId([0; 32]), at }
    }

    fn name() -> LogName {
        LogName { device: DeviceKey([1; 32]), epoch: Epoch([1; 8]), lane: Lane::Everyone }
    }
}
