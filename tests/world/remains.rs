//! What a world leaves behind at the hub: frames for real programs to take in, and what came of them.

use std::collections::BTreeMap;

use journal::{DeviceKey, DeviceSecret, Frame};
use record::{PersonCard, PersonId, RecordKey, SiteCard};

use crate::office::Office;

/// What is listed of everything that is held.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Listed {
    /// The hash of each record's fold, and the state of its review.
    pub records: BTreeMap<RecordKey, ([u8; 32], String)>,
    /// The card that holds, of each person.
    pub persons: BTreeMap<PersonId, PersonCard>,
    /// The card that holds, of each site.
    pub sites: BTreeMap<String, SiteCard>,
}

/// What a world leaves behind at the hub.
#[derive(Debug)]
pub struct Remains {
    /// The hub's key.
    pub hub: DeviceSecret,
    /// Every frame that is held, of every branch of every log.
    pub frames: Vec<Frame>,
    /// Logs with more than one branch.
    pub forks: usize,
    /// What the model of the hub lists.
    pub listed: Listed,
}

impl Remains {
    pub(crate) fn of(office: &Office) -> Self {
        let frames = office.shelves().flat_map(|shelf| shelf.frames().cloned()).collect();
        let hub = DeviceSecret::from_bytes(&office.secret().to_bytes());
        let forks = office.shelves().filter(|shelf| 1 < shelf.branches().len()).count();
        Self { hub, frames, forks, listed: listed(office) }
    }

    /// Returns the hub's public key.
    #[must_use]
    pub fn key(&self) -> DeviceKey {
        self.hub.public()
    }
}

fn listed(office: &Office) -> Listed {
    let fold = &office.fold;
    let record = |(key, record): (&RecordKey, &crate::fold::Record)| {
        let state = record.state.as_ref()?;
        let review = fold.review(record, state).state.word().to_owned();
        Some((key.clone(), (state.hash(), review)))
    };
    let person = |(id, (_, card)): (&PersonId, &(_, PersonCard))| (*id, card.clone());
    let site = |(_, card): &(_, SiteCard)| (card.code.to_string(), card.clone());
    Listed {
        records: fold.records.iter().filter_map(record).collect(),
        persons: fold.persons.iter().map(person).collect(),
        sites: fold.sites.values().map(site).collect(),
    }
}
