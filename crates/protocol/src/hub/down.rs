//! The answer: the receipt first, then what the device follows and does not have yet.
//!
//! Of each log the device names heads. One that equals ours costs nothing; one that stands on our
//! branches says where to go on; one that we don't know is named back, and the device names it
//! again with ids further down. Whoever knows none of those is sent the log whole. A device that
//! has what is lacking here learns that too, and brings it.

use std::sync::Arc;

use journal::{BranchHead, EntryId, Frame, Head, LogName, Receipt, ShortId};

use super::intake::{below, name_below, named_heads};
use super::{Held, Hub, HubOutput, State};
use crate::message::{Hello, Message, Refused, Why};
use crate::pack::{Pace, pack};

/// The zstd level of what goes down: the hub serves many, and most of it is short.
const LEVEL: i32 = 6;

/// The first version of the protocol whose devices name every branch that they follow.
const NAMES_BRANCHES: u16 = 2;

/// The first version whose devices take back their own logs, and bring what is lacking here.
const PULLS_BACK: u16 = 3;

/// What is still to go down in this answer, last first.
#[derive(Debug)]
pub(super) struct Down {
    queue: Vec<Piece>,
    room: usize,
}

/// A branch that the device lacks, and the entries of its log that the device has.
#[derive(Debug)]
struct Piece {
    log: LogName,
    head: Head,
    /// What it has once all that it lacks was sent; the pieces of a log share it.
    has: Arc<[(u64, ShortId)]>,
    /// How many of those it has when this piece's turn comes.
    had: usize,
}

/// A log of which the device named other heads than ours.
#[derive(Debug)]
pub(super) struct Doubt {
    held: Held,
    /// Our heads that the device does not have, as far as it named what it has.
    lacking: Vec<Head>,
    /// Our heads that it has.
    shared: Vec<(u64, ShortId)>,
    /// The heads that it named and that are not ours.
    heads: Vec<(u64, ShortId)>,
    /// The ids further down that it named.
    skipped: Vec<(u64, ShortId)>,
    /// Whether it may bring what is lacking here; its own logs it brings anyway.
    may_bring: bool,
}

/// How a device takes part, by the version that it speaks.
#[derive(Clone, Copy, Debug)]
struct Manners {
    names_branches: bool,
    pulls_back: bool,
}

impl Down {
    pub(super) const fn new(room: usize) -> Self {
        Self { queue: Vec::new(), room }
    }
}

impl Manners {
    fn of(hello: Option<&Hello>) -> Self {
        let speaks =
            |least: u16| hello.is_some_and(|hello| hello.versions.iter().any(|v| least <= *v));
        Self { names_branches: speaks(NAMES_BRANCHES), pulls_back: speaks(PULLS_BACK) }
    }
}

impl Hub {
    /// Has the receipt: says it, then compares the heads the device named.
    pub(super) fn receipted(&mut self, receipt: Box<Receipt>) {
        self.outputs.push_back(HubOutput::Send(Message::Receipt(receipt)));
        let manners = Manners::of(self.hello.as_deref());
        let mut named = match &mut self.hello {
            Some(hello) => std::mem::take(&mut hello.heads),
            None => Vec::new(),
        };
        named.retain(|head| 0 < head.seq);
        let mut doubts = Vec::new();
        for mut held in self.to_compare(&named, manners) {
            let heads: Vec<&BranchHead> =
                named.iter().filter(|head| head.log == held.log).collect();
            if !manners.names_branches && 1 < held.heads.len() {
                // It can name one branch only, and would be sent another again and again.
                held.heads = held.heads.pop().filter(|_| heads.is_empty()).into_iter().collect();
            }
            let may_bring = manners.pulls_back && self.may_bring_of_others(&held.log);
            let doubt = Doubt { may_bring, ..Doubt::of(held, &heads) };
            if heads.is_empty() {
                self.down.queue.extend(doubt.pieces(Vec::new()));
            } else if !doubt.is_settled() {
                doubts.push(doubt);
            }
        }
        let asked: Vec<_> = doubts.iter().flat_map(Doubt::questions).collect();
        if asked.is_empty() {
            return self.compared(doubts, Vec::new());
        }
        self.outputs.push_back(HubOutput::Ids(asked));
        self.state = State::Comparing(doubts);
    }

    /// Returns the logs to compare, those that are sent first last.
    fn to_compare(&self, named: &[BranchHead], manners: Manners) -> Vec<Held> {
        let (Some(device), Some(hello)) = (&self.device, &self.hello) else { return Vec::new() };
        let mut logs = Vec::new();
        let now = |log: &LogName| device.held.get(log).cloned();
        if manners.pulls_back {
            // The present epoch's logs are the device's to continue; of others it may lack entries.
            let own = device.held.keys().filter(|log| log.device == device.key);
            let earlier =
                own.filter(|log| log.epoch != hello.epoch && device.member.reads(&log.lane));
            logs.extend(earlier.filter_map(now));
            let gone = named.iter().map(|head| &head.log).filter(|log| {
                !device.held.contains_key(*log)
                    && device.member.reads(&log.lane)
                    && self.may_bring_of_others(log)
            });
            logs.extend(gone.map(|log| Held::nothing(log.clone())));
            logs.dedup();
        }
        logs.extend(device.member.follow.iter().filter_map(|held| now(&held.log)));
        logs
    }

    fn may_bring_of_others(&self, log: &LogName) -> bool {
        self.device.as_ref().is_some_and(|it| it.key != log.device && it.may_bring(log))
    }

