//! The branches of forked logs that stand beside the journal: one checked file a frame.
//!
//! A log is a tree. Which chain of it stands in the journal and which beside it only says what came
//! first, and nothing that is shown depends on it: entries of both are projected, named by heads,
//! and read alike. The beginning that branches share stands once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use journal::{Entry, EntryId, Frame, Head, LogId, LogName};

use crate::disk::{Disk, replace};
use crate::fault::Fault;
use crate::sealing::{Place, seal, unseal};

/// A branch that stands beside the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fork {
    /// The log.
    pub log: LogName,
    /// The first number that has two entries.
    pub at: u64,
    /// Where the branch stands.
    pub head: Head,
}

/// The branches of a store.
#[derive(Debug)]
pub(crate) struct Branches {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    logs: BTreeMap<LogId, Vec<Branch>>,
    /// Files that hold no branch any more.
    pub(crate) unreadable: Vec<String>,
}

/// A branch: its own entries, from the first that no other branch has.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) name: LogName,
    /// The number of its first own entry.
    pub(crate) first: u64,
    /// The id of the entry before that.
    pub(crate) prev: EntryId,
    /// The ids of its own entries.
    ids: Vec<EntryId>,
    /// Its files, in order.
    pub(crate) files: Vec<File>,
    /// About how many bytes its frames have.
    bytes: u64,
}

/// A file of a branch: a frame, of which the entries from `first` on are the branch's own.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The id of the last entry. It names the file whatever is found to belong together.
    pub(crate) id: EntryId,
    name: String,
}

/// A frame of a branch whose entries were checked; of those the first ones may be held already.
pub(crate) struct Side<'a> {
    pub(crate) frame: &'a Frame,
    /// The first number that is not on the journal's line.
    pub(crate) at: u64,
    /// The id of the entry before that.
    pub(crate) prev: EntryId,
    pub(crate) entries: &'a [Entry],
}

impl Branches {
    /// Reads the branches.
    pub(crate) fn load(dir: PathBuf, disk: Arc<dyn Disk>) -> Result<Self, Fault> {
        disk.create_dir(&dir).map_err(Fault::io("create", &dir))?;
        let names = disk.list(&dir).map_err(Fault::io("list", &dir))?;
        let mut found = Self { dir, disk, logs: BTreeMap::new(), unreadable: Vec::new() };
        let mut frames = Vec::new();
        for name in names.into_iter().filter(|name| name.ends_with(".frame")) {
            match found.read(&name)? {
                Some((frame, at, entries)) => frames.push((name, frame, at, entries)),
                None => found.unreadable.push(name),
            }
        }
        // What comes before an entry stands in a frame that begins before it.
        frames.sort_by_key(|(_, frame, ..)| frame.first);
        for (name, frame, at, entries) in &frames {
            let before = entries.iter().rfind(|entry| entry.header.seq < *at);
            let first = entries.iter().find(|entry| *at <= entry.header.seq);
            let prev =
                before.map(|entry| entry.id).or_else(|| first.map(|entry| entry.header.prev));
            if let Some(prev) = prev
                && let Some((rest, prev)) = found.lacking(&Side { frame, at: *at, prev, entries })
            {
                found.attach(name.clone(), frame, (rest, prev));
            }
        }
        Ok(found)
    }

    /// Returns every branch beside the journal.
    pub(crate) fn forks(&self) -> Vec<Fork> {
        let fork = |branch: &Branch| {
            Some(Fork { log: branch.name.clone(), at: branch.first, head: branch.head()? })
        };
        self.logs.values().flatten().filter_map(fork).collect()
    }

    /// Returns the branches of a log.
    pub(crate) fn of(&self, log: &LogId) -> &[Branch] {
        self.logs.get(log).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the logs that have branches.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &LogId> {
        self.logs.keys()
    }

    /// Returns the ids that branches have at a position.
    pub(crate) fn ids_at(&self, log: &LogId, seq: u64) -> BTreeSet<EntryId> {
        self.of(log).iter().filter_map(|branch| branch.id(seq)).collect()
    }

    /// Returns the branch on whose own stretch an entry stands.
    pub(crate) fn find(&self, log: &LogId, seq: u64, id: EntryId) -> Option<&Branch> {
        self.of(log).iter().find(|branch| branch.id(seq) == Some(id))
    }

    /// Keeps a frame of a branch; returns whether anything of it was new.
    pub(crate) fn keep(&mut self, side: &Side<'_>) -> Result<bool, Fault> {
        let Some((rest, prev)) = self.lacking(side) else { return Ok(false) };
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return Ok(false) };
        let Some(frame) = side.frame.clone().starting_at(first.header.seq) else {
            return Ok(false);
        };
        let log = &side.frame.log;
        let name = format!("{}-{}-{}.frame", log.id(), frame.first, last.id.short());
        let bytes = frame.to_bytes();
        let bytes = bytes.map_err(|error| Fault::Damaged(format!("a branch: {error}")))?;
        let body = [prev.0.as_slice(), &frame.first.to_le_bytes(), &bytes].concat();
        let mut sealed = Vec::new();
        seal(Place::File(&name), &body, &mut sealed);
        replace(&*self.disk, &self.dir.join(&name), &sealed)?;
        self.attach(name, &frame, (rest, prev));
        Ok(true)
    }

