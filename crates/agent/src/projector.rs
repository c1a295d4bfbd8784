//! What the store makes of entries: records and what finds them, cards, bindings, remarks.
//!
//! Pure and deterministic: the rows follow from the entries alone, whatever order the logs came in,
//! so they can be made again from the journal at any time. Nothing an entry holds is a reason to
//! fail: what is not understood, or does not count, becomes a [`Remark`].

mod cards;
mod fold;
mod read;
mod remark;
mod rows;

use std::sync::Arc;

use journal::{DeviceKey, Entry, EpochStart, Kind, LogName};
use record::{Catalogue, Change, PersonCard, SiteCard};
use store::{Fault, Projector, View};

pub use read::Records;
pub(crate) use read::count;
pub use remark::{Remark, Rule};
pub use rows::Summary;

/// Raised whenever the rows mean something else than before.
const VERSION: u32 = 1;

/// Makes rows of entries.
#[derive(Debug)]
pub struct Projection {
    hub: DeviceKey,
    catalogue: Arc<Catalogue>,
}

impl Projection {
    /// Folds what counts under this hub, and titles it by these forms.
    #[must_use]
    pub const fn new(hub: DeviceKey, catalogue: Arc<Catalogue>) -> Self {
        Self { hub, catalogue }
    }
}

impl Projector for Projection {
    fn version(&self) -> u32 {
        VERSION
    }

    fn project(&self, log: &LogName, entry: &Entry, view: &mut dyn View) -> Result<(), Fault> {
        let Some(payload) = entry.bytes() else {
            remark::put(view, entry, Rule::NoPayload, None);
            return Ok(());
        };
        let understood = match entry.header.kind {
            Kind::EPOCH_START => match EpochStart::from_payload(payload) {
                Ok(start) => rows::put_log(view, log, &start),
                Err(_not_one) => None,
            },
            Kind::BINDING => cards::binding(view, (log, &self.hub), entry, payload)?,
            PersonCard::KIND => cards::person(view, log, entry, payload)?,
            SiteCard::KIND => cards::site(view, (log, &self.hub), entry, payload)?,
            Change::KIND => match Change::from_payload(payload) {
                Ok(change) => {
                    let dot = entry.dot();
                    let counts = self.counts(log, &change, view)?;
                    fold::urgent(view, entry, &change);
                    if counts {
                        fold::change(view, &self.catalogue, dot, &change)?;
                    } else {
                        remark::put(view, entry, Rule::DoesNotCount, Some(&change.record));
                    }
                    Some(())
                }
                Err(_not_one) => None,
            },
            _unknown => {
                remark::put(view, entry, Rule::UnknownKind, None);
                Some(())
            }
        };
        if understood.is_none() {
            remark::put(view, entry, Rule::Unreadable, None);
        }
        Ok(())
    }
}

impl Projection {
    fn counts(&self, log: &LogName, change: &Change, view: &dyn View) -> Result<bool, Fault> {
        let start = rows::log(view, log.id())?.map(|(_name, start)| start);
        Ok(record::counts(log, &self.hub, start.as_ref(), &change.record.site))
    }
}
