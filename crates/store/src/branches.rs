//! Second branches of forked logs, kept whole aside: one sealed file a frame under `branches/`.
//!
//! They are not projected and not part of any head; [`crate::Store::forks`] names them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use journal::{Entry, EntryId, Frame, Head, LogId, LogName};

use crate::disk::{Disk, replace};
use crate::fault::Fault;
use crate::sealing::{Place, seal, unseal};

/// A branch that stands beside a log from some entry on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fork {
    /// The log.
    pub log: LogName,
    /// The first number that has two entries.
    pub at: u64,
    /// Where the second branch stands.
    pub head: Head,
}

/// The branches of a store.
#[derive(Debug)]
pub(crate) struct Branches {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    branches: Vec<Branch>,
    /// Files that hold no branch any more.
    pub(crate) unreadable: Vec<String>,
}

#[derive(Debug)]
struct Branch {
    name: LogName,
    log: LogId,
    at: u64,
    /// The number of the first id.
    first: u64,
    ids: Vec<EntryId>,
}

/// A frame of a branch whose entries were checked.
pub(crate) struct Side<'a> {
    pub(crate) frame: &'a Frame,
    /// The id of the entry before its first.
    pub(crate) prev: EntryId,
    /// The first number that has two entries.
    pub(crate) at: u64,
    pub(crate) entries: &'a [Entry],
}

impl Branches {
    /// Reads the branches.
    pub(crate) fn load(dir: PathBuf, disk: Arc<dyn Disk>) -> Result<Self, Fault> {
        disk.create_dir(&dir).map_err(Fault::io("create", &dir))?;
        let names = disk.list(&dir).map_err(Fault::io("list", &dir))?;
        let mut found = Self { dir, disk, branches: Vec::new(), unreadable: Vec::new() };
        let mut frames = Vec::new();
        for name in names.into_iter().filter(|name| name.ends_with(".frame")) {
            let path = found.dir.join(&name);
            let bytes = found.disk.read(&path).map_err(Fault::io("read", &path))?;
            match decode(&name, &bytes) {
                Some(side) => frames.push(side),
                None => found.unreadable.push(name),
            }
        }
        frames.sort_by_key(|(frame, ..)| frame.first);
        for (frame, prev, at, entries) in &frames {
            found.attach(&Side { frame, prev: *prev, at: *at, entries });
        }
        Ok(found)
    }

    /// Returns the forks.
    pub(crate) fn forks(&self) -> Vec<Fork> {
        let fork = |branch: &Branch| {
            let head = Head { seq: branch.last(), id: *branch.ids.last()? };
            Some(Fork { log: branch.name.clone(), at: branch.at, head })
        };
        self.branches.iter().filter_map(fork).collect()
    }

    /// Returns the ids that branches have at a position, each with where its branch begins.
    pub(crate) fn ids_at(&self, log: &LogId, seq: u64) -> BTreeSet<(EntryId, u64)> {
        let branches = self.branches.iter().filter(|branch| branch.log == *log);
        branches.filter_map(|branch| Some((branch.id(seq)?, branch.at))).collect()
    }

    /// Keeps a frame of a branch; returns whether anything of it was new.
    pub(crate) fn keep(&mut self, side: &Side<'_>) -> Result<bool, Fault> {
        let known = |branch: &Branch| branch.joins(side) && side.frame.last() <= branch.last();
        if self.branches.iter().any(known) {
            return Ok(false);
        }
        let Some(last) = side.entries.last() else { return Ok(false) };
        let name = format!("{}-{}-{}.frame", last.log, side.frame.first, last.id.short());
        let frame = side.frame.to_bytes();
        let frame = frame.map_err(|error| Fault::Damaged(format!("a branch: {error}")))?;
        let body = [side.prev.0.as_slice(), &side.at.to_le_bytes(), &frame].concat();
        let mut bytes = Vec::new();
        seal(Place::File(&name), &body, &mut bytes);
        replace(&*self.disk, &self.dir.join(name), &bytes)?;
        self.attach(side);
        Ok(true)
    }

    fn attach(&mut self, side: &Side<'_>) {
        if let Some(branch) = self.branches.iter_mut().find(|branch| branch.joins(side)) {
            let last = branch.last();
            let new = side.entries.iter().filter(|entry| last < entry.header.seq);
            branch.ids.extend(new.map(|entry| entry.id));
            return;
        }
        self.branches.push(Branch {
            name: side.frame.log.clone(),
            log: side.frame.log.id(),
            at: side.at,
            first: side.frame.first,
            ids: side.entries.iter().map(|entry| entry.id).collect(),
        });
    }
}

impl Branch {
    const fn last(&self) -> u64 {
        self.first + self.ids.len() as u64 - 1
    }

    fn id(&self, seq: u64) -> Option<EntryId> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.ids.get(at).copied()
    }

    /// Whether the frame is of this branch: through the chain, one common id says so.
    fn joins(&self, side: &Side<'_>) -> bool {
        if self.log != side.frame.log.id() {
            return false;
        }
        let common = self.last().min(side.frame.last());
        if common < side.frame.first {
            return self.last() == side.frame.first - 1 && self.id(common) == Some(side.prev);
        }
        let entry = side.entries.iter().find(|entry| entry.header.seq == common);
        entry.is_some_and(|entry| self.id(common) == Some(entry.id))
    }
}

fn decode(name: &str, bytes: &[u8]) -> Option<(Frame, EntryId, u64, Vec<Entry>)> {
    let (prev, rest) = unseal(Place::File(name), bytes)?.split_first_chunk::<32>()?;
    let (at, frame) = rest.split_first_chunk::<8>()?;
    let (prev, frame) = (EntryId(*prev), Frame::from_bytes(frame).ok()?);
    let entries = frame.verify(prev).ok()?;
    Some((frame, prev, u64::from_le_bytes(*at), entries))
}
