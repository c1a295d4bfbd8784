//! Who persons, devices and sites are. Within one log the newest says; each log keeps its say.

use journal::{Binding, Entry, SiteCode};
use record::{PersonCard, SiteCard};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Fault, View};

use super::rows;

/// What is said of a person, a device or a site.
pub(super) trait Card: Serialize + DeserializeOwned {
    /// The table it stands in.
    const TABLE: u8;

    /// Returns whom it is about, as its rows' keys begin.
    fn about(&self) -> Vec<u8>;

    /// Returns the site whose devices may say it, beside the hub.
    fn site_that_may_say(&self) -> Option<&SiteCode>;
}

impl Card for Binding {
    const TABLE: u8 = rows::BINDINGS;

    fn about(&self) -> Vec<u8> {
        self.device.0.to_vec()
    }

    fn site_that_may_say(&self) -> Option<&SiteCode> {
        None
    }
}

impl Card for PersonCard {
    const TABLE: u8 = rows::PERSONS;

    fn about(&self) -> Vec<u8> {
        self.id.0.to_vec()
    }

    fn site_that_may_say(&self) -> Option<&SiteCode> {
        Some(&self.site)
    }
}

impl Card for SiteCard {
    const TABLE: u8 = rows::SITES;

    fn about(&self) -> Vec<u8> {
        rows::site_prefix(&self.code)
    }

    fn site_that_may_say(&self) -> Option<&SiteCode> {
        None
    }
}

/// Keeps a card, unless the log has said something newer.
pub(super) fn keep<C: Card>(view: &mut dyn View, entry: &Entry, card: C) -> Result<(), Fault> {
    let key = rows::said_key(&card.about(), entry.log);
    let before: Option<(u64, C)> = rows::get(view, C::TABLE, &key)?;
    if before.is_none_or(|(seq, _card)| seq < entry.header.seq) {
        let written = rows::put(view, C::TABLE, key, &(entry.header.seq, card));
        debug_assert!(written.is_some(), "a card is smaller than a payload may be");
    }
    Ok(())
}
