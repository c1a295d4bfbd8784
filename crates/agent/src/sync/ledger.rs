//! What the hub has proved to hold, and when it was last heard of.
//!
//! One small file under `local/`, written before anything is shown as held.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use journal::codec;
use journal::limits::RECEIPT_BYTES_MAX;
use journal::{EntryId, Head, LogName, Receipt};
use protocol::{Place, Refused, Report};
use serde::{Deserialize, Serialize};
use store::{Fault, Store, Stretch, Way};

use crate::kept;
use crate::limits::REMOVED_MAX;

/// The file of what the hub has proved.
const FILE: &str = "proved";

/// The file of what was sent and not answered.
const SENT_FILE: &str = "underway";

/// What [`FILE`] was before a log could have branches.
const OLD_FILE: &str = "ledger";

/// Bytes of the file: the last receipt, and as much again.
const BYTES_MAX: usize = 2 * RECEIPT_BYTES_MAX;

/// What the hub has proved to hold. Clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    page: Arc<RwLock<Page>>,
    sent: Arc<RwLock<Sent>>,
}

/// Up to which entry each branch was sent without an answer.
type Sent = BTreeMap<Place, u64>;

/// Of each own log entries that the hub was proved to hold, with all that lead to them.
type Points = BTreeMap<LogName, Vec<Head>>;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    receipt: Option<Receipt>,
    held: Points,
    /// Those of them that the hub holds on a branch that it lists nowhere.
    unlisted: Points,
    last_contact_ms: Option<i64>,
    clock_skew_ms: Option<i64>,
    refused: Vec<Refused>,
    forgotten: Vec<LogName>,
    ahead: Vec<LogName>,
    removed: Vec<Removed>,
}

/// Entries that the hub had held and then lacked, though it was not set back.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// The log.
    pub log: LogName,
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// The number of the receipt that lacks them.
    pub receipt: u64,
    /// When it came, by this machine's clock, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The same, as it was before a log could have branches.
#[derive(Debug, Deserialize)]
struct OldPage {
    receipt: Option<Receipt>,
    held: BTreeMap<LogName, u64>,
    last_contact_ms: Option<i64>,
    clock_skew_ms: Option<i64>,
    refused: Vec<Refused>,
    forgotten: Vec<LogName>,
}

/// How far the entries of a log are proved to be held, stretch by stretch.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Held by the hub.
    pub held: Vec<Stretch>,
    /// Held by the hub and listed there.
    pub listed: Vec<Stretch>,
    /// Sent without an answer.
    pub sent: Vec<Stretch>,
}

impl Ledger {
    /// Reads the ledger. A damaged one is begun anew: the next receipt restores what it said.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the disk fails.
    pub fn open(store: &Store) -> Result<Self, Fault> {
        let page: Option<Page> = match kept::read(store, FILE, BYTES_MAX)? {
            Some(page) => Some(page),
            None => kept::read::<OldPage>(store, OLD_FILE, BYTES_MAX)?
                .map(|old| old.bring_up(store))
                .transpose()?,
        };
        let sent: Option<Sent> = kept::read(store, SENT_FILE, BYTES_MAX)?;
        Ok(Self {
            page: Arc::new(RwLock::new(page.unwrap_or_default())),
            sent: Arc::new(RwLock::new(sent.unwrap_or_default())),
        })
    }

