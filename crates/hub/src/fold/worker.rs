//! Who folds while the hub runs: workers that take one shard after the other, and on a server
//! somebody who writes texts beside them.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::lease::{self, Holder, Lease};
use super::pause::{let_pass, quiet};
use super::shard::{self, Until};
use super::{Signals, forged, gather, texts};
use crate::truth::{Fault, Truth};

/// How long a fold with nothing to do waits: another process may have written meanwhile.
const AT_LATEST: Duration = Duration::from_secs(60);

/// How long a fold that failed waits: mostly another process holds the database.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How long writing texts waits between two steps while there is something to be folded.
const TEXTS_PAUSE: Duration = Duration::from_secs(1);

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
            return Ok(Some(if elsewhere { lease::WAIT } else { AT_LATEST }));
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
