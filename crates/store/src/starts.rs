//! The first entry of each log, by which the log's entries are read.

use std::collections::BTreeMap;

use journal::{Entry, LogId};

use crate::fault::Fault;
use crate::shared::Shared;

/// First entries that were looked up, or are in the group that is being written.
#[derive(Debug, Default)]
pub(crate) struct Starts(BTreeMap<LogId, Entry>);

impl Starts {
    /// Returns the first entry of the chain of `entry`, if it is held.
    pub(crate) fn of(&mut self, shared: &Shared, entry: &Entry) -> Result<Option<&Entry>, Fault> {
        if entry.header.seq == 1 {
            self.0.insert(entry.log, entry.clone());
        } else if !self.0.contains_key(&entry.log) {
            let span = shared.index().find(&entry.log, 1);
            let first = match span {
                Some(span) => shared.segments.entries(&span)?.into_iter().next(),
                None => None,
            };
            self.0.extend(first.map(|first| (entry.log, first)));
        }
        Ok(self.0.get(&entry.log))
    }

    /// Forgets first entries that may not have been written.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
