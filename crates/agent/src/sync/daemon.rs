//! When to talk: something was written, an interface came up, the timer fires, a person asks; after
//! a failure, later.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::{Backoff, Ended, Report};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;
use tracing::{info, warn};

use super::allowance::Allowance;
use super::courier::Courier;
use super::outcome::Outcome;
use crate::clock;
use crate::config::Hours;

/// How often, and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Time between polls when nothing happens.
    pub poll: Duration,
    /// The longest first wait after a failure.
    pub min_backoff: Duration,
    /// The longest wait after many.
    pub max_backoff: Duration,
    /// The hours in which to sync by itself.
    pub hours: Option<Hours>,
    /// Bytes a day to use by itself, both ways together.
    pub max_bytes_per_day: Option<u64>,
}

impl Settings {
    /// Returns how long to wait after an exchange that ended so.
    ///
    /// What a link moved before it was cut is progress: only what moved nothing waits ever longer.
    /// Frames of which some are refused here may be the same ones at each try.
    fn wait(&self, report: &Report, backoff: &mut Backoff) -> Duration {
        let is_kept = 0 < report.received && report.refused.is_empty();
        let is_progress = 0 < report.sent || is_kept;
        if is_progress {
            backoff.succeeded();
        }
        let asked = match &report.ended {
            Ended::Settled => {
                backoff.succeeded();
                return self.poll;
            }
            Ended::Unreachable { retry_after_ms, .. } if is_progress => {
                return Duration::from_millis(retry_after_ms.unwrap_or(0));
            }
            Ended::Unreachable { retry_after_ms, .. } => retry_after_ms.unwrap_or(0),
            Ended::Refused | Ended::Stuck | Ended::Disk(_) => 0,
        };
        let random = getrandom::u64().unwrap_or(0);
        Duration::from_millis(backoff.failed(random).max(asked))
    }
}

/// What the link does now. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LinkState(Arc<Mutex<LinkView>>);

/// What is shown of the link.
#[derive(Clone, Debug, Default)]
pub struct LinkView {
    /// Whether the last exchange was answered; `None` before the first.
    pub is_up: Option<bool>,
    /// When the next one begins by itself, in milliseconds since 1970.
    pub next_attempt_ms: Option<i64>,
}

/// Asks the daemon for exchanges.
#[derive(Clone, Debug)]
pub struct SyncHandle {
    wake: Arc<Notify>,
    came_up: Arc<Notify>,
    ask: mpsc::Sender<oneshot::Sender<Outcome>>,
}

/// Exchanges by itself for as long as it runs.
#[derive(Debug)]
pub struct Daemon {
    courier: Courier,
    settings: Settings,
    state: LinkState,
    wake: Arc<Notify>,
    came_up: Arc<Notify>,
    asked: mpsc::Receiver<oneshot::Sender<Outcome>>,
}

impl LinkState {
    /// Returns what is shown now.
    #[must_use]
    pub fn view(&self) -> LinkView {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, view: LinkView) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }
}

impl SyncHandle {
    /// Says that something was written.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Says that an interface came up.
    pub fn came_up(&self) {
        self.came_up.notify_one();
    }

    /// Exchanges now, and returns how it went; `None` if the daemon is gone.
    pub async fn sync_now(&self) -> Option<Outcome> {
        let (answer, answered) = oneshot::channel();
        self.ask.send(answer).await.ok()?;
        answered.await.ok()
    }
}

impl Daemon {
    /// Makes a daemon and the handle to it.
    #[must_use]
    pub fn new(courier: Courier, settings: Settings, state: LinkState) -> (Self, SyncHandle) {
        let (wake, came_up) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (ask, asked) = mpsc::channel(8);
        let handle = SyncHandle { wake: Arc::clone(&wake), came_up: Arc::clone(&came_up), ask };
        (Self { courier, settings, state, wake, came_up, asked }, handle)
    }

