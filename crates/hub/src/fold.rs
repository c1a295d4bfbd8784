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
pub(crate) mod publications;
mod reviews;
mod shard;
pub(crate) mod texts;
mod weigh;
mod write;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use journal::Lane;
use record::{RecordKey, state_hash_of_all};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

pub use check::RecordFault;

use lease::{Holder, Lease};
use shard::Until;

use crate::db::{self, Conn};
use crate::tables::key;
use crate::truth::fault::{array, damaged};
use crate::truth::turns::Turn;
use crate::truth::{Fault, Truth, forks};

/// How long a fold with nothing to do waits: another process may have written meanwhile.
const AT_LATEST: Duration = Duration::from_secs(60);

/// How long a fold that failed waits: mostly another process holds the database.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How long no frame may have come before the fold begins.
const QUIET: Duration = Duration::from_millis(50);

/// How long the fold waits for that.
const QUIET_AT_MOST: Duration = Duration::from_secs(1);

/// How long writing texts waits between two steps while there is something to be folded.
const TEXTS_PAUSE: Duration = Duration::from_secs(1);

/// How long it is waited between two looks at a shard that somebody else folds.
const LEASE_WAIT: Duration = Duration::from_millis(20);

/// How long that is done while nothing moves: whoever folds it may have died. If not, work is done
/// twice and counts once.
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
    /// The hash of all records before.
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
            waited = if seen == stands { waited + LEASE_WAIT } else { LEASE_WAIT };
            seen = stands;
            tokio::time::sleep(LEASE_WAIT).await;
        } else {
            lease::free(truth, &first).await?;
            waited = Duration::ZERO;
        }
    }
}

/// Folds whenever something was kept, until `stop` says so: on a server on all processors but one,
/// which is left for devices. A fault of the database is logged and tried again.
pub async fn run(truth: Truth, signals: Signals, stop: watch::Receiver<bool>) {
    let mut workers = JoinSet::new();
    let count = if truth.db.is_server() {
        thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1)
    } else {
        1
    };
    if let Err(fault) = mark_all(&truth).await {
        tracing::error!(%fault, "what was kept before is folded when more comes");
    }
    let listed = Arc::new(Notify::new());
    for _ in 0..count {
        let worker = Worker {
            truth: truth.clone(),
            signals: signals.clone(),
            listed: Arc::clone(&listed),
            stop: stop.clone(),
        };
        workers.spawn(worker.run());
    }
    if truth.db.is_server() {
        workers.spawn(index(truth, listed, stop));
    }
    while workers.join_next().await.is_some() {}
}

/// Marks what another version of this program, or a copy that was brought back, left unfolded, and
/// frees what a process that died was folding.
async fn mark_all(truth: &Truth) -> Result<(), Fault> {
    let mut tx = truth.db.begin().await?;
    lease::free_all(&mut tx).await?;
    gather::mark_all(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Somebody who folds one shard after the other.
struct Worker {
    truth: Truth,
    signals: Signals,
    /// Told when records were listed, which are to be found by their words too.
    listed: Arc<Notify>,
    stop: watch::Receiver<bool>,
}

impl Worker {
    async fn run(mut self) {
        while !*self.stop.borrow() {
            let pause = match self.fold_next().await {
                Ok(None) => continue,
                Ok(Some(pause)) => pause,
                Err(fault) => {
                    tracing::error!(%fault, "the views stay behind; trying again");
                    AFTER_FAULT
                }
            };
            // Also where another process folded it: what hangs on it is done here.
            self.signals.folded.notify_one();
            let kept = &self.signals.kept;
            let woken = tokio::select! {
                () = kept.notified() => true,
                () = tokio::time::sleep(pause) => false,
                _ = self.stop.wait_for(|stop| *stop) => return,
            };
            if woken && !self.truth.db.is_server() {
                quiet(kept).await;
            }
        }
    }

    /// Folds the shard that has waited longest, or writes texts; returns how long to wait where there
    /// was nothing to do.
    async fn fold_next(&self) -> Result<Option<Duration>, Fault> {
        let Self { truth, signals, listed, .. } = self;
        forged::settle(truth).await?;
        let Some(lease) = Lease::next(truth, Holder::new()?).await? else {
            if !truth.db.is_server() {
                let written = texts::write_some(truth).await?;
                let_pass(&signals.kept).await;
                if written != 0 {
                    return Ok(None);
                }
            }
            // What another process folds just now is looked at again soon: it may die, and what
            // hangs on it is done here once it is folded.
            let elsewhere = is_anything_waiting(truth).await?;
            return Ok(Some(if elsewhere { LEASE_WAIT } else { AT_LATEST }));
        };
        if truth.db.is_server() {
            // Another shard may wait, and another worker be idle.
            signals.kept.notify_one();
        }
        let in_a_file = (!truth.db.is_server()).then_some(signals.kept.as_ref());
        shard::fold(truth, lease, Until::Fair(in_a_file)).await?;
        signals.folded.notify_one();
        listed.notify_one();
        if let Some(kept) = in_a_file {
            let_pass(kept).await;
        }
        Ok(None)
    }
}

/// Writes texts whenever something was listed, beside whoever folds: slowly while anything is still
/// to be listed, which goes first.
async fn index(truth: Truth, listed: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let (pause, is_idle) = match texts::write_some(&truth).await {
            Ok(0) => (AT_LATEST, true),
            Ok(_some) => match is_anything_waiting(&truth).await {
                Ok(false) => continue,
                Ok(true) => (TEXTS_PAUSE, false),
                Err(fault) => (after(&fault), false),
            },
            Err(fault) => (after(&fault), false),
        };
        tokio::select! {
            () = listed.notified(), if is_idle => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn is_anything_waiting(truth: &Truth) -> Result<bool, Fault> {
    lease::is_anything_waiting(&mut *truth.db.read().await?).await
}

/// Logs that texts can't be written, and returns how long to wait before they are tried again.
fn after(fault: &Fault) -> Duration {
    tracing::error!(%fault, "searching stays slow; trying again");
    AFTER_FAULT
}

/// Steps aside between two batches while frames are coming.
async fn let_pass(kept: &Notify) {
    if tokio::time::timeout(Duration::ZERO, kept.notified()).await.is_ok() {
        quiet(kept).await;
    }
}

/// Waits until no frame came for a moment: a device on a bad link wants its receipt first.
async fn quiet(kept: &Notify) {
    let wait = async { while tokio::time::timeout(QUIET, kept.notified()).await.is_ok() {} };
    // Past the limit views would lag behind a hub that is never quiet.
    let _late = tokio::time::timeout(QUIET_AT_MOST, wait).await;
}

/// Drops the views and folds everything again; the logs are not touched.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used; folding again goes on from there.
pub async fn rebuild(truth: &Truth) -> Result<Rebuilt, Fault> {
    let old = state_hash(truth).await?;
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

/// Folds everything anew in memory and names the records whose view differs.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn check(truth: &Truth) -> Result<Vec<RecordFault>, Fault> {
    // What is folded meanwhile would look like a difference.
    check::check(&mut *truth.db.snapshot().await?, &truth.key()).await
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