    /// Returns the frames of a branch that hold entries from `from` on, in order.
    pub(crate) fn frames(
        &self,
        branch: &Branch,
        from: u64,
    ) -> impl Iterator<Item = Result<Frame, Fault>> {
        let files = branch.files.iter().filter(move |file| from <= file.last);
        files.map(|file| self.open(file).map(|(frame, _entries)| frame))
    }

    /// Returns the branch's own entries that stand in a file.
    pub(crate) fn entries(&self, file: &File) -> Result<Vec<Entry>, Fault> {
        let (_frame, mut entries) = self.open(file)?;
        entries.retain(|entry| file.first <= entry.header.seq);
        Ok(entries)
    }

    fn open(&self, file: &File) -> Result<(Frame, Vec<Entry>), Fault> {
        let damaged = || Fault::Damaged(format!("the file {} of a branch", file.name));
        let (frame, _at, entries) = self.read(&file.name)?.ok_or_else(damaged)?;
        Ok((frame, entries))
    }

    /// Cuts off what branches hold already; `None` if that is all.
    fn lacking<'a>(&self, side: &Side<'a>) -> Option<(&'a [Entry], EntryId)> {
        let own = side.entries.iter().position(|entry| side.at <= entry.header.seq)?;
        let own = side.entries.get(own..)?;
        // An entry that is held has all before it, so the last one tells.
        let log = side.frame.log.id();
        let is_held = |entry: &Entry| self.find(&log, entry.header.seq, entry.id).is_some();
        let held = own.iter().rposition(is_held).map_or(0, |last| last + 1);
        let prev = match held.checked_sub(1) {
            Some(last) => own.get(last)?.id,
            None => side.prev,
        };
        own.get(held..).filter(|rest| !rest.is_empty()).map(|rest| (rest, prev))
    }

    fn attach(&mut self, file: String, frame: &Frame, (rest, prev): (&[Entry], EntryId)) {
        let (log, bytes) = (&frame.log, frame.size() as u64);
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return };
        let (first, last, id) = (first.header.seq, last.header.seq, last.id);
        let file = File { first, last, id, name: file };
        let branches = self.logs.entry(log.id()).or_default();
        let ids = rest.iter().map(|entry| entry.id);
        match branches.iter_mut().find(|branch| branch.ids.last() == Some(&prev)) {
            Some(branch) => {
                branch.ids.extend(ids);
                branch.files.push(file);
                branch.bytes += bytes;
            }
            None => branches.push(Branch {
                name: log.clone(),
                first,
                prev,
                ids: ids.collect(),
                files: vec![file],
                bytes,
            }),
        }
    }

    /// Reads a file: its frame, the first number that is the branch's own, the frame's entries.
    fn read(&self, name: &str) -> Result<Option<(Frame, u64, Vec<Entry>)>, Fault> {
        let path = self.dir.join(name);
        let bytes = self.disk.read(&path).map_err(Fault::io("read", &path))?;
        Ok(decode(name, &bytes))
    }
}

impl Branch {
    /// Returns the number of its last entry.
    pub(crate) const fn last(&self) -> u64 {
        self.first + self.ids.len() as u64 - 1
    }

    /// Returns about how many bytes its frames have.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns its name: the id of its first own entry.
    pub(crate) fn id_of_first(&self) -> Option<EntryId> {
        self.ids.first().copied()
    }

    pub(crate) fn head(&self) -> Option<Head> {
        Some(Head { seq: self.last(), id: *self.ids.last()? })
    }

    /// Returns the id of an own entry.
    pub(crate) fn id(&self, seq: u64) -> Option<EntryId> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.ids.get(at).copied()
    }
}

fn decode(name: &str, bytes: &[u8]) -> Option<(Frame, u64, Vec<Entry>)> {
    let (prev, rest) = unseal(Place::File(name), bytes)?.split_first_chunk::<32>()?;
    let (at, frame) = rest.split_first_chunk::<8>()?;
    let (prev, frame) = (EntryId(*prev), Frame::from_bytes(frame).ok()?);
    let entries = frame.verify(prev).ok()?;
    Some((frame, u64::from_le_bytes(*at), entries))
}
