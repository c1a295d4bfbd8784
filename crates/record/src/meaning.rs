//! The single reading of an entry: what it says, and whether it is its log's to say.
//!
//! The hub and every agent only keep what comes out of here, so they cannot read an entry
//! differently. Of several cards about one person, site or device, or several publications of one
//! version, the one of the highest [`Rank`] holds, in whatever order they came.

use journal::codec::CodecError;
use journal::{Binding, DeviceKey, Entry, EntryId, EpochStart, Kind, LogId, LogName, SiteCode};
use serde::{Deserialize, Serialize};

use crate::card::{PersonCard, SiteCard};
use crate::change::Change;
use crate::clock::{Accept, Piece};
use crate::counts::counts;
use crate::id::RecordKey;
use crate::publication::Publication;
use crate::review::{ReviewEntry, Side, side};

/// What one entry says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Meaning {
    /// Nothing that anybody keeps apart from the entry.
    Nothing,
    /// Whose log it is.
    Start(EpochStart),
    /// Whose device a key is.
    Binding(Binding),
    /// A change of a record.
    Change {
        /// The change.
        change: Box<Change>,
        /// Whether it is folded into its record; if not, it is remarked on.
        counts: bool,
    },
    /// An act of review.
    Act {
        /// The act.
        entry: Box<ReviewEntry>,
        /// Whose word it is; a stranger's is remarked on.
        side: Side,
    },
    /// What a site is.
    Site(SiteCard),
    /// Who a person is.
    Person(PersonCard),
    /// A version of a form or vocabulary.
    Publication(Box<Publication>),
    /// It is kept and forwarded, and says nothing here.
    Unclear(EntryRule),
}

/// Why an entry is left out of what is shown.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum EntryRule {
    /// Newer software wrote it.
    UnknownKind,
    /// Its payload is not of the layout its kind has.
    Unreadable,
    /// Its payload is not held.
    PayloadMissing,
    /// It speaks of a record of a site that its log does not speak for.
    DoesNotCount,
    /// It says of a person, a device, a site or a form what only others may say.
    NotItsWord,
    /// Another entry has its name: the device's key is in other hands.
    Forged,
}

/// Where a card stands among others about the same: the highest one holds. No two entries have the
/// same rank, and it does not depend on when or by which road an entry came.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Rank {
    /// The hub's word goes before a device's.
    by_hub: bool,
    /// Then a later epoch of the author before an earlier one.
    epoch: u32,
    /// Then what stands later in its log.
    seq: u64,
    /// Two branches of a log have two entries at one number.
    id: EntryId,
    log: LogId,
}

/// Returns what an entry of `log` says; `start` is the first entry of the entry's own chain.
#[must_use]
pub fn meaning(
    log: &LogName,
    hub: &DeviceKey,
    start: Option<&EpochStart>,
    entry: &Entry,
) -> Meaning {
    let Some(payload) = entry.bytes() else {
        return Meaning::Unclear(EntryRule::PayloadMissing);
    };
    let author = Author { log, hub, start };
    let read = match entry.header.kind {
        Kind::EPOCH_START => {
            EpochStart::from_payload(payload).map(|start| match entry.header.seq {
                1 => Meaning::Start(start),
                _later => Meaning::Unclear(EntryRule::NotItsWord),
            })
        }
        Kind::ERASURE => Ok(Meaning::Nothing),
        Kind::BINDING => author.hubs(Binding::from_payload(payload), Meaning::Binding),
        Change::KIND => Change::from_payload(payload).map(|change| {
            let counts = author.speaks_for(&change.record.site);
            Meaning::Change { change: Box::new(change), counts }
        }),
        PersonCard::KIND => PersonCard::from_payload(payload).map(|card| {
            if author.is_hub() || author.speaks_for(&card.site) {
                Meaning::Person(card)
            } else {
                Meaning::Unclear(EntryRule::NotItsWord)
            }
        }),
        SiteCard::KIND => author.hubs(SiteCard::from_payload(payload), Meaning::Site),
        ReviewEntry::KIND => ReviewEntry::from_payload(payload).map(|entry| {
            let side = side(log, hub, start, &entry.record.site);
            Meaning::Act { entry: Box::new(entry), side }
        }),
        Publication::KIND => author.hubs(Publication::from_payload(payload), |publication| {
            Meaning::Publication(Box::new(publication))
        }),
        Piece::KIND => author.hubs(Piece::from_payload(payload), |_of_the_hub| Meaning::Nothing),
        Accept::KIND => author.hubs(Accept::from_payload(payload), |_of_the_hub| Meaning::Nothing),
        Kind(_newer) => Ok(Meaning::Unclear(EntryRule::UnknownKind)),
    };
    read.unwrap_or(Meaning::Unclear(EntryRule::Unreadable))
}

