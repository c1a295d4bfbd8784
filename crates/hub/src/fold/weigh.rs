//! What entries say, judged one by one without looking at any record.

use journal::{DeviceKey, Dot, Entry, Kind};
use record::{
    Change, PersonCard, Publication, RecordKey, ReviewEntry, Side, SiteCard, counts, side,
};

use super::gather::{Cursor, Stretch, Times};
use super::publications::Published;
use super::reviews::Said;
use crate::truth::frames::Arrived;
use crate::truth::logs::Log;

/// What a batch of entries says.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) cursors: Vec<Cursor>,
    pub(super) sightings: Vec<Sighting>,
    pub(super) sites: Vec<(Place, SiteCard)>,
    pub(super) persons: Vec<(Place, PersonCard)>,
    pub(super) publications: Vec<Published>,
    pub(super) acts: Vec<Said>,
    pub(super) remarks: Vec<(Place, Remark)>,
}

/// Where an entry stands in this database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) log: i64,
    pub(super) seq: u64,
}

/// A change of a record, and when it was written.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) place: Place,
    pub(super) key: RecordKey,
    pub(super) dot: Dot,
    pub(super) entry_id: [u8; 32],
    pub(super) kind: Kind,
    pub(super) claimed_ms: i64,
    pub(super) trusted: (Option<i64>, i64),
    /// The change, if it counts.
    pub(super) change: Option<Change>,
}

/// What the fold remarks on an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Remark {
    pub(super) rule: &'static str,
    pub(super) what: String,
}

/// What one entry says.
enum Meaning {
    Nothing,
    Change { change: Box<Change>, counts: bool },
    Site(SiteCard),
    Person(PersonCard),
    Publication(Box<Publication>),
    Act { entry: Box<ReviewEntry>, side: Side },
    Unclear(Remark),
}

/// Returns what the entries say.
pub(super) fn weigh(gathered: Vec<Stretch>, hub: &DeviceKey) -> Batch {
    let mut batch = Batch::default();
    for Stretch { log, from, entries, times } in gathered {
        let to = entries.last().map_or(from, |last| last.entry.header.seq);
        let mut floor = times.floor_ms;
        for arrived in entries {
            let trusted = trusted(&times, &mut floor, &arrived);
            batch.take(&log, &arrived.entry, trusted, hub);
        }
        batch.cursors.push(Cursor { log: log.number, from, to, floor_ms: floor });
    }
    batch
}

/// Returns the change of an entry if it counts: what [`super::check()`] folds.
pub(super) fn counting_change(log: &Log, entry: &Entry, hub: &DeviceKey) -> Option<Change> {
    match meaning(log, entry, hub) {
        Meaning::Change { change, counts: true } => Some(*change),
        Meaning::Change { counts: false, .. }
        | Meaning::Nothing
        | Meaning::Site(_)
        | Meaning::Person(_)
        | Meaning::Publication(_)
        | Meaning::Act { .. }
        | Meaning::Unclear(_) => None,
    }
}

/// Returns the act of an entry if its author has a say: what [`super::check()`] compares.
pub(super) fn counting_act(log: &Log, entry: &Entry, hub: &DeviceKey) -> Option<Said> {
    let place = Place { log: log.number, seq: entry.header.seq };
    match meaning(log, entry, hub) {
        Meaning::Act { entry: act, side } => said(place, &act.record, entry, side),
        Meaning::Change { .. }
        | Meaning::Nothing
        | Meaning::Site(_)
        | Meaning::Person(_)
        | Meaning::Publication(_)
        | Meaning::Unclear(_) => None,
    }
}

fn trusted(times: &Times, floor: &mut Option<i64>, arrived: &Arrived) -> (Option<i64>, i64) {
    if times.is_hubs {
        return (Some(arrived.arrived_ms), arrived.arrived_ms);
    }
    let named = times.receipts.get(&arrived.entry.header.receipt).copied();
    // No entry was written after it arrived, whatever receipt it names.
    *floor = (*floor).max(named).map(|lower| lower.min(arrived.arrived_ms));
    (*floor, arrived.arrived_ms)
}

