//! A run of consecutive entries of one log under one signature: the unit of storage and transfer.
//!
//! The signature is over the last entry's id, which through the chain covers all before it. So two
//! frames that follow each other join into one with the second's signature, and a frame may be cut
//! at its start, but never at its end.

use crate::codec::CodecError;
use crate::dot::Dot;
use crate::entry::{Entry, Header, Kind, Payload, Salt, Seed, Stamp};
use crate::id::{EntryId, Head, LogName};
use crate::key::{DeviceSecret, Signature};
use crate::limits::{FRAME_ENTRIES_MAX, PAYLOAD_BYTES_MAX};

/// What signatures over heads are for.
pub(crate) const HEAD_DOMAIN: &str = "ashuu 2026 head signature v1";

/// A run of consecutive entries, as they travel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame {
    /// The log.
    pub log: LogName,
    /// The number of the first entry.
    pub first: u64,
    /// Where the salts come from, in order.
    pub salts: Vec<SaltRun>,
    /// The entries.
    pub items: Vec<Item>,
    /// The log's device's signature over the last entry's id.
    pub signature: Signature,
}

/// What a receiver needs to rebuild one entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// What the payload is.
    pub kind: Kind,
    /// What the clocks said.
    pub stamp: Stamp,
    /// The last receipt known when it was written.
    pub receipt: u64,
    /// The payload, or what stands for it.
    pub form: Form,
}

/// How an entry travels.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Form {
    /// With its payload.
    Whole(Vec<u8>),
    /// Without it, by an order.
    Erased {
        /// Bytes it had.
        payload_len: u32,
        /// The commitment, which can't be rebuilt.
        commitment: [u8; 32],
        /// The order.
        order: Dot,
    },
    /// Without it: its author's device lost it.
    Lost {
        /// Bytes it had.
        payload_len: u32,
        /// The commitment, which can't be rebuilt.
        commitment: [u8; 32],
    },
}

/// Where the salts of some consecutive entries come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SaltRun {
    /// The first entry.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// Their source.
    pub key: SaltKey,
}

/// A source of salts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SaltKey {
    /// One seed for all of the run.
    Seed(Seed),
    /// The salt itself; the run has one entry.
    Single(Salt),
}

