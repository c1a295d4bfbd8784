//! Which logs are held, and how far.

use journal::{DeviceKey, EntryId, Epoch, EpochStart, Head, Lane, LogId, LogName, SiteCode};
use protocol::Held;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::fault::{self, Fault, damaged};
use crate::db::{Conn, from_db, to_db};

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
    /// How far the views have folded it.
    pub folded_seq: u64,
}

const COLUMNS: &str =
    "SELECT id, device, epoch, lane, start, head_seq, head_id, folded_seq FROM log";

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
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE log_id = $1"));
    let row = sqlx::query(sql).bind(id.0.as_slice()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Returns the log with this number.
///
/// # Errors
///
/// Returns [`Fault`] if there is none or the database can't be read.
pub async fn by_number(conn: &mut Conn, number: i64) -> Result<Log, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
    let row = sqlx::query(sql).bind(number).fetch_optional(conn).await?;
    read(&row.ok_or_else(|| damaged("a log"))?)
}

/// Returns every log held, in a fixed order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn all(conn: &mut Conn) -> Result<Vec<Log>, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY id"));
    sqlx::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// Returns the logs that the views have not folded to their heads.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn behind(conn: &mut Conn) -> Result<Vec<Log>, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE folded_seq < head_seq ORDER BY id"));
    sqlx::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// Returns all logs under a device's key, with every branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of_device(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<Held>, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE device = $1 ORDER BY id"));
    let rows = sqlx::query(sql).bind(device.0.as_slice()).fetch_all(&mut *conn).await?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        let log = read(&row)?;
        let branches = branch_heads(conn, log.number).await?;
        let branches = branches.into_iter().map(|(_, head)| head).collect();
        held.push(Held { log: log.name, head: log.head, branches });
    }
    Ok(held)
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
    lanes: &[Lane],
) -> Result<Vec<Held>, Fault> {
    let sql = format!("{COLUMNS} WHERE lane = $1 AND device <> $2 ORDER BY id");
    let mut held = Vec::new();
    for lane in lanes {
        let query = sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(lane.to_string());
        for row in query.bind(device.0.as_slice()).fetch_all(&mut *conn).await? {
            let log = read(&row)?;
            held.push(Held { log: log.name, head: log.head, branches: Vec::new() });
        }
    }
    held.sort_by_key(|held| held.log.device == *hub);
    Ok(held)
}

/// Returns each further branch of a log, by its number, and where it stands.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn branch_heads(conn: &mut Conn, log: i64) -> Result<Vec<(i64, Head)>, Fault> {
    let select = "SELECT branch, last, last_id FROM branch AS b WHERE log = $1 AND last = \
                  (SELECT MAX(last) FROM branch AS o WHERE o.log = b.log AND o.branch = b.branch) \
                  ORDER BY branch";
    let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(select).bind(log).fetch_all(conn).await?;
    rows.into_iter().map(|(branch, last, id)| Ok((branch, head(last, id)?))).collect()
}

/// Returns the log of this name; begins it if nothing of it is held.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn find_or_begin(conn: &mut Conn, name: &LogName) -> Result<Log, Fault> {
    let insert = "INSERT INTO log (log_id, device, epoch, lane, head_seq, head_id) \
                  VALUES ($1, $2, $3, $4, 0, $1) ON CONFLICT (log_id) DO NOTHING";
    sqlx::query(insert)
        .bind(name.id().0.as_slice())
        .bind(name.device.0.as_slice())
        .bind(name.epoch.0.as_slice())
        .bind(name.lane.to_string())
        .execute(&mut *conn)
        .await?;
    find(conn, name).await?.ok_or_else(|| damaged("a log"))
}

/// Moves a log's head.
pub(super) async fn advance(conn: &mut Conn, log: i64, head: Head) -> Result<(), Fault> {
    sqlx::query("UPDATE log SET head_seq = $2, head_id = $3 WHERE id = $1")
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
    sqlx::query("UPDATE log SET site = $2, start = $3 WHERE id = $1")
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

fn read(row: &SqliteRow) -> Result<Log, Fault> {
    let device = DeviceKey(fault::array("a device's key", row.try_get("device")?)?);
    let epoch = Epoch(fault::array("an epoch", row.try_get("epoch")?)?);
    let lane = lane(row.try_get("lane")?)?;
    let start: Option<Vec<u8>> = row.try_get("start")?;
    let start = start.and_then(|payload| EpochStart::from_payload(&payload).ok());
    let head = head(row.try_get("head_seq")?, row.try_get("head_id")?)?;
    let folded_seq = from_db(row.try_get("folded_seq")?);
    let name = LogName { device, epoch, lane };
    Ok(Log { number: row.try_get("id")?, name, start, head, folded_seq })
}

fn lane(text: String) -> Result<Lane, Fault> {
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
