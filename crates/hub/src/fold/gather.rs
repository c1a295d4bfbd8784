//! What is to be folded next of a shard: entries beyond the cursors, of as many logs as fill a batch.

use std::collections::{BTreeMap, BTreeSet};

use journal::{DeviceKey, Dot, Lane};
use record::RecordKey;
use record::clock::HubTime;

use crate::db::{self, Conn, from_db};
use crate::tables::key;
use crate::truth::fault::site;
use crate::truth::frames::{self, Arrived};
use crate::truth::logs::{self, Log};
use crate::truth::shards::EVERYONE;
use crate::truth::{Fault, devices, forks, hub_time, receipts, shards};

/// Entries in one transaction: enough to make its fsync cheap, few enough that readers see records
/// arrive and a writer of the truth waits for a tenth of a second at most.
const BATCH_ENTRIES_MAX: usize = 600;

/// Records that are shown anew in one transaction.
const REFOLD_MAX: i64 = 500;

/// The next entries of one log.
pub(super) struct Stretch {
    pub(super) log: Log,
    /// The number of the last entry that was folded before.
    pub(super) from: u64,
    pub(super) entries: Vec<Arrived>,
    pub(super) times: Times,
    /// Names that two entries of the log have.
    pub(super) forged: BTreeSet<Dot>,
}

/// What the hub knows of when the entries of a log were written.
pub(super) struct Times {
    /// No entry is older than this.
    pub(super) floor_ms: Option<i64>,
    /// The hub's time of each receipt the entries name.
    pub(super) receipts: BTreeMap<u64, i64>,
    /// Whether the hub itself wrote the log, by its own clock.
    pub(super) is_hubs: bool,
    /// What of the hub's time is in doubt, as far as is known now.
    pub(super) time: HubTime,
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

/// What is to be folded next of a shard.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) stretches: Vec<Stretch>,
    /// Whether the batch is full, so that more may be left.
    pub(super) is_full: bool,
}

/// A log that is not folded to its head.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    pub(super) log: i64,
    pub(super) lane: String,
    pub(super) folded: i64,
    pub(super) head: i64,
    floor_ms: Option<i64>,
}

/// How far a log is folded that has no cursor yet: to the number before its first entry.
const BEHIND: &str = "SELECT l.id, l.lane, COALESCE(c.seq, l.first - 1), l.head_seq, c.floor_ms FROM log AS l \
                      LEFT JOIN fold_cursor AS c ON c.log = l.id \
                      WHERE COALESCE(c.seq, l.first - 1) < l.head_seq";

/// Returns the batch of a shard after the one that moves these cursors; empty if all is folded.
pub(super) async fn gather(
    conn: &mut Conn,
    hub: &DeviceKey,
    shard: &str,
    ahead: &[Cursor],
) -> Result<Gathered, Fault> {
    let mut room = BATCH_ENTRIES_MAX;
    let mut gathered = Gathered::default();
    let lanes = lanes(conn, shard).await?;
    for behind in behind(conn, &lanes).await? {
        let moved = ahead.iter().find(|cursor| cursor.log == behind.log);
        let from = moved.map_or(0, |cursor| cursor.to).max(from_db(behind.folded));
        let log = logs::by_number(conn, behind.log).await?;
        let entries = frames::entries_from(conn, &log, from + 1, room).await?;
        room -= entries.len().min(room);
        if !entries.is_empty() {
            let mut times = times(conn, &log, &entries, hub).await?;
            let floor = moved.map_or(behind.floor_ms, |cursor| cursor.floor_ms);
            times.floor_ms = times.floor_ms.max(floor);
            let forged = forks::forged(conn, &log.name).await?;
            gathered.stretches.push(Stretch { log, from, entries, times, forged });
        }
        if room == 0 {
            gathered.is_full = true;
            break;
        }
    }
    Ok(gathered)
}

/// Returns records of a shard that are to be shown anew, and whether there are more.
pub(super) async fn refold(
    conn: &mut Conn,
    shard: &str,
) -> Result<(BTreeSet<RecordKey>, bool), Fault> {
    let select = "SELECT site, id FROM refold WHERE shard = $1 ORDER BY site, id LIMIT $2";
    let rows: Vec<(String, Vec<u8>)> =
        db::query_as(select).bind(shard).bind(REFOLD_MAX).fetch_all(conn).await?;
    let is_full = usize::try_from(REFOLD_MAX).is_ok_and(|max| max <= rows.len());
    let keys = rows.into_iter().map(|(site, id)| key(site, id)).collect::<Result<_, _>>()?;
    Ok((keys, is_full))
}

