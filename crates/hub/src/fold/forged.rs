//! Two entries with one name: neither is folded.
//!
//! The second one may come when the first was folded long ago, and what an entry did to a record
//! can't be taken back out of it. So the views are folded anew without both. That happens once for
//! a name, and only who has a device's key and tries for it can cause it.

use super::{gather, write};
use crate::db::{self, Conn, to_db};
use crate::truth::turns::Turn;
use crate::truth::{Fault, Truth, forks};

/// How many forged names the views leave out.
const LEFT_OUT: &str = "fold/forged";

/// Has everything folded anew if a forged name was noted that the views do not leave out yet.
pub(super) async fn settle(truth: &Truth) -> Result<(), Fault> {
    if is_settled(&mut *truth.db.read().await?).await? {
        return Ok(());
    }
    let mut tx = truth.db.begin().await?;
    Turn::Fold.take(&mut tx).await?;
    if !is_settled(&mut tx).await? {
        tracing::warn!("the views are folded anew without forged entries");
        write::drop_views(&mut tx).await?;
        note(&mut tx).await?;
        gather::mark_all(&mut tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Notes that what is folded from now on leaves out every forged name there is.
pub(super) async fn note(conn: &mut Conn) -> Result<(), Fault> {
    let upsert = "INSERT INTO meta (key, value) VALUES ($1, $2) \
                  ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let count = to_db(forks::count_forged(conn).await?).to_be_bytes();
    db::query(upsert).bind(LEFT_OUT).bind(count.as_slice()).execute(conn).await?;
    Ok(())
}

pub(super) async fn is_settled(conn: &mut Conn) -> Result<bool, Fault> {
    let forged = to_db(forks::count_forged(conn).await?).to_be_bytes();
    let select = "SELECT value FROM meta WHERE key = $1";
    let left_out: Option<Vec<u8>> =
        db::query_scalar(select).bind(LEFT_OUT).fetch_optional(conn).await?;
    Ok(left_out.as_deref().unwrap_or(&[0; 8]) == forged)
}
