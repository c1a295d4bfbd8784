//! Whether the hub can receive, as was last found out: asked in the background, said at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::Truth;
use super::probe::probe;
use crate::db::Trouble;
use crate::limits::{PROBE_AGAIN, PROBE_EVERY, PROBE_FILE_SHARE, PROBE_LATE};

/// What was last found out, if anybody looks.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What was found by trying, and when.
    tried: Option<(Vec<Trouble>, Instant)>,
    /// Whether the engine finds its file damaged.
    is_damaged: bool,
}

impl Health {
    /// Returns what was last found; `None` if nobody looks.
    #[must_use]
    pub fn latest(&self) -> Option<Vec<Trouble>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, at) = state.tried.as_ref()?;
        let mut found = found.clone();
        if PROBE_LATE < at.elapsed() {
            found.push(Trouble::Silent(PROBE_LATE));
        }
        if state.is_damaged && !found.contains(&Trouble::Damaged) {
            found.push(Trouble::Damaged);
        }
        Some(found)
    }

    fn tried(&self, found: Vec<Trouble>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = state.tried.as_ref().map(|(before, _)| before.as_slice()).unwrap_or_default();
        for trouble in found.iter().filter(|trouble| !before.contains(trouble)) {
            tracing::error!(%trouble, todo = trouble.remedy(), "the hub may not be able to receive");
        }
        if found.is_empty() && !before.is_empty() {
            tracing::info!("the hub can receive again");
        }
        state.tried = Some((found, Instant::now()));
    }

    fn is_damaged(&self, is_damaged: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_damaged && !state.is_damaged {
            let todo = Trouble::Damaged.remedy();
            tracing::error!(todo, "the database is damaged");
        }
        state.is_damaged = is_damaged;
    }
}

/// Looks again and again, until the hub stops.
pub(crate) async fn watch(truth: Truth, mut stopped: watch::Receiver<bool>) {
    let looking = async { tokio::join!(watch_writes(&truth), watch_file(&truth)) };
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        _never = looking => {}
    }
}

async fn watch_writes(truth: &Truth) {
    loop {
        let found = probe(&truth.db).await;
        let is_well = found.iter().all(Trouble::is_warning);
        truth.health.tried(found);
        if !is_well {
            truth.db.look_elsewhere().await;
        }
        tokio::time::sleep(if is_well { PROBE_EVERY } else { PROBE_AGAIN }).await;
    }
}

/// Has the engine read its file as often as that costs little of the machine's time.
async fn watch_file(truth: &Truth) {
    while !truth.db.is_server() {
        let begun = Instant::now();
        truth.health.is_damaged(truth.db.is_damaged().await);
        let pause: Duration = begun.elapsed().saturating_mul(PROBE_FILE_SHARE).max(PROBE_EVERY);
        tokio::time::sleep(pause).await;
    }
}
