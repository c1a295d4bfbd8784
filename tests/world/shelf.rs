//! What one place holds of one log: a tree of branches, none of which comes before another.

use std::rc::Rc;

use journal::{Entry, EntryId, EpochStart, Frame, Head, LogName, ShortId};

/// What one place holds of one log.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) log: LogName,
    branches: Vec<Branch>,
}

/// The entries that stand in one branch and in no other, with the frames they came in.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// The branch that holds the entry before the first; nothing, where that is the log itself.
    parent: Option<usize>,
    /// The number of the first entry.
    first: u64,
    pub(crate) entries: Vec<Rc<Entry>>,
    frames: Vec<Rc<Frame>>,
    /// The first entry of its chain.
    pub(crate) beginning: Option<Rc<Entry>>,
}

impl Branch {
    fn entry(&self, seq: u64) -> Option<&Rc<Entry>> {
        self.entries.get(usize::try_from(seq.checked_sub(self.first)?).ok()?)
    }

    pub(crate) fn head(&self) -> Option<Head> {
        self.entries.last().map(|entry| Head { seq: entry.header.seq, id: entry.id })
    }

    /// Returns the name of the branch: its first entry.
    pub(crate) fn name(&self) -> Option<EntryId> {
        self.entries.first().map(|entry| entry.id)
    }
}

impl Shelf {
    pub(crate) const fn new(log: LogName) -> Self {
        Self { log, branches: Vec::new() }
    }