impl Batch {
    fn take(&mut self, log: &Log, entry: &Entry, trusted: (Option<i64>, i64), hub: &DeviceKey) {
        let place = Place { log: log.number, seq: entry.header.seq };
        match meaning(log, entry, hub) {
            Meaning::Nothing => {}
            Meaning::Site(card) => self.sites.push((place, card)),
            Meaning::Person(card) => self.persons.push((place, card)),
            Meaning::Publication(publication) => {
                let place = (log, entry.header.seq);
                self.publications.push(Published::at(place, trusted.1, *publication));
            }
            Meaning::Unclear(remark) => self.remarks.push((place, remark)),
            Meaning::Change { change, counts } => {
                let key = change.record.clone();
                if !counts {
                    self.remarks.push((place, foreign(log, &key)));
                }
                let change = counts.then_some(*change);
                self.sightings.push(Sighting { change, ..sighting(place, key, entry, trusted) });
            }
            Meaning::Act { entry: act, side } => {
                let key = act.record;
                match said(place, &key, entry, side) {
                    Some(said) => self.acts.push(said),
                    None => self.remarks.push((place, foreign(log, &key))),
                }
                self.sightings.push(sighting(place, key, entry, trusted));
            }
        }
    }
}

fn sighting(place: Place, key: RecordKey, entry: &Entry, trusted: (Option<i64>, i64)) -> Sighting {
    Sighting {
        place,
        key,
        dot: entry.dot(),
        entry_id: entry.id.0,
        kind: entry.header.kind,
        claimed_ms: entry.header.stamp.claimed_ms,
        trusted,
        change: None,
    }
}

/// Returns the act of somebody who has a say about the record.
fn said(place: Place, key: &RecordKey, entry: &Entry, side: Side) -> Option<Said> {
    let centre_epoch = match side {
        Side::Centre { epoch } => epoch,
        Side::Site => 0,
        Side::Stranger => return None,
    };
    Some(Said {
        place,
        key: key.clone(),
        short: entry.id.short(),
        claimed_ms: entry.header.stamp.claimed_ms,
        centre_epoch,
        payload: entry.bytes()?.to_vec(),
    })
}

fn meaning(log: &Log, entry: &Entry, hub: &DeviceKey) -> Meaning {
    let kind = entry.header.kind;
    let Some(payload) = entry.bytes() else {
        return unclear("payload_missing", "the payload of this entry is not held".to_owned());
    };
    let speaks_for = |site| counts(&log.name, hub, log.start.as_ref(), site);
    match kind {
        Kind::EPOCH_START | Kind::BINDING | Kind::ERASURE => Meaning::Nothing,
        Change::KIND => match Change::from_payload(payload) {
            Ok(change) => {
                let counts = speaks_for(&change.record.site);
                Meaning::Change { change: Box::new(change), counts }
            }
            Err(error) => unreadable(&error),
        },
        ReviewEntry::KIND => match ReviewEntry::from_payload(payload) {
            Ok(entry) => {
                let side = side(&log.name, hub, log.start.as_ref(), &entry.record.site);
                Meaning::Act { entry: Box::new(entry), side }
            }
            Err(error) => unreadable(&error),
        },
        SiteCard::KIND => match SiteCard::from_payload(payload) {
            Ok(card) if log.name.device == *hub => Meaning::Site(card),
            Ok(card) => unclear("not_its_word", format!("only the hub says what {} is", card.code)),
            Err(error) => unreadable(&error),
        },
        Publication::KIND => match Publication::from_payload(payload) {
            Ok(publication) if log.name.device == *hub => {
                Meaning::Publication(Box::new(publication))
            }
            Ok(Publication { subject, name, .. }) => {
                unclear("not_its_word", format!("only the hub publishes the {subject} {name}"))
            }
            Err(error) => unreadable(&error),
        },
        PersonCard::KIND => match PersonCard::from_payload(payload) {
            Ok(card) if speaks_for(&card.site) || log.name.device == *hub => Meaning::Person(card),
            Ok(card) => {
                unclear("not_its_word", format!("a person of {} is named elsewhere", card.site))
            }
            Err(error) => unreadable(&error),
        },
        Kind(other) => unclear(
            "unknown_kind",
            format!("entries of kind {other} are kept and forwarded; newer software folds them"),
        ),
    }
}

fn unclear(rule: &'static str, what: String) -> Meaning {
    Meaning::Unclear(Remark { rule, what })
}

fn unreadable(error: &journal::codec::CodecError) -> Meaning {
    unclear("unreadable", format!("the payload is kept as it is: {error}"))
}

fn foreign(log: &Log, key: &RecordKey) -> Remark {
    let own = log.start.as_ref().map_or("an unknown site", |start| start.site.as_str());
    let what = format!(
        "what {own} says about a record of {} is kept and left out: the site itself must say it",
        key.site
    );
    Remark { rule: "does_not_count", what }
}
