//! Frames: kept as they came, cut to what is new, and read again as entries.

mod chain;

use journal::{Entry, EntryId, EpochStart, Frame, Head, Kind, LogName};
use protocol::Keep;
use record::clock::HubTime;

pub use chain::load;

use super::fault::{self, Fault, damaged};
use super::hub_time::Series;
use super::logs::{self, Begun, Log, Tree};
use super::{forks, shards};
use crate::clock::Moment;
use crate::db::{self, Conn, from_db, to_db};

/// An entry and the hub's time when it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The entry.
    pub entry: Entry,
    /// When.
    pub arrived: Moment,
}

/// What a frame brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brought {
    /// Whether an entry of it was not held before.
    pub is_new: bool,
    /// Whether one of them has the name of another, which only forging brings about.
    pub is_forged: bool,
}

/// One row of frames.
struct Row {
    frame: Frame,
    prev: EntryId,
    arrived: Moment,
}

type Columns = (Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>);

type StoredColumns = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Where the new entries of a frame belong.
struct Place<'t> {
    /// The branch that holds the entry before them; none where they begin the log.
    behind: Option<&'t Log>,
    /// The id of that entry.
    prev: EntryId,
    /// How many entries of the frame are held already.
    held: usize,
}

/// Keeps what is new of a sound frame, of whichever branch. To be committed before anything is said
/// of it.
///
/// Returns what it brought.
///
/// # Errors
///
/// Returns [`Fault::Moved`] if it follows no entry that is held.
pub async fn keep(conn: &mut Conn, keep: &Keep, arrived: Moment) -> Result<Brought, Fault> {
    let tree = Tree::hold(conn, &keep.frame.log).await?;
    let Some(Place { behind, prev, held }) = place_of(conn, &tree, keep).await? else {
        return Ok(Brought::default());
    };
    let entries = keep.entries.get(held..).unwrap_or_default();
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(Brought::default());
    };
    let Some(frame) = keep.frame.clone().starting_at(first.header.seq) else {
        return Ok(Brought::default());
    };
    let head = Head { seq: last.header.seq, id: last.id };
    let continued = behind.filter(|log| log.head.id == prev);
    let (row, forks_at) = match continued {
        Some(log) => (log.number, tree.forks_at()),
        None => {
            forks::open(conn, &tree, first.header.seq).await?;
            let begun = Begun {
                name: tree.name(),
                first: Head { seq: first.header.seq, id: first.id },
                prev,
                parent: behind,
                start: start(first),
                at_ms: arrived.ms,
            };
            (logs::begin(conn, &begun).await?, tree.forks_at_with(first.header.seq))
        }
    };
    put(conn, row, &Stored::of(&frame, prev, head)?, arrived).await?;
    logs::advance(conn, row, head).await?;
    shards::mark_waiting(conn, &frame.log.lane).await?;
    let mut is_forged = false;
    if let Some(from) = forks_at {
        let outside = entries.iter().take_while(|entry| entry.header.seq < from).count();
        let forked = entries.get(outside..).unwrap_or_default();
        is_forged = forks::note(conn, tree.name(), row, forked).await?;
    }
    if continued.is_none() && !tree.branches().is_empty() {
        tracing::warn!(device = %frame.log.device.short(), lane = %frame.log.lane,
            first = frame.first, "a log was forked: another branch begins here");
    }
    Ok(Brought { is_new: true, is_forged })
}

/// Finds where the new entries of a frame belong; `None` if all are held.
///
/// A chain is held from its beginning on, so what is held of a frame is its first entries: how many
/// is found by halving.
async fn place_of<'t>(
    conn: &mut Conn,
    tree: &'t Tree,
    keep: &Keep,
) -> Result<Option<Place<'t>>, Fault> {
    let Keep { frame, entries, prev } = keep;
    let before = Head { seq: frame.first - 1, id: *prev };
    if let Some(log) = tree.branches().iter().find(|log| log.head == before) {
        return Ok(Some(Place { behind: Some(log), prev: *prev, held: 0 }));
    }
    let (mut held, mut end) = (0, entries.len());
    let mut behind = None;
    if tree.furthest() < frame.first {
        end = 0;
    }
    let mut probe = end; // Mostly it is all of it that is held: a repetition.
    while held < end {
        let Some(entry) = entries.get(probe - 1) else { break };
        let at = Head { seq: entry.header.seq, id: entry.id };
        match tree.holding(conn, at).await? {
            Some(log) => (held, behind) = (probe, Some(log)),
            None => end = probe - 1,
        }
        probe = held + (end - held).div_ceil(2);
    }
    if held == entries.len() {
        return Ok(None);
    }
    let prev = match held.checked_sub(1).and_then(|last| entries.get(last)) {
        Some(entry) => entry.id,
        None if before == Head::empty(frame.log.id()) => *prev,
        None => {
            behind = tree.holding(conn, before).await?;
            if behind.is_none() {
                return Err(Fault::Moved);
            }
            *prev
        }
    };
    Ok(Some(Place { behind, prev, held }))
}

/// Returns what the first entry of a log says, if it begins an epoch.
fn start(entry: &Entry) -> Option<&[u8]> {
    let begins = entry.header.seq == 1 && entry.header.kind == Kind::EPOCH_START;
    entry.bytes().filter(|payload| begins && EpochStart::from_payload(payload).is_ok())
}

