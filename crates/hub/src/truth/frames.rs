//! Frames: kept as they came, cut to what is new, and read again as entries.

use journal::{Entry, EntryId, Frame, Head, Kind, LogName};
use protocol::Keep;

use super::fault::{self, Fault, damaged};
use super::logs::{self, Log};
use super::shards;
use crate::db::{self, Conn, from_db, to_db};

/// An entry and the hub's time when it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The entry.
    pub entry: Entry,
    /// When, in milliseconds since 1970.
    pub arrived_ms: i64,
}

/// One row of frames.
struct Row {
    frame: Frame,
    prev: EntryId,
    arrived_ms: i64,
}

type Columns = (Vec<u8>, Vec<u8>, i64);

type StoredColumns = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Keeps a sound frame. To be committed before anything is said of it.
///
/// # Errors
///
/// Returns [`Fault::Moved`] if the log is no longer where the frame continues it.
pub async fn keep(conn: &mut Conn, keep: &Keep, arrived_ms: i64) -> Result<(), Fault> {
    let log = logs::find_or_begin(conn, &keep.frame.log).await?;
    let Some(last) = keep.entries.last() else { return Ok(()) };
    let head = Head { seq: last.header.seq, id: last.id };
    if keep.is_branch {
        return keep_branch(conn, &log, keep, arrived_ms).await;
    }
    if log.head.id != keep.prev {
        let held = id_at(conn, &log, head.seq).await?;
        return if held == Some(head.id) { Ok(()) } else { Err(Fault::Moved) };
    }
    let insert = "INSERT INTO frame (log, first, last, last_id, prev_id, bytes, arrived_ms) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::query(insert)
        .bind(log.number)
        .bind(to_db(keep.frame.first))
        .bind(to_db(head.seq))
        .bind(head.id.0.as_slice())
        .bind(keep.prev.0.as_slice())
        .bind(keep.frame.to_bytes()?)
        .bind(arrived_ms)
        .execute(&mut *conn)
        .await?;
    logs::advance(conn, log.number, head).await?;
    shards::mark_waiting(conn, &log.name.lane).await?;
    let first = keep.entries.first().filter(|entry| entry.header.seq == 1);
    match first.filter(|entry| entry.header.kind == Kind::EPOCH_START).and_then(Entry::bytes) {
        Some(payload) => logs::note_start(conn, log.number, payload).await,
        None => Ok(()),
    }
}

/// Keeps a frame of a second branch aside; one that is held already is not kept again.
async fn keep_branch(
    conn: &mut Conn,
    log: &Log,
    keep: &Keep,
    arrived_ms: i64,
) -> Result<(), Fault> {
    let Some((place, frame, prev)) = place_of(conn, log, keep).await? else { return Ok(()) };
    let Some(last) = keep.entries.last() else { return Ok(()) };
    let insert = "INSERT INTO branch (log, branch, first, last, last_id, prev_id, bytes, arrived_ms) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    db::query(insert)
        .bind(log.number)
        .bind(place)
        .bind(to_db(frame.first))
        .bind(to_db(last.header.seq))
        .bind(last.id.0.as_slice())
        .bind(prev.0.as_slice())
        .bind(frame.to_bytes()?)
        .bind(arrived_ms)
        .execute(conn)
        .await?;
    Ok(())
}

/// Which branch a frame belongs to, cut to what that branch does not have; `None` if it has all.
async fn place_of(
    conn: &mut Conn,
    log: &Log,
    keep: &Keep,
) -> Result<Option<(i64, Frame, EntryId)>, Fault> {
    let branches = logs::branch_heads(conn, log.number).await?;
    for (place, head) in &branches {
        if head.id == keep.prev {
            return Ok(Some((*place, keep.frame.clone(), keep.prev)));
        }
        let overlaps = |entry: &Entry| entry.id == head.id;
        if keep.entries.iter().any(overlaps) {
            let rest = keep.frame.clone().starting_at(head.seq + 1);
            return Ok(rest.map(|frame| (*place, frame, head.id)));
        }
    }
    let next = branches.iter().map(|(place, _)| *place).max().unwrap_or(1) + 1;
    Ok(Some((next, keep.frame.clone(), keep.prev)))
}

/// Returns up to `limit` entries of a log's first branch, from `from` on, in order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn entries_from(
    conn: &mut Conn,
    log: &Log,
    from: u64,
    limit: usize,
) -> Result<Vec<Arrived>, Fault> {
    let mut entries = Vec::new();
    let mut from = from.max(1);
    while entries.len() < limit {
        let Some(row) = holding(conn, log.number, from).await? else { break };
        for entry in row.frame.rebuild(row.prev)? {
            if from <= entry.header.seq && entries.len() < limit {
                entries.push(Arrived { entry, arrived_ms: row.arrived_ms });
            }
        }
        from = row.frame.last() + 1;
    }
    Ok(entries)
}

