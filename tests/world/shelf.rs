//! What one place holds of one log: its frames in line, and those of other branches.

use std::rc::Rc;

use journal::{Entry, EntryId, EpochStart, Frame, Head, LogName, ShortId};
use protocol::Keep;

/// What one place holds of one log.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) log: LogName,
    frames: Vec<Rc<Frame>>,
    ids: Vec<EntryId>,
    entries: Vec<Rc<Entry>>,
    /// Runs of entries beside the line.
    branches: Vec<Branch>,
}

/// A run of entries beside the line.
#[derive(Clone, Debug)]
struct Branch {
    /// The number of the first.
    first: u64,
    ids: Vec<EntryId>,
    entries: Vec<Rc<Entry>>,
    frames: Vec<Rc<Frame>>,
}

impl Branch {
    fn id(&self, seq: u64) -> Option<EntryId> {
        self.ids.get(usize::try_from(seq.checked_sub(self.first)?).ok()?).copied()
    }

    fn head(&self) -> Option<Head> {
        Some(Head { seq: self.first + self.ids.len() as u64 - 1, id: *self.ids.last()? })
    }
}

impl Shelf {
    pub(crate) const fn new(log: LogName) -> Self {
        Self { log, frames: Vec::new(), ids: Vec::new(), entries: Vec::new(), branches: Vec::new() }
    }

    pub(crate) fn head(&self) -> Head {
        let empty = Head::empty(self.log.id());
        self.ids.last().map_or(empty, |id| Head { seq: self.ids.len() as u64, id: *id })
    }

    /// Returns the id of an entry in line; before the first stands the log itself.
    pub(crate) fn id(&self, seq: u64) -> Option<EntryId> {
        match usize::try_from(seq).ok()?.checked_sub(1) {
            Some(at) => self.ids.get(at).copied(),
            None => Some(EntryId(self.log.id().0)),
        }
    }

    /// Where the branches beside the line end.
    pub(crate) fn branches(&self) -> Vec<Head> {
        self.branches.iter().filter_map(Branch::head).collect()
    }

    pub(crate) fn holds(&self, id: EntryId) -> bool {
        let mut beside = self.branches.iter().flat_map(|branch| &branch.ids);
        self.ids.contains(&id) || beside.any(|held| *held == id)
    }

    /// Returns frames from entry `from`: at least one if there is any, and about `bytes`.
    pub(crate) fn frames_from(&self, from: u64, bytes: usize) -> Vec<Frame> {
        some(&self.frames, from, bytes)
    }

    /// Returns frames of the branch that ends so, after the last of these entries that lies on it.
    pub(crate) fn branch_frames(
        &self,
        head: Head,
        has: &[(u64, ShortId)],
        bytes: usize,
    ) -> Vec<Frame> {
        let branch = self.branches.iter().find(|branch| branch.head() == Some(head));
        let Some(branch) = branch else { return Vec::new() };
        let on_it =
            has.iter().filter(|(seq, id)| branch.id(*seq).map(|id| id.short()) == Some(*id));
        let from = on_it.map(|(seq, _)| seq + 1).max().unwrap_or(branch.first);
        some(&branch.frames, from, bytes)
    }

    /// Puts a checked frame after the head.
    pub(crate) fn append(&mut self, frame: Frame, entries: impl IntoIterator<Item = Entry>) {
        self.frames.push(Rc::new(frame));
        for entry in entries {
            self.ids.push(entry.id);
            self.entries.push(Rc::new(entry));
        }
    }

    /// Returns the entries that are folded, by branch: those in line.
    pub(crate) fn listed(&self) -> Option<(EntryId, &[Rc<Entry>])> {
        self.ids.first().map(|name| (*name, self.entries.as_slice()))
    }

    /// Returns every entry.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.entries.iter().chain(self.branches.iter().flat_map(|branch| &branch.entries))
    }

    pub(crate) fn start(&self) -> Option<EpochStart> {
        EpochStart::from_payload(self.entries.first()?.bytes()?).ok()
    }

    /// Takes in a foreign frame: checks it, and keeps what is new of it.
    pub(crate) fn receive(&mut self, frame: Frame) -> Result<u64, String> {
        let before = frame.first - 1;
        let beside = self.branches.iter().filter_map(|branch| branch.id(before));
        let mut fault = format!("entry {before} is missing");
        for prev in self.id(before).into_iter().chain(beside).collect::<Vec<_>>() {
            match frame.verify(prev) {
                Ok(entries) => return self.keep(&Keep { frame, entries, prev, is_branch: true }),
                Err(found) => fault = found.to_string(),
            }
        }
        Err(fault)
    }

    /// Takes in what a hub's machine wants kept; what is held already is passed over.
    pub(crate) fn keep(&mut self, keep: &Keep) -> Result<u64, String> {
        let (mut prev, mut new) = (keep.prev, Vec::new());
        for entry in &keep.entries {
            if !self.holds(entry.id) {
                new.push(entry);
            } else if new.is_empty() {
                prev = entry.id;
            }
        }
        let Some(first) = new.first().map(|entry| entry.header.seq) else { return Ok(0) };
        let count = new.len() as u64;
        let rest = keep.frame.clone().starting_at(first).ok_or("a frame without entries")?;
        if prev == self.head().id {
            self.append(rest, new.into_iter().cloned());
        } else if keep.is_branch {
            self.put_beside(prev, rest, &new);
        } else {
            return Err("this log was written by another exchange meanwhile".to_owned());
        }
        Ok(count)
    }

    fn put_beside(&mut self, prev: EntryId, frame: Frame, new: &[&Entry]) {
        let ids: Vec<EntryId> = new.iter().map(|entry| entry.id).collect();
        let entries: Vec<Rc<Entry>> =
            new.iter().map(|entry| Rc::new(Entry::clone(entry))).collect();
        let (first, frame) = (frame.first, Rc::new(frame));
        let grown = self.branches.iter_mut().find(|branch| branch.ids.last() == Some(&prev));
        match grown {
            Some(branch) => {
                branch.ids.extend(ids);
                branch.entries.extend(entries);
                branch.frames.push(frame);
            }
            None => self.branches.push(Branch { first, ids, entries, frames: vec![frame] }),
        }
    }
}

/// Returns frames from entry `from`: at least one if there is any, and about `bytes`.
fn some(frames: &[Rc<Frame>], from: u64, bytes: usize) -> Vec<Frame> {
    let mut room = Some(bytes);
    let mut found = Vec::new();
    for frame in frames.iter().filter(|frame| from <= frame.last()) {
        let Some(left) = room else { break };
        room = left.checked_sub(frame.size());
        found.extend(Frame::clone(frame).starting_at(from));
    }
    found
}
