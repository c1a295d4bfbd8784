//! One shard folded: its next batch is read and judged, merged, and written in one transaction with
//! the cursors.
//!
//! Sites are folded side by side. What goes to everyone changes how all else is shown (forms,
//! institutions) and may touch any site's records (courses), so it is folded alone: what was judged
//! before it and not written yet is thrown away and judged once more.

use std::collections::{BTreeMap, BTreeSet};

use journal::Lane;
use record::RecordKey;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use super::gather::{self, Behind};
use super::lease::{self, Lease, Then};
use super::pause::let_pass;
use super::{families, merge, publications, stopped, weigh, write};
use crate::db::{Conn, Tx, to_db};
use crate::tables::catalogue::catalogue_with;
use crate::truth::fault::site;
use crate::truth::shards::{self, EVERYONE};
use crate::truth::turns::{Turn, share_fold};
use crate::truth::{Fault, Truth};

/// Batches of one shard in a row while others wait: the next one is judged while one is written, and
/// a shard's turn is some tenths of a second.
const BATCHES_IN_A_TURN: u32 = 4;

/// A batch of a shard, judged.
struct Job {
    lease: Lease,
    batch: weigh::Batch,
    /// Records that are shown anew.
    refold: BTreeSet<RecordKey>,
    /// Whether the logs may have more.
    is_full: bool,
    /// Whether more records are to be shown anew.
    is_more: bool,
}

/// How far the batch goes that is being written.
struct Ahead {
    cursors: Vec<gather::Cursor>,
    is_more: bool,
}

/// What a batch came to.
struct Outcome {
    merged: merge::Merged,
    refold: BTreeSet<RecordKey>,
    wanting: BTreeSet<RecordKey>,
}

