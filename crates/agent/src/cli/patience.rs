//! Shows on a terminal that a command still works, once it has taken longer than people wait.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::ProgressBar;

/// How long a command may take before it shows that it moves.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// A sign that appears after a while and goes when this is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Waiting {
    /// Begins to wait.
    pub(super) fn begin() -> Self {
        let (done, ended) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let bar = ProgressBar::new_spinner();
                bar.enable_steady_tick(TICK);
                let ended = ended.recv();
                debug_assert!(ended.is_err(), "nobody sends; the end is that nobody could");
                bar.finish_and_clear();
            }
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.done = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::debug!("the sign of progress failed");
        }
    }
}
