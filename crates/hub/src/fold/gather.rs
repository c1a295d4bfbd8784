//! What is to be folded next: entries beyond the cursors, of as many logs as fill a batch.

use std::collections::BTreeMap;

use journal::{DeviceKey, Lane};

use crate::db::{self, Conn, from_db, to_db};
use crate::truth::Fault;
use crate::truth::frames::{self, Arrived};
use crate::truth::logs::{self, Log};
use crate::truth::receipts;

/// Entries in one transaction: enough to make its fsync cheap, few enough that readers see records
/// arrive and a writer of the truth waits for a tenth of a second at most.
const BATCH_ENTRIES_MAX: usize = 600;

/// The next entries of one log.
pub(super) struct Stretch {
    pub(super) log: Log,
    pub(super) entries: Vec<Arrived>,
    pub(super) times: Times,
}

/// What the hub knows of when the entries of a log were written.
#[derive(Default)]
pub(super) struct Times {
    /// No entry is older than this.
    pub(super) floor_ms: Option<i64>,
    /// The hub's time of each receipt the entries name.
    pub(super) receipts: BTreeMap<u64, i64>,
    /// Whether the hub itself wrote the log, by its own clock.
    pub(super) is_hubs: bool,
}

/// How far a log is folded, and how far it could be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub(super) folded: i64,
    pub(super) head: i64,
}

/// How far a log was folded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) log: i64,
    pub(super) from: u64,
    pub(super) to: u64,
    /// No later entry of the log is older than this.
    pub(super) floor_ms: Option<i64>,
}

/// Returns the batch after the one that moves these cursors; empty if all is folded.
pub(super) async fn gather(
    conn: &mut Conn,
    hub: &DeviceKey,
    ahead: &[Cursor],
) -> Result<Vec<Stretch>, Fault> {
    let mut room = BATCH_ENTRIES_MAX;
    let mut gathered = Vec::new();
    // The hub's own word to everyone comes first: forms are known before records that name them.
    let mut behind = logs::behind(conn).await?;
    behind.sort_by_key(|log| log.name.device != *hub || log.name.lane != Lane::Everyone);
    for mut log in behind {
        let moved = ahead.iter().find(|cursor| cursor.log == log.number);
        log.folded_seq = moved.map_or(0, |cursor| cursor.to).max(log.folded_seq);
        let entries = frames::entries_from(conn, &log, log.folded_seq + 1, room).await?;
        room -= entries.len().min(room);
        if !entries.is_empty() {
            let mut times = times(conn, &log, &entries, hub).await?;
            times.floor_ms = times.floor_ms.max(moved.and_then(|cursor| cursor.floor_ms));
            gathered.push(Stretch { log, entries, times });
        }
        if room == 0 {
            break;
        }
    }
    Ok(gathered)
}

/// Returns the logs that are not folded to their heads, by number.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn behind(conn: &mut Conn) -> Result<BTreeMap<i64, Progress>, Fault> {
    let select = "SELECT id, folded_seq, head_seq FROM log WHERE folded_seq < head_seq";
    let rows: Vec<(i64, i64, i64)> = db::query_as(select).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(log, folded, head)| (log, Progress { folded, head })).collect())
}

/// Returns how many entries are folded in all: it changes with every fold of any process.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn folded(conn: &mut Conn) -> Result<i64, Fault> {
    let select = "SELECT CAST(COALESCE(SUM(folded_seq), 0) AS BIGINT) FROM log";
    Ok(db::query_scalar(select).fetch_one(conn).await?)
}

/// Returns whether every cursor still stands where its batch began.
pub(super) async fn stands(conn: &mut Conn, cursors: &[Cursor]) -> Result<bool, Fault> {
    for cursor in cursors {
        let select = "SELECT folded_seq FROM log WHERE id = $1";
        let seq: i64 = db::query_scalar(select).bind(cursor.log).fetch_one(&mut *conn).await?;
        if from_db(seq) != cursor.from {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn times(
    conn: &mut Conn,
    log: &Log,
    entries: &[Arrived],
    hub: &DeviceKey,
) -> Result<Times, Fault> {
    let device = &log.name.device;
    let mut receipts = BTreeMap::new();
    for Arrived { entry, .. } in entries {
        let number = entry.header.receipt;
        if number != 0
            && !receipts.contains_key(&number)
            && let Some(at_ms) = receipts::time_of(conn, device, number).await?
        {
            receipts.insert(number, at_ms);
        }
    }
    let enrolled = "SELECT enrolled_ms FROM device WHERE key = $1 AND state <> 'waiting'";
    let enrolled: Option<i64> =
        db::query_scalar(enrolled).bind(device.0.as_slice()).fetch_optional(&mut *conn).await?;
    // The lower end never falls along a chain, so the entry before tells what holds for all.
    let before = "SELECT trusted_lo FROM record_entry WHERE log = $1 AND seq <= $2 \
                  ORDER BY seq DESC LIMIT 1";
    let before: Option<Option<i64>> = db::query_scalar(before)
        .bind(log.number)
        .bind(to_db(log.folded_seq))
        .fetch_optional(conn)
        .await?;
    Ok(Times { floor_ms: before.flatten().max(enrolled), receipts, is_hubs: device == hub })
}