    /// Returns the branches; one that parts from another stands behind it.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Returns which of its author's epochs the log says it is, on each branch.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u32> {
        let starts = self.branches.iter().filter_map(|branch| branch.beginning.as_ref()?.bytes());
        starts.filter_map(|payload| Some(EpochStart::from_payload(payload).ok()?.count))
    }

    /// Returns where each branch ends, by number and id.
    pub(crate) fn heads(&self) -> Vec<Head> {
        let mut heads: Vec<Head> = self.branches.iter().filter_map(Branch::head).collect();
        heads.sort_by_key(|head| (head.seq, head.id));
        heads
    }

    /// Returns where the longest branch ends: there its author goes on.
    pub(crate) fn end(&self) -> Head {
        self.heads().pop().unwrap_or_else(|| Head::empty(self.log.id()))
    }

    /// Returns every entry, a branch after the one it parts from.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.branches.iter().flat_map(|branch| &branch.entries)
    }

    /// Returns the frames of every branch.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.branches.iter().flat_map(|branch| &branch.frames).map(Rc::as_ref)
    }

    /// Returns every id that stands at a number; before the first stands the log itself.
    pub(crate) fn ids_at(&self, seq: u64) -> Vec<EntryId> {
        if seq == 0 {
            return vec![EntryId(self.log.id().0)];
        }
        let at = self.branches.iter().filter_map(|branch| branch.entry(seq));
        at.map(|entry| entry.id).collect()
    }

    pub(crate) fn holds(&self, head: Head) -> bool {
        self.ids_at(head.seq).contains(&head.id)
    }

    /// Returns the branches that lead to an entry, the one it stands in first, each with the last
    /// number that belongs to the chain.
    fn chain(&self, seq: u64, id: impl Fn(EntryId) -> bool) -> Vec<(usize, u64)> {
        let stands = |branch: &Branch| branch.entry(seq).is_some_and(|entry| id(entry.id));
        let mut at = self.branches.iter().position(stands).map(|at| (at, seq));
        let mut chain = Vec::new();
        while let Some((index, last)) = at {
            chain.push((index, last));
            let branch = self.branches.get(index);
            at = branch.and_then(|branch| Some((branch.parent?, branch.first - 1)));
        }
        chain
    }

    /// Returns the last number that two chains have in common.
    fn common(one: &[(usize, u64)], two: &[(usize, u64)]) -> u64 {
        let last = |(branch, last): &(usize, u64)| {
            let other = two.iter().find(|(other, _)| other == branch)?;
            Some((*last).min(other.1))
        };
        one.iter().find_map(last).unwrap_or(0)
    }

    /// Returns the highest number up to which the way to `head` is held, if these entries are.
    pub(crate) fn reached(&self, points: &[Head], head: Head) -> u64 {
        let chain = self.chain(head.seq, |id| id == head.id);
        let reach =
            |point: &Head| Self::common(&chain, &self.chain(point.seq, |id| id == point.id));
        points.iter().map(reach).max().unwrap_or(0)
    }

    /// Returns frames that lead to the entry `head`, from entry `from` on and after what it has in
    /// common with any of `has`: at least one if there is any, about `bytes`, and of one branch.
    pub(crate) fn load(
        &self,
        head: Head,
        from: u64,
        has: &[(u64, ShortId)],
        bytes: usize,
    ) -> Vec<Frame> {
        let mut chain = self.chain(head.seq, |id| id == head.id);
        let shared = has
            .iter()
            .map(|(seq, short)| Self::common(&chain, &self.chain(*seq, |id| id.short() == *short)));
        let from = from.max(shared.max().unwrap_or(0) + 1);
        chain.reverse();
        let stretch = chain.into_iter().find(|(_, last)| from <= *last);
        let Some((branch, last)) =
            stretch.and_then(|(at, last)| Some((self.branches.get(at)?, last)))
        else {
            return Vec::new();
        };
        let mut room = Some(bytes);
        let mut found = Vec::new();
        // A frame in which the branches part goes whole: its signature stands at its end.
        for frame in branch.frames.iter().filter(|it| from <= it.last() && it.first <= last) {
            let Some(left) = room else { break };
            room = left.checked_sub(frame.size());
            found.extend(Frame::clone(frame).starting_at(from));
        }
        found
    }

    /// Takes in a foreign frame: checks it, and keeps what is new of it. Returns how many entries.
    pub(crate) fn receive(&mut self, frame: Frame) -> Result<u64, String> {
        let before = frame.first - 1;
        let mut fault = format!("entry {before} is missing");
        for prev in self.ids_at(before) {
            match frame.verify(prev) {
                Ok(entries) => return self.keep(frame, entries, prev),
                Err(found) => fault = found.to_string(),
            }
        }
        Err(fault)
    }

    /// Takes in a sound frame after `prev`; what is held already is passed over.
    pub(crate) fn keep(
        &mut self,
        frame: Frame,
        entries: Vec<Entry>,
        prev: EntryId,
    ) -> Result<u64, String> {
        let mut before = Head { seq: frame.first - 1, id: prev };
        if !self.holds(before) {
            return Err(format!("entry {} is not held", before.seq));
        }
        let mut new = Vec::new();
        for entry in entries {
            let head = Head { seq: entry.header.seq, id: entry.id };
            if new.is_empty() && self.holds(head) {
                before = head;
            } else {
                new.push(Rc::new(entry));
            }
        }
        let Some(first) = new.first() else { return Ok(0) };
        let (seq, count) = (first.header.seq, new.len() as u64);
        let frame = Rc::new(frame.starting_at(seq).ok_or("a frame without entries")?);
        let grown = self.branches.iter_mut().find(|branch| branch.head() == Some(before));
        if let Some(branch) = grown {
            branch.entries.extend(new);
            branch.frames.push(frame);
            return Ok(count);
        }
        let holds =
            |branch: &Branch| branch.entry(before.seq).is_some_and(|entry| entry.id == before.id);
        let parent = self.branches.iter().position(holds);
        let beginning = match parent.and_then(|at| self.branches.get(at)) {
            Some(parent) => parent.beginning.clone(),
            None => new.first().cloned(),
        };
        let frames = vec![frame];
        self.branches.push(Branch { parent, first: seq, entries: new, frames, beginning });
        Ok(count)
    }
}
