//! What entries say, each read by [`record::meaning`] without looking at any record.

use journal::{DeviceKey, Dot, Entry, Kind};
use record::{Change, EntryRule, Meaning, PersonCard, Rank, RecordKey, Side, SiteCard, meaning};

use super::gather::{Cursor, Stretch, Times};
use super::publications::Published;
use super::reviews::Said;
use crate::truth::frames::Arrived;
use crate::truth::logs::Log;

/// What a batch of entries says; cards come with the bytes of their [`Rank`].
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) cursors: Vec<Cursor>,
    pub(super) sightings: Vec<Sighting>,
    pub(super) sites: Vec<(Vec<u8>, SiteCard)>,
    pub(super) persons: Vec<(Vec<u8>, PersonCard)>,
    pub(super) publications: Vec<Published>,
    pub(super) acts: Vec<Said>,
    pub(super) remarks: Vec<(Place, EntryRule)>,
}

/// Where an entry stands in this database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) log: i64,
    pub(super) seq: u64,
}

/// Between which instants an entry was written, as far as is known.
type Bounds = (Option<i64>, Option<i64>);

/// A change of a record, and when it was written.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) place: Place,
    pub(super) key: RecordKey,
    pub(super) dot: Dot,
    pub(super) entry_id: [u8; 32],
    pub(super) kind: Kind,
    pub(super) claimed_ms: i64,
    pub(super) trusted: Bounds,
    /// The change, if it counts.
    pub(super) change: Option<Change>,
}

/// Returns what the entries say.
pub(super) fn weigh(gathered: Vec<Stretch>, hub: &DeviceKey) -> Batch {
    let mut batch = Batch::default();
    for Stretch { log, from, entries, times, forged } in gathered {
        let to = entries.last().map_or(from, |last| last.entry.header.seq);
        let mut floor = times.floor_ms;
        for arrived in entries {
            let trusted = trusted(&times, &mut floor, &arrived);
            if forged.contains(&arrived.entry.dot()) {
                let place = Place { log: log.number, seq: arrived.entry.header.seq };
                batch.remarks.push((place, EntryRule::Forged));
                continue;
            }
            batch.take(&log, &arrived, trusted, hub);
        }
        batch.cursors.push(Cursor { log: log.number, from, to, floor_ms: floor });
    }
    batch
}

/// Returns the bounds of an entry by what of the hub's time is sound now. Whoever shows an entry asks
/// again; what is kept of this is the order of entries and whether a record was late.
fn trusted(times: &Times, floor: &mut Option<i64>, arrived: &Arrived) -> Bounds {
    let is_sound = times.time.is_sound(arrived.arrived.reading.as_ref());
    let upper = is_sound.then_some(arrived.arrived.ms);
    if times.is_hubs {
        return (upper, upper);
    }
    let named = times.receipts.get(&arrived.entry.header.receipt).copied();
    // No entry was written after it arrived, whatever receipt it names.
    let fits = |lower: i64| upper.map_or(lower, |upper| lower.min(upper));
    *floor = (*floor).max(named).map(fits);
    (*floor, upper)
}

impl Batch {
    fn take(&mut self, log: &Log, arrived: &Arrived, trusted: Bounds, hub: &DeviceKey) {
        let Arrived { entry, arrived } = arrived;
        let place = Place { log: log.number, seq: entry.header.seq };
        let meaning = meaning(&log.name, hub, log.start.as_ref(), entry);
        self.remarks.extend(meaning.remark().map(|(rule, _record)| (place, rule)));
        let rank = || Rank::of(&log.name, hub, log.start.as_ref(), entry).to_bytes();
        match meaning {
            Meaning::Nothing | Meaning::Start(_) | Meaning::Binding(_) | Meaning::Unclear(_) => {}
            Meaning::Site(card) => self.sites.push((rank(), card)),
            Meaning::Person(card) => self.persons.push((rank(), card)),
            Meaning::Publication(publication) => {
                let (rank, publication) = (rank(), *publication);
                self.publications.push(Published { rank, at_ms: arrived.ms, publication });
            }
            Meaning::Change { change, counts } => {
                let key = change.record.clone();
                let change = counts.then_some(*change);
                self.sightings.push(Sighting { change, ..sighting(place, key, entry, trusted) });
            }
            Meaning::Act { entry: act, side } => {
                self.acts.extend(said(place, &act.record, entry, side));
                self.sightings.push(sighting(place, act.record, entry, trusted));
            }
        }
    }
}

fn sighting(place: Place, key: RecordKey, entry: &Entry, trusted: Bounds) -> Sighting {
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
