//! Which shard of the fold a lane belongs to, and that something waits there.
//!
//! Sites that merged are one shard, so that a record is only ever folded by one; what goes to
//! everyone is the empty one. Receiving only marks a shard; what folds it is none of the truth.

use journal::Lane;

use super::fault::Fault;
use crate::clock;
use crate::db::{self, Conn};

/// The shard of what goes to everyone.
pub const EVERYONE: &str = "";

/// Counts the entries that no view has yet.
pub const UNFOLDED: &str = "SELECT CAST(COALESCE(SUM(l.head_seq - COALESCE(c.seq, l.first - 1)), 0) AS BIGINT) \
                            FROM log AS l LEFT JOIN fold_cursor AS c ON c.log = l.id";

/// Returns the shard of a lane.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of(conn: &mut Conn, lane: &Lane) -> Result<String, Fault> {
    let Lane::Site(site) = lane else { return Ok(EVERYONE.to_owned()) };
    let select = "SELECT shard FROM fold_lane WHERE site = $1";
    let shard: Option<String> =
        db::query_scalar(select).bind(site.as_str()).fetch_optional(conn).await?;
    Ok(shard.unwrap_or_else(|| site.to_string()))
}

/// Notes that something is to be folded in a lane. It belongs into the transaction that keeps it,
/// at its end: the shard's row is locked until that is over.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn mark_waiting(conn: &mut Conn, lane: &Lane) -> Result<(), Fault> {
    let shard = of(conn, lane).await?;
    mark(conn, &shard).await
}

/// Notes that something is to be folded in a shard.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn mark(conn: &mut Conn, shard: &str) -> Result<(), Fault> {
    let mark = "INSERT INTO fold_shard (shard, version, asked, waits_since_ms, leased_until_ms) \
                VALUES ($1, 0, 1, $2, 0) ON CONFLICT (shard) DO UPDATE \
                SET asked = fold_shard.asked + 1, \
                waits_since_ms = COALESCE(fold_shard.waits_since_ms, excluded.waits_since_ms)";
    db::query(mark).bind(shard).bind(clock::wall_ms()).execute(conn).await?;
    Ok(())
}
