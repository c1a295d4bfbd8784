//! The further branches of forked logs: where each stands, and its frames to be sent down.

use journal::{Frame, Head, LogName, ShortId};

use super::head;
use crate::db::{self, Conn, from_db, to_db};
use crate::truth::Fault;

/// The head of each further branch; more conditions may follow.
pub(super) const HEADS: &str = "SELECT b.log, b.branch, b.last, b.last_id FROM branch AS b \
                                JOIN log AS l ON l.id = b.log WHERE b.last = \
                                (SELECT MAX(o.last) FROM branch AS o \
                                WHERE o.log = b.log AND o.branch = b.branch)";

/// Log, branch, last entry and its id.
pub(super) type Columns = (i64, i64, i64, Vec<u8>);

/// Returns each further branch of a log, by its number, and where it stands.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn heads(conn: &mut Conn, log: i64) -> Result<Vec<(i64, Head)>, Fault> {
    let select = [HEADS, "AND b.log = $1 ORDER BY b.branch"];
    let rows: Vec<Columns> = db::query_as(select).bind(log).fetch_all(conn).await?;
    rows.into_iter().map(|(_, branch, last, id)| Ok((branch, head(last, id)?))).collect()
}

/// Returns frames of the branch that stands at `at`: after the last of the entries `has` at which
/// one of them ends, at least one, about `bytes`.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn load(
    conn: &mut Conn,
    name: &LogName,
    at: Head,
    has: &[(u64, ShortId)],
    bytes: usize,
) -> Result<Vec<Frame>, Fault> {
    let Some(log) = super::find(conn, name).await? else { return Ok(Vec::new()) };
    let branches = heads(conn, log.number).await?;
    let Some((branch, _)) = branches.into_iter().find(|(_, head)| *head == at) else {
        return Ok(Vec::new());
    };
    let mut after = 0;
    for (seq, short) in has {
        let select = "SELECT last_id FROM branch WHERE log = $1 AND branch = $2 AND last = $3";
        let query = db::query_scalar(select).bind(log.number).bind(branch).bind(to_db(*seq));
        let id: Option<Vec<u8>> = query.fetch_optional(conn).await?;
        if id.is_some_and(|id| id.starts_with(&short.0)) {
            after = after.max(*seq);
        }
    }
    let (mut frames, mut size) = (Vec::new(), 0);
    while size < bytes {
        let select = "SELECT last, bytes FROM branch WHERE log = $1 AND branch = $2 AND last > $3 \
                      ORDER BY last LIMIT 1";
        let query = db::query_as(select).bind(log.number).bind(branch).bind(to_db(after));
        let Some((last, stored)): Option<(i64, Vec<u8>)> = query.fetch_optional(conn).await? else {
            break;
        };
        size += stored.len();
        if bytes < size && !frames.is_empty() {
            break;
        }
        after = from_db(last);
        frames.push(Frame::from_bytes(&stored)?);
    }
    Ok(frames)
}
