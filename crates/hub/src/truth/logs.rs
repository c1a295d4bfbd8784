//! Which logs are held, and how far.

pub mod branches;

use journal::{DeviceKey, EntryId, Epoch, EpochStart, Head, Lane, LogId, LogName, SiteCode};
use protocol::Held;

pub use branches::heads as branch_heads;

use super::fault::{self, Fault, damaged};
use super::turns::Turn;
use crate::db::{self, Conn, Row, from_db, to_db};

/// One log as it is held.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its number in this database.
    pub number: i64,
    /// Its name.
    pub name: LogName,
    /// What its first entry says, once that is held.
    pub start: Option<EpochStart>,
    /// Where its first branch stands.
    pub head: Head,
}

const COLUMNS: &str = "SELECT id, device, epoch, lane, start, head_seq, head_id FROM log";

/// Returns the log of this name, if any of it is held.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn find(conn: &mut Conn, name: &LogName) -> Result<Option<Log>, Fault> {
    by_id(conn, name.id()).await
}

/// Returns the log with this id, if any of it is held.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn by_id(conn: &mut Conn, id: LogId) -> Result<Option<Log>, Fault> {
    let sql = [COLUMNS, "WHERE log_id = $1"];
    let row = db::query(sql).bind(id.0.as_slice()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Returns the log with this number.
///
/// # Errors
///
/// Returns [`Fault`] if there is none or the database can't be read.
pub async fn by_number(conn: &mut Conn, number: i64) -> Result<Log, Fault> {
    let sql = [COLUMNS, "WHERE id = $1"];
    let row = db::query(sql).bind(number).fetch_optional(conn).await?;
    read(&row.ok_or_else(|| damaged("a log"))?)
}

/// Returns every log held, in a fixed order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn all(conn: &mut Conn) -> Result<Vec<Log>, Fault> {
    let sql = [COLUMNS, "ORDER BY id"];
    db::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// The lanes that a device follows.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// Those of which it follows every log.
    pub all: Vec<Lane>,
    /// Those of which it follows what the hub says.
    pub hubs: Vec<Lane>,
}

/// Returns all logs under a device's key, with every branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of_device(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<Held>, Fault> {
    let logs = db::query([COLUMNS, "WHERE device = $1 ORDER BY id"]).bind(device.0);
    let sides = db::query_as([branches::HEADS, "AND l.device = $1 ORDER BY b.log, b.branch"]);
    held(logs.fetch_all(conn).await?, sides.bind(device.0).fetch_all(conn).await?)
}

/// Returns all logs under a device's key as they are held.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn starts(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<Log>, Fault> {
    let sql = [COLUMNS, "WHERE device = $1 ORDER BY id"];
    let rows = db::query(sql).bind(device.0.as_slice()).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Returns the logs in these lanes that others than `device` write, those of `hub` last.
///
/// Last is what the exchange sends first: siblings' keys travel in the hub's lanes.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn followed(
    conn: &mut Conn,
    device: &DeviceKey,
    hub: &DeviceKey,
    lanes: &Lanes,
) -> Result<Vec<Held>, Fault> {
    let mut followed = Vec::new();
    for lane in &lanes.all {
        let (lane, key) = (lane.to_string(), device.0);
        let logs = db::query([COLUMNS, "WHERE lane = $1 AND device <> $2 ORDER BY id"]);
        let logs = logs.bind(&lane).bind(key).fetch_all(conn).await?;
        let sides =
            [branches::HEADS, "AND l.lane = $1 AND l.device <> $2 ORDER BY b.log, b.branch"];
        let sides = db::query_as(sides).bind(&lane).bind(key).fetch_all(conn).await?;
        followed.extend(held(logs, sides)?);
    }
    for lane in &lanes.hubs {
        let logs = db::query([COLUMNS, "WHERE lane = $1 AND device = $2 ORDER BY id"]);
        let logs = logs.bind(lane.to_string()).bind(hub.0).fetch_all(conn).await?;
        followed.extend(held(logs, Vec::new())?);
    }
    followed.sort_by_key(|held| held.log.device == *hub);
    Ok(followed)
}