/// When the folding of a shard ends, unless nothing is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until<'a> {
    /// When what was held at the beginning is folded: of a shard to which devices always bring
    /// something there would be no end.
    Held(&'a BTreeMap<i64, i64>),
    /// After its turn, if another shard waits. In a file it steps aside between two batches while
    /// frames are kept.
    Fair(Option<&'a Notify>),
}

/// Folds a shard and returns how many entries that was.
pub(super) async fn fold(truth: &Truth, lease: Lease, until: Until<'_>) -> Result<u64, Fault> {
    let mut folded = 0;
    let mut next = prepare(truth, lease, None).await?;
    let mut batches = 0;
    loop {
        batches += 1;
        let lease = next.lease.clone();
        let then = then(truth, &next, batches, until).await?;
        let ahead = Ahead { cursors: next.batch.cursors.clone(), is_more: next.is_more };
        // The database writes one batch while the next one is read and judged.
        let after = async {
            match then {
                Then::GoOn => prepare(truth, lease.after(), Some(&ahead)).await.map(Some),
                Then::Wait | Then::Rest => Ok(None),
            }
        };
        let (done, after) = tokio::join!(commit(truth, next, then), after);
        let ended = match (done, after) {
            (Ok(Some(entries)), Ok(Some(job))) => {
                folded += entries;
                next = job;
                if let Until::Fair(Some(kept)) = until {
                    let_pass(kept).await;
                }
                continue;
            }
            (Ok(Some(entries)), Ok(None)) => return Ok(folded + entries),
            (Ok(Some(_)), Err(fault)) => Err(fault),
            // Another process folded them, or was in the way and may have.
            (Ok(None), _) => Ok(folded),
            (Err(fault), _) if fault.is_passing() => Ok(folded),
            (Err(fault), _) => Err(fault),
        };
        lease.release(truth).await?;
        return ended;
    }
}

async fn then(truth: &Truth, job: &Job, batches: u32, until: Until<'_>) -> Result<Then, Fault> {
    if !job.is_full {
        return Ok(if job.is_more { Then::Wait } else { Then::Rest });
    }
    let goes_on = match until {
        Until::Held(held) => {
            let is_before = |cursor: &gather::Cursor| {
                held.get(&cursor.log).is_some_and(|head| to_db(cursor.to) < *head)
            };
            job.batch.cursors.iter().any(is_before)
        }
        Until::Fair(_) if batches < BATCHES_IN_A_TURN => true,
        Until::Fair(_) => lease::waiting(&mut *truth.db.read().await?).await?.is_empty(),
    };
    Ok(if goes_on { Then::GoOn } else { Then::Wait })
}

/// Reads and judges the batch after the one that is being written.
async fn prepare(truth: &Truth, lease: Lease, ahead: Option<&Ahead>) -> Result<Job, Fault> {
    let hub = truth.key();
    let mut conn = truth.db.read().await?;
    let cursors = ahead.map_or(&[][..], |ahead| &ahead.cursors);
    let gathered = gather::gather(&mut conn, &hub, &lease.shard, cursors).await?;
    // What is shown anew by the batch before stands in the table until that is written.
    let (refold, is_more) = match ahead {
        None => gather::refold(&mut conn, &lease.shard).await?,
        Some(ahead) => (BTreeSet::new(), ahead.is_more),
    };
    drop(conn);
    let gather::Gathered { stretches, is_full } = gathered;
    let work = move || weigh::weigh(stretches, &hub);
    let batch = spawn_blocking(work).await.map_err(|_stopped| stopped())?;
    Ok(Job { lease, batch, refold, is_full, is_more })
}

/// Merges a batch into the records and moves the cursors; `None` if another process was first.
async fn commit(truth: &Truth, job: Job, then: Then) -> Result<Option<u64>, Fault> {
    let lease = job.lease.clone();
    let is_alone = lease.shard == EVERYONE
        || !job.batch.publications.is_empty()
        || !job.batch.sites.is_empty();
    let written = if is_alone {
        alone(truth, job, then).await
    } else {
        beside_others(truth, job, then).await
    };
    match written {
        // Somebody else may have written the same, which the database refuses.
        Err(fault) if !lease.stands(&mut *truth.db.read().await?).await? => {
            tracing::debug!(%fault, shard = %lease.shard, "another process folded this");
            Ok(None)
        }
        written => written,
    }
}

async fn alone(truth: &Truth, job: Job, then: Then) -> Result<Option<u64>, Fault> {
    let lease = job.lease.clone();
    let mut tx = truth.db.begin().await?;
    Turn::Fold.take(&mut tx).await?;
    let outcome = outcome(&mut tx, job).await?;
    let entries = outcome.merged.entries;
    put(&mut tx, truth, &lease, &outcome).await?;
    publications::have_shown(&mut tx, &outcome.wanting).await?;
    if !outcome.merged.batch.sites.is_empty() {
        families::settle(&mut tx).await?;
    }
    if lease.shard != EVERYONE {
        lease::move_base(&mut tx).await?;
    }
    settle(tx, &lease, then).await.map(|is_ours| is_ours.then_some(entries))
}

async fn beside_others(truth: &Truth, job: Job, then: Then) -> Result<Option<u64>, Fault> {
    let lease = job.lease.clone();
    // Merging takes longer than writing, so it is done before the writer is taken from devices
    // that wait for a receipt.
    let mut conn = truth.db.read().await?;
    let base = lease::base(&mut conn).await?;
    let outcome = outcome(&mut conn, job).await?;
    drop(conn);
    let entries = outcome.merged.entries;
    let mut tx = truth.db.begin().await?;
    share_fold(&mut tx).await?;
    if lease::base(&mut tx).await? != base {
        return Ok(None);
    }
    put(&mut tx, truth, &lease, &outcome).await?;
    if outcome.merged.batch.cursors.is_empty() {
        pass_on(&mut tx, &lease.shard).await?;
    }
    settle(tx, &lease, then).await.map(|is_ours| is_ours.then_some(entries))
}

async fn outcome(conn: &mut Conn, job: Job) -> Result<Outcome, Fault> {
    let Job { batch, refold, .. } = job;
    let wanting = publications::wanting(conn, &batch.publications).await?;
    let known = write::states(conn, &batch, &refold).await?;
    let catalogue = catalogue_with(conn, &batch.publications).await?;
    let work = move || merge::merge(batch, known, &catalogue);
    let merged = spawn_blocking(work).await.map_err(|_stopped| stopped())??;
    Ok(Outcome { merged, refold, wanting })
}

async fn put(
    conn: &mut Conn,
    truth: &Truth,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<(), Fault> {
    write::write(conn, &outcome.merged, &lease.shard, &truth.key()).await?;
    publications::shown(conn, &outcome.refold).await
}

async fn settle(mut tx: Tx, lease: &Lease, then: Then) -> Result<bool, Fault> {
    if !lease.settle(&mut tx, then).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Passes on what was marked for a site that had merged into another meanwhile.
async fn pass_on(conn: &mut Conn, shard: &str) -> Result<(), Fault> {
    let of = shards::of(conn, &Lane::Site(site(shard.to_owned())?)).await?;
    if of == shard {
        return Ok(());
    }
    shards::mark(conn, &of).await
}

/// Returns the shard that is to be folded first so that this of what was held is folded.
pub(super) async fn first_of(
    conn: &mut Conn,
    lane: Option<&Lane>,
    held: &BTreeMap<i64, i64>,
) -> Result<Option<String>, Fault> {
    let behind = gather::all_behind(conn, lane).await?;
    let is_held = |it: &&Behind| held.get(&it.log).is_some_and(|head| it.folded < *head);
    let mut waiting = gather::refolding(conn, lane).await?;
    for lane in behind.iter().filter(is_held).map(|it| &it.lane).collect::<BTreeSet<_>>() {
        waiting.insert(shards::of(conn, &crate::truth::logs::lane(lane.clone())?).await?);
    }
    Ok(waiting.pop_first())
}
