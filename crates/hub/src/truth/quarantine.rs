//! Quarantine: sound entries that came after their device was revoked.
//!
//! They are no truth until somebody lets them in; then they are kept as if they had just come. A run of frames that follow each other is one item.

use journal::{DeviceKey, EntryId, Epoch, EpochStart, Frame, Kind, LogName};
use protocol::{Held, Keep, Member};

use super::devices::posts;
use super::fault::{self, Fault, damaged};
use super::turns::MayPass;
use super::turns::Turn;
use super::{Truth, frames, logs};
use crate::clock::Moment;
use crate::db::{self, Conn, Row, from_db, to_db};
use crate::limits::QUARANTINE_BYTES_MAX;

/// A run of entries that was set aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// Its number.
    pub id: i64,
    /// The log the entries belong to.
    pub log: LogName,
    /// The number of the first.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// The id of the last.
    pub last_id: EntryId,
    /// Their bytes.
    pub size: u64,
    /// When the first of them arrived, in milliseconds since 1970.
    pub arrived_ms: i64,
    /// When and by whom they were let in.
    pub released: Option<(i64, String)>,
}

/// Why entries can't be let in, or set aside.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// There is no such item.
    #[error("there is nothing with the number {0} in quarantine: see `ashuu-hub quarantine list`")]
    None(i64),
    /// It was let in before.
    #[error("item {0} was released before")]
    Released(i64),
    /// The entries before it are not held.
    #[error(
        "entry {first} follows no entry that is held: release what came before it first, or get \
         it from the device"
    )]
    Unchained {
        /// The first entry.
        first: u64,
    },
    /// The log's first entry contradicts the enrolment.
    #[error("{0}")]
    Contradiction(String),
    /// The device has brought too much already.
    #[error("no more of a revoked device is set aside than {QUARANTINE_BYTES_MAX} bytes")]
    Full,
    /// The database can't be used.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl MayPass for QuarantineError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_passing())
    }
}

impl From<db::Error> for QuarantineError {
    fn from(error: db::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// A frame that was set aside: its bytes, the id before it, when it came and by which clock.
type Columns = (Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>);

const COLUMNS: &str = "SELECT id, device, epoch, lane, first, last, last_id, size, arrived_ms, \
                       decided_ms, decided_by FROM quarantine";

/// Sets a sound frame of a revoked device aside. To be committed before anything is said of it.
///
/// # Errors
///
/// Returns [`QuarantineError`] if that is not possible.
pub async fn set_aside(
    conn: &mut Conn,
    keep: &Keep,
    arrived: Moment,
) -> Result<(), QuarantineError> {
    let Keep { frame, entries, prev } = keep;
    let Some(last) = entries.last() else { return Ok(()) };
    Turn::Quarantine.take(conn).await?;
    let bytes = frame.to_bytes().map_err(Fault::from)?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sum = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM quarantine \
               WHERE device = $1 AND decided_ms IS NULL";
    let held: i64 = db::query_scalar(sum).bind(frame.log.device.0).fetch_one(conn).await?;
    if QUARANTINE_BYTES_MAX < held.saturating_add(size) {
        return Err(QuarantineError::Full);
    }
    let item = item_that_ends_with(conn, &frame.log, *prev).await?;
    let item = match item {
        Some(item) => {
            let update = "UPDATE quarantine SET last = $2, last_id = $3, size = size + $4 \
                          WHERE id = $1";
            let query = db::query(update).bind(item).bind(to_db(last.header.seq)).bind(last.id.0);
            query.bind(size).execute(conn).await?;
            item
        }
        None => {
            let insert = "INSERT INTO quarantine (id, device, epoch, lane, first, last, last_id, \
                          prev_id, size, arrived_ms) SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3, \
                          $4, $5, $6, $7, $8, $9 FROM quarantine RETURNING id";
            db::query_scalar(insert)
                .bind(frame.log.device.0)
                .bind(frame.log.epoch.0)
                .bind(frame.log.lane.to_string())
                .bind(to_db(frame.first))
                .bind(to_db(last.header.seq))
                .bind(last.id.0)
                .bind(prev.0)
                .bind(size)
                .bind(arrived.ms)
                .fetch_one(conn)
                .await?
        }
    };
    let insert = "INSERT INTO quarantine_frame (item, first, last_id, prev_id, bytes, arrived_ms, \
                  clock) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::query(insert)
        .bind(item)
        .bind(to_db(frame.first))
        .bind(last.id.0)
        .bind(prev.0)
        .bind(bytes)
        .bind(arrived.ms)
        .bind(arrived.clock())
        .execute(conn)
        .await?;
    Ok(())
}

async fn item_that_ends_with(
    conn: &mut Conn,
    log: &LogName,
    id: EntryId,
) -> Result<Option<i64>, Fault> {
    let select = "SELECT id FROM quarantine WHERE device = $1 AND epoch = $2 AND lane = $3 \
                  AND last_id = $4 AND decided_ms IS NULL ORDER BY id LIMIT 1";
    let query = db::query_scalar(select).bind(log.device.0).bind(log.epoch.0);
    Ok(query.bind(log.lane.to_string()).bind(id.0).fetch_optional(conn).await?)
}

/// Adds where the runs of a device that were set aside end, as branches of what is held.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn add_tips(
    conn: &mut Conn,
    device: &DeviceKey,
    held: &mut Vec<Held>,
) -> Result<(), Fault> {
    let select = [COLUMNS, "WHERE device = $1 AND decided_ms IS NULL ORDER BY id"];
    for row in db::query(select).bind(device.0).fetch_all(conn).await? {
        let Item { log, last, last_id, .. } = read(&row)?;
        let tip = journal::Head { seq: last, id: last_id };
        match held.iter_mut().find(|held| held.log == log) {
            Some(held) => held.heads.push(tip),
            None => held.push(Held { log, heads: vec![tip] }),
        }
    }
    for held in held {
        held.heads.sort_by_key(|head| (head.seq, head.id));
    }
    Ok(())
}

/// Returns everything that was ever set aside, the oldest first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn list(conn: &mut Conn) -> Result<Vec<Item>, Fault> {
    db::query([COLUMNS, "ORDER BY id"]).fetch_all(conn).await?.iter().map(read).collect()
}

