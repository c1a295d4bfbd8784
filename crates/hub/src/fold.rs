//! The fold: from the logs to the views. Nothing else writes to a view.
//!
//! Each log has a cursor; a batch of entries, what they come to and the moved cursors are one
//! transaction, so a crash between only delays. What an entry says is judged by pure functions
//! ([`weigh`], [`merge`]), so every hub folds the same logs to the same records. This module does
//! not know where entries came from.

mod check;
mod gather;
mod merge;
mod named;
pub(crate) mod publications;
mod reviews;
pub(crate) mod texts;
mod weigh;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use record::{RecordKey, state_hash_of_all};
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::spawn_blocking;

pub use check::RecordFault;

use gather::Progress;

use crate::db::{self, Conn};
use crate::tables::catalogue::catalogue_with;
use crate::tables::key;
use crate::truth::fault::{array, damaged};
use crate::truth::turns::Turn;
use crate::truth::{Fault, Truth};

/// How long a fold with nothing to do waits: another process may have written meanwhile.
const AT_LATEST: Duration = Duration::from_secs(60);

/// How long a fold that failed waits: mostly another process holds the database.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How long no frame may have come before the fold begins.
const QUIET: Duration = Duration::from_millis(50);

/// How long the fold waits for that.
const QUIET_AT_MOST: Duration = Duration::from_secs(1);

/// Held by whoever folds: two would do the same work and one would throw it away.
static TURN: Mutex<()> = Mutex::const_new(());

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

/// When folding stops.
enum Until<'a> {
    /// When everything is folded that was held at the beginning: a hub to which devices always
    /// bring something would never be done with all.
    Held(BTreeMap<i64, Progress>),
    /// When nothing is left; between two batches frames pass that are being kept, and others fold.
    Nothing(&'a Notify),
}

/// Folds what no view has yet and returns how many entries that was.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used; the rest is folded the next time.
pub async fn catch_up(truth: &Truth) -> Result<u64, Fault> {
    let held = gather::behind(&mut *truth.db.read().await?).await?;
    if held.is_empty() {
        return Ok(0);
    }
    fold_until(truth, &Until::Held(held)).await
}

async fn fold_until(truth: &Truth, until: &Until<'_>) -> Result<u64, Fault> {
    let mut turn = TURN.lock().await;
    let mut folded = 0;
    let mut next = prepare(truth, &[]).await?;
    while !next.cursors.is_empty() {
        // The database writes one batch while the next one is read and judged.
        let ahead = next.cursors.clone();
        let (done, after) = tokio::join!(commit(truth, next), prepare(truth, &ahead));
        next = match done {
            Ok(Some(entries)) => {
                folded += entries;
                after?
            }
            // Another process folded them, or was in the way and may have.
            Ok(None) => prepare(truth, &[]).await?,
            Err(fault) if fault.is_passing() => prepare(truth, &[]).await?,
            Err(fault) => return Err(fault),
        };
        match until {
            Until::Held(held) if is_done(truth, held).await? => break,
            Until::Held(_) => {}
            Until::Nothing(kept) => {
                // Somebody may wait to decide about what is folded.
                drop(turn);
                let_pass(kept).await;
                turn = TURN.lock().await;
            }
        }
    }
    Ok(folded)
}

/// Returns whether all of what was held is folded.
async fn is_done(truth: &Truth, held: &BTreeMap<i64, Progress>) -> Result<bool, Fault> {
    let now = gather::behind(&mut *truth.db.read().await?).await?;
    Ok(now.iter().all(|(log, now)| held.get(log).is_none_or(|then| then.head <= now.folded)))
}

/// Reads and judges the batch after the one that moves the cursors `ahead`.
async fn prepare(truth: &Truth, ahead: &[gather::Cursor]) -> Result<weigh::Batch, Fault> {
    let hub = truth.key();
    let gathered = gather::gather(&mut *truth.db.read().await?, &hub, ahead).await?;
    let work = move || weigh::weigh(gathered, &hub);
    spawn_blocking(work).await.map_err(|_stopped| stopped())
}

/// Folds whenever something was kept, until `stop` says so.
///
/// # Errors
///
/// Never for a fault of the database: that is logged and tried again.
pub async fn run(
    truth: Truth,
    signals: Signals,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Fault> {
    let kept = &signals.kept;
    loop {
        let pause = match fold_until(&truth, &Until::Nothing(kept)).await {
            Ok(0) => match texts::write_some(&truth).await {
                Ok(0) => AT_LATEST,
                Ok(_some) => {
                    let_pass(kept).await;
                    continue;
                }
                Err(fault) => {
                    tracing::error!(%fault, "searching stays slow; trying again");
                    AFTER_FAULT
                }
            },
            Ok(_some) => {
                signals.folded.notify_one();
                continue;
            }
            Err(fault) => {
                tracing::error!(%fault, "the views stay behind; trying again");
                AFTER_FAULT
            }
        };
        // Also where another process folded it: what hangs on it is done here.
        signals.folded.notify_one();
        let woken = tokio::select! {
            () = kept.notified() => true,
            () = tokio::time::sleep(pause) => false,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        if woken {
            quiet(kept).await;
        }
    }
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

/// Merges a batch into the records and moves the cursors; `None` if another process was first.
async fn commit(truth: &Truth, batch: weigh::Batch) -> Result<Option<u64>, Fault> {
    // Merging takes longer than writing, so it is done before the writer is taken from devices
    // that wait for a receipt. Whether somebody else folded meanwhile is seen by the sum.
    let mut conn = truth.db.read().await?;
    let folded = gather::folded(&mut conn).await?;
    let wanting = publications::wanting(&mut conn, &batch.publications).await?;
    let known = write::states(&mut conn, &batch, &wanting).await?;
    let catalogue = catalogue_with(&mut conn, &batch.publications).await?;
    drop(conn);
    let cursors = batch.cursors.clone();
    let work = move || merge::merge(batch, known, &catalogue);
    let merged = spawn_blocking(work).await.map_err(|_stopped| stopped())??;
    let mut tx = truth.db.begin().await?;
    Turn::Fold.take(&mut tx).await?;
    if gather::folded(&mut tx).await? != folded || !gather::stands(&mut tx, &cursors).await? {
        return Ok(None);
    }
    write::write(&mut tx, &merged, &truth.key()).await?;
    tx.commit().await?;
    Ok(Some(merged.entries))
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
