//! What all handles of a store share: the index, the views, the branches, and how things stand.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use journal::{Dot, EntryId, LogId};

use crate::branches::Branches;
use crate::fault::Fault;
use crate::forged::{self, Numbers};
use crate::index::Index;
use crate::project::Projector;
use crate::segments::Segments;
use crate::views::{Status, Views};

/// How a store stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StoreState {
    /// All is well.
    Ok,
    /// The views are being made anew; records are accepted, but wait until that is done.
    Rebuilding,
    /// Something is wrong, in words.
    Degraded(String),
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) data: PathBuf,
    pub(crate) segments: Segments,
    index: RwLock<Index>,
    pub(crate) views: Views,
    branches: Mutex<Branches>,
    /// The names that several entries have.
    forged: RwLock<BTreeSet<Dot>>,
    /// Why the last save did not reach the disk.
    trouble: Mutex<Option<String>>,
    _lock: File,
}

impl Shared {
    pub(crate) fn new(
        (data, lock): (PathBuf, File),
        segments: Segments,
        index: Index,
        views: Views,
        (branches, forged): (Branches, BTreeSet<Dot>),
    ) -> Self {
        let (index, branches) = (RwLock::new(index), Mutex::new(branches));
        let forged = RwLock::new(forged);
        let trouble = Mutex::new(None);
        Self { data, segments, index, views, branches, forged, trouble, _lock: lock }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn branches(&self) -> MutexGuard<'_, Branches> {
        self.branches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the names that several entries have.
    pub(crate) fn forged(&self) -> RwLockReadGuard<'_, BTreeSet<Dot>> {
        self.forged.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_forged(&self, dot: &Dot) -> bool {
        self.forged().contains(dot)
    }

    /// Returns the version of views that this projector makes of what counts.
    pub(crate) fn views_version(&self, projector: &dyn Projector) -> u32 {
        forged::version(projector.version(), &self.forged())
    }

    /// Looks for names that several entries have where something new was kept; returns whether
    /// there is one that was not known.
    pub(crate) fn find_forged(&self, new: &[Numbers]) -> bool {
        let (index, branches) = (self.index(), self.branches());
        let within =
            |(log, at): &Numbers| forged::within((&index, &self.segments, &branches), log, at);
        let found: BTreeSet<Dot> = new.iter().flat_map(within).collect();
        if found.is_subset(&self.forged()) {
            return false;
        }
        self.forged.write().unwrap_or_else(PoisonError::into_inner).extend(found);
        true
    }

    /// Notes whether the last save reached the disk.
    pub(crate) fn note_save(&self, saved: &Result<(), Fault>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble = saved.as_ref().err().map(|fault| format!("the last save failed: {fault}"));
    }

    /// Returns the id of a durable entry; of number 0, the log's id.
    pub(crate) fn id_at(&self, log: &LogId, seq: u64) -> Result<Option<EntryId>, Fault> {
        if seq == 0 {
            return Ok(Some(EntryId(log.0)));
        }
        let found = self.index().find(log, seq);
        match found {
            Some(span) => self.segments.id_of(&span, seq),
            None => Ok(None),
        }
    }

    /// Returns the id that a durable entry names as that of the entry before it.
    pub(crate) fn prev_of(&self, log: &LogId, seq: u64) -> Result<Option<EntryId>, Fault> {
        let found = self.index().find(log, seq);
        let Some(span) = found else { return Ok(None) };
        let entries = self.segments.entries(&span)?;
        let entry = entries.iter().find(|entry| entry.header.seq == seq);
        Ok(entry.map(|entry| entry.header.prev))
    }

    pub(crate) fn state(&self) -> StoreState {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(trouble) = trouble {
            return StoreState::Degraded(trouble);
        }
        match self.views.status() {
            Status::Rebuilding => return StoreState::Rebuilding,
            Status::Broken(why) => return StoreState::Degraded(format!("the views: {why}")),
            Status::Ready => {}
        }
        let index = self.index();
        let lost = |(_, log): (&LogId, &crate::index::LogIndex)| {
            log.gaps().iter().map(|(first, last)| last - first + 1).sum::<u64>()
        };
        match index.logs().map(lost).sum() {
            0 => StoreState::Ok,
            lost => StoreState::Degraded(format!("{lost} entries of the journal are lost")),
        }
    }
}