/// Returns what a log's first entry says of whose log it is, if `entry` is one.
#[must_use]
pub fn start_of(entry: &Entry) -> Option<EpochStart> {
    let is_start = entry.header.seq == 1 && entry.header.kind == Kind::EPOCH_START;
    EpochStart::from_payload(entry.bytes().filter(|_bytes| is_start)?).ok()
}

/// Whose entries are read.
struct Author<'a> {
    log: &'a LogName,
    hub: &'a DeviceKey,
    start: Option<&'a EpochStart>,
}

impl Author<'_> {
    fn is_hub(&self) -> bool {
        self.log.device == *self.hub
    }

    fn speaks_for(&self, site: &SiteCode) -> bool {
        counts(self.log, self.hub, self.start, site)
    }

    /// Takes what only the hub says.
    fn hubs<T>(
        &self,
        read: Result<T, CodecError>,
        meaning: impl FnOnce(T) -> Meaning,
    ) -> Result<Meaning, CodecError> {
        let said = read?;
        Ok(if self.is_hub() { meaning(said) } else { Meaning::Unclear(EntryRule::NotItsWord) })
    }
}

impl Meaning {
    /// Returns why the entry is remarked on and left out, and the record it speaks of, if it is.
    #[must_use]
    pub fn remark(&self) -> Option<(EntryRule, Option<&RecordKey>)> {
        match self {
            Self::Unclear(rule) => Some((*rule, None)),
            Self::Change { change, counts: false } => {
                Some((EntryRule::DoesNotCount, Some(&change.record)))
            }
            Self::Act { entry, side: Side::Stranger } => {
                Some((EntryRule::DoesNotCount, Some(&entry.record)))
            }
            Self::Nothing
            | Self::Start(_)
            | Self::Binding(_)
            | Self::Change { counts: true, .. }
            | Self::Act { side: Side::Centre { .. } | Side::Site, .. }
            | Self::Site(_)
            | Self::Person(_)
            | Self::Publication(_) => None,
        }
    }
}

impl EntryRule {
    /// Every rule.
    pub const ALL: [Self; 6] = [
        Self::UnknownKind,
        Self::Unreadable,
        Self::PayloadMissing,
        Self::DoesNotCount,
        Self::NotItsWord,
        Self::Forged,
    ];

    /// Returns the rule's name, as findings carry it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownKind => "unknown_kind",
            Self::Unreadable => "unreadable",
            Self::PayloadMissing => "payload_missing",
            Self::DoesNotCount => "does_not_count",
            Self::NotItsWord => "not_its_word",
            Self::Forged => "forged",
        }
    }

    /// Returns the rule of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// Returns what to tell a person.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnknownKind => {
                "an entry of a kind this version doesn't know is kept; a newer version shows it"
            }
            Self::Unreadable => "an entry that can't be read is kept and not shown",
            Self::PayloadMissing => "an entry is held without its content",
            Self::DoesNotCount => "a change by a device of another site is kept and does not count",
            Self::NotItsWord => {
                "an entry says what only the hub, or the person's own site, may say; it is left out"
            }
            Self::Forged => {
                "two entries have one name: somebody forges with the device's key; neither counts"
            }
        }
    }
}

impl Rank {
    /// Returns the rank of an entry of `log`; `start` is the first entry of its own chain.
    #[must_use]
    pub fn of(log: &LogName, hub: &DeviceKey, start: Option<&EpochStart>, entry: &Entry) -> Self {
        Self {
            by_hub: log.device == *hub,
            epoch: start.map_or(0, |start| start.count),
            seq: entry.header.seq,
            id: entry.id,
            log: entry.log,
        }
    }

    /// Returns bytes that are ordered as ranks are.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.by_hub)];
        bytes.extend(self.epoch.to_be_bytes());
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.id.0);
        bytes.extend(self.log.0);
        bytes
    }
}

#[cfg(test)]
mod tests;
