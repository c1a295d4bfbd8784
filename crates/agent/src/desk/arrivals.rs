//! When entries crossed the link: the hub's word came here, ours was covered by a receipt there.
//!
//! A small local file, no part of any log: how far each log had come, and when, by the hub's time.
//! Days that a person has are counted from it, and it bounds when an own entry was written. Where a
//! mark is missing the next one holds, so a time may be said too late and never too early.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use journal::{Dot, Head, Header, LogId, LogName, codec};
use serde::{Deserialize, Serialize};
use store::{Fault, Store};

use super::Desk;
use crate::kept;
use crate::limits::{ARRIVALS_BYTES_MAX, ARRIVALS_MAX};
use crate::projector::Records;

const FILE: &str = "arrivals";

/// When entries crossed the link. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Arrivals(Arc<Mutex<Marks>>);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Marks {
    /// Of each log the last number of an arrival and its time, rising.
    logs: BTreeMap<LogId, Vec<Mark>>,
    /// The receipts that own entries name, and the last one, rising.
    receipts: Vec<Mark>,
}

/// A number and its time in milliseconds since 1970.
type Mark = (u64, i64);

/// What crossed the link until now.
#[derive(Clone, Debug)]
pub(super) struct Crossed {
    /// How far each log has come.
    pub(super) logs: Vec<(LogId, u64)>,
    /// When, by the hub's time.
    pub(super) at_ms: i64,
    /// The last receipt: its number and time.
    pub(super) receipt: Option<Mark>,
    /// The number of the receipt that the last own entry names.
    pub(super) named: u64,
    /// When this device was let in; asked for until it is known.
    pub(super) enrolled_ms: Option<i64>,
}

impl Desk {
    /// Returns what crossed the link until now.
    pub(super) fn crossed(&self, at_ms: i64) -> Crossed {
        let (device, hub) = (self.identity().device(), self.identity().enrolment.hub);
        let reached = |(log, heads): (LogName, Vec<Head>)| {
            if log.device == device {
                Some((log.id(), self.ledger.held(&log)))
            } else {
                let furthest = heads.iter().map(|head| head.seq).max().unwrap_or(0);
                (log.device == hub).then(|| (log.id(), furthest))
            }
        };
        let last = self.store.head(self.log()).seq;
        // Where the last entry can't be read, one receipt more is kept than is needed.
        let named = self.store.entries(self.log(), last, last).ok();
        let named = named.and_then(|last| last.last().map(|entry| entry.header.receipt));
        Crossed {
            logs: self.store.branch_heads().into_iter().filter_map(reached).collect(),
            at_ms,
            receipt: self.ledger.last_receipt().map(|receipt| (receipt.number, receipt.at_ms)),
            named: named.unwrap_or(u64::MAX),
            enrolled_ms: self.enrolled_ms(),
        }
    }

    /// Returns when the hub let this device in, by the hub's clock.
    fn enrolled_ms(&self) -> Option<i64> {
        if self.arrivals.knows_enrolment() {
            return None;
        }
        Records(&self.reader).first_bound_ms(&self.identity().device()).unwrap_or_default()
    }
}

impl Arrivals {
    /// Reads the marks. Damaged ones are begun anew: what came before has then come today.
    pub(super) fn open(store: &Store) -> Result<Self, Fault> {
        let marks: Option<Marks> = kept::read(store, FILE, ARRIVALS_BYTES_MAX)?;
        Ok(Self(Arc::new(Mutex::new(marks.unwrap_or_default()))))
    }

    /// Notes what crossed since the last note.
    pub(super) fn note(&self, store: &Store, crossed: &Crossed) -> Result<(), Fault> {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut noted = marks.clone();
        let mut moved = false;
        for (log, seq) in &crossed.logs {
            moved |= add(noted.logs.entry(*log).or_default(), (*seq, crossed.at_ms));
        }
        noted.enrolled(crossed);
        noted.receipt(crossed);
        if *marks == noted {
            return Ok(());
        }
        // The ledger has the last receipt; it is noted again when this file is opened.
        if moved {
            match codec::encode(&noted, ARRIVALS_BYTES_MAX) {
                Ok(bytes) => store.local().write(FILE, &bytes)?,
                Err(error) => tracing::error!(%error, "when entries crossed is too much to keep"),
            }
        }
        *marks = noted;
        Ok(())
    }

    fn knows_enrolment(&self) -> bool {
        let marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks.receipts.first().is_some_and(|(number, _at)| *number == 0)
            || ARRIVALS_MAX <= marks.receipts.len()
    }

    /// Returns when an entry had crossed the link.
    pub(super) fn of(&self, dot: &Dot) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).of(dot.log, dot.seq)
    }

    /// Returns between which instants an own entry was written, once it is held there: the receipts
    /// that others name are not known here.
    pub(super) fn between(&self, dot: &Dot, header: &Header) -> Option<[i64; 2]> {
        let marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record::clock::trusted(marks.since(header.receipt), marks.of(dot.log, dot.seq))
    }
}

impl Marks {
    fn of(&self, log: LogId, seq: u64) -> Option<i64> {
        let of_log = self.logs.get(&log)?;
        let at = of_log.partition_point(|(last, _at)| *last < seq);
        of_log.get(at).map(|(_last, at_ms)| *at_ms)
    }

    /// Returns a time at or before that receipt: its own, or that of one before it.
    fn since(&self, receipt: u64) -> Option<i64> {
        let after = self.receipts.partition_point(|(number, _at)| *number <= receipt);
        self.receipts.get(after.checked_sub(1)?).map(|(_number, at_ms)| *at_ms)
    }

    /// Entries before the first receipt were written after the device was let in.
    fn enrolled(&mut self, crossed: &Crossed) {
        let known = self.receipts.first().is_some_and(|(number, _at)| *number == 0);
        if let Some(at_ms) = crossed.enrolled_ms.filter(|_at| !known) {
            self.receipts.insert(0, (0, at_ms));
        }
    }

    /// Of the receipts only those are kept that an own entry names, and the last.
    fn receipt(&mut self, crossed: &Crossed) {
        let Some(receipt) = crossed.receipt else { return };
        let last = self.receipts.last().map(|(number, _at)| *number);
        if last.is_some_and(|last| receipt.0 <= last) {
            return;
        }
        self.receipts.pop_if(|(number, _at)| 0 < *number && crossed.named < *number);
        add(&mut self.receipts, receipt);
    }
}

/// Adds a mark that goes on from the last one.
fn add(marks: &mut Vec<Mark>, mark: Mark) -> bool {
    if mark.0 == 0 || marks.last().is_some_and(|(last, _at)| mark.0 <= *last) {
        return false;
    }
    marks.push(mark);
    if ARRIVALS_MAX < marks.len() {
        marks.remove(0);
    }
    true
}

#[cfg(test)]
mod tests;
