//! Checks everything held: chains, signatures, commitments, heads, receipts; names forks.

use std::collections::BTreeMap;

use journal::{BranchHead, DeviceKey, EntryId, Frame, Head, LogName, Receipt, ReceiptId};
use serde::Serialize;

use super::fault::Fault;
use super::frames::{Stored, each_stored};
use super::logs::Log;
use super::{Truth, devices, frames, logs, receipts};
use crate::db::{self, Conn};

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// How many entries were checked.
    pub checked: u64,
    /// What is wrong.
    pub faults: Vec<FaultFound>,
    /// Where two entries stand at one position.
    pub forks: Vec<FaultFound>,
}

/// Something found, and where.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FaultFound {
    /// The device's key.
    pub device: String,
    /// Its epoch.
    pub epoch: String,
    /// The lane.
    pub lane: String,
    /// The entry's number.
    pub seq: u64,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it.
    #[serde(rename = "do")]
    pub remedy: &'static str,
}

/// What to do about entries that are altered or gone.
const OF_ENTRIES: &str = "keep the database as it is, and restore the last backup beside it: the \
                          devices bring again what it lacks";

/// What to do about two entries at one position.
const OF_FORKS: &str =
    "ask at the site which machine was copied or restored, and revoke one of them";

/// What to do about a receipt that does not fit.
const OF_RECEIPTS: &str = "keep the database as it is: a receipt was altered, or entries are gone";

/// Checks the truth.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read at all.
pub async fn verify(truth: &Truth) -> Result<Verdict, Fault> {
    // What a device brings meanwhile would look like a fault: one log is read after the other.
    let mut conn = truth.db.snapshot().await?;
    let mut verdict = Verdict::default();
    for log in logs::all(&mut conn).await? {
        check_log(&mut conn, &log, &mut verdict).await?;
    }
    verdict.forks = forks(&mut conn).await?;
    for device in devices::list(&mut conn).await? {
        check_receipts(&mut conn, &truth.key(), &device.key, &mut verdict).await?;
    }
    Ok(verdict)
}

/// Returns every fork held: a fork is no damage, but people must know.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn forks(conn: &mut Conn) -> Result<Vec<FaultFound>, Fault> {
    let select = "SELECT log, branch, MIN(first) FROM branch GROUP BY log, branch ORDER BY 1, 2";
    let rows: Vec<(i64, i64, i64)> = db::query_as(select).fetch_all(&mut *conn).await?;
    let mut forks = Vec::with_capacity(rows.len());
    for (log, branch, first) in rows {
        let log = logs::by_number(conn, log).await?;
        let what = format!("branch {branch} begins here: the device wrote this log twice");
        forks.push(FaultFound { remedy: OF_FORKS, ..found(&log.name, db::from_db(first), what) });
    }
    Ok(forks)
}

async fn check_log(conn: &mut Conn, log: &Log, verdict: &mut Verdict) -> Result<(), Fault> {
    let empty = Head { seq: 0, id: EntryId(log.name.id().0) };
    let mut chain = Chain { log: &log.name, head: empty, checked: 0, faults: Vec::new() };
    each_stored(conn, log.number, 0, |stored| chain.check(&stored)).await?;
    if chain.head != log.head && chain.faults.is_empty() {
        let what = format!("the log ends at {}, its head says {}", chain.head.seq, log.head.seq);
        chain.faults.push(found(&log.name, chain.head.seq, what));
    }
    verdict.checked += chain.checked;
    verdict.faults.append(&mut chain.faults);
    for (branch, _) in logs::branch_heads(conn, log.number).await? {
        check_branch(conn, log, branch, verdict).await?;
    }
    Ok(())
}

/// A second branch begins at an entry of the first, or where another one did.
async fn check_branch(
    conn: &mut Conn,
    log: &Log,
    branch: i64,
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let mut rows = Vec::new();
    each_stored(conn, log.number, branch, |stored| rows.push(stored)).await?;
    let Some(first) = rows.first() else { return Ok(()) };
    let root = match first.ids() {
        Ok((prev, _)) => Head { seq: first.first.saturating_sub(1), id: prev },
        Err(_damaged) => Head::empty(log.name.id()),
    };
    let anchor = frames::id_at(conn, log, root.seq).await.ok().flatten();
    let mut chain = Chain { log: &log.name, head: root, checked: 0, faults: Vec::new() };
    let others = logs::branch_heads(conn, log.number).await?;
    if anchor != Some(root.id) && !others.iter().any(|(_, head)| *head == root) {
        let what = format!("branch {branch} continues no entry held here");
        chain.faults.push(found(&log.name, root.seq, what));
    }
    rows.iter().for_each(|stored| chain.check(stored));
    verdict.checked += chain.checked;
    verdict.faults.append(&mut chain.faults);
    Ok(())
}

