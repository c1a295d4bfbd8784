//! The store as the agent sees it: a cheap handle that any thread may use.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use journal::{DeviceSecret, Dot, Draft, Entry, EntryId, Frame, Head, LogName, Seed};

use crate::append::append;
use crate::batch::{Batch, Logs};
use crate::branches::Fork;
use crate::disk::Disk;
use crate::fault::{AppendError, Fault};
use crate::keep::{Kept, keep};
use crate::limits::{CACHE_BYTES, JOIN_BYTES, JOIN_ENTRIES, QUEUE_TASKS_MAX, SEGMENT_BYTES};
use crate::local::Local;
use crate::opening::{Opening, open};
use crate::project::{Lookup, Projector};
use crate::reader::Reader;
use crate::shared::{Shared, StoreState};
use crate::storage::Task;
use crate::verify::{self, JournalFault};

/// Where random seeds come from.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Returns a fresh random seed.
    ///
    /// # Errors
    ///
    /// Returns [`Fault::Entropy`] if there is none to be had.
    fn seed(&self) -> Result<Seed, Fault>;
}

/// The random numbers of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn seed(&self) -> Result<Seed, Fault> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Fault::Entropy(error.to_string()))?;
        Ok(Seed(seed))
    }
}

/// How a store is to work.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of sled's cache.
    pub cache_bytes: u64,
    /// Bytes a segment is preallocated to.
    pub segment_bytes: u64,
    /// Where random seeds come from.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Options {
    fn default() -> Self {
        let entropy = Arc::new(SystemEntropy);
        Self { cache_bytes: CACHE_BYTES, segment_bytes: SEGMENT_BYTES, entropy }
    }
}