/// Returns one entry of a log's first branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn entry_at(conn: &mut Conn, log: &Log, seq: u64) -> Result<Option<Arrived>, Fault> {
    Ok(entries_from(conn, log, seq, 1).await?.pop())
}

/// Returns the id of an entry of a log's first branch; at 0, that of the empty log.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn id_at(conn: &mut Conn, log: &Log, seq: u64) -> Result<Option<EntryId>, Fault> {
    if seq == 0 {
        return Ok(Some(EntryId(log.name.id().0)));
    }
    if seq == log.head.seq {
        return Ok(Some(log.head.id));
    }
    let select = "SELECT last_id FROM frame WHERE log = $1 AND last = $2";
    let at_end: Option<Vec<u8>> = db::query_scalar(select)
        .bind(log.number)
        .bind(to_db(seq))
        .fetch_optional(&mut *conn)
        .await?;
    match at_end {
        Some(id) => Ok(Some(EntryId(fault::array("an entry's id", id)?))),
        None => Ok(entry_at(conn, log, seq).await?.map(|found| found.entry.id)),
    }
}

/// Returns the ids of these entries, in order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn ids(conn: &mut Conn, asked: &[(LogName, u64)]) -> Result<Vec<Option<EntryId>>, Fault> {
    let mut ids = Vec::with_capacity(asked.len());
    for (name, seq) in asked {
        ids.push(match logs::find(conn, name).await? {
            Some(log) => id_at(conn, &log, *seq).await?,
            None => (*seq == 0).then(|| EntryId(name.id().0)),
        });
    }
    Ok(ids)
}

/// Returns frames of a log's first branch from entry `from` on: at least one, about `bytes`.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn load(
    conn: &mut Conn,
    name: &LogName,
    from: u64,
    bytes: usize,
) -> Result<Vec<Frame>, Fault> {
    let Some(log) = logs::find(conn, name).await? else { return Ok(Vec::new()) };
    let (mut frames, mut size, mut next) = (Vec::new(), 0, from.max(1));
    while size < bytes {
        let Some(row) = holding(conn, log.number, next).await? else { break };
        let after = row.frame.last() + 1;
        if let Some(frame) = row.frame.starting_at(next) {
            size += frame.size();
            if bytes < size && !frames.is_empty() {
                break;
            }
            frames.push(frame);
        }
        next = after;
    }
    Ok(frames)
}

/// Returns the frame that holds entry `seq`, or the next one.
async fn holding(conn: &mut Conn, log: i64, seq: u64) -> Result<Option<Row>, Fault> {
    let select = "SELECT bytes, prev_id, arrived_ms FROM frame \
                  WHERE log = $1 AND last >= $2 ORDER BY last LIMIT 1";
    let row: Option<Columns> =
        db::query_as(select).bind(log).bind(to_db(seq)).fetch_optional(conn).await?;
    row.map(read).transpose()
}

fn read((bytes, prev, arrived_ms): Columns) -> Result<Row, Fault> {
    let frame = Frame::from_bytes(&bytes)?;
    Ok(Row { frame, prev: EntryId(fault::array("an entry's id", prev)?), arrived_ms })
}

/// Returns each frame of a log in order, and the id before it, without trusting either.
///
/// The bytes are passed to `check` one after the other; `branch` 0 is the first branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn each_stored(
    conn: &mut Conn,
    log: i64,
    branch: i64,
    mut check: impl FnMut(Stored),
) -> Result<(), Fault> {
    let select = if branch == 0 {
        "SELECT first, last, last_id, prev_id, bytes FROM frame \
         WHERE log = $1 AND $2 = 0 AND last > $3 ORDER BY last LIMIT 1"
    } else {
        "SELECT first, last, last_id, prev_id, bytes FROM branch \
         WHERE log = $1 AND branch = $2 AND last > $3 ORDER BY last LIMIT 1"
    };
    let mut after = -1;
    loop {
        let row: Option<StoredColumns> = db::query_as(select)
            .bind(log)
            .bind(branch)
            .bind(after)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((first, last, last_id, prev_id, bytes)) = row else { return Ok(()) };
        after = last;
        check(Stored { first: from_db(first), last: from_db(last), last_id, prev_id, bytes });
    }
}

/// A row of frames as it stands in the database.
pub(super) struct Stored {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) last_id: Vec<u8>,
    pub(super) prev_id: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

impl Stored {
    /// Returns the ids in the row, if they are ids.
    pub(super) fn ids(&self) -> Result<(EntryId, EntryId), Fault> {
        let id = |bytes: &[u8]| bytes.try_into().map(EntryId).map_err(|_other| damaged("an id"));
        Ok((id(&self.prev_id)?, id(&self.last_id)?))
    }
}
