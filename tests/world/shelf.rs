//! What one place holds of one log: its frames in line, and the ids of other branches.

use std::rc::Rc;

use journal::{Entry, EntryId, Frame, Head, LogName};
use protocol::Keep;

/// What one place holds of one log.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) log: LogName,
    frames: Vec<Rc<Frame>>,
    ids: Vec<EntryId>,
    /// Runs of entries beside the line, each with the number of its first.
    branches: Vec<(u64, Vec<EntryId>)>,
}

impl Shelf {
    pub(crate) const fn new(log: LogName) -> Self {
        Self { log, frames: Vec::new(), ids: Vec::new(), branches: Vec::new() }
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
        let head = |(first, ids): &(u64, Vec<EntryId>)| {
            Some(Head { seq: first + ids.len() as u64 - 1, id: *ids.last()? })
        };
        self.branches.iter().filter_map(head).collect()
    }

    pub(crate) fn holds(&self, id: EntryId) -> bool {
        let mut beside = self.branches.iter().flat_map(|(_, ids)| ids);
        self.ids.contains(&id) || beside.any(|held| *held == id)
    }

    /// Returns frames from entry `from`: at least one if there is any, and about `bytes`.
    pub(crate) fn frames_from(&self, from: u64, bytes: usize) -> Vec<Frame> {
        let mut room = Some(bytes);
        let mut found = Vec::new();
        for frame in self.frames.iter().filter(|frame| from <= frame.last()) {
            let Some(left) = room else { break };
            room = left.checked_sub(frame.size());
            found.extend(Frame::clone(frame).starting_at(from));
        }
        found
    }

    /// Puts a checked frame after the head.
    pub(crate) fn append(&mut self, frame: Frame, ids: impl IntoIterator<Item = EntryId>) {
        self.frames.push(Rc::new(frame));
        self.ids.extend(ids);
    }

    /// Takes in a foreign frame: checks it, and keeps what is new of it.
    pub(crate) fn receive(&mut self, frame: Frame) -> Result<u64, String> {
        let before = frame.first - 1;
        let prev = self.id(before).ok_or_else(|| format!("entry {before} is missing"))?;
        let entries = frame.verify(prev).map_err(|fault| fault.to_string())?;
        let head = self.head().seq;
        let Some(rest) = frame.starting_at(head + 1) else { return Ok(0) };
        let new = entries.iter().filter(|entry| head < entry.header.seq).map(|entry| entry.id);
        self.append(rest, new);
        Ok(self.head().seq - head)
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
        if prev == self.head().id {
            let rest = keep.frame.clone().starting_at(first).ok_or("a frame without entries")?;
            self.append(rest, new.iter().map(|entry| entry.id));
        } else if keep.is_branch {
            self.put_beside(prev, first, &new);
        } else {
            return Err("this log was written by another exchange meanwhile".to_owned());
        }
        Ok(count)
    }

    fn put_beside(&mut self, prev: EntryId, first: u64, new: &[&Entry]) {
        let ids = new.iter().map(|entry| entry.id);
        let grown = self.branches.iter_mut().find(|(_, ids)| ids.last() == Some(&prev));
        match grown {
            Some((_, held)) => held.extend(ids),
            None => self.branches.push((first, ids.collect())),
        }
    }
}
