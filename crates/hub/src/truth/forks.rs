//! The entries at the numbers that several branches of a log have: found without reading each branch.
//!
//! It is an index over the frames and can be made again from them. With it a forked log costs what
//! one costs that was never forked, and two entries with one name are noticed when the second one
//! comes: only who has the device's key and tries for it makes such.

use std::collections::BTreeSet;

use journal::{Dot, Entry, EntryId, LogId, LogName, ShortId};

use super::fault::{self, Fault};
use super::frames;
use super::logs::{self, Log, Tree};
use crate::db::{self, Builder, Conn, from_db, to_db};

/// Rows in one statement.
const ROWS_MAX: usize = 500;

/// Returns the ids at a number at which the log is forked.
pub(super) async fn ids_at(conn: &mut Conn, log: LogId, seq: u64) -> Result<Vec<EntryId>, Fault> {
    let select = "SELECT id FROM forked_entry WHERE log_id = $1 AND seq = $2 ORDER BY id";
    let ids: Vec<Vec<u8>> =
        db::query_scalar(select).bind(log.0).bind(to_db(seq)).fetch_all(conn).await?;
    ids.into_iter().map(|id| Ok(EntryId(fault::array("an entry's id", id)?))).collect()
}

/// Returns the entries with a name, where the log is forked, and the row that holds each.
pub(super) async fn named(
    conn: &mut Conn,
    log: LogId,
    seq: u64,
    short: ShortId,
) -> Result<Vec<(EntryId, i64)>, Fault> {
    let select = "SELECT id, log FROM forked_entry \
                  WHERE log_id = $1 AND seq = $2 AND short = $3 ORDER BY id";
    let query = db::query_as(select).bind(log.0).bind(to_db(seq)).bind(short.0);
    let rows: Vec<(Vec<u8>, i64)> = query.fetch_all(conn).await?;
    let read = |(id, row)| Ok((EntryId(fault::array("an entry's id", id)?), row));
    rows.into_iter().map(read).collect()
}

/// Indexes what the branch that was alone until now holds from the new fork on. `conn` holds the log.
pub(super) async fn open(conn: &mut Conn, tree: &Tree, first: u64) -> Result<(), Fault> {
    let known = tree.forks_at().unwrap_or(u64::MAX);
    if known <= first {
        return Ok(());
    }
    let Some(trunk) = tree.trunk() else { return Ok(()) };
    index(conn, trunk, first..known).await
}

/// Indexes entries that were just kept in a branch, and notes those whose name another one has;
/// returns whether there was one. `conn` holds the log.
pub(crate) async fn note(
    conn: &mut Conn,
    name: &LogName,
    row: i64,
    entries: &[Entry],
) -> Result<bool, Fault> {
    let log = name.id();
    let mut is_forged = false;
    for entries in entries.chunks(ROWS_MAX) {
        let twins = twins(conn, log, entries).await?;
        is_forged |= !twins.is_empty();
        for (seq, short) in twins {
            let insert = "INSERT INTO forgery (log_id, seq, short) VALUES ($1, $2, $3) \
                          ON CONFLICT (log_id, seq, short) DO NOTHING";
            let insert = db::query(insert).bind(log.0).bind(to_db(seq)).bind(short.0);
            insert.execute(&mut *conn).await?;
            tracing::warn!(device = %name.device.short(), lane = %name.lane, seq,
                "two entries have one name: somebody forges with this device's key");
        }
        let mut query = Builder::new("INSERT INTO forked_entry (log_id, seq, short, id, log) ");
        query.push_values(entries, |values, entry| {
            let values = values.push_bind(log.0).push_bind(to_db(entry.header.seq));
            values.push_bind(entry.id.short().0).push_bind(entry.id.0).push_bind(row);
        });
        query.push(" ON CONFLICT (log_id, seq, short, id) DO NOTHING");
        query.build().execute(&mut *conn).await?;
    }
    Ok(is_forged)
}

