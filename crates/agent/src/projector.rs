//! What the store makes of entries: records and what finds them, cards, bindings, remarks.
//!
//! Pure and deterministic: the rows follow from the entries alone, whatever order the logs came in,
//! so they can be made again from the journal at any time. Nothing an entry holds is a reason to
//! fail: what is not understood, or does not count, becomes a [`Remark`].

mod cards;
mod fold;
mod named;
pub(crate) mod publications;
mod read;
mod remark;
mod review;
mod rows;

use std::sync::Arc;

use journal::codec::CodecError;
use journal::{Binding, DeviceKey, Entry, EpochStart, Kind, LogName, SiteCode};
use record::{Change, PersonCard, Publication, RecordKey, ReviewEntry, Side, SiteCard};
use store::{Fault, Projector, View};

use crate::catalogues::Catalogues;
use cards::Card;
pub use read::Records;
pub(crate) use read::{count, summaries_after};
pub use remark::{Remark, Rule};
pub use review::Reviewed;
pub use rows::Summary;

/// Raised whenever the rows mean something else than before; the shipped forms, by which they are
/// titled and checked, count by themselves.
const VERSION: u32 = 5;

/// Makes rows of entries.
#[derive(Debug)]
pub struct Projection {
    hub: DeviceKey,
    catalogues: Arc<Catalogues>,
    version: u32,
}

impl Projection {
    /// Folds what counts under this hub, and titles it by these forms.
    #[must_use]
    pub fn new(hub: DeviceKey, catalogues: Arc<Catalogues>) -> Self {
        let version = version(&catalogues.shipped_digest());
        Self { hub, catalogues, version }
    }
}

impl Projector for Projection {
    fn version(&self) -> u32 {
        self.version
    }

    fn project(&self, log: &LogName, entry: &Entry, view: &mut dyn View) -> Result<(), Fault> {
        match self.fold(log, entry, view)? {
            Folded::Fully => {}
            Folded::Not(rule) => remark::put(view, entry, rule, None),
            Folded::Without(record) => {
                remark::put(view, entry, Rule::DoesNotCount, Some(&record));
            }
        }
        Ok(())
    }
}

/// Returns a version that changes with the meaning of the rows and with the shipped forms.
fn version(shipped: &[u8; 32]) -> u32 {
    let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 rows of the agent v1");
    hasher.update(&VERSION.to_le_bytes()).update(shipped);
    let mut version = [0; 4];
    hasher.finalize_xof().fill(&mut version);
    u32::from_le_bytes(version)
}

/// What became of an entry.
enum Folded {
    /// It is folded, or there is nothing in it to fold.
    Fully,
    /// It is not, and why.
    Not(Rule),
    /// It is a change of this record that does not count.
    Without(RecordKey),
}

impl Projection {
    fn fold(&self, log: &LogName, entry: &Entry, view: &mut dyn View) -> Result<Folded, Fault> {
        let Some(payload) = entry.bytes() else { return Ok(Folded::Not(Rule::NoPayload)) };
        match entry.header.kind {
            Kind::EPOCH_START => Ok(match EpochStart::from_payload(payload) {
                Ok(start) if rows::put_log(view, log, &start).is_some() => Folded::Fully,
                Ok(_) | Err(_) => Folded::Not(Rule::Unreadable),
            }),
            Kind::ERASURE => Ok(Folded::Fully),
            Kind::BINDING => self.said(Binding::from_payload(payload), (log, entry), view),
            PersonCard::KIND => self.said(PersonCard::from_payload(payload), (log, entry), view),
            SiteCard::KIND => self.said(SiteCard::from_payload(payload), (log, entry), view),
            Change::KIND => match Change::from_payload(payload) {
                Ok(change) => self.change(log, entry, change, view),
                Err(_not_one) => Ok(Folded::Not(Rule::Unreadable)),
            },
            ReviewEntry::KIND => match ReviewEntry::from_payload(payload) {
                Ok(act) => self.act(log, entry, act, view),
                Err(_not_one) => Ok(Folded::Not(Rule::Unreadable)),
            },
            Publication::KIND => match Publication::from_payload(payload) {
                Ok(publication) => self.publication(log, entry, publication, view),
                Err(_not_one) => Ok(Folded::Not(Rule::Unreadable)),
            },
            _unknown => Ok(Folded::Not(Rule::UnknownKind)),
        }
    }

    /// Keeps what a log says of a person, a device or a site, if it is its to say.
    fn said<C: Card>(
        &self,
        card: Result<C, CodecError>,
        (log, entry): (&LogName, &Entry),
        view: &mut dyn View,
    ) -> Result<Folded, Fault> {
        let Ok(card) = card else { return Ok(Folded::Not(Rule::Unreadable)) };
        let by_hub = log.device == self.hub;
        let allowed = by_hub
            || match card.site_that_may_say() {
                Some(site) => self.speaks_for(log, site, view)?,
                None => false,
            };
        if !allowed {
            return Ok(Folded::Not(Rule::NotItsWord));
        }
        cards::keep(view, entry, card)?;
        Ok(Folded::Fully)
    }

    fn change(
        &self,
        log: &LogName,
        entry: &Entry,
        change: Change,
        view: &mut dyn View,
    ) -> Result<Folded, Fault> {
        fold::urgent(view, entry, &change);
        if !self.speaks_for(log, &change.record.site, view)? {
            return Ok(Folded::Without(change.record));
        }
        let catalogue = self.catalogues.at(view)?;
        fold::change(view, (&self.hub, &catalogue), entry.dot(), &change)?;
        Ok(Folded::Fully)
    }

    fn publication(
        &self,
        log: &LogName,
        entry: &Entry,
        publication: Publication,
        view: &mut dyn View,
    ) -> Result<Folded, Fault> {
        if log.device != self.hub {
            return Ok(Folded::Not(Rule::NotItsWord));
        }
        let epoch = rows::log(view, log.id())?.map_or(0, |(_name, start)| start.count);
        publications::keep(view, &self.catalogues, (entry, epoch), publication)?;
        Ok(Folded::Fully)
    }

    fn act(
        &self,
        log: &LogName,
        entry: &Entry,
        act: ReviewEntry,
        view: &mut dyn View,
    ) -> Result<Folded, Fault> {
        let start = rows::log(view, log.id())?.map(|(_name, start)| start);
        let side = record::side(log, &self.hub, start.as_ref(), &act.record.site);
        if side == Side::Stranger {
            return Ok(Folded::Without(act.record));
        }
        review::keep(view, &self.hub, (entry, side), act)?;
        Ok(Folded::Fully)
    }

    fn speaks_for(&self, log: &LogName, site: &SiteCode, view: &dyn View) -> Result<bool, Fault> {
        let start = rows::log(view, log.id())?.map(|(_name, start)| start);
        Ok(record::counts(log, &self.hub, start.as_ref(), site))
    }
}

#[cfg(test)]
mod tests {
    use record::Catalogue;

    use super::*;

    #[test]
    fn another_word_in_a_shipped_form_makes_the_rows_anew() {
        let list = "list,code,label_en,label_ru,label_ky\ncolour,red,Red,,\n";
        let digest =
            |list: &str| Catalogue::from_sources(&[], &[("choices.csv", list)]).unwrap().digest();
        assert_eq!(version(&digest(list)), version(&digest(list)));
        assert_ne!(version(&digest(list)), version(&digest(&list.replace("Red", "Crimson"))));
    }
}
