//! What the hub lists: the fold of the entries on its disk, by the same reading as its database.

use std::collections::{BTreeMap, BTreeSet};

use journal::{DeviceKey, Dot, Entry, EntryId, EpochStart, LogId, LogName, SiteCode};
use record::{
    Act, Meaning, PersonCard, PersonId, Rank, RecordKey, Review, Side, SiteCard, State, meaning,
    review, start_of,
};

use crate::shelf::Shelf;

/// A record: what its changes come to, which those are, and what was said about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) state: Option<State>,
    pub(crate) dots: BTreeSet<Dot>,
    pub(crate) acts: Vec<Act>,
}

/// The hub's records, persons and sites.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    hub: DeviceKey,
    folded: BTreeMap<(LogName, EntryId), usize>,
    pub(crate) records: BTreeMap<RecordKey, Record>,
    pub(crate) persons: BTreeMap<PersonId, (Rank, PersonCard)>,
    pub(crate) sites: BTreeMap<SiteCode, (Rank, SiteCard)>,
    of_hub: BTreeSet<LogId>,
    /// Whether further branches are left out, as a mutant does.
    pub(crate) only_first: bool,
}

impl Fold {
    pub(crate) const fn new(hub: DeviceKey) -> Self {
        Self {
            hub,
            folded: BTreeMap::new(),
            records: BTreeMap::new(),
            persons: BTreeMap::new(),
            sites: BTreeMap::new(),
            of_hub: BTreeSet::new(),
            only_first: false,
        }
    }

    /// Folds what is new on these shelves.
    pub(crate) fn fold<'a>(&mut self, shelves: impl IntoIterator<Item = &'a Shelf>) {
        for shelf in shelves {
            if shelf.log.device == self.hub {
                self.of_hub.insert(shelf.log.id());
            }
            let branches = if self.only_first { 1 } else { usize::MAX };
            for branch in shelf.branches().iter().take(branches) {
                let Some(name) = branch.name() else { continue };
                let key = (shelf.log.clone(), name);
                let folded = self.folded.get(&key).copied().unwrap_or(0);
                let start = branch.beginning.as_deref().and_then(start_of);
                for entry in branch.entries.iter().skip(folded) {
                    self.take(&shelf.log, start.as_ref(), entry);
                }
                self.folded.insert(key, branch.entries.len());
            }
        }
    }

    /// Returns what the acts about a record come to.
    pub(crate) fn review<'a>(&self, record: &'a Record, state: &State) -> Review<'a> {
        let mut of_site = state.content_dots();
        of_site.retain(|dot| !self.of_hub.contains(&dot.log));
        review(&record.acts, of_site)
    }

    fn take(&mut self, log: &LogName, start: Option<&EpochStart>, entry: &Entry) {
        let rank = Rank::of(log, &self.hub, start, entry);
        match meaning(log, &self.hub, start, entry) {
            Meaning::Change { change, counts: true } => {
                let record = self.records.entry(change.record.clone()).or_default();
                let new = || State::new(change.record.clone());
                record.state.get_or_insert_with(new).apply(entry.dot(), &change);
                record.dots.insert(entry.dot());
            }
            Meaning::Act { entry: act, side: side @ (Side::Centre { .. } | Side::Site) } => {
                let record = self.records.entry(act.record.clone()).or_default();
                let claimed_ms = entry.header.stamp.claimed_ms;
                record.acts.push(Act { dot: entry.dot(), side, claimed_ms, entry: *act });
                record.acts.sort_by_key(|act| act.dot);
            }
            Meaning::Person(card) => {
                let known = self.persons.get(&card.id);
                if known.is_none_or(|(known, _)| *known < rank) {
                    self.persons.insert(card.id, (rank, card));
                }
            }
            Meaning::Site(card) => {
                let known = self.sites.get(&card.code);
                if known.is_none_or(|(known, _)| *known < rank) {
                    self.sites.insert(card.code.clone(), (rank, card));
                }
            }
            Meaning::Nothing
            | Meaning::Start(_)
            | Meaning::Binding(_)
            | Meaning::Change { counts: false, .. }
            | Meaning::Act { side: Side::Stranger, .. }
            | Meaning::Publication(_)
            | Meaning::Unclear(_) => (),
        }
    }
}