/// Returns the names among these entries that another entry has already.
async fn twins(
    conn: &mut Conn,
    log: LogId,
    entries: &[Entry],
) -> Result<BTreeSet<(u64, ShortId)>, Fault> {
    let own: BTreeSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
    let mut query = Builder::new("SELECT seq, id FROM forked_entry WHERE log_id = ");
    query.push_bind(log.0).push(" AND (seq, short) IN (");
    query.push_values(entries, |values, entry| {
        values.push_bind(to_db(entry.header.seq)).push_bind(entry.id.short().0);
    });
    query.push(")");
    let rows: Vec<(i64, Vec<u8>)> = query.build_as().fetch_all(conn).await?;
    let mut twins = BTreeSet::new();
    for (seq, id) in rows {
        let id = EntryId(fault::array("an entry's id", id)?);
        if !own.contains(&id) {
            twins.insert((from_db(seq), id.short()));
        }
    }
    Ok(twins)
}

/// Makes the index again from the frames. A branch that can't be read is left out; `verify` names it.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn index_anew(conn: &mut Conn) -> Result<(), Fault> {
    db::query("DELETE FROM forked_entry").execute(&mut *conn).await?;
    db::query("DELETE FROM forgery").execute(&mut *conn).await?;
    for tree in logs::forked(conn).await? {
        let from = tree.forks_at().unwrap_or(u64::MAX);
        for log in tree.branches() {
            match index(conn, log, from..u64::MAX).await {
                Err(Fault::Damaged(what)) => {
                    tracing::warn!(%what, "a branch is damaged: run `ashuu-hub verify`");
                }
                done => done?,
            }
        }
    }
    Ok(())
}

/// Indexes the entries of a branch with these numbers.
async fn index(conn: &mut Conn, log: &Log, seqs: std::ops::Range<u64>) -> Result<(), Fault> {
    let mut from = log.first.max(seqs.start);
    while from < seqs.end {
        let read = frames::entries_from(conn, log, from, ROWS_MAX).await?;
        let entries: Vec<Entry> = read.into_iter().map(|arrived| arrived.entry).collect();
        let within = entries.iter().take_while(|entry| entry.header.seq < seqs.end).count();
        let Some(last) = entries.last() else { break };
        from = last.header.seq + 1;
        note(conn, &log.name, log.number, entries.get(..within).unwrap_or_default()).await?;
    }
    Ok(())
}

/// Returns the names that two entries of a log have: neither of the two counts for anything.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn forged(conn: &mut Conn, name: &LogName) -> Result<BTreeSet<Dot>, Fault> {
    let log = name.id();
    let select = "SELECT seq, short FROM forgery WHERE log_id = $1";
    let rows: Vec<(i64, Vec<u8>)> =
        db::query_as(select).bind(log.0.as_slice()).fetch_all(conn).await?;
    let read = |(seq, short)| {
        let id = ShortId(fault::array("an entry's id", short)?);
        Ok(Dot { log, seq: from_db(seq), id })
    };
    rows.into_iter().map(read).collect()
}

/// Counts the names that two entries have, in all logs.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn count_forged(conn: &mut Conn) -> Result<u64, Fault> {
    let count: i64 = db::query_scalar("SELECT COUNT(*) FROM forgery").fetch_one(conn).await?;
    Ok(from_db(count))
}

/// Returns what the index holds of one log: number, id and row of each entry.
pub(super) async fn indexed(
    conn: &mut Conn,
    log: LogId,
) -> Result<BTreeSet<(u64, EntryId, i64)>, Fault> {
    let select = "SELECT seq, id, log FROM forked_entry WHERE log_id = $1";
    let rows: Vec<(i64, Vec<u8>, i64)> = db::query_as(select).bind(log.0).fetch_all(conn).await?;
    let read =
        |(seq, id, row)| Ok((from_db(seq), EntryId(fault::array("an entry's id", id)?), row));
    rows.into_iter().map(read).collect()
}