/// An agent's disk. Cheap to clone; the last clone waits for the storage thread to end.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    projector: Arc<dyn Projector>,
    tasks: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens the directory, which is made if need be, and says what was found.
    ///
    /// Views that are merely behind are caught up before this returns. If they must be made from
    /// nothing, that goes on in the background: see [`Store::state`] and [`Store::settled`].
    ///
    /// # Errors
    ///
    /// Returns why it can't be used: another process has it, it is of a newer format, or the
    /// disk refuses. Damage to what it holds is no error: see [`Opening`].
    pub fn open(
        dir: &Path,
        disk: Arc<dyn Disk>,
        projector: Arc<dyn Projector>,
        options: &Options,
    ) -> Result<(Self, Opening), Fault> {
        let (storage, progress, opening) = open(dir, disk, &projector, options)?;
        let shared = Arc::clone(&storage.shared);
        let (tasks, queue) = sync_channel(QUEUE_TASKS_MAX);
        let thread = thread::Builder::new()
            .name("storage".to_owned())
            .spawn(move || storage.run(&queue, progress))
            .map_err(Fault::io("begin a thread for", dir))?;
        let (tasks, thread) = (Some(tasks), Some(thread));
        let store = Self { inner: Arc::new(Inner { shared, projector, tasks, thread }) };
        if opening.rebuilt.is_none() {
            store.settled()?;
        }
        Ok((store, opening))
    }

    /// Appends what `decide` wants to the log `lane` and returns when it is durable.
    ///
    /// `decide` runs on the storage thread and sees every write before its own; nothing comes
    /// between what it sees and what is written. It must not call the store.
    ///
    /// # Errors
    ///
    /// Returns what `decide` refused with, or why nothing was saved.
    pub fn append<T, E, F>(
        &self,
        secret: &Arc<DeviceSecret>,
        lane: &LogName,
        decide: F,
    ) -> Result<(Vec<Dot>, T), AppendError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&dyn Lookup, &Logs<'_>) -> Result<(Vec<Draft>, T), E> + Send + 'static,
    {
        let (secret, lane) = (Arc::clone(secret), lane.clone());
        let outcome = self.request(move |batch| append(batch, &secret, &lane, decide));
        match outcome.map_err(AppendError::NotSaved)? {
            (Ok(done), saved) => saved.map(|()| done).map_err(AppendError::NotSaved),
            (Err(error), _) => Err(error),
        }
    }

    /// Keeps frames that others wrote and returns when what is new of them is durable.
    ///
    /// A frame that does not hold is refused whole and says why; the others are kept.
    ///
    /// # Errors
    ///
    /// Returns why nothing was saved.
    pub fn keep(&self, frames: Vec<Frame>) -> Result<Kept, Fault> {
        let keep_all = move |batch: &mut Batch<'_>| {
            frames.into_iter().map(|frame| keep(batch, frame)).collect::<Result<Vec<_>, _>>()
        };
        let (frames, saved) = self.request(keep_all)?;
        saved?;
        Ok(Kept { frames: frames? })
    }

    /// Returns a reader of the views.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.inner.shared))
    }

    /// Returns the small local files.
    #[must_use]
    pub fn local(&self) -> Local {
        Local::new(Arc::clone(&self.inner.shared))
    }

    /// Returns where the journal's line of each log stands, in the order of their ids; durable
    /// entries only. [`Store::branch_heads`] names all branches.
    #[must_use]
    pub fn heads(&self) -> Vec<(LogName, Head)> {
        let index = self.inner.shared.index();
        index.logs().map(|(id, log)| (log.name.clone(), index.head(id))).collect()
    }

    /// Returns where a log stands; durable entries only.
    #[must_use]
    pub fn head(&self, log: &LogName) -> Head {
        self.inner.shared.index().head(&log.id())
    }

    /// Whether a log is never continued, since what stood at its end is lost.
    #[must_use]
    pub fn is_closed(&self, log: &LogName) -> bool {
        self.inner.shared.index().log(&log.id()).is_some_and(|log| log.closed)
    }

    /// Returns the runs of entries of a log, first and last, that were acknowledged and are lost.
    #[must_use]
    pub fn gaps(&self, log: &LogName) -> Vec<(u64, u64)> {
        let index = self.inner.shared.index();
        index.log(&log.id()).map(crate::index::LogIndex::gaps).unwrap_or_default()
    }

    /// Returns the id of a durable entry; of number 0, the log's id.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn id_at(&self, log: &LogName, seq: u64) -> Result<Option<EntryId>, Fault> {
        self.inner.shared.id_at(&log.id(), seq)
    }

    /// Returns durable frames from entry `from` on, about `max_bytes` of them but at least one.
    ///
    /// Small neighbours are joined. The list ends early at a gap or at a place that is damaged.
    ///
    /// # Errors
    ///
    /// Returns why the first can't be read.
    pub fn frames(&self, log: &LogName, from: u64, max_bytes: usize) -> Result<Vec<Frame>, Fault> {
        let shared = &self.inner.shared;
        let spans = match shared.index().log(&log.id()) {
            Some(log) => log.after(from.saturating_sub(1)).to_vec(),
            None => return Ok(Vec::new()),
        };
        let (mut frames, mut next, mut bytes) = (Vec::<Frame>::new(), from.max(1), 0);
        let read = shared.segments.each(&spans, |span, held| {
            let frame = if span.first <= next { held.frame.starting_at(next) } else { None };
            let Some(frame) = frame else { return Ok(false) };
            next = frame.last() + 1;
            bytes += frame.size();
            if !frames.is_empty() && max_bytes < bytes {
                return Ok(false);
            }
            push_joined(&mut frames, frame);
            Ok(true)
        });
        if frames.is_empty() { read.map(|()| frames) } else { Ok(frames) }
    }

    /// Returns an entry by its name, on whatever branch; `None` if it is not held.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn entry(&self, dot: &Dot) -> Result<Option<Entry>, Fault> {
        let shared = &self.inner.shared;
        let span = shared.index().find(&dot.log, dot.seq);
        let in_line = match span {
            Some(span) => shared.segments.entries(&span)?,
            None => Vec::new(),
        };
        if let Some(entry) = in_line.into_iter().find(|entry| entry.dot() == *dot) {
            return Ok(Some(entry));
        }
        let branches = shared.branches();
        let holds = |branch: &&crate::branches::Branch| {
            branch.id(dot.seq).is_some_and(|id| id.short() == dot.id)
        };
        if let Some(branch) = branches.of(&dot.log).iter().find(holds) {
            let file = branch.files.iter().find(|file| dot.seq <= file.last);
            let entries = file.map(|file| branches.entries(file)).transpose()?;
            let mut entries = entries.unwrap_or_default().into_iter();
            return Ok(entries.find(|entry| entry.dot() == *dot));
        }
        Ok(None)
    }

    /// Returns the durable entries from `from` to `to` that are held.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn entries(&self, log: &LogName, from: u64, to: u64) -> Result<Vec<Entry>, Fault> {
        let shared = &self.inner.shared;
        let spans = shared.index().log(&log.id()).map(|log| log.after(from.max(1) - 1).to_vec());
        let mut entries = Vec::new();
        shared.segments.each(&spans.unwrap_or_default(), |span, held| {
            entries.extend(crate::segments::span_entries(span, &held)?);
            Ok(span.last < to)
        })?;
        entries.retain(|entry| from <= entry.header.seq && entry.header.seq <= to);
        Ok(entries)
    }

    /// Returns how many entries, and about how many bytes, a log has after `seq`.
    #[must_use]
    pub fn waiting(&self, log: &LogName, after: u64) -> (u64, u64) {
        let index = self.inner.shared.index();
        let Some(log) = index.log(&log.id()) else { return (0, 0) };
        let bytes = log.after(after).iter().map(|span| {
            let (all, waits) =
                (span.last - span.first + 1, span.last - span.first.max(after + 1) + 1);
            u64::from(span.at.len) * waits / all
        });
        (log.held_after(after), bytes.sum())
    }

    /// Returns the branches that stand beside the journal, with where each parts from another.
    #[must_use]
    pub fn forks(&self) -> Vec<Fork> {
        self.inner.shared.branches().forks()
    }

    /// Returns the names that several entries have: their device's key forges, and none of them is
    /// in the views.
    #[must_use]
    pub fn forged(&self) -> Vec<(LogName, Dot)> {
        let shared = &self.inner.shared;
        let branches = shared.branches();
        let named = |dot: &Dot| Some((branches.of(&dot.log).first()?.name.clone(), *dot));
        shared.forged().iter().filter_map(named).collect()
    }

    /// Returns how the store stands.
    #[must_use]
    pub fn state(&self) -> StoreState {
        self.inner.shared.state()
    }

    /// Waits until the views are made and everything asked for before is done.
    ///
    /// # Errors
    ///
    /// Returns [`Fault::Stopped`] if the storage thread has ended.
    pub fn settled(&self) -> Result<(), Fault> {
        self.on_storage_thread(|_batch| ())
    }

    /// Returns how many bytes can still be written to the disk.
    ///
    /// # Errors
    ///
    /// Returns what the disk says.
    pub fn disk_free_bytes(&self) -> Result<u64, Fault> {
        let shared = &self.inner.shared;
        shared.segments.disk().free_bytes(&shared.data).map_err(Fault::io("measure", &shared.data))
    }

    /// Checks every entry, and the views against them; `progress` is told how many are done.
    ///
    /// # Errors
    ///
    /// Returns why the views could not be checked; then [`Store::state`] says more.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Vec<JournalFault>, Fault> {
        let mut faults = verify::journal(&self.inner.shared, progress);
        if faults.is_empty() {
            faults.extend(verify::views(self)?);
        }
        Ok(faults)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    pub(crate) fn projector(&self) -> &Arc<dyn Projector> {
        &self.inner.projector
    }

    /// Runs `work` on the storage thread, between what was asked before and after it.
    pub(crate) fn on_storage_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Batch<'_>) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        self.request(work).map(|(done, _saved)| done)
    }

    /// Returns what `work` returned, once its group is durable or has failed.
    pub(crate) fn request<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Batch<'_>) -> T + Send + 'static,
    ) -> Result<(T, Result<(), Fault>), Fault> {
        let (answer, answered) = sync_channel(1);
        let task: Task = Box::new(move |batch| {
            let done = work(batch);
            Box::new(move |saved| drop(answer.send((done, saved))))
        });
        let tasks = self.inner.tasks.as_ref().ok_or(Fault::Stopped)?;
        tasks.send(task).map_err(|_ended| Fault::Stopped)?;
        answered.recv().map_err(|_ended| Fault::Stopped)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks = None; // The thread ends when nobody can ask for anything any more.
        let thread = self.thread.take().filter(|it| it.thread().id() != thread::current().id());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the storage thread panicked");
        }
    }
}

fn push_joined(frames: &mut Vec<Frame>, frame: Frame) {
    let fits = |last: &mut Frame| {
        last.size() + frame.size() <= JOIN_BYTES
            && last.items.len() + frame.items.len() <= JOIN_ENTRIES
    };
    match frames.pop_if(fits) {
        Some(last) => frames.extend(Frame::join(vec![last, frame])),
        None => frames.push(frame),
    }
}
