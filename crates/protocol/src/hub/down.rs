//! The answer: the receipt first, then what the device follows and does not have yet.

use journal::{BranchHead, EntryId, Frame, LogName, Receipt};

use super::{Held, Hub, HubOutput, State};
use crate::message::{Message, Refused, Why};
use crate::pack::pack;

/// The zstd level of what goes down: the hub serves many, and most of it is short.
const LEVEL: i32 = 6;

/// What is still to go down in this answer.
#[derive(Debug)]
pub(super) struct Down {
    queue: Vec<(LogName, u64)>,
    room: usize,
}

impl Down {
    pub(super) const fn new(room: usize) -> Self {
        Self { queue: Vec::new(), room }
    }
}

impl Hub {
    /// Has the receipt: says it, then compares the heads the device named.
    pub(super) fn receipted(&mut self, receipt: Box<Receipt>) {
        self.outputs.push_back(HubOutput::Send(Message::Receipt(receipt)));
        let named = self.hello.as_ref().map(|hello| hello.heads.clone()).unwrap_or_default();
        let follow = self.device.as_mut().map(|device| std::mem::take(&mut device.follow));
        let mut asked = Vec::new();
        for held in follow.unwrap_or_default() {
            match named.iter().find(|head| head.log == held.log) {
                Some(head) if 0 < head.seq => asked.push((held, head.seq)),
                Some(_) | None if 0 < held.head.seq => self.down.queue.push((held.log, 1)),
                Some(_) | None => (),
            }
        }
        let behind = |(held, seq): &(Held, u64)| *seq != held.head.seq || !names(&named, held);
        asked.retain(behind);
        if asked.is_empty() {
            return self.load_or_finish();
        }
        let ids = asked.iter().map(|(held, seq)| (held.log.clone(), *seq)).collect();
        self.outputs.push_back(HubOutput::Ids(ids));
        self.state = State::Comparing(asked);
    }

    /// Knows the ids at the heads the device named.
    pub(super) fn compared(&mut self, asked: Vec<(Held, u64)>, ids: &[Option<EntryId>]) {
        let named = self.hello.as_ref().map(|hello| hello.heads.clone()).unwrap_or_default();
        for ((held, seq), id) in asked.into_iter().zip(ids) {
            let head = named.iter().find(|head| head.log == held.log);
            let same = id.is_some_and(|id| head.is_some_and(|head| head.id == id.short()));
            if same {
                self.down.queue.push((held.log, seq + 1));
                continue;
            }
            let words = format!("the hub does not know entry {seq} that the device has");
            let log = Some(held.log);
            let refused = Refused { why: Why::UnknownHead, words, log, seq, heads: Vec::new() };
            self.refusals.push(refused);
        }
        self.load_or_finish();
    }

    /// Has frames to send down.
    pub(super) fn loaded(&mut self, frames: Vec<Frame>) {
        let bytes: usize = frames.iter().map(Frame::size).sum();
        self.down.room = self.down.room.saturating_sub(bytes);
        match pack(frames, LEVEL) {
            Ok(packed) => {
                let sends = Message::frames(packed.into_iter().map(|(bytes, _)| bytes));
                self.outputs.extend(sends.map(HubOutput::Send));
            }
            Err(error) => self.refuse_all(Why::Disk, error.to_string()),
        }
        self.load_or_finish();
    }

    fn load_or_finish(&mut self) {
        if 0 < self.down.room
            && let Some((log, from)) = self.down.queue.pop()
        {
            let bytes = self.down.room;
            self.outputs.push_back(HubOutput::Load { log, from, bytes });
            self.state = State::Loading;
            return;
        }
        self.finish();
    }
}

fn names(named: &[BranchHead], held: &Held) -> bool {
    named.iter().any(|head| head.log == held.log && head.id == held.head.id.short())
}
