//! Bringing a database up to layout 9: what stood beside a log as its further branches becomes rows
//! of the log like all others. Copies of such databases are brought up the same way.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use journal::{DeviceKey, EntryId, Epoch, Frame, Head, LogId, LogName};
use protocol::Keep;

use super::fault::{self, Fault};
use super::forks;
use super::frames::{self, Stored};
use super::logs::{self, Begun};
use crate::clock::Moment;
use crate::db::{self, Conn, from_db};

/// After how many rows a sign of progress is given.
const PROGRESS_ROWS: u64 = 10_000;

/// The table of further branches, as layouts 1 to 8 have it; `SQLite` takes any name of a type.
const BRANCH: &str = "CREATE TABLE branch (log BIGINT NOT NULL, branch BIGINT NOT NULL, \
                      first BIGINT NOT NULL, last BIGINT NOT NULL, last_id BYTEA NOT NULL, \
                      prev_id BYTEA NOT NULL, bytes BYTEA NOT NULL, arrived_ms BIGINT NOT NULL, \
                      PRIMARY KEY (log, branch, first))";

/// A frame of a further branch.
type Columns = (i64, i64, i64, i64, Vec<u8>, Vec<u8>, Vec<u8>, i64);

/// The step that is done with layout 9.
pub(crate) fn step(conn: &mut Conn) -> BoxFuture<'_, Result<(), db::Error>> {
    let step = async {
        name_branches(conn).await?;
        take_in_branches(conn).await?;
        let select = "SELECT CAST(COALESCE(SUM(head_seq - first + 1), 0) AS BIGINT) FROM log";
        let entries: i64 = db::query_scalar(select).fetch_one(&mut *conn).await?;
        if 0 < entries {
            tracing::info!(entries, "the database is brought up; all views are folded anew");
        }
        Ok(())
    };
    step.map(|done| done.map_err(said)).boxed()
}

/// Says to the database's own layer what went wrong.
fn said(fault: Fault) -> db::Error {
    if let Fault::Sql(error) = fault { error } else { db::Error::Decode(Box::new(fault)) }
}

/// Makes room for the further branches of a copy that is of an older layout.
pub(super) async fn make_room(conn: &mut Conn) -> Result<(), Fault> {
    db::query(BRANCH).execute(conn).await?;
    Ok(())
}

/// Names each row of an older layout by the first entry of its log.
async fn name_branches(conn: &mut Conn) -> Result<(), Fault> {
    let select = "SELECT id, log_id, head_id FROM log WHERE first_id = $1 ORDER BY id";
    let rows: Vec<(i64, Vec<u8>, Vec<u8>)> =
        db::query_as(select).bind([].as_slice()).fetch_all(&mut *conn).await?;
    for (number, log, head) in rows {
        let select = "SELECT bytes, last_id, arrived_ms FROM frame WHERE log = $1 AND first = 1";
        let first: Option<(Vec<u8>, Vec<u8>, i64)> =
            db::query_as(select).bind(number).fetch_optional(&mut *conn).await?;
        // Of a log whose beginning is damaged any id of it is a name; `verify` says the rest.
        let (id, arrived_ms) = match first {
            Some((bytes, last, arrived_ms)) => {
                let prev = EntryId(fault::array("a log's id", log.clone())?);
                let first = first_id(&bytes, prev).map_or(last, |id| id.0.to_vec());
                (first, arrived_ms)
            }
            None => (head, 0),
        };
        db::query("UPDATE log SET first_id = $2, prev_id = $3, begun_ms = $4 WHERE id = $1")
            .bind(number)
            .bind(id)
            .bind(log)
            .bind(arrived_ms)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

fn first_id(bytes: &[u8], prev: EntryId) -> Option<EntryId> {
    let entries = Frame::from_bytes(bytes).ok()?.rebuild(prev).ok()?;
    entries.first().map(|entry| entry.id)
}

/// Keeps the frames of further branches as if they came now, and drops the table they stood in.
async fn take_in_branches(conn: &mut Conn) -> Result<(), Fault> {
    let count: i64 = db::query_scalar("SELECT COUNT(*) FROM branch").fetch_one(&mut *conn).await?;
    if 0 < count {
        tracing::info!(
            frames = count,
            "branches of forked logs are taken in: from now on they count"
        );
    }
    let select = "SELECT log, branch, first, last, last_id, prev_id, bytes, arrived_ms FROM branch \
                  WHERE (log, branch, first) > ($1, $2, $3) ORDER BY log, branch, first LIMIT 1";
    let (mut after, mut done, mut is_damaged) = ((-1, -1, -1), 0_u64, false);
    loop {
        let (log, branch, first) = after;
        let next = db::query_as(select).bind(log).bind(branch).bind(first);
        let Some(row): Option<Columns> = next.fetch_optional(&mut *conn).await? else { break };
        after = (row.0, row.1, row.2);
        is_damaged |= !take_in(conn, row).await?;
        done += 1;
        if done % PROGRESS_ROWS == 0 {
            tracing::info!(frames = done, of = count, "taking in branches");
        }
    }
    if is_damaged {
        forks::index_anew(conn).await?;
    }
    db::query("DROP TABLE branch").execute(conn).await?;
    Ok(())
}

/// Takes in a frame and returns whether it is sound.
async fn take_in(conn: &mut Conn, row: Columns) -> Result<bool, Fault> {
    let (log, _branch, first, last, last_id, prev_id, bytes, arrived_ms) = row;
    let arrived = Moment::of_unknown_clock(arrived_ms);
    let stored = Stored { first: from_db(first), last: from_db(last), last_id, prev_id, bytes };
    let Ok((prev, last_id)) = stored.ids() else { return Ok(false) };
    if let Ok(frame) = Frame::from_bytes(&stored.bytes)
        && let Ok(entries) = frame.rebuild(prev)
    {
        match frames::keep(conn, &Keep { frame, entries, prev }, arrived).await {
            Err(Fault::Moved | Fault::Damaged(_)) => {}
            kept => return kept.map(|_is_forged| true),
        }
    }
    // What can't be read, or follows nothing, is lost by no upgrade: it stands alone, and `verify`
    // names it.
    let name = name_of(conn, log).await?;
    let branches = logs::branches(conn, &name).await?;
    let head = Head { seq: stored.last, id: last_id };
    let row = match branches.iter().find(|log| log.head.id == prev) {
        Some(log) => log.number,
        None if branches.iter().any(|log| log.first_id == last_id) => return Ok(false),
        None => {
            let first = Head { seq: stored.first, id: last_id };
            let (at_ms, start) = (arrived_ms, None);
            logs::begin(conn, &Begun { name: &name, first, prev, parent: None, start, at_ms })
                .await?
        }
    };
    frames::put(conn, row, &stored, arrived).await?;
    logs::advance(conn, row, head).await?;
    Ok(false)
}

/// Returns the name of the log that a row is of.
async fn name_of(conn: &mut Conn, number: i64) -> Result<LogName, Fault> {
    let select = "SELECT device, epoch, lane, log_id FROM log WHERE id = $1";
    let (device, epoch, lane, id): (Vec<u8>, Vec<u8>, String, Vec<u8>) =
        db::query_as(select).bind(number).fetch_one(conn).await?;
    let name = LogName {
        device: DeviceKey(fault::array("a device's key", device)?),
        epoch: Epoch(fault::array("an epoch", epoch)?),
        lane: logs::lane(lane)?,
    };
    let id = LogId(fault::array("a log's id", id)?);
    if name.id() == id { Ok(name) } else { Err(fault::damaged("a log")) }
}
