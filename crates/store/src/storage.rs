//! The storage thread: everything that is written is written here, one group after another.
//!
//! All requests that wait become one group: staged in order, made durable by one sync, applied to
//! the views in one batch, and only then answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use journal::{LogId, Writer};

use crate::batch::Batch;
use crate::commit::Journal;
use crate::fault::Fault;
use crate::forged;
use crate::index::Span;
use crate::limits::{GROUP_BYTES, GROUP_TASKS_MAX};
use crate::project::Projector;
use crate::rebuild::rebuild;
use crate::replay::{all_beside, catch_up, catch_up_beside};
use crate::shared::Shared;
use crate::staged::Staged;
use crate::starts::Starts;
use crate::store::Entropy;
use crate::views::{Pending, Progress};

/// A request: stages what it wants, and is answered when the group is durable or has failed.
pub(crate) type Task = Box<dyn FnOnce(&mut Batch<'_>) -> Answer + Send>;

/// Answers a request.
pub(crate) type Answer = Box<dyn FnOnce(Result<(), Fault>)>;

/// What the storage thread owns.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) shared: Arc<Shared>,
    pub(crate) journal: Journal,
    pub(crate) projector: Arc<dyn Projector>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The writers of this device's logs, each where its log stands.
    pub(crate) writers: BTreeMap<LogId, Writer>,
    pub(crate) starts: Starts,
}

impl Storage {
    /// Catches the views up and serves requests until nobody can make any more.
    pub(crate) fn run(mut self, tasks: &Receiver<Task>, progress: Vec<Progress>) {
        self.catch_up_views(progress);
        while let Ok(task) = tasks.recv() {
            self.group(task, tasks);
        }
        self.shared.views.flush();
    }

    fn catch_up_views(&self, progress: Vec<Progress>) {
        let views = &self.shared.views;
        let progress = progress.into_iter().map(|row| (row.name.id(), row)).collect();
        let done = catch_up(&self.shared, views, &*self.projector, progress);
        let all = all_beside(&self.shared);
        match done.and_then(|_| catch_up_beside(&self.shared, views, &*self.projector, &all)) {
            Ok(()) => views.complete(),
            Err(fault) => views.fail(&fault),
        }
    }

    fn group(&mut self, first: Task, tasks: &Receiver<Task>) {
        let mut batch = Batch {
            shared: &self.shared,
            projector: &*self.projector,
            entropy: &*self.entropy,
            writers: &mut self.writers,
            starts: &mut self.starts,
            pending: Pending::default(),
            staged: Vec::new(),
            bytes: 0,
            beside: Vec::new(),
            askers: Vec::new(),
        };
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some(task) = next {
            answers.push(task(&mut batch));
            let full = GROUP_BYTES <= batch.bytes || GROUP_TASKS_MAX <= answers.len();
            next = if full { None } else { tasks.try_recv().ok() };
        }
        let Batch { pending, staged, beside: mut new, askers, .. } = batch;
        let mut beside: BTreeSet<LogId> = new.iter().map(|(log, _)| *log).collect();
        beside.extend(self.begun_below_branches(&staged));
        new.extend(forged::new_in(&staged, &self.shared.branches()));
        let saved = self.commit(staged, &pending);
        self.project_beside(&beside);
        for answer in answers {
            answer(saved.clone());
        }
        let is_forged = self.shared.find_forged(&new);
        if is_forged {
            tracing::warn!("two entries have one name: the views are made anew without both");
        }
        if is_forged || !askers.is_empty() {
            let rebuilt = rebuild(&self.shared, &*self.projector);
            // One who went away wants it no more.
            askers.iter().for_each(|asker| drop(asker.send(rebuilt.clone())));
        }
    }

    /// Returns the logs whose first entry comes after branches of theirs, as in a copy.
    fn begun_below_branches(&self, staged: &[Staged]) -> Vec<LogId> {
        let begun = staged.iter().filter(|staged| staged.first == 1).map(|staged| staged.log);
        let branches = self.shared.branches();
        begun.filter(|log| !branches.of(log).is_empty()).collect()
    }

    /// Projects what came beside the journal. It costs the views if that fails, and never an entry.
    fn project_beside(&self, logs: &BTreeSet<LogId>) {
        let views = &self.shared.views;
        if logs.is_empty() || views.usable().is_err() {
            return;
        }
        if let Err(fault) = catch_up_beside(&self.shared, views, &*self.projector, logs) {
            views.fail(&fault);
        }
    }

    fn commit(&mut self, mut staged: Vec<Staged>, pending: &Pending) -> Result<(), Fault> {
        if staged.is_empty() {
            return Ok(());
        }
        let bodies = staged.iter_mut().map(Staged::take_body).collect::<Result<Vec<_>, _>>();
        let places = bodies.and_then(|it| self.journal.commit(&it, &self.shared.index()));
        self.shared.note_save(&places.as_ref().map(|_places| ()).map_err(Clone::clone));
        if places.is_err() {
            self.writers.clear(); // They stand where nothing was written.
            self.starts.clear();
        }
        let mut index = self.shared.index_mut();
        for (staged, at) in staged.iter().zip(places?) {
            let log = index.log_mut(&staged.name);
            for (first, last) in staged.runs.iter().copied() {
                if let Some(id) = staged.id(last) {
                    log.insert(Span { first, last, id, at });
                }
            }
        }
        drop(index);
        if self.shared.views.usable().is_ok() {
            let applied = self.shared.views.apply(pending, &self.progress(&staged));
            if let Err(fault) = applied {
                tracing::warn!(%fault, "a save is in the journal, but not in the views");
            }
        }
        Ok(())
    }

    fn progress(&self, staged: &[Staged]) -> BTreeMap<LogId, Progress> {
        let index = self.shared.index();
        let mut progress = BTreeMap::new();
        for staged in staged {
            if let Some(log) = index.log(&staged.log) {
                let head = index.head(&staged.log);
                let (name, count) = (log.name.clone(), log.held);
                let row = Progress { name, seq: head.seq, id: head.id, count };
                progress.insert(staged.log, row);
            }
        }
        progress
    }
}