    /// Notes what was sent and not answered; nothing, once there is an answer.
    pub(super) fn note_sent(&self, store: &Store, now: Sent) {
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

    /// Returns the largest number of an entry of `log` that the hub is proved to hold.
    #[must_use]
    pub fn held(&self, log: &LogName) -> u64 {
        let furthest = |points: &Vec<Head>| points.iter().map(|point| point.seq).max();
        self.read(|page| page.held.get(log).and_then(furthest).unwrap_or(0))
    }

    /// Returns how far the entries of `log` that stand here are held and sent.
    ///
    /// An entry of which the ledger speaks and in whose place another stands is of another copy of
    /// this disk, and proves nothing. One in whose place nothing stands is lost here.
    #[must_use]
    pub fn reach(&self, store: &Store, log: &LogName) -> Reach {
        let (held, unlisted) = self.read(|page| {
            let of = |points: &Points| points.get(log).cloned().unwrap_or_default();
            (of(&page.held), of(&page.unlisted))
        });
        let stretches = |points: &[Head]| -> Vec<Stretch> {
            points.iter().flat_map(|point| way(store, log, *point)).collect()
        };
        let listed: Vec<Head> =
            held.iter().filter(|point| !unlisted.contains(point)).copied().collect();
        let underway: Vec<(Head, u64)> = {
            let sent = self.sent.read().unwrap_or_else(PoisonError::into_inner);
            let of_log = sent.iter().filter(|((of, _head), _last)| of == log);
            of_log.map(|((_log, head), last)| (*head, *last)).collect()
        };
        let mut sent = Vec::new();
        for (head, last) in underway {
            let upto = |stretch: Stretch| Stretch { last: stretch.last.min(last), ..stretch };
            sent.extend(way(store, log, head).into_iter().map(upto));
        }
        Reach { held: stretches(&held), listed: stretches(&listed), sent }
    }

    /// Returns the last of the entries that lead to `head` that the hub is proved to hold.
    #[must_use]
    pub fn held_to(&self, store: &Store, log: &LogName, head: Head) -> u64 {
        let points = self.read(|page| page.held.get(log).cloned().unwrap_or_default());
        if points.contains(&head) {
            return head.seq;
        }
        let Ok(Some(to)) = store.way(log, head) else { return 0 };
        let held = points.iter().map(|point| store::common(&to, &way(store, log, *point)));
        held.max().unwrap_or(0)
    }

    /// Returns the first run of lost entries of `log` of which the hub lacks some: it can't take
    /// what stands behind them.
    #[must_use]
    pub fn gap(&self, store: &Store, log: &LogName) -> Option<(u64, u64)> {
        let held = self.held(log);
        store.gaps(log).into_iter().find(|(_first, last)| held < *last)
    }

    /// Returns how many acknowledged entries of `log` are lost here and not proved to be held by the
    /// hub, and how many stand behind the first of them: it can't take those.
    #[must_use]
    pub fn out_of_reach(&self, store: &Store, log: &LogName) -> (u64, u64) {
        let (held, end) = (self.held(log), store.head(log).seq);
        let mut gaps = store.gaps(log).into_iter().filter(|(_first, last)| held < *last);
        let Some((first, last)) = gaps.next() else { return (0, 0) };
        let count = |first: u64, last: u64| last.saturating_add(1).saturating_sub(first);
        let mut lost = count(first.max(held.saturating_add(1)), last);
        let mut behind = end.saturating_sub(last);
        for (first, last) in gaps {
            lost += count(first, last);
            behind = behind.saturating_sub(count(first, last.min(end)));
        }
        (lost, behind)
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

    /// Returns the logs that others write and of which the hub holds less than is here.
    #[must_use]
    pub fn ahead(&self) -> Vec<LogName> {
        self.read(|page| page.ahead.clone())
    }

    /// Returns what the hub had held and then lacked, though it was not set back.
    #[must_use]
    pub fn removed(&self) -> Vec<Removed> {
        self.read(|page| page.removed.clone())
    }

    #[cfg(test)]
    pub(crate) fn of(store: &Store, receipt: Receipt) -> Self {
        let ledger = Self { page: Arc::default(), sent: Arc::default() };
        ledger.keep(store, Some(receipt), Proved::default(), 0).unwrap();
        ledger
    }

    /// Keeps a receipt and what it proves; durable when this returns.
    pub(super) fn keep(
        &self,
        store: &Store,
        receipt: Option<Receipt>,
        proved: Proved,
        now_ms: i64,
    ) -> Result<(), Fault> {
        self.change(store, |page| {
            if let Some(receipt) = receipt
                && page.receipt.as_ref().is_none_or(|last| follows(&receipt, last))
            {
                page.clock_skew_ms = Some(now_ms.saturating_sub(receipt.at_ms));
                page.receipt = Some(receipt);
            }
            let unlisted: Points = proved.unlisted.into_iter().collect();
            for (log, mut points) in proved.held {
                let unlisted_before = page.unlisted.remove(&log).unwrap_or_default();
                let before = page.held.remove(&log).unwrap_or_default();
                if unlisted.contains_key(&log) {
                    // An older hub names another branch; what was listed before they parted is.
                    let listed = before.into_iter().filter(|it| !unlisted_before.contains(it));
                    let still = listed.filter(|it| leads_to(store, &log, *it, &points));
                    points.extend(still.max_by_key(|it| it.seq));
                }
                page.held.insert(log, points);
            }
            page.unlisted.extend(unlisted);
            page.last_contact_ms = Some(now_ms);
        })
    }

    /// Keeps what an exchange could not settle.
    pub(super) fn note(&self, store: &Store, report: &Report, now_ms: i64) -> Result<(), Fault> {
        let refused = report.refused.clone();
        let forgotten: Vec<LogName> = report.forgotten.iter().cloned().collect();
        let ahead: Vec<LogName> = report.ahead.iter().cloned().collect();
        let same = |page: &Page| {
            page.refused == refused && page.forgotten == forgotten && page.ahead == ahead
        };
        if report.removed.is_empty() && self.read(same) {
            return Ok(());
        }
        self.change(store, |page| {
            (page.refused, page.forgotten, page.ahead) = (refused, forgotten, ahead);
            let receipt = page.receipt.as_ref().map_or(0, |receipt| receipt.number);
            page.removed.extend(report.removed.iter().map(|(log, (first, last))| Removed {
                log: log.clone(),
                first: *first,
                last: *last,
                receipt,
                at_ms: now_ms,
            }));
            // The first ones are the evidence; a hub that does so each time must not fill the file.
            page.removed.truncate(REMOVED_MAX);
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

/// What an answer proved of own logs, by entries that were compared.
#[derive(Debug, Default)]
pub(super) struct Proved {
    /// In place of all that was known of these logs.
    pub(super) held: Vec<(LogName, Vec<Head>)>,
    /// Those of them that the hub lists nowhere.
    pub(super) unlisted: Vec<(LogName, Vec<Head>)>,
}

impl OldPage {
    /// Names the entries that were known by their numbers, unless the receipt shows that the file
    /// and the journal are of different copies of this disk.
    fn bring_up(self, store: &Store) -> Result<Page, Fault> {
        let mut held = Points::new();
        for (log, seq) in self.held {
            let (mut fits, mut has_parted) = (false, false);
            let heads = self.receipt.iter().flat_map(|receipt| &receipt.heads);
            for head in heads.filter(|head| head.log == log && head.seq <= seq) {
                let here = store.ids_at(&log, head.seq)?;
                let is_here = here.iter().any(|id| id.short() == head.id);
                fits |= is_here;
                has_parted |= !here.is_empty() && !is_here;
            }
            let id = store.id_at(&log, seq)?.filter(|_| fits || !has_parted);
            held.insert(log, id.map(|id| Head { seq, id }).into_iter().collect());
        }
        let Self { receipt, last_contact_ms, clock_skew_ms, refused, forgotten, .. } = self;
        let unlisted = Points::new();
        Ok(Page {
            receipt,
            held,
            unlisted,
            last_contact_ms,
            clock_skew_ms,
            refused,
            forgotten,
            ..Page::default()
        })
    }
}

impl Reach {
    /// Whether one of these stretches holds an entry.
    #[must_use]
    pub fn covers(stretches: &[Stretch], branch: Option<EntryId>, seq: u64) -> bool {
        stretches.iter().any(|stretch| stretch.branch == branch && seq <= stretch.last)
    }
}

/// Whether an entry is one of those that lead to any of these, and not one of these itself.
fn leads_to(store: &Store, log: &LogName, point: Head, to: &[Head]) -> bool {
    let before = way(store, log, point);
    let leads = |to: &Head| store::common(&way(store, log, *to), &before) == point.seq;
    !to.contains(&point) && to.iter().any(leads)
}

/// The way to an entry that was proved to be held; of one that is lost here, the line it was on.
fn way(store: &Store, log: &LogName, to: Head) -> Way {
    match store.way(log, to) {
        Ok(Some(way)) => way,
        Ok(None) if store.ids_at(log, to.seq).is_ok_and(|here| here.is_empty()) => {
            vec![Stretch { branch: None, last: to.seq }]
        }
        // What can't be read now is asked for again.
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// Whether a receipt is newer: couriers are late, and an older one is ignored.
///
/// A hub that was set back goes on in its next epoch above the number that this device names.
const fn follows(receipt: &Receipt, last: &Receipt) -> bool {
    last.number < receipt.number
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use journal::{DeviceSecret, Draft, Epoch, Kind, Lane, Seed, Stamp, Writer};

    use super::*;
    use crate::Catalogues;

    /// A log of which one branch ends with entry 6 and another, from entry 3 on, with entry 5.
    fn forked(store: &Store) -> (LogName, [Head; 2]) {
        let secret = DeviceSecret::from_bytes(&[3; 32]);
        let log = LogName { device: secret.public(), epoch: Epoch([1; 8]), lane: Lane::Everyone };
        let mut trunk = Writer::resume(log.clone(), Head::empty(log.id()));
        let write = |writer: &mut Writer, words: &[u8]| {
            for word in words {
                let payload = vec![*word];
                let draft = Draft { kind: Kind(900), payload, stamp: Stamp::default(), receipt: 0 };
                store.keep(writer.append(vec![draft], &[Seed([4; 32])], &secret)).unwrap();
            }
        };
        write(&mut trunk, b"ab");
        let mut other = trunk.clone();
        write(&mut trunk, b"cdef");
        write(&mut other, b"xyz");
        (log, [trunk.head(), other.head()])
    }

    #[test]
    fn what_is_held_of_one_branch_is_held_of_another_up_to_where_they_part() {
        let dir = tempfile::tempdir().unwrap();
        let hub = DeviceSecret::from_bytes(&[1; 32]).public();
        let catalogues = Arc::new(Catalogues::new().unwrap());
        let store = crate::open_store(dir.path(), hub, &catalogues).unwrap();
        let (log, [one, other]) = forked(&store);
        for (proved, of_one, of_other) in [(one, 6, 2), (other, 2, 5)] {
            let ledger = Ledger { page: Arc::default(), sent: Arc::default() };
            let held = vec![(log.clone(), vec![proved])];
            ledger.keep(&store, None, Proved { held, ..Proved::default() }, 0).unwrap();
            let held = [one, other].map(|head| ledger.held_to(&store, &log, head));
            assert_eq!(held, [of_one, of_other]);
        }
    }
}