/// Returns one item.
///
/// # Errors
///
/// Returns [`QuarantineError::None`] if there is none.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Item, QuarantineError> {
    let row = db::query([COLUMNS, "WHERE id = $1"]).bind(id).fetch_optional(conn).await?;
    Ok(read(&row.ok_or(QuarantineError::None(id))?)?)
}

/// Returns the frames of an item, each with the id of the entry before it and when it arrived.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn frames(conn: &mut Conn, id: i64) -> Result<Vec<(Frame, EntryId, Moment)>, Fault> {
    let select = "SELECT bytes, prev_id, arrived_ms, clock FROM quarantine_frame WHERE item = $1 \
                  ORDER BY first";
    let rows: Vec<Columns> = db::query_as(select).bind(id).fetch_all(conn).await?;
    let read = |(bytes, prev, arrived_ms, clock): Columns| {
        let frame = Frame::from_bytes(&bytes)?;
        let arrived = Moment::of_columns(arrived_ms, clock.as_deref());
        Ok((frame, EntryId(fault::array("an entry's id", prev)?), arrived))
    };
    rows.into_iter().map(read).collect()
}

/// Lets an item in: its entries are held from now on. `conn` must be a write transaction.
///
/// # Errors
///
/// Returns [`QuarantineError`] if it was let in before, or follows nothing that is held.
pub async fn release(
    truth: &Truth,
    conn: &mut Conn,
    id: i64,
    by: &str,
) -> Result<Item, QuarantineError> {
    // A frame that comes meanwhile would go on the item, and be called released without being held.
    Turn::Quarantine.take(conn).await?;
    let item = find(conn, id).await?;
    if item.released.is_some() {
        return Err(QuarantineError::Released(id));
    }
    for (frame, prev, arrived) in frames(conn, id).await? {
        let entries = frame.verify(prev).map_err(Fault::from)?;
        let first = frame.first;
        let keep = Keep { frame, entries, prev };
        if first == 1 {
            check_start(conn, &keep).await?;
        }
        let kept = frames::keep(conn, &keep, arrived).await;
        if matches!(kept, Err(Fault::Moved)) {
            return Err(QuarantineError::Unchained { first });
        }
        kept?;
    }
    let now_ms = truth.clock.now_ms();
    let update = "UPDATE quarantine SET decided_ms = $2, decided_by = $3 WHERE id = $1";
    db::query(update).bind(id).bind(now_ms).bind(by).execute(conn).await?;
    Ok(Item { released: Some((now_ms, by.to_owned())), ..item })
}

/// A log's first entry must fit what its device was enrolled as.
async fn check_start(conn: &mut Conn, keep: &Keep) -> Result<(), QuarantineError> {
    let posts = posts::of(conn, &keep.frame.log.device).await?;
    let posts = posts.into_iter().map(|posting| posting.post).collect();
    let first = keep.entries.first().filter(|entry| entry.header.kind == Kind::EPOCH_START);
    let start = first.and_then(|entry| EpochStart::from_payload(entry.bytes()?).ok());
    let member = Member { posts, ..Member::default() };
    match member.author().contradiction(&keep.frame.log.lane, start.as_ref()) {
        Some(words) => Err(QuarantineError::Contradiction(words)),
        None => Ok(()),
    }
}

fn read(row: &Row) -> Result<Item, Fault> {
    let log = LogName {
        device: DeviceKey(fault::array("a device's key", row.try_get("device")?)?),
        epoch: Epoch(fault::array("an epoch", row.try_get("epoch")?)?),
        lane: logs::lane(row.try_get("lane")?)?,
    };
    let decided: Option<i64> = row.try_get("decided_ms")?;
    let by: Option<String> = row.try_get("decided_by")?;
    let last_id = fault::array("an entry's id", row.try_get("last_id")?)?;
    let (first, last): (i64, i64) = (row.try_get("first")?, row.try_get("last")?);
    if last < first {
        return Err(damaged("an item in quarantine"));
    }
    Ok(Item {
        id: row.try_get("id")?,
        log,
        first: from_db(first),
        last: from_db(last),
        last_id: EntryId(last_id),
        size: from_db(row.try_get("size")?),
        arrived_ms: row.try_get("arrived_ms")?,
        released: decided.map(|at| (at, by.unwrap_or_default())),
    })
}