/// Frames checked one after the other.
struct Chain<'a> {
    log: &'a LogName,
    head: Head,
    checked: u64,
    faults: Vec<FaultFound>,
}

impl Chain<'_> {
    fn check(&mut self, stored: &Stored) {
        match self.judge(stored) {
            Ok(entries) => self.checked += entries,
            Err(what) => self.faults.push(found(self.log, stored.first, what)),
        }
        // What follows is judged by what its row claims, so that one fault is named once.
        if let Ok((_, id)) = stored.ids() {
            self.head = Head { seq: stored.last, id };
        }
    }

    fn judge(&self, stored: &Stored) -> Result<u64, String> {
        let (prev, last_id) = stored.ids().map_err(|fault| fault.to_string())?;
        if stored.first != self.head.seq + 1 || prev != self.head.id {
            return Err(format!("does not continue entry {}", self.head.seq));
        }
        let frame = Frame::from_bytes(&stored.bytes).map_err(|fault| fault.to_string())?;
        if frame.log != *self.log || frame.first != stored.first {
            return Err("the frame is of another place".to_owned());
        }
        let entries = frame.verify(prev).map_err(|fault| fault.to_string())?;
        let last = entries.last().map(|entry| (entry.header.seq, entry.id));
        if last != Some((stored.last, last_id)) {
            return Err("the frame ends at another entry than noted".to_owned());
        }
        Ok(entries.len() as u64)
    }
}

async fn check_receipts(
    conn: &mut Conn,
    hub: &DeviceKey,
    device: &DeviceKey,
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let mut previous: Option<ReceiptId> = None;
    let mut last = None;
    for (number, bytes) in receipts::stored(conn, device).await? {
        let receipt = match judge_receipt(hub, device, number, &bytes) {
            Ok(receipt) => receipt,
            Err(what) => {
                verdict.faults.push(of_receipt(device, number, what));
                previous = None;
                continue;
            }
        };
        if previous.is_some() && receipt.previous != previous {
            let what = "does not continue the receipt before".to_owned();
            verdict.faults.push(of_receipt(device, number, what));
        }
        previous = Some(receipt.id());
        last = Some(receipt);
    }
    let Some(receipt) = last else { return Ok(()) };
    let held = logs::of_device(conn, device).await?;
    let mut heads: BTreeMap<LogName, u64> = BTreeMap::new();
    heads.extend(held.into_iter().map(|held| (held.log, held.head.seq)));
    for head in &receipt.heads {
        let in_line = heads.get(&head.log).is_some_and(|seq| head.seq <= *seq);
        let branched = is_branch(conn, &head.log, head.seq).await?;
        if !in_line && !branched {
            let what = format!("receipt {} promises an entry not held", receipt.number);
            verdict.faults.push(found(&head.log, head.seq, what));
        }
        if in_line && !branched && !is_held(conn, head).await? {
            let what = format!("receipt {} promises another entry than is held", receipt.number);
            verdict.faults.push(found(&head.log, head.seq, what));
        }
    }
    Ok(())
}

async fn is_branch(conn: &mut Conn, name: &LogName, seq: u64) -> Result<bool, Fault> {
    let Some(log) = logs::find(conn, name).await? else { return Ok(false) };
    let branches = logs::branch_heads(conn, log.number).await?;
    Ok(branches.iter().any(|(_, head)| seq <= head.seq))
}

/// Whether the entry in line is the one that was promised; one that can't be read is named elsewhere.
async fn is_held(conn: &mut Conn, head: &BranchHead) -> Result<bool, Fault> {
    let Some(log) = logs::find(conn, &head.log).await? else { return Ok(true) };
    let held = frames::id_at(conn, &log, head.seq).await.ok().flatten();
    Ok(held.is_none_or(|id| id.short() == head.id))
}

fn judge_receipt(
    hub: &DeviceKey,
    device: &DeviceKey,
    number: u64,
    bytes: &[u8],
) -> Result<Receipt, String> {
    let receipt = Receipt::from_bytes(bytes).map_err(|error| error.to_string())?;
    receipt.verify(hub).map_err(|error| error.to_string())?;
    if receipt.number != number || receipt.device != *device {
        return Err("the receipt is of another place".to_owned());
    }
    Ok(receipt)
}

fn of_receipt(device: &DeviceKey, number: u64, what: String) -> FaultFound {
    let what = format!("receipt {number}: {what}");
    FaultFound {
        device: device.to_string(),
        epoch: String::new(),
        lane: String::new(),
        seq: 0,
        what,
        remedy: OF_RECEIPTS,
    }
}

fn found(log: &LogName, seq: u64, what: String) -> FaultFound {
    FaultFound {
        device: log.device.to_string(),
        epoch: log.epoch.to_string(),
        lane: log.lane.to_string(),
        seq,
        what,
        remedy: OF_ENTRIES,
    }
}
