//! What waits at a site, as it declared: what goes first, the rest, attachments.

use crate::dictionary::Dictionary;

/// What waits at a site, as it declared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// What goes first.
    pub urgent: Amount,
    /// All other entries.
    pub routine: Amount,
    /// Attachments.
    pub attachments: Amount,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amount {
    /// How many there are.
    pub number: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Waiting {
    pub(super) const fn is_nothing(&self) -> bool {
        self.urgent.number == 0 && self.routine.number == 0 && self.attachments.number == 0
    }

    pub(super) fn urgent(&self, w: &Dictionary) -> String {
        self.urgent.words(w, "waiting-urgent")
    }

    /// Returns what is not urgent, each sort with its bytes; nothing of a sort is not named.
    pub(super) fn rest(&self, w: &Dictionary) -> Vec<String> {
        let sorts = [(self.routine, "waiting-entries"), (self.attachments, "waiting-attachments")];
        let is_there = |(amount, _key): &(Amount, &str)| amount.number != 0;
        sorts.into_iter().filter(is_there).map(|(amount, key)| amount.words(w, key)).collect()
    }
}

impl Amount {
    fn words(self, w: &Dictionary, key: &str) -> String {
        format!("{}, {}", w.n(key, self.number), w.bytes(&self.bytes))
    }
}
