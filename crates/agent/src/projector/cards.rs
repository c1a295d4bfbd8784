//! Who persons, devices and sites are. Every entry keeps its say, so the rows don't depend on which
//! came first; whoever reads takes that of the highest rank.

use journal::{Binding, Lane};
use record::{PersonCard, Rank, SiteCard};
use serde::{Deserialize, Serialize};
use store::{Fault, View};

use super::{Of, rows};

/// A card as its row keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said<C> {
    /// The card of the highest rank holds.
    pub(super) rank: Rank,
    /// To whom it was said.
    pub(super) lane: Lane,
    /// When it was said, by its author's clock.
    pub(super) claimed_ms: i64,
    /// What was said.
    pub(super) card: C,
}

/// What is said of a person, a device or a site.
pub(super) trait Card: Serialize {
    /// The table it stands in.
    const TABLE: u8;

    /// Returns whom it is about, as its rows' keys begin.
    fn about(&self) -> Vec<u8>;
}

impl Card for Binding {
    const TABLE: u8 = rows::BINDINGS;

    fn about(&self) -> Vec<u8> {
        self.device.0.to_vec()
    }
}

impl Card for PersonCard {
    const TABLE: u8 = rows::PERSONS;

    fn about(&self) -> Vec<u8> {
        self.id.0.to_vec()
    }
}

impl Card for SiteCard {
    const TABLE: u8 = rows::SITES;

    fn about(&self) -> Vec<u8> {
        rows::site_prefix(&self.code)
    }
}

/// Keeps a card.
pub(super) fn keep<C: Card>(view: &mut dyn View, of: &Of<'_>, card: C) -> Result<(), Fault> {
    let key = rows::said_key(&card.about(), &of.entry.dot());
    let (rank, lane) = (of.rank, of.log.lane.clone());
    let said = Said { rank, lane, claimed_ms: of.entry.header.stamp.claimed_ms, card };
    rows::put(view, C::TABLE, key, &said)
        .ok_or_else(|| Fault::Views("a card is larger than a row may be".to_owned()))
}