/// Puts the heads of further branches beside their logs.
fn held(logs: Vec<Row>, sides: Vec<branches::Columns>) -> Result<Vec<Held>, Fault> {
    let mut held = Vec::with_capacity(logs.len());
    for row in logs {
        let log = read(&row)?;
        let own = sides.iter().filter(|(number, ..)| *number == log.number);
        let branches = own.map(|(_, _, last, id)| head(*last, id.clone()));
        let branches = branches.collect::<Result<_, _>>()?;
        held.push(Held { log: log.name, head: log.head, branches });
    }
    Ok(held)
}

/// Returns the log of this name; begins it if nothing of it is held. Until the transaction ends
/// nobody else writes to it.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn find_or_begin(conn: &mut Conn, name: &LogName) -> Result<Log, Fault> {
    if let Some(log) = lock(conn, name.id()).await? {
        return Ok(log);
    }
    // The number is taken here and not from a sequence, which would be one for all nodes of a
    // server that has several. The later log has the larger one.
    Turn::Logs.take(conn).await?;
    let insert = "INSERT INTO log (id, log_id, device, epoch, lane, head_seq, head_id) \
                  SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3, $4, 0, $1 FROM log WHERE TRUE \
                  ON CONFLICT (log_id) DO NOTHING";
    db::query(insert)
        .bind(name.id().0.as_slice())
        .bind(name.device.0.as_slice())
        .bind(name.epoch.0.as_slice())
        .bind(name.lane.to_string())
        .execute(&mut *conn)
        .await?;
    lock(conn, name.id()).await?.ok_or_else(|| damaged("a log"))
}

/// Returns a log as it stands, so that nobody else writes to it until the transaction ends.
async fn lock(conn: &mut Conn, id: LogId) -> Result<Option<Log>, Fault> {
    let update = "UPDATE log SET head_seq = head_seq WHERE log_id = $1 \
                  RETURNING id, device, epoch, lane, start, head_seq, head_id";
    let row = db::query(update).bind(id.0.as_slice()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Moves a log's head.
pub(super) async fn advance(conn: &mut Conn, log: i64, head: Head) -> Result<(), Fault> {
    db::query("UPDATE log SET head_seq = $2, head_id = $3 WHERE id = $1")
        .bind(log)
        .bind(to_db(head.seq))
        .bind(head.id.0.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes what a log's first entry says.
pub(super) async fn note_start(conn: &mut Conn, log: i64, payload: &[u8]) -> Result<(), Fault> {
    let Ok(start) = EpochStart::from_payload(payload) else { return Ok(()) };
    db::query("UPDATE log SET site = $2, start = $3 WHERE id = $1")
        .bind(log)
        .bind(start.site.as_str())
        .bind(payload)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads a head of two columns.
pub(super) fn head(seq: i64, id: Vec<u8>) -> Result<Head, Fault> {
    Ok(Head { seq: from_db(seq), id: EntryId(fault::array("an entry's id", id)?) })
}

fn read(row: &Row) -> Result<Log, Fault> {
    let device = DeviceKey(fault::array("a device's key", row.try_get("device")?)?);
    let epoch = Epoch(fault::array("an epoch", row.try_get("epoch")?)?);
    let lane = lane(row.try_get("lane")?)?;
    let start: Option<Vec<u8>> = row.try_get("start")?;
    let start = start.and_then(|payload| EpochStart::from_payload(&payload).ok());
    let head = head(row.try_get("head_seq")?, row.try_get("head_id")?)?;
    let name = LogName { device, epoch, lane };
    Ok(Log { number: row.try_get("id")?, name, start, head })
}

/// Reads a lane from its column.
///
/// # Errors
///
/// Returns [`Fault`] if it is none.
pub(crate) fn lane(text: String) -> Result<Lane, Fault> {
    match text.strip_prefix("site/") {
        Some(code) => Ok(Lane::Site(fault::site(code.to_owned())?)),
        None if text == "everyone" => Ok(Lane::Everyone),
        None => Err(damaged("a lane")),
    }
}

/// Returns the lanes that devices of a site read: its own, its predecessors', everyone's.
#[must_use]
pub fn lanes_of(site: &SiteCode, predecessors: &[SiteCode]) -> Vec<Lane> {
    let sites = std::iter::once(site).chain(predecessors).cloned();
    sites.map(Lane::Site).chain([Lane::Everyone]).collect()
}
