//! The answer: the receipt first, then what the device follows and does not have yet.
//!
//! Of each log the device names heads. One that equals ours costs nothing; one on our first branch
//! says where to go on; one that we don't know is named back, and the device names it again with
//! ids further down. Whoever knows none of those is sent the log whole.

use journal::{BranchHead, EntryId, Frame, Head, LogName, Receipt, ShortId};

use super::{Held, Hub, HubOutput, State};
use crate::message::{Message, Refused, Why};
use crate::pack::pack;

/// The zstd level of what goes down: the hub serves many, and most of it is short.
const LEVEL: i32 = 6;

/// The first version of the protocol whose devices name every branch that they follow.
const NAMES_BRANCHES: u16 = 2;

/// What is still to go down in this answer, last first.
#[derive(Debug)]
pub(super) struct Down {
    queue: Vec<Piece>,
    room: usize,
}

/// A stretch of a log, or of a branch, that the device lacks.
#[derive(Debug)]
enum Piece {
    Line { log: LogName, from: u64 },
    Branch { log: LogName, head: Head, has: Vec<(u64, ShortId)> },
}

/// A log whose head the device did not name, and the places it named instead.
#[derive(Debug)]
pub(super) struct Doubt {
    held: Held,
    places: Vec<(u64, ShortId)>,
    /// Whether the device named ids further down already.
    is_named_in_full: bool,
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
        let (mut named, versions) = match &mut self.hello {
            Some(hello) => (std::mem::take(&mut hello.heads), hello.versions.clone()),
            None => (Vec::new(), Vec::new()),
        };
        named.retain(|head| 0 < head.seq);
        let with_branches = versions.iter().any(|version| NAMES_BRANCHES <= *version);
        let follow = self.device.as_mut().map(|device| std::mem::take(&mut device.member.follow));
        let mut doubts = Vec::new();
        for held in follow.unwrap_or_default() {
            let heads: Vec<&BranchHead> =
                named.iter().filter(|head| head.log == held.log).collect();
            if with_branches {
                self.down.queue.extend(branches(&held, &heads));
            }
            if held.head.seq == 0 || has(&heads, held.head) {
                continue;
            }
            if heads.is_empty() {
                self.down.queue.push(Piece::Line { log: held.log, from: 1 });
            } else {
                doubts.push(Doubt::of(held, &heads));
            }
        }
        let asked: Vec<_> = doubts.iter().flat_map(Doubt::questions).collect();
        if asked.is_empty() {
            return self.compared(doubts, &[]);
        }
        self.outputs.push_back(HubOutput::Ids(asked));
        self.state = State::Comparing(doubts);
    }

    /// Knows the ids at the places the device named.
    pub(super) fn compared(&mut self, doubts: Vec<Doubt>, ids: &[Option<EntryId>]) {
        let mut ids = ids.iter().copied();
        for doubt in doubts {
            let asked = doubt.questions().count();
            let here: Vec<Option<EntryId>> = ids.by_ref().take(asked).collect();
            match doubt.common(&here) {
                Some(common) if common < doubt.held.head.seq => {
                    self.down.queue.push(Piece::Line { log: doubt.held.log, from: common + 1 });
                }
                Some(_) => (), // It is ahead of us.
                None if doubt.is_named_in_full => {
                    self.down.queue.push(Piece::Line { log: doubt.held.log, from: 1 });
                }
                None => self.refusals.push(doubt.refused()),
            }
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
        if self.down.room == 0 {
            return self.finish();
        }
        let bytes = self.down.room;
        let Some(piece) = self.down.queue.pop() else { return self.finish() };
        self.outputs.push_back(match piece {
            Piece::Line { log, from } => HubOutput::Load { log, from, bytes },
            Piece::Branch { log, head, has } => HubOutput::LoadBranch { log, head, has, bytes },
        });
        self.state = State::Loading;
    }
}

impl Doubt {
    fn of(held: Held, heads: &[&BranchHead]) -> Self {
        let places = heads.iter().flat_map(|head| {
            std::iter::once((head.seq, head.id)).chain(head.skipped.iter().copied())
        });
        let is_named_in_full = heads.iter().any(|head| !head.skipped.is_empty() || head.seq == 1);
        Self { places: places.collect(), is_named_in_full, held }
    }

    /// The places that can be looked up: those we have an entry at.
    fn known_places(&self) -> impl Iterator<Item = (u64, ShortId)> {
        self.places.iter().copied().filter(|(seq, _)| 0 < *seq && *seq <= self.held.head.seq)
    }

    fn questions(&self) -> impl Iterator<Item = (LogName, u64)> {
        self.known_places().map(|(seq, _)| (self.held.log.clone(), seq))
    }

    /// Returns the last place at which both have the same entry.
    fn common(&self, ids: &[Option<EntryId>]) -> Option<u64> {
        let same = |((seq, named), id): ((u64, ShortId), &Option<EntryId>)| {
            id.filter(|id| id.short() == named).map(|_| seq)
        };
        self.known_places().zip(ids).filter_map(same).max()
    }

    fn refused(self) -> Refused {
        let seq = self.places.first().map_or(0, |(seq, _)| *seq);
        let words = format!("the hub does not know entry {seq} that the device has");
        let Held { log, head, .. } = self.held;
        let heads = vec![BranchHead::of(&log, head)];
        Refused { why: Why::UnknownHead, words, log: Some(log), seq, heads }
    }
}

/// The further branches of a log that the device does not have to their ends, the first one last.
fn branches(held: &Held, heads: &[&BranchHead]) -> Vec<Piece> {
    let lacking = held.branches.iter().rev().filter(|head| !has(heads, **head));
    let places: Vec<(u64, ShortId)> = heads.iter().map(|head| (head.seq, head.id)).collect();
    let piece = |head: &Head| {
        let log = held.log.clone();
        Piece::Branch { log, head: *head, has: places.clone() }
    };
    lacking.map(piece).collect()
}

fn has(heads: &[&BranchHead], head: Head) -> bool {
    heads.iter().any(|named| named.seq == head.seq && named.id == head.id.short())
}