/// Returns the lanes of a shard.
async fn lanes(conn: &mut Conn, shard: &str) -> Result<Vec<String>, Fault> {
    if shard == EVERYONE {
        return Ok(vec![Lane::Everyone.to_string()]);
    }
    let select = "SELECT site, shard FROM fold_lane WHERE shard = $1 OR site = $1 ORDER BY site";
    let rows: Vec<(String, String)> = db::query_as(select).bind(shard).fetch_all(conn).await?;
    let is_own = !rows.iter().any(|(site, of)| site == shard && of != shard);
    let mut sites: Vec<String> =
        rows.into_iter().filter(|(_site, of)| of == shard).map(|(site, _of)| site).collect();
    if is_own {
        sites.push(shard.to_owned());
    }
    sites.into_iter().map(|code| Ok(Lane::Site(site(code)?).to_string())).collect()
}

/// Returns the logs of these lanes that are not folded to their heads, the older ones first.
async fn behind(conn: &mut Conn, lanes: &[String]) -> Result<Vec<Behind>, Fault> {
    let mut found = Vec::new();
    for lane in lanes {
        let rows = db::query_as([BEHIND, "AND l.lane = $1 ORDER BY l.id"]).bind(lane.as_str());
        found.extend(rows.fetch_all(&mut *conn).await?.into_iter().map(Behind::of));
    }
    Ok(found)
}

/// Returns the logs that are not folded to their heads: all, or those that a decision in a lane
/// hangs on, which are those of its shard and what goes to everyone.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn all_behind(conn: &mut Conn, lane: Option<&Lane>) -> Result<Vec<Behind>, Fault> {
    let Some(lane) = lane else {
        let rows = db::query_as([BEHIND, "ORDER BY l.id"]).fetch_all(conn).await?;
        return Ok(rows.into_iter().map(Behind::of).collect());
    };
    let everyone = lanes(conn, EVERYONE).await?;
    let mut found = behind(conn, &everyone).await?;
    let shard = shards::of(conn, lane).await?;
    if shard != EVERYONE {
        let lanes = lanes(conn, &shard).await?;
        found.extend(behind(conn, &lanes).await?);
    }
    Ok(found)
}

/// Returns the shards in which records wait to be shown anew; of a lane, if one is given.
pub(super) async fn refolding(
    conn: &mut Conn,
    lane: Option<&Lane>,
) -> Result<BTreeSet<String>, Fault> {
    let select = "SELECT DISTINCT shard FROM refold";
    let all: Vec<String> = db::query_scalar(select).fetch_all(&mut *conn).await?;
    let Some(lane) = lane else { return Ok(all.into_iter().collect()) };
    let shard = shards::of(conn, lane).await?;
    Ok(all.into_iter().filter(|it| *it == shard || it == EVERYONE).collect())
}

/// Marks every shard that has something to be folded, whoever forgot to.
pub(super) async fn mark_all(conn: &mut Conn) -> Result<(), Fault> {
    let behind = all_behind(conn, None).await?;
    for lane in behind.into_iter().map(|it| it.lane).collect::<BTreeSet<String>>() {
        shards::mark_waiting(conn, &logs::lane(lane)?).await?;
    }
    Ok(())
}

impl Behind {
    fn of((log, lane, folded, head, floor_ms): (i64, String, i64, i64, Option<i64>)) -> Self {
        Self { log, lane, folded, head, floor_ms }
    }
}

async fn times(
    conn: &mut Conn,
    log: &Log,
    entries: &[Arrived],
    hub: &DeviceKey,
) -> Result<Times, Fault> {
    let device = &log.name.device;
    let mut receipts = BTreeMap::new();
    let time = hub_time::judged(conn).await?;
    for Arrived { entry, .. } in entries {
        let number = entry.header.receipt;
        if number != 0
            && !receipts.contains_key(&number)
            && let Some(at_ms) = receipts::sound_time_of(conn, &time, device, number).await?
        {
            receipts.insert(number, at_ms);
        }
    }
    let enrolled = devices::enrolment(conn, device).await?;
    let enrolled = enrolled.filter(|moment| time.is_sound(moment.reading.as_ref()));
    let floor_ms = enrolled.map(|moment| moment.ms);
    Ok(Times { floor_ms, receipts, is_hubs: device == hub, time })
}
