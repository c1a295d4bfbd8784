//! The fold: from the logs to the views. Nothing else writes to a view.
//!
//! Each site is a *shard* with a cursor for each of its logs; a batch of a shard's entries, what they
//! come to and the moved cursors are one transaction, so a crash between only delays. Several
//! processes fold several sites at once. What an entry says is judged by pure functions
//! ([`weigh`], [`merge`]), so every hub folds the same logs to the same records. This module does
//! not know where entries came from.

mod check;
mod families;
mod forged;
mod gather;
mod lease;
mod merge;
mod named;
mod pause;
pub(crate) mod publications;
mod reviews;
mod shard;
pub(crate) mod texts;
mod weigh;
mod worker;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use journal::Lane;
use record::{RecordKey, state_hash_of_all};
use tokio::sync::Notify;

pub use check::ViewFault;
pub use worker::run;

use lease::{Holder, Lease};
use shard::Until;

use crate::db::{self, Conn};
use crate::tables::key;
use crate::truth::fault::{array, damaged};
use crate::truth::turns::Turn;
use crate::truth::{Fault, Truth, forks};

/// How long a shard that does not move is waited for: whoever folds it may have died. If not, work is
/// done twice and counts once.
const LEASE_WAIT_MAX: Duration = Duration::from_secs(1);

/// What the fold hears and says.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Somebody kept a frame.
    pub kept: Arc<Notify>,
    /// What was kept is folded, by this process or another.
    pub folded: Arc<Notify>,
}

/// What a rebuild came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rebuilt {
    /// The hash of all records before; zeros if a row could not be read.
    pub old: [u8; 32],
    /// The hash of all records after; the same, if the views were sound.
    pub new: [u8; 32],
    /// Entries folded.
    pub entries: u64,
}

/// Folds what no view has yet and returns how many entries that was.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used; the rest is folded the next time.
pub async fn catch_up(truth: &Truth) -> Result<u64, Fault> {
    catch_up_with(truth, None).await
}

/// Folds what no view has yet of a lane's shard and of what goes to everyone: all that a decision
/// in that lane hangs on.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used; the rest is folded the next time.
pub async fn catch_up_lane(truth: &Truth, lane: &Lane) -> Result<u64, Fault> {
    catch_up_with(truth, Some(lane)).await
}

/// Returns whether nothing of a lane's shard, or said to everyone, is left unfolded.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn is_caught_up(conn: &mut Conn, lane: &Lane) -> Result<bool, Fault> {
    Ok(gather::all_behind(conn, Some(lane)).await?.is_empty()
        && gather::refolding(conn, Some(lane)).await?.is_empty())
}

async fn catch_up_with(truth: &Truth, lane: Option<&Lane>) -> Result<u64, Fault> {
    forged::settle(truth).await?;
    fold_held(truth, lane, &held(truth, lane).await?).await
}

/// Returns what is held and not folded: each log, and its head.
async fn held(truth: &Truth, lane: Option<&Lane>) -> Result<BTreeMap<i64, i64>, Fault> {
    let behind = gather::all_behind(&mut *truth.db.read().await?, lane).await?;
    Ok(behind.into_iter().map(|it| (it.log, it.head)).collect())
}

/// Folds what was held: each log to this number.
async fn fold_held(
    truth: &Truth,
    lane: Option<&Lane>,
    held: &BTreeMap<i64, i64>,
) -> Result<u64, Fault> {
    let (holder, mut folded) = (Holder::new()?, 0);
    let (mut waited, mut seen) = (Duration::ZERO, None);
    loop {
        let first = shard::first_of(&mut *truth.db.read().await?, lane, held).await?;
        let Some(first) = first else { return Ok(folded) };
        if let Some(lease) = Lease::take(truth, &first, holder).await? {
            folded += shard::fold(truth, lease, Until::Held(held)).await?;
            waited = Duration::ZERO;
        } else if waited < LEASE_WAIT_MAX {
            // Whoever has it folds it meanwhile; that may take as long as it goes on.
            let version = lease::version(&mut *truth.db.read().await?, &first).await?;
            let stands = Some((first, version));
            waited = if seen == stands { waited + lease::WAIT } else { lease::WAIT };
            seen = stands;
            tokio::time::sleep(lease::WAIT).await;
        } else {
            lease::free(truth, &first).await?;
            waited = Duration::ZERO;
        }
    }
}

/// Drops the views and folds everything again; the logs are not touched.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used; folding again goes on from there.
pub async fn rebuild(truth: &Truth) -> Result<Rebuilt, Fault> {
    let old = match state_hash(truth).await {
        // Somebody wrote there what can't be read; that is what a rebuild is for.
        Err(Fault::Damaged(_)) => [0; 32],
        hash => hash?,
    };
    let mut tx = truth.db.begin().await?;
    Turn::Fold.take(&mut tx).await?;
    write::drop_views(&mut tx).await?;
    forks::index_anew(&mut tx).await?;
    forged::note(&mut tx).await?;
    gather::mark_all(&mut tx).await?;
    tx.commit().await?;
    let entries = catch_up(truth).await?;
    Ok(Rebuilt { old, new: state_hash(truth).await?, entries })
}

/// Folds everything once more beside and names each row and column of a view that differs.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read, or nothing written beside it.
pub async fn check(truth: &Truth) -> Result<Vec<ViewFault>, Fault> {
    check::check(truth).await
}

/// Returns the hash of all records as the views have them.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn state_hash(truth: &Truth) -> Result<[u8; 32], Fault> {
    Ok(state_hash_of_all(hashes(&mut *truth.db.read().await?).await?))
}

fn stopped() -> Fault {
    damaged("an entry that stopped the fold")
}

/// Returns every record's name and hash.
async fn hashes(conn: &mut Conn) -> Result<Vec<(RecordKey, [u8; 32])>, Fault> {
    let select = "SELECT site, id, hash FROM record ORDER BY site, id";
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = db::query_as(select).fetch_all(conn).await?;
    let read = |(code, id, hash)| Ok((key(code, id)?, array("a record's hash", hash)?));
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests;