/// Writes a row of frames.
pub(super) async fn put(
    conn: &mut Conn,
    log: i64,
    stored: &Stored,
    arrived: Moment,
) -> Result<(), Fault> {
    let insert = "INSERT INTO frame (log, first, last, last_id, prev_id, bytes, arrived_ms, \
                  clock) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    db::query(insert)
        .bind(log)
        .bind(to_db(stored.first))
        .bind(to_db(stored.last))
        .bind(&stored.last_id)
        .bind(&stored.prev_id)
        .bind(&stored.bytes)
        .bind(arrived.ms)
        .bind(arrived.clock())
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns up to `limit` entries of a branch, from `from` on, in order.
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
        let Some(row) = reaching(conn, log.number, from).await? else { break };
        for entry in row.frame.rebuild(row.prev)? {
            if from <= entry.header.seq && entries.len() < limit {
                entries.push(Arrived { entry, arrived: row.arrived });
            }
        }
        from = row.frame.last() + 1;
    }
    Ok(entries)
}

/// Returns one entry of a branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn entry_at(conn: &mut Conn, log: &Log, seq: u64) -> Result<Option<Arrived>, Fault> {
    let found = entries_from(conn, log, seq, 1).await?.pop();
    Ok(found.filter(|found| found.entry.header.seq == seq))
}

/// Returns when the first of an entry and those after it arrived by a clock that is sound.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn sound_arrival(
    conn: &mut Conn,
    time: &HubTime,
    log: &Log,
    seq: u64,
) -> Result<Option<i64>, Fault> {
    let select = "SELECT last, arrived_ms, clock FROM frame WHERE log = $1 AND last >= $2 \
                  ORDER BY last LIMIT $3";
    let series = Series { select, of: log.number.into(), from: to_db(seq), step: 1 };
    series.first_sound(conn, time).await
}

/// Returns when the last of an entry and those before it arrived by a clock that is sound.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn sound_arrival_before(
    conn: &mut Conn,
    time: &HubTime,
    log: &Log,
    seq: u64,
) -> Result<Option<i64>, Fault> {
    let select = "SELECT first, arrived_ms, clock FROM frame WHERE log = $1 AND first <= $2 \
                  ORDER BY first DESC LIMIT $3";
    let series = Series { select, of: log.number.into(), from: to_db(seq), step: -1 };
    series.first_sound(conn, time).await
}

/// Returns the id of an entry of a branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn id_at(conn: &mut Conn, log: &Log, seq: u64) -> Result<Option<EntryId>, Fault> {
    if seq < log.first || log.head.seq < seq {
        return Ok(None);
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

/// Returns the ids of all entries held at these places, on every branch, in order.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn ids(conn: &mut Conn, asked: &[(LogName, u64)]) -> Result<Vec<Vec<EntryId>>, Fault> {
    let mut ids = Vec::with_capacity(asked.len());
    let mut tree: Option<Tree> = None;
    for (name, seq) in asked {
        let known = match tree.take().filter(|tree| tree.name() == name) {
            Some(tree) => tree,
            None => Tree::read(conn, name).await?,
        };
        ids.push(known.ids_at(conn, *seq).await?);
        tree = Some(known);
    }
    Ok(ids)
}

/// Returns the frame of a branch that holds entry `seq`, or the next one.
async fn reaching(conn: &mut Conn, log: i64, seq: u64) -> Result<Option<Row>, Fault> {
    let select = "SELECT bytes, prev_id, arrived_ms, clock FROM frame \
                  WHERE log = $1 AND last >= $2 ORDER BY last LIMIT 1";
    let row: Option<Columns> =
        db::query_as(select).bind(log).bind(to_db(seq)).fetch_optional(conn).await?;
    row.map(read).transpose()
}

fn read((bytes, prev, arrived_ms, clock): Columns) -> Result<Row, Fault> {
    let frame = Frame::from_bytes(&bytes)?;
    let arrived = Moment::of_columns(arrived_ms, clock.as_deref());
    Ok(Row { frame, prev: EntryId(fault::array("an entry's id", prev)?), arrived })
}

/// Returns each frame of a branch in order, and the id before it, without trusting either.
///
/// The bytes are passed to `check` one after the other.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn each_stored(
    conn: &mut Conn,
    log: i64,
    mut check: impl FnMut(Stored),
) -> Result<(), Fault> {
    let select = "SELECT first, last, last_id, prev_id, bytes FROM frame \
                  WHERE log = $1 AND last > $2 ORDER BY last LIMIT 1";
    let mut after = -1;
    loop {
        let row: Option<StoredColumns> =
            db::query_as(select).bind(log).bind(after).fetch_optional(&mut *conn).await?;
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
    fn of(frame: &Frame, prev: EntryId, head: Head) -> Result<Self, Fault> {
        Ok(Self {
            first: frame.first,
            last: head.seq,
            last_id: head.id.0.to_vec(),
            prev_id: prev.0.to_vec(),
            bytes: frame.to_bytes()?,
        })
    }

    /// Returns the ids in the row, if they are ids.
    pub(super) fn ids(&self) -> Result<(EntryId, EntryId), Fault> {
        let id = |bytes: &[u8]| bytes.try_into().map(EntryId).map_err(|_other| damaged("an id"));
        Ok((id(&self.prev_id)?, id(&self.last_id)?))
    }
}

#[cfg(test)]
mod tests;
