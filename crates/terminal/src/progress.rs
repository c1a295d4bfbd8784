//! Shows that a command still works, once it has taken longer than people wait.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a command may take before it shows that it moves.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// A sign that appears after a while and goes when this is dropped.
#[derive(Debug)]
pub struct Waiting {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A bar that appears after a while and goes when this is dropped.
#[derive(Debug)]
pub struct Bar {
    begun: Instant,
    bar: Option<ProgressBar>,
}

/// A file that tells how much of it was read, and of how much.
#[derive(Debug)]
pub struct Counted<F> {
    from: BufReader<File>,
    read: u64,
    total: u64,
    progress: F,
}

impl Waiting {
    /// Begins to wait.
    #[must_use]
    pub fn begin() -> Self {
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

impl Bar {
    /// Begins to count how long it takes.
    #[must_use]
    pub fn begin() -> Self {
        Self { begun: Instant::now(), bar: None }
    }

    /// Shows how much is done of how much.
    pub fn show(&mut self, done: u64, total: u64) {
        if self.bar.is_none() && PATIENCE < self.begun.elapsed() {
            let style = ProgressStyle::with_template("{bar:40} {percent}% {eta}");
            let style = style.unwrap_or_else(|_malformed| ProgressStyle::default_bar());
            self.bar = Some(ProgressBar::new(total).with_style(style));
        }
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done.min(total));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl<F: FnMut(u64, u64)> Counted<F> {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// Fails if it can't be opened.
    pub fn open(file: &Path, progress: F) -> io::Result<Self> {
        let file = File::open(file)?;
        let total = file.metadata()?.len();
        Ok(Self { from: BufReader::new(file), read: 0, total, progress })
    }
}

impl<F: FnMut(u64, u64)> Read for Counted<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.read += count as u64;
        (self.progress)(self.read, self.total);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_watches_a_file_being_read_sees_it_come_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, [7; 20_000]).unwrap();
        let mut told = Vec::new();
        let mut counted =
            Counted::open(file.path(), |done, total| told.push((done, total))).unwrap();
        assert_eq!(io::copy(&mut counted, &mut io::sink()).unwrap(), 20_000);
        assert!(told.is_sorted() && told.iter().all(|(_, total)| *total == 20_000), "{told:?}");
        assert_eq!(told.last(), Some(&(20_000, 20_000)));
    }
}