    /// Exchanges until the task is dropped. The first exchange begins at once.
    pub async fn run(mut self) {
        let min = millis(self.settings.min_backoff);
        let mut backoff = Backoff::new(min, millis(self.settings.max_backoff));
        let mut allowance = Allowance::new(self.settings.hours, self.settings.max_bytes_per_day);
        let mut next = Instant::now();
        let (mut failing, mut settled) = (false, true);
        loop {
            let asker = tokio::select! {
                () = tokio::time::sleep_until(next) => None,
                // Where nothing would cross only the timer or a person tries again: writing goes on
                // all night, and each try costs a handshake on a bad link.
                () = self.wake.notified(), if !failing => {
                    if !settled {
                        // What is held up goes along each time, so not with every single line.
                        next = next.min(Instant::now() + self.settings.min_backoff);
                        continue;
                    }
                    None
                }
                // What failed before failed on another network.
                () = self.came_up.notified() => {
                    backoff.succeeded();
                    None
                }
                asker = self.asked.recv() => match asker {
                    Some(asker) => Some(asker),
                    None => return,
                },
            };
            let closed = allowance.wait(clock::local_ms());
            if asker.is_none() && !closed.is_zero() {
                next = self.pause(closed);
                continue;
            }
            let outcome = self.courier.exchange().await;
            let Report { bytes_up, bytes_down, .. } = outcome.report;
            allowance.spend(bytes_up.saturating_add(bytes_down), clock::local_ms());
            (failing, settled) = (!outcome.lets_news_pass(), outcome.is_settled());
            let wait = self.settings.wait(&outcome.report, &mut backoff);
            next = Instant::now() + wait;
            let next_attempt_ms = clock::now_ms().saturating_add_unsigned(millis(wait));
            let is_up = Some(outcome.report.answered);
            self.state.set(LinkView { is_up, next_attempt_ms: Some(next_attempt_ms) });
            log(&outcome, wait);
            if let Some(asker) = asker
                && asker.send(outcome).is_err()
            {
                info!("whoever asked for an exchange did not wait for its end");
            }
        }
    }

    /// Waits until automatic sync is allowed again.
    fn pause(&self, closed: Duration) -> Instant {
        let next_attempt_ms = clock::now_ms().saturating_add_unsigned(millis(closed));
        let is_up = self.state.view().is_up;
        self.state.set(LinkView { is_up, next_attempt_ms: Some(next_attempt_ms) });
        info!(wait_ms = millis(closed), "automatic sync waits for its hours or the next day");
        Instant::now() + closed
    }
}

fn log(outcome: &Outcome, wait: Duration) {
    let report = &outcome.report;
    let (sent, received, receipt) = (report.sent, report.received, report.receipt);
    if outcome.is_settled() {
        info!(sent, received, receipt, "exchange settled");
    } else {
        let wait_ms = millis(wait);
        warn!(sent, received, receipt, wait_ms, why = outcome.words(), "exchange ended early");
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use protocol::{Refused, Why};

    use super::*;

    const SETTINGS: Settings = Settings {
        poll: Duration::from_secs(60),
        min_backoff: Duration::from_secs(1),
        max_backoff: Duration::from_secs(900),
        hours: None,
        max_bytes_per_day: None,
    };

    /// Returns a wait after a try that was cut when so much had crossed.
    fn cut(
        sent: u64,
        received: u64,
        retry_after_ms: Option<u64>,
        backoff: &mut Backoff,
    ) -> Duration {
        let ended = Ended::Unreachable { words: "no answer".to_owned(), retry_after_ms };
        SETTINGS.wait(&Report { ended, sent, received, ..Report::default() }, backoff)
    }

    #[test]
    fn after_one_exchange_that_settled_a_bad_week_is_forgotten() {
        let mut backoff = Backoff::new(1_000, 900_000);
        let waits = [(); 20].map(|()| cut(0, 0, None, &mut backoff));
        assert!(SETTINGS.min_backoff < waits[19] && waits[19] <= SETTINGS.max_backoff);
        assert_eq!(SETTINGS.wait(&Report::default(), &mut backoff), SETTINGS.poll);
        assert!(cut(0, 0, None, &mut backoff) <= SETTINGS.min_backoff);
    }

    #[test]
    fn a_try_that_moved_anything_is_followed_by_the_next_at_once() {
        for (sent, received) in [(1, 0), (0, 1)] {
            let mut backoff = Backoff::new(1_000, 900_000);
            for _ in 0..20 {
                cut(0, 0, None, &mut backoff);
            }
            assert_eq!(cut(sent, received, None, &mut backoff), Duration::ZERO);
            assert_eq!(cut(sent, received, Some(70), &mut backoff), Duration::from_millis(70));
            assert!(cut(0, 0, None, &mut backoff) <= SETTINGS.min_backoff, "the rest is forgotten");
        }
    }

    #[test]
    fn what_comes_down_each_time_and_is_refused_here_is_no_progress() {
        let words = "no answer".to_owned();
        let (log, seq, heads) = (None, 0, Vec::new());
        let refused = Refused { why: Why::WrongLog, words: words.clone(), log, seq, heads };
        let ended = Ended::Unreachable { words, retry_after_ms: None };
        let report = Report { ended, received: 9, refused: vec![refused], ..Report::default() };
        let mut backoff = Backoff::new(1_000, 900_000);
        let waits = [(); 20].map(|()| SETTINGS.wait(&report, &mut backoff));
        assert!(waits.iter().all(|wait| !wait.is_zero()) && SETTINGS.min_backoff < waits[19]);
    }
}
