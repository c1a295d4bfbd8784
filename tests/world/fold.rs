//! What the hub lists: the fold of the entries on its disk, by the same rules as its database.

use std::collections::{BTreeMap, BTreeSet};

use journal::{DeviceKey, Dot, Entry, EntryId, EpochStart, LogId, LogName, SiteCode};
use record::{
    Act, Change, PersonCard, PersonId, RecordKey, Review, ReviewEntry, Side, SiteCard, State,
    counts, review, side,
};

use crate::shelf::Shelf;

/// Where a card stands among others about the same.
type Rank = (bool, u32, u64, EntryId);

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
                for entry in branch.entries.iter().skip(folded) {
                    self.take(&shelf.log, record::start_of(&branch.start).as_ref(), entry);
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
        let Some(payload) = entry.bytes() else { return };
        let is_hub = log.device == self.hub;
        let count = start.map_or(0, |start| start.count);
        let rank = (is_hub, count, entry.header.seq, entry.id);
        match entry.header.kind {
            Change::KIND => {
                let Ok(change) = Change::from_payload(payload) else { return };
                if counts(log, &self.hub, start, &change.record.site) {
                    let record = self.records.entry(change.record.clone()).or_default();
                    let new = || State::new(change.record.clone());
                    record.state.get_or_insert_with(new).apply(entry.dot(), &change);
                    record.dots.insert(entry.dot());
                }
            }
            ReviewEntry::KIND => {
                let Ok(act) = ReviewEntry::from_payload(payload) else { return };
                let side = side(log, &self.hub, start, &act.record.site);
                if side != Side::Stranger {
                    let record = self.records.entry(act.record.clone()).or_default();
                    let claimed_ms = entry.header.stamp.claimed_ms;
                    record.acts.push(Act { dot: entry.dot(), side, claimed_ms, entry: act });
                    record.acts.sort_by_key(|act| act.dot);
                }
            }
            PersonCard::KIND => {
                let Ok(card) = PersonCard::from_payload(payload) else { return };
                let known = self.persons.get(&card.id);
                if known.is_none_or(|(known, _)| *known < rank) {
                    self.persons.insert(card.id, (rank, card));
                }
            }
            SiteCard::KIND => {
                let Ok(card) = SiteCard::from_payload(payload) else { return };
                let known = self.sites.get(&card.code);
                if is_hub && known.is_none_or(|(known, _)| *known < rank) {
                    self.sites.insert(card.code.clone(), (rank, card));
                }
            }
            _other => (),
        }
    }
}
