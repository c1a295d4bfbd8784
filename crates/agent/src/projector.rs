//! What the store makes of entries: records and what finds them, cards, bindings, remarks.
//!
//! How an entry is read is decided by [`record::meaning`]; here it is only kept.
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

use journal::{DeviceKey, Entry, LogName};
use record::{Meaning, Rank, Side};
use store::{Fault, Projector, View};

use crate::catalogues::Catalogues;
pub use read::Records;
pub(crate) use read::{count, summaries_after};
pub use remark::Remark;
pub use review::Reviewed;
pub use rows::Summary;

/// Raised whenever the rows mean something else than before; the shipped forms, by which they are
/// titled and checked, count by themselves.
const VERSION: u32 = 5;

/// The entry that something is said in.
struct Of<'a> {
    log: &'a LogName,
    entry: &'a Entry,
    rank: Rank,
}

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

    fn project(
        &self,
        log: &LogName,
        start: Option<&Entry>,
        entry: &Entry,
        view: &mut dyn View,
    ) -> Result<(), Fault> {
        let start = start.and_then(record::start_of);
        let meaning = record::meaning(log, &self.hub, start.as_ref(), entry);
        if let Some((rule, record)) = meaning.remark() {
            remark::put(view, entry, rule, record);
        }
        let rank = Rank::of(log, &self.hub, start.as_ref(), entry);
        self.keep(&Of { log, entry, rank }, meaning, view)
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

impl Projection {
    fn keep(&self, of: &Of<'_>, meaning: Meaning, view: &mut dyn View) -> Result<(), Fault> {
        match meaning {
            Meaning::Nothing | Meaning::Unclear(_) => Ok(()),
            Meaning::Start(start) => rows::put_log(view, of, &start),
            Meaning::Binding(binding) => cards::keep(view, of, binding),
            Meaning::Person(card) => cards::keep(view, of, card),
            Meaning::Site(card) => cards::keep(view, of, card),
            Meaning::Change { change, counts } => {
                fold::urgent(view, of.entry, &change);
                if !counts {
                    return Ok(());
                }
                let catalogue = self.catalogues.at(view)?;
                fold::change(view, (&self.hub, &catalogue), of.entry.dot(), &change)
            }
            Meaning::Act { entry: _, side: Side::Stranger } => Ok(()),
            Meaning::Act { entry: act, side } => {
                review::keep(view, &self.hub, (of.entry, side), *act)
            }
            Meaning::Publication(publication) => {
                publications::keep(view, &self.catalogues, of.rank, *publication)
            }
        }
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
