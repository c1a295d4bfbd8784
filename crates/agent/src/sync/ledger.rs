//! What the hub has proved to hold, and when it was last heard of.
//!
//! One small file under `local/`, written before anything is shown as held.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use journal::codec;
use journal::limits::RECEIPT_BYTES_MAX;
use journal::{LogName, Receipt, ReceiptName, ShortId};
use protocol::Refused;
use serde::{Deserialize, Serialize};
use store::{Fault, Store};

use crate::kept;

const FILE: &str = "ledger";
const SENT_FILE: &str = "sent";

/// Bytes of the file: the last receipt, and as much again.
const BYTES_MAX: usize = 2 * RECEIPT_BYTES_MAX;

/// What the hub has proved to hold. Clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    page: Arc<RwLock<Page>>,
    sent: Arc<RwLock<Sent>>,
}

/// Up to which entry each log was sent without an answer.
type Sent = BTreeMap<LogName, u64>;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    receipt: Option<Receipt>,
    held: BTreeMap<LogName, u64>,
    last_contact_ms: Option<i64>,
    clock_skew_ms: Option<i64>,
    refused: Vec<Refused>,
    forgotten: Vec<LogName>,
}

impl Ledger {
    /// Reads the ledger. A damaged one is begun anew: the next receipt restores what it said.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the disk fails.
    pub fn open(store: &Store) -> Result<Self, Fault> {
        let page: Option<Page> = kept::read(store, FILE, BYTES_MAX)?;
        let sent: Option<Sent> = kept::read(store, SENT_FILE, BYTES_MAX)?;
        Ok(Self {
            page: Arc::new(RwLock::new(page.unwrap_or_default())),
            sent: Arc::new(RwLock::new(sent.unwrap_or_default())),
        })
    }

    /// Returns the number of the last entry of `log` that was sent and not answered yet.
    #[must_use]
    pub fn sent(&self, log: &LogName) -> u64 {
        let sent = self.sent.read().unwrap_or_else(PoisonError::into_inner);
        sent.get(log).copied().unwrap_or(0)
    }

    /// Notes what was sent and not answered; nothing, once there is an answer.
    pub(super) fn note_sent(&self, store: &Store, now: BTreeMap<LogName, u64>) {
        let mut sent = self.sent.write().unwrap_or_else(PoisonError::into_inner);
        if *sent == now {
            return;
        }
        let written = match codec::encode(&now, BYTES_MAX) {
            Ok(bytes) => store.local().write(SENT_FILE, &bytes),
            Err(_too_many_logs) => Ok(()),
        };
        if let Err(fault) = written {
            tracing::warn!(%fault, "what was sent can't be noted; it is shown as saved");
        }
        *sent = now;
    }

    /// Returns the number of the last entry of `log` that the hub is proved to hold.
    #[must_use]
    pub fn held(&self, log: &LogName) -> u64 {
        self.read(|page| page.held.get(log).copied().unwrap_or(0))
    }

    /// Returns the number of the last entry of `log` that stands here and that the hub is proved to
    /// hold: none, where the last receipt names another entry at a place that was once compared.
    ///
    /// The ledger and the journal are then of different copies of this disk, and nothing tells
    /// where those parted.
    #[must_use]
    pub fn held_here(&self, store: &Store, log: &LogName) -> u64 {
        let held = self.held(log);
        let heads: Vec<(u64, ShortId)> = self.read(|page| {
            let heads = page.receipt.iter().flat_map(|receipt| &receipt.heads);
            let of_log = heads.filter(|head| head.log == *log).flat_map(|head| {
                std::iter::once((head.seq, head.id)).chain(head.skipped.iter().copied())
            });
            of_log.filter(|(seq, _id)| *seq <= held).collect()
        });
        let mut has_parted = false;
        for (seq, there) in heads {
            // What can't be read now is no other entry.
            match store.id_at(log, seq).ok().flatten() {
                Some(here) if here.short() == there => return held,
                Some(_other) => has_parted = true,
                None => {}
            }
        }
        if has_parted { 0 } else { held }
    }

