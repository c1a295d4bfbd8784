//! Which logs are held, and how far: a row is one branch of a log, and none comes before another.

pub mod tree;

use journal::{DeviceKey, EntryId, Epoch, EpochStart, Head, Lane, LogId, LogName, SiteCode};
use protocol::Held;

pub use tree::Tree;

use super::fault::{self, Fault, damaged};
use super::turns::Turn;
use crate::db::{self, Conn, Row, from_db, to_db};

/// One branch of a log, as it is held. A log that was never forked has one.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its number in this database.
    pub number: i64,
    /// The name of the log.
    pub name: LogName,
    /// What the first entry of its chain says.
    pub start: Option<EpochStart>,
    /// The number of the first entry that is its own: what stands before is its parent's.
    pub first: u64,
    /// The id of that entry, which names the branch.
    pub first_id: EntryId,
    /// The id of the entry before it; of the first entry, the id of the log.
    pub prev: EntryId,
    /// The branch that holds that entry; none for one that begins with the log.
    pub parent: Option<i64>,
    /// Where it stands.
    pub head: Head,
}

/// A branch that is begun with an entry at hand.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    pub(super) name: &'a LogName,
    pub(super) first: Head,
    pub(super) prev: EntryId,
    pub(super) parent: Option<&'a Log>,
    /// The payload of the entry that begins an epoch, where the branch begins with the log.
    pub(super) start: Option<&'a [u8]>,
    pub(super) at_ms: i64,
}

const COLUMNS: &str = "SELECT id, device, epoch, lane, start, first, first_id, prev_id, parent, \
                       head_seq, head_id FROM log";

/// Returns every branch of the log of this name, by its first entry.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn branches(conn: &mut Conn, name: &LogName) -> Result<Vec<Log>, Fault> {
    by_id(conn, name.id()).await
}

/// Returns every branch of the log with this id, by its first entry.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn by_id(conn: &mut Conn, id: LogId) -> Result<Vec<Log>, Fault> {
    let sql = [COLUMNS, "WHERE log_id = $1 ORDER BY first, first_id"];
    let rows = db::query(sql).bind(id.0.as_slice()).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Returns the branch with this number.
///
/// # Errors
///
/// Returns [`Fault`] if there is none or the database can't be read.
pub async fn by_number(conn: &mut Conn, number: i64) -> Result<Log, Fault> {
    let sql = [COLUMNS, "WHERE id = $1"];
    let row = db::query(sql).bind(number).fetch_optional(conn).await?;
    read(&row.ok_or_else(|| damaged("a log"))?)
}

/// Returns every branch held, in a fixed order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn all(conn: &mut Conn) -> Result<Vec<Log>, Fault> {
    let sql = [COLUMNS, "ORDER BY id"];
    db::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// Returns the logs that have more than one branch, with all of them.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn forked(conn: &mut Conn) -> Result<Vec<Tree>, Fault> {
    let forked = "WHERE log_id IN (SELECT f.log_id FROM log AS f GROUP BY f.log_id \
                  HAVING 1 < COUNT(*)) ORDER BY log_id, first, first_id";
    let rows = db::query([COLUMNS, forked]).fetch_all(conn).await?;
    let rows: Vec<Log> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let same = |one: &Log, next: &Log| one.name == next.name;
    Ok(rows.chunk_by(same).filter_map(|rows| Tree::of(rows.to_vec())).collect())
}

/// The lanes that a device follows.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// Those of which it follows every log.
    pub all: Vec<Lane>,
    /// Those of which it follows what the hub says.
    pub hubs: Vec<Lane>,
}

/// Returns all logs under a device's key.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of_device(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<Held>, Fault> {
    Ok(held(starts(conn, device).await?))
}

/// Returns every branch under a device's key.
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
    let mut rows = Vec::new();
    for lane in &lanes.all {
        let logs = db::query([COLUMNS, "WHERE lane = $1 AND device <> $2 ORDER BY id"]);
        rows.extend(logs.bind(lane.to_string()).bind(device.0).fetch_all(conn).await?);
    }
    for lane in &lanes.hubs {
        let logs = db::query([COLUMNS, "WHERE lane = $1 AND device = $2 ORDER BY id"]);
        rows.extend(logs.bind(lane.to_string()).bind(hub.0).fetch_all(conn).await?);
    }
    let mut followed = held(rows.iter().map(read).collect::<Result<_, _>>()?);
    followed.sort_by_key(|held| held.log.device == *hub);
    Ok(followed)
}

