//! A frame that a group will make durable; frames of this device stay open for more until the end
//! of the group, so that one signature serves all who wrote to a log at once.

use std::sync::Arc;

use journal::limits::{FRAME_CLOSE_BYTES, FRAME_CLOSE_ENTRIES};
use journal::{DeviceSecret, EntryId, Frame, Head, LogId, LogName};

use crate::fault::Fault;
use crate::item::frame_body;

/// A frame that will be written.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) name: LogName,
    pub(crate) log: LogId,
    /// The number of the first id.
    pub(crate) first: u64,
    /// The id of the entry before that.
    pub(crate) prev: EntryId,
    pub(crate) ids: Vec<EntryId>,
    /// Which of its entries are not held yet.
    pub(crate) runs: Vec<(u64, u64)>,
    pub(crate) body: Body,
}

/// What will be written of a frame.
#[derive(Debug)]
pub(crate) enum Body {
    /// The body of its item.
    Ready(Vec<u8>),
    /// A frame of this device that is yet to be signed.
    Open(Box<Unsigned>),
}

/// A frame of this device that is yet to be signed.
#[derive(Debug)]
pub(crate) struct Unsigned {
    pub(crate) frame: Frame,
    /// The id of the entry before its first.
    pub(crate) prev: EntryId,
    /// Its last entry.
    pub(crate) head: Head,
    pub(crate) secret: Arc<DeviceSecret>,
}

impl Staged {
    /// Returns the id of an entry it holds.
    pub(crate) fn id(&self, seq: u64) -> Option<EntryId> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.ids.get(at).copied()
    }

    /// Returns the id of the entry before one that it holds.
    pub(crate) fn prev_of(&self, seq: u64) -> Option<EntryId> {
        self.id(seq)?;
        if seq == self.first { Some(self.prev) } else { self.id(seq - 1) }
    }

    /// Returns where its log stands once it is written.
    pub(crate) fn head(&self) -> Option<Head> {
        let (_, seq) = *self.runs.last()?;
        Some(Head { seq, id: self.id(seq)? })
    }

    /// Returns a frame of this device, whose entries are `ids`.
    pub(crate) fn open(next: Unsigned, ids: Vec<EntryId>) -> Self {
        let (name, first) = (next.frame.log.clone(), next.frame.first);
        let runs = vec![(first, next.frame.last())];
        let (log, prev, body) = (name.id(), next.prev, Body::Open(Box::new(next)));
        Self { name, log, first, prev, ids, runs, body }
    }

    /// Returns the bytes to be written, signed; once.
    pub(crate) fn take_body(&mut self) -> Result<Vec<u8>, Fault> {
        std::mem::replace(&mut self.body, Body::Ready(Vec::new())).finish()
    }

    /// Takes a frame that follows into this one; returns it if it must be one of its own.
    pub(crate) fn join(&mut self, next: Unsigned, ids: &[EntryId]) -> Option<Unsigned> {
        let Body::Open(open) = &mut self.body else { return Some(next) };
        let fits = open.frame.size() + next.frame.size() <= FRAME_CLOSE_BYTES
            && open.frame.items.len() + next.frame.items.len() <= FRAME_CLOSE_ENTRIES;
        let follows = self.name == next.frame.log && open.head.id == next.prev;
        if !fits || !follows || open.head.seq + 1 != next.frame.first {
            return Some(next);
        }
        open.frame.extend(next.frame);
        open.head = next.head;
        self.ids.extend_from_slice(ids);
        if let Some((_, last)) = self.runs.last_mut() {
            *last = next.head.seq;
        }
        None
    }
}

impl Body {
    fn finish(self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Ready(body) => Ok(body),
            Self::Open(open) => {
                let Unsigned { mut frame, prev, head, secret } = *open;
                frame.sign(head, &secret);
                let bytes = frame.to_bytes().map_err(|error| {
                    Fault::Damaged(format!("the next frame of log {}: {error}", frame.log.id()))
                })?;
                Ok(frame_body(prev, head.id, &bytes))
            }
        }
    }
}