    /// Knows the ids at the places the device named.
    pub(super) fn compared(&mut self, doubts: Vec<Doubt>, ids: Vec<Vec<EntryId>>) {
        let mut ids = ids.into_iter();
        let mut parted = Vec::new();
        for doubt in doubts {
            let asked = doubt.questions().count();
            let here: Vec<Vec<EntryId>> = ids.by_ref().take(asked).collect();
            let known = doubt.known(&here);
            let lacks_here = doubt.heads.iter().any(|place| !known.contains(place));
            let common = !known.is_empty() || !doubt.shared.is_empty();
            let may_answer = common || !doubt.skipped.is_empty() || doubt.names_the_first();
            if may_answer {
                self.down.queue.extend(doubt.pieces(known));
            }
            if (lacks_here && doubt.may_bring) || (!may_answer && !doubt.lacking.is_empty()) {
                parted.push(doubt.refused());
            }
        }
        let asked: Vec<_> = parted.iter().flat_map(|(_, below)| below.clone()).collect();
        let parted: Vec<Refused> = parted.into_iter().map(|(refused, _)| refused).collect();
        if asked.is_empty() {
            return self.parted(parted, &[]);
        }
        self.outputs.push_back(HubOutput::Ids(asked));
        self.state = State::Parting(parted);
    }

    /// Knows the ids that tell the device from where on something is lacking here.
    pub(super) fn parted(&mut self, refused: Vec<Refused>, ids: &[Vec<EntryId>]) {
        let mut ids = ids.iter();
        for mut refused in refused {
            name_below(&mut refused, &mut ids);
            self.refusals.push(refused);
        }
        self.load_or_finish();
    }

    /// Has frames to send down.
    pub(super) fn loaded(&mut self, frames: Vec<Frame>) {
        let bytes: usize = frames.iter().map(Frame::size).sum();
        self.down.room = self.down.room.saturating_sub(bytes);
        match pack(frames, Pace::whole(LEVEL)) {
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
        let Some(Piece { log, head, has, had }) = self.down.queue.pop() else {
            return self.finish();
        };
        let has = has.iter().take(had).copied().collect();
        self.outputs.push_back(HubOutput::Load { log, head, has, bytes });
        self.state = State::Loading;
    }
}

impl Doubt {
    fn of(held: Held, heads: &[&BranchHead]) -> Self {
        let place = |head: &Head| (head.seq, head.id.short());
        let named: Vec<(u64, ShortId)> = heads.iter().map(|head| (head.seq, head.id)).collect();
        let mut skipped: Vec<(u64, ShortId)> =
            heads.iter().flat_map(|head| head.skipped.iter().copied()).collect();
        skipped.sort_unstable();
        skipped.dedup();
        let has = |place: &(u64, ShortId)| named.contains(place) || skipped.contains(place);
        let (shared, lacking): (Vec<Head>, Vec<Head>) =
            held.heads.iter().partition(|head| has(&place(head)));
        let shared: Vec<(u64, ShortId)> = shared.iter().map(place).collect();
        let heads = named.into_iter().filter(|named| !shared.contains(named)).collect();
        Self { lacking, shared, heads, skipped, may_bring: false, held }
    }

    /// Whether nothing of the log is to be asked for, sent or brought.
    const fn is_settled(&self) -> bool {
        self.lacking.is_empty() && (self.heads.is_empty() || !self.may_bring)
    }

    fn names_the_first(&self) -> bool {
        self.heads.iter().any(|(seq, _)| *seq == 1)
    }

    /// The places that can be looked up: those up to which something is held.
    fn known_places(&self) -> impl Iterator<Item = (u64, ShortId)> {
        let furthest = self.held.furthest();
        let places = self.heads.iter().chain(&self.skipped).copied();
        places.filter(move |(seq, _)| 0 < *seq && *seq <= furthest)
    }

    fn questions(&self) -> impl Iterator<Item = (LogName, u64)> {
        self.known_places().map(|(seq, _)| (self.held.log.clone(), seq))
    }

    /// Returns the named entries that are held here.
    fn known(&self, ids: &[Vec<EntryId>]) -> Vec<(u64, ShortId)> {
        let here = |((_, named), ids): &((u64, ShortId), &Vec<EntryId>)| {
            ids.iter().any(|id| id.short() == *named)
        };
        self.known_places().zip(ids).filter(here).map(|(place, _)| place).collect()
    }

    /// The branches that the device lacks, the first to be sent last.
    fn pieces(&self, mut has: Vec<(u64, ShortId)>) -> Vec<Piece> {
        has.extend(&self.shared);
        let before = has.len();
        // Each branch goes on from where it parted from those before it.
        has.extend(self.lacking.iter().map(|head| (head.seq, head.id.short())));
        let has: Arc<[_]> = has.into();
        let piece = |(at, head): (usize, &Head)| {
            let (log, has) = (self.held.log.clone(), Arc::clone(&has));
            Piece { log, head: *head, has, had: before + at }
        };
        self.lacking.iter().enumerate().rev().map(piece).collect()
    }

    /// Says what is held here instead, and the places whose ids are to be named with it.
    fn refused(&self) -> (Refused, Vec<(LogName, u64)>) {
        let seq = self.heads.first().map_or(0, |(seq, _)| *seq);
        let words = format!("the hub does not know entry {seq} that the device has");
        let log = Some(self.held.log.clone());
        let heads = named_heads(&self.held);
        (Refused { why: Why::UnknownHead, words, log, seq, heads }, below(&self.held))
    }
}
