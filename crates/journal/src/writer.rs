//! The single writer of one log: numbers, chains, salts and signs what is appended.

use crate::entry::{Header, Kind, Seed, Stamp};
use crate::frame::{Form, Frame, Item, SaltKey, SaltRun};
use crate::id::{Head, LogName};
use crate::key::DeviceSecret;
use crate::limits::{FRAME_CLOSE_BYTES, FRAME_CLOSE_ENTRIES, RUN_ENTRIES_MAX};

/// What is to become an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    /// What the payload is.
    pub kind: Kind,
    /// The payload, an [`crate::Envelope`].
    pub payload: Vec<u8>,
    /// What the clocks say.
    pub stamp: Stamp,
    /// The number of the last receipt.
    pub receipt: u64,
}

/// The single writer of one log.
#[derive(Clone, Debug)]
pub struct Writer {
    log: LogName,
    head: Head,
    /// The seed in use, and the number of the first entry it no longer serves.
    run: Option<(Seed, u64)>,
}

impl Writer {
    /// Goes on from `head`; the first append begins a new salt run.
    #[must_use]
    pub const fn resume(log: LogName, head: Head) -> Self {
        Self { log, head, run: None }
    }

    /// Returns the log's name.
    #[must_use]
    pub const fn log(&self) -> &LogName {
        &self.log
    }

    /// Returns where the log stands.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Appends `drafts` and returns them as signed frames.
    ///
    /// `seeds` are fresh random seeds; one is taken each time a run of entries ends. When they run
    /// out, entries are salted from the last one: pass [`Writer::seeds_needed`].
    #[must_use]
    pub fn append(
        &mut self,
        drafts: Vec<Draft>,
        seeds: &[Seed],
        secret: &DeviceSecret,
    ) -> Vec<Frame> {
        let mut frames = self.chain(drafts, seeds);
        for (frame, head) in &mut frames {
            frame.sign(*head, secret);
        }
        frames.into_iter().map(|(frame, _head)| frame).collect()
    }

    /// Appends `drafts` and returns them as frames without a signature, each with its last entry's
    /// number and id: whoever writes for many at once signs once, see [`Frame::sign`].
    #[must_use]
    pub fn chain(&mut self, drafts: Vec<Draft>, seeds: &[Seed]) -> Vec<(Frame, Head)> {
        let mut seeds = seeds.iter();
        let mut frames = Vec::new();
        let mut open: Option<Frame> = None;
        let mut bytes = 0;
        for draft in drafts {
            let size = draft.payload.len() + 16;
            let full = |frame: &mut Frame| {
                FRAME_CLOSE_BYTES < bytes + size || FRAME_CLOSE_ENTRIES <= frame.items.len()
            };
            if let Some(frame) = open.take_if(full) {
                frames.push((frame, self.head));
                bytes = 0;
            }
            bytes += size;
            let next = self.head.seq + 1;
            let frame = open.get_or_insert_with(|| Frame {
                log: self.log.clone(),
                first: next,
                salts: Vec::new(),
                items: Vec::new(),
                signature: crate::Signature::NONE,
            });
            let seed = take_seed(&mut self.run, &mut seeds, next);
            self.head = push(frame, self.head, draft, seed);
        }
        frames.extend(open.map(|frame| (frame, self.head)));
        frames
    }

    /// Returns how many fresh seeds an append of `count` entries may take.
    #[must_use]
    pub const fn seeds_needed(count: usize) -> usize {
        count / RUN_ENTRIES_MAX + 2
    }

    /// Returns how many fresh seeds an append of `count` entries may take here and now.
    #[must_use]
    pub const fn seeds_lacking(&self, count: usize) -> usize {
        match self.run {
            Some((_, end)) if self.head.seq + (count as u64) < end => 0,
            Some(_) | None => Self::seeds_needed(count),
        }
    }
}

fn take_seed<'a>(
    run: &mut Option<(Seed, u64)>,
    seeds: &mut impl Iterator<Item = &'a Seed>,
    seq: u64,
) -> Seed {
    if let Some((seed, end)) = *run
        && seq < end
    {
        return seed;
    }
    let seed = seeds.next().copied().or_else(|| run.map(|(seed, _)| seed)).unwrap_or(Seed([0; 32]));
    *run = Some((seed, seq + RUN_ENTRIES_MAX as u64));
    seed
}

fn push(frame: &mut Frame, head: Head, draft: Draft, seed: Seed) -> Head {
    let seq = head.seq + 1;
    let Draft { kind, payload, stamp, receipt } = draft;
    let commitment = seed.salt(seq).commit(&payload);
    let payload_len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let header = Header { seq, prev: head.id, kind, stamp, receipt, payload_len, commitment };
    match frame.salts.last_mut() {
        Some(run) if run.key == SaltKey::Seed(seed) => run.count += 1,
        Some(_) | None => {
            frame.salts.push(SaltRun { first: seq, count: 1, key: SaltKey::Seed(seed) });
        }
    }
    frame.items.push(Item { kind, stamp, receipt, form: Form::Whole(payload) });
    Head { seq, id: header.id() }
}

#[cfg(test)]
mod tests;