    /// Returns the first run of lost entries of `log` of which the hub lacks some: it can't take
    /// what stands behind them.
    #[must_use]
    pub fn gap(&self, store: &Store, log: &LogName) -> Option<(u64, u64)> {
        let held = self.held(log);
        store.gaps(log).into_iter().find(|(_first, last)| held < *last)
    }

    /// Returns the last receipt.
    #[must_use]
    pub fn last_receipt(&self) -> Option<Receipt> {
        self.read(|page| page.receipt.clone())
    }

    /// Returns the number of the last receipt, 0 before the first.
    #[must_use]
    pub fn receipt_number(&self) -> u64 {
        self.read(|page| page.receipt.as_ref().map_or(0, |receipt| receipt.number))
    }

    /// Returns when the hub last answered, by this machine's clock, in milliseconds since 1970.
    #[must_use]
    pub fn last_contact_ms(&self) -> Option<i64> {
        self.read(|page| page.last_contact_ms)
    }

    /// Returns by how much this machine's clock was ahead of the hub's at the last receipt.
    #[must_use]
    pub fn clock_skew_ms(&self) -> Option<i64> {
        self.read(|page| page.clock_skew_ms)
    }

    /// Returns what the hub refused in the last exchange.
    #[must_use]
    pub fn refused(&self) -> Vec<Refused> {
        self.read(|page| page.refused.clone())
    }

    /// Returns the own logs of which the hub holds entries that are not here: a fork, or lost
    /// memory.
    #[must_use]
    pub fn forgotten(&self) -> Vec<LogName> {
        self.read(|page| page.forgotten.clone())
    }

    #[cfg(test)]
    pub(crate) fn of(store: &Store, receipt: Receipt) -> Self {
        let ledger = Self { page: Arc::default(), sent: Arc::default() };
        ledger.keep(store, Some(receipt), Vec::new(), 0).unwrap();
        ledger
    }

    pub(super) fn receipt_name(&self) -> Option<ReceiptName> {
        self.read(|page| page.receipt.as_ref().map(Receipt::name))
    }

    /// Keeps a receipt and what it proves; durable when this returns.
    pub(super) fn keep(
        &self,
        store: &Store,
        receipt: Option<Receipt>,
        held: Vec<(LogName, u64)>,
        now_ms: i64,
    ) -> Result<(), Fault> {
        self.change(store, |page| {
            if let Some(receipt) = receipt
                && page.receipt.as_ref().is_none_or(|last| follows(&receipt, last))
            {
                page.clock_skew_ms = Some(now_ms.saturating_sub(receipt.at_ms));
                page.receipt = Some(receipt);
            }
            for (log, seq) in held {
                page.held.insert(log, seq);
            }
            page.last_contact_ms = Some(now_ms);
        })
    }

    /// Keeps what an exchange could not settle.
    pub(super) fn note(
        &self,
        store: &Store,
        refused: Vec<Refused>,
        forgotten: Vec<LogName>,
    ) -> Result<(), Fault> {
        let same = self.read(|page| page.refused == refused && page.forgotten == forgotten);
        if same {
            return Ok(());
        }
        self.change(store, |page| {
            page.refused = refused;
            page.forgotten = forgotten;
        })
    }

    fn read<T>(&self, look: impl FnOnce(&Page) -> T) -> T {
        look(&self.page.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The file first, then what is shown.
    fn change(&self, store: &Store, change: impl FnOnce(&mut Page)) -> Result<(), Fault> {
        let mut page = self.read(Page::clone);
        change(&mut page);
        match codec::encode(&page, BYTES_MAX) {
            Ok(bytes) => store.local().write(FILE, &bytes)?,
            Err(error) => tracing::error!(%error, "the ledger of receipts is too large to keep"),
        }
        *self.page.write().unwrap_or_else(PoisonError::into_inner) = page;
        Ok(())
    }
}

/// Whether a receipt is newer: couriers are late, and an older one is ignored.
///
/// A hub that was set back goes on in its next epoch above the number that this device names.
const fn follows(receipt: &Receipt, last: &Receipt) -> bool {
    last.number < receipt.number
}