/// Puts the heads of the branches of one log together, by number and id.
fn held(rows: Vec<Log>) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for Log { name, head, .. } in rows {
        let place = *places.entry(name.clone()).or_insert_with(|| {
            all.push(Held::nothing(name));
            all.len() - 1
        });
        if let Some(held) = all.get_mut(place) {
            held.heads.push(head);
        }
    }
    for held in &mut all {
        held.heads.sort_by_key(|head| (head.seq, head.id));
    }
    all
}

/// Keeps others from writing to a log until the transaction ends. `conn` must be a write
/// transaction.
pub(super) async fn hold(conn: &mut Conn, id: LogId) -> Result<(), Fault> {
    // The oldest row is the lock of all: rows are only ever added, and behind it.
    let lock = "UPDATE log SET head_seq = head_seq \
                WHERE id = (SELECT MIN(f.id) FROM log AS f WHERE f.log_id = $1)";
    if db::query(lock).bind(id.0.as_slice()).execute(&mut *conn).await?.rows_affected() == 0 {
        // Whoever begins a log takes this turn too; another one may have begun it meanwhile.
        Turn::Logs.take(conn).await?;
        db::query(lock).bind(id.0.as_slice()).execute(conn).await?;
    }
    Ok(())
}

/// Begins a branch and returns its number.
pub(super) async fn begin(conn: &mut Conn, begun: &Begun<'_>) -> Result<i64, Fault> {
    // The number is taken here and not from a sequence, which would be one for all nodes of a
    // server that has several.
    Turn::Logs.take(conn).await?;
    let start = match begun.parent {
        Some(parent) => {
            let select = "SELECT site, start FROM log WHERE id = $1";
            db::query_as(select).bind(parent.number).fetch_one(&mut *conn).await?
        }
        None => {
            let start = begun.start.and_then(|payload| EpochStart::from_payload(payload).ok());
            let site = start.as_ref().map(|start| start.site.to_string());
            (site, begun.start.filter(|_| start.is_some()).map(<[u8]>::to_vec))
        }
    };
    let (site, start): (Option<String>, Option<Vec<u8>>) = start;
    let insert = "INSERT INTO log (id, log_id, device, epoch, lane, site, start, first, first_id, \
                  prev_id, parent, head_seq, head_id, begun_ms) \
                  SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $7, $8, \
                  $11 FROM log RETURNING id";
    let number = db::query_scalar(insert)
        .bind(begun.name.id().0)
        .bind(begun.name.device.0)
        .bind(begun.name.epoch.0)
        .bind(begun.name.lane.to_string())
        .bind(site)
        .bind(start)
        .bind(to_db(begun.first.seq))
        .bind(begun.first.id.0)
        .bind(begun.prev.0)
        .bind(begun.parent.map(|parent| parent.number))
        .bind(begun.at_ms)
        .fetch_one(conn)
        .await?;
    Ok(number)
}

/// Moves a branch's head.
pub(super) async fn advance(conn: &mut Conn, log: i64, head: Head) -> Result<(), Fault> {
    db::query("UPDATE log SET head_seq = $2, head_id = $3 WHERE id = $1")
        .bind(log)
        .bind(to_db(head.seq))
        .bind(head.id.0.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Log, Fault> {
    let id = |column| Ok::<_, Fault>(EntryId(fault::array("an entry's id", row.try_get(column)?)?));
    let number = |column| Ok::<_, Fault>(from_db(row.try_get(column)?));
    let device = DeviceKey(fault::array("a device's key", row.try_get("device")?)?);
    let epoch = Epoch(fault::array("an epoch", row.try_get("epoch")?)?);
    let lane = lane(row.try_get("lane")?)?;
    let start: Option<Vec<u8>> = row.try_get("start")?;
    Ok(Log {
        number: row.try_get("id")?,
        name: LogName { device, epoch, lane },
        start: start.and_then(|payload| EpochStart::from_payload(&payload).ok()),
        first: number("first")?,
        first_id: id("first_id")?,
        prev: id("prev_id")?,
        parent: row.try_get("parent")?,
        head: Head { seq: number("head_seq")?, id: id("head_id")? },
    })
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