/// What is wrong with a frame.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameFault {
    /// It holds no entry, or more than it may, or counts from zero or past the end of numbers.
    #[error("a frame holds 1 to {FRAME_ENTRIES_MAX} entries, numbered from 1")]
    Count,
    /// An entry has no salt, or a run of salts overlaps another or leaves the frame.
    #[error("entry {0} has no salt of its own")]
    Salt(u64),
    /// A payload is too large.
    #[error("the payload of entry {0} is larger than {PAYLOAD_BYTES_MAX} bytes")]
    Payload(u64),
    /// Chain, payload or signature were altered: with one signature they can't be told apart.
    #[error("chain, payload or signature of entries {first} to {last} was altered")]
    Altered {
        /// The first entry of the frame.
        first: u64,
        /// The last.
        last: u64,
    },
    /// The bytes are no frame.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl Frame {
    /// Returns the number of the last entry.
    #[must_use]
    pub const fn last(&self) -> u64 {
        (self.first - 1).saturating_add(self.items.len() as u64)
    }

    /// Returns the frame's entries if all of it holds, given the id of the entry before the first.
    ///
    /// `prev` of a frame that starts at 1 is the log's id. This is the only way from a foreign
    /// frame to entries.
    ///
    /// # Errors
    ///
    /// Returns what is wrong; nothing of such a frame may be kept.
    pub fn verify(&self, prev: EntryId) -> Result<Vec<Entry>, FrameFault> {
        let entries = self.rebuild(prev)?;
        let fault = FrameFault::Altered { first: self.first, last: self.last() };
        let Some(last) = entries.last() else { return Err(FrameFault::Count) };
        let head = Head { seq: last.header.seq, id: last.id };
        let message = head_message(&self.log, head);
        self.log.device.verify(HEAD_DOMAIN, &message, &self.signature).map_err(|_altered| fault)?;
        Ok(entries)
    }

    /// Rebuilds the entries without checking the signature: for frames from one's own journal.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the frame's shape.
    pub fn rebuild(&self, prev: EntryId) -> Result<Vec<Entry>, FrameFault> {
        self.check_shape()?;
        let log = self.log.id();
        let mut prev = prev;
        let mut runs = self.salts.iter().peekable();
        let mut entries = Vec::with_capacity(self.items.len());
        for (seq, item) in (self.first..).zip(&self.items) {
            while runs.next_if(|run| run.first.saturating_add(run.count) <= seq).is_some() {}
            let salt = || runs.peek().filter(|run| run.first <= seq).map(|run| run.salt(seq));
            let header = item.header(seq, prev, salt)?;
            let id = header.id();
            prev = id;
            entries.push(Entry { log, header, id, payload: item.form.payload() });
        }
        Ok(entries)
    }

    /// Signs the frame, whose last entry is `head`, whatever its signature was before.
    pub fn sign(&mut self, head: Head, secret: &DeviceSecret) {
        self.signature = sign_head(secret, &self.log, head);
    }

    /// Joins frames that follow each other without a gap; the last one's signature covers all.
    ///
    /// Returns `None` for no frames, a gap, or two logs.
    #[must_use]
    pub fn join(frames: Vec<Self>) -> Option<Self> {
        let mut frames = frames.into_iter();
        let mut joined = frames.next()?;
        for frame in frames {
            if !joined.extend(frame) {
                return None;
            }
        }
        Some(joined)
    }

    /// Takes the frame that follows into this one; its signature covers both.
    ///
    /// Returns `false`, and takes nothing, if there is a gap or it is of another log.
    pub fn extend(&mut self, next: Self) -> bool {
        if next.log != self.log || next.first != self.last() + 1 {
            return false;
        }
        for run in next.salts {
            self.extend_salts(run);
        }
        self.items.extend(next.items);
        self.signature = next.signature;
        true
    }

    /// Drops the entries before `seq`; `None` if none is left.
    #[must_use]
    pub fn starting_at(mut self, seq: u64) -> Option<Self> {
        if seq <= self.first {
            return Some(self);
        }
        if self.last() < seq {
            return None;
        }
        let drop = usize::try_from(seq - self.first).ok()?;
        self.items.drain(..drop);
        self.first = seq;
        self.salts.retain(|run| seq < run.first.saturating_add(run.count));
        if let Some(run) = self.salts.first_mut()
            && run.first < seq
        {
            run.count -= seq - run.first;
            run.first = seq;
        }
        Some(self)
    }

    /// Returns about how many bytes the frame takes uncompressed.
    #[must_use]
    pub fn size(&self) -> usize {
        let payloads: usize = self.items.iter().map(|item| item.form.held_len() + 12).sum();
        160 + 48 * self.salts.len() + payloads
    }

    /// Checks what the signature does not cover: the count, and the places of the salt runs.
    ///
    /// A run that reached beyond its frame would salt the entries of the next one when both join.
    pub(crate) fn check_shape(&self) -> Result<(), FrameFault> {
        let count = self.items.len();
        let fits = (1..=FRAME_ENTRIES_MAX).contains(&count) && self.first != 0;
        let end = self.first.checked_add(count as u64).filter(|_| fits).ok_or(FrameFault::Count)?;
        let mut next = self.first;
        for run in &self.salts {
            let fault = FrameFault::Salt(run.first);
            let is_single = matches!(run.key, SaltKey::Single(_));
            if run.first < next || run.count == 0 || is_single && run.count != 1 {
                return Err(fault);
            }
            next = run.first.checked_add(run.count).filter(|next| *next <= end).ok_or(fault)?;
        }
        Ok(())
    }

    fn extend_salts(&mut self, run: SaltRun) {
        match self.salts.last_mut() {
            Some(last) if last.key == run.key && last.first + last.count == run.first => {
                last.count += run.count;
            }
            Some(_) | None => self.salts.push(run),
        }
    }
}

impl Item {
    fn header(
        &self,
        seq: u64,
        prev: EntryId,
        salt: impl FnOnce() -> Option<Salt>,
    ) -> Result<Header, FrameFault> {
        let (payload_len, commitment) = match &self.form {
            Form::Whole(payload) if PAYLOAD_BYTES_MAX < payload.len() => {
                return Err(FrameFault::Payload(seq));
            }
            Form::Whole(payload) => {
                let salt = salt().ok_or(FrameFault::Salt(seq))?;
                let len = u32::try_from(payload.len()).map_err(|_huge| FrameFault::Payload(seq))?;
                (len, salt.commit(payload))
            }
            Form::Erased { payload_len, commitment, .. }
            | Form::Lost { payload_len, commitment } => (*payload_len, *commitment),
        };
        let Self { kind, stamp, receipt, .. } = *self;
        Ok(Header { seq, prev, kind, stamp, receipt, payload_len, commitment })
    }
}

impl Form {
    /// Returns how many bytes of payload travel.
    #[must_use]
    pub const fn held_len(&self) -> usize {
        match self {
            Self::Whole(payload) => payload.len(),
            Self::Erased { .. } | Self::Lost { .. } => 80,
        }
    }

    fn payload(&self) -> Payload {
        match self {
            Self::Whole(payload) => Payload::Whole(payload.clone()),
            Self::Erased { order, .. } => Payload::Erased { order: *order },
            Self::Lost { .. } => Payload::Lost,
        }
    }
}

impl SaltRun {
    fn salt(&self, seq: u64) -> Salt {
        match self.key {
            SaltKey::Seed(seed) => seed.salt(seq),
            SaltKey::Single(salt) => salt,
        }
    }
}

/// Signs where a log stands.
pub(crate) fn sign_head(secret: &DeviceSecret, log: &LogName, head: Head) -> Signature {
    secret.sign(HEAD_DOMAIN, &head_message(log, head))
}

fn head_message(log: &LogName, head: Head) -> Vec<u8> {
    [log.id().0.as_slice(), &head.seq.to_le_bytes(), &head.id.0].concat()
}
