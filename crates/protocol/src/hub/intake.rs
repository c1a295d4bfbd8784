//! Frames coming up: sound or refused whole, new or repeated, in line or a second branch.

use std::collections::BTreeSet;

use journal::{
    BranchHead, Entry, EntryId, EpochStart, Frame, FrameFault, Head, Kind, Lane, LogName,
};

use super::{Device, Held, Hub, HubOutput, Keep, Member, State};
use crate::message::{Refused, Why};
use crate::skip::skip_positions;

/// A commit that is waited for: which branch it grows, or begins if none, and to where.
#[derive(Debug)]
pub(super) struct Growth {
    log: LogName,
    branch: Option<Head>,
    head: Head,
}

impl Hub {
    /// Looks at a frame's place before anything else is computed.
    pub(super) fn frame(&mut self, read: Result<Frame, FrameFault>) {
        let frame = match read {
            Ok(frame) => frame,
            Err(fault) => {
                let words = format!("a frame that can't be read: {fault}");
                return self.refuse(Why::Frame, words, None, 0);
            }
        };
        let Some(device) = &self.device else { return };
        let speaker = self.hello.as_ref().map(|hello| hello.device);
        if device.refused.contains(&frame.log) {
            return;
        }
        if speaker != Some(frame.log.device) || !device.may_write(&frame.log) {
            let words = format!("this device may not write {}", frame.log.lane);
            return self.refuse(Why::WrongLog, words, Some(frame.log.clone()), frame.first);
        }
        let held = device.held(&frame.log);
        if held.furthest() + 1 < frame.first {
            return self.gap(&frame, &held);
        }
        let mut ask = vec![(frame.log.clone(), frame.first - 1)];
        if frame.last() <= held.head.seq {
            ask.push((frame.log.clone(), frame.last()));
        }
        let known = frame.first == 1 || frame.first == held.head.seq + 1;
        if known && ask.len() == 1 {
            let prev = if frame.first == 1 { EntryId(frame.log.id().0) } else { held.head.id };
            return self.anchored(frame, &[Some(prev)]);
        }
        self.state = State::Anchoring(Box::new(frame));
        self.outputs.push_back(HubOutput::Ids(ask));
    }

    /// Knows the id before the frame, and where it repeats entries, the id held at its end.
    pub(super) fn anchored(&mut self, frame: Frame, ids: &[Option<EntryId>]) {
        let Some(device) = &self.device else { return };
        let held = device.held(&frame.log);
        let before_first = EntryId(frame.log.id().0);
        let main =
            if frame.first == 1 { Some(before_first) } else { ids.first().copied().flatten() };
        let side = held.branches.iter().filter(|head| head.seq + 1 == frame.first);
        let anchors = main.into_iter().chain(side.map(|head| head.id));
        let mut fault = None;
        for prev in anchors {
            match frame.verify(prev) {
                Ok(entries) => {
                    let repeats = ids.get(1).copied().flatten();
                    let keep = Keep { frame, entries, prev, is_branch: false };
                    return self.sound(keep, repeats, &held);
                }
                Err(found) => fault = Some(found),
            }
        }
        // Of a branch only its head can be named: a repeat of its middle is answered with that.
        let may_repeat = held.branches.iter().any(|head| frame.first <= head.seq);
        match fault.filter(|_| !may_repeat) {
            Some(fault) => {
                let (log, first) = (frame.log.clone(), frame.first);
                self.refuse(Why::Frame, fault.to_string(), Some(log), first);
            }
            None => self.gap(&frame, &held),
        }
    }

    fn sound(&mut self, keep: Keep, repeats: Option<EntryId>, held: &Held) {
        let Keep { frame, entries, prev, .. } = keep;
        let Some(last) = entries.last() else { return };
        let head = Head { seq: last.header.seq, id: last.id };
        if repeats == Some(head.id) || held.branches.contains(&head) {
            return; // All of it is held; the receipt will say so.
        }
        if let Some(words) = self.contradiction(&frame.log.lane, &entries) {
            return self.refuse(Why::WrongSite, words, Some(frame.log.clone()), frame.first);
        }
        let log = frame.log.clone();
        let grown = grown(held, prev, &entries);
        let is_branch = grown.is_none_or(|(branch, _)| branch != held.head);
        let repeated = grown.map_or(0, |(_, repeated)| repeated);
        let keep = Keep { frame, entries, prev, is_branch };
        let Some(keep) = cut(keep, repeated).map(Box::new) else { return };
        let branch = grown.map(|(branch, _)| branch);
        self.state = State::Keeping(Box::new(Growth { log, branch, head }));
        let is_revoked = self.device.as_ref().is_some_and(|device| device.revoked.is_some());
        self.outputs.push_back(match is_revoked {
            true => HubOutput::Quarantine(keep),
            false => HubOutput::Keep(keep),
        });
    }

    /// What was asked to be kept is durable: the heads move.
    pub(super) fn kept(&mut self, growth: Growth) {
        let Some(device) = &mut self.device else { return };
        if let Some((_reason, set_aside)) = &mut device.revoked {
            *set_aside = true;
        }
        let mut held = device.held(&growth.log);
        if growth.branch == Some(held.head) {
            held.head = growth.head;
        } else {
            held.branches.retain(|branch| growth.branch != Some(*branch));
            held.branches.push(growth.head);
        }
        device.own.insert(growth.log, held);
    }

    /// Whether a log's first entry contradicts what the device was enrolled as.
    fn contradiction(&self, lane: &Lane, entries: &[Entry]) -> Option<String> {
        let first = entries.first().filter(|entry| entry.header.seq == 1)?;
        let start = first.bytes().filter(|_| first.header.kind == Kind::EPOCH_START);
        let start = start.and_then(|bytes| EpochStart::from_payload(bytes).ok());
        self.device.as_ref()?.member.contradiction(lane, start.as_ref())
    }

    fn gap(&mut self, frame: &Frame, held: &Held) {
        let furthest = held.furthest();
        let words = if furthest < frame.first {
            format!("entries {} to {} are missing before this", furthest + 1, frame.first - 1)
        } else {
            format!("entry {} follows no branch of this log at its head", frame.first)
        };
        let heads = std::iter::once(held.head).chain(held.branches.iter().copied());
        let heads = heads.map(|head| BranchHead::of(&frame.log, head)).collect();
        let log = Some(frame.log.clone());
        let refused = Refused { why: Why::Gap, words, log, seq: frame.first, heads };
        self.stop_listening_to(&frame.log);
        let skipped = skip_positions(held.head.seq);
        if skipped.is_empty() {
            return self.refusals.push(refused);
        }
        let asked = skipped.into_iter().map(|seq| (frame.log.clone(), seq)).collect();
        self.outputs.push_back(HubOutput::Ids(asked));
        self.state = State::Naming(Box::new(refused));
    }

    /// Knows the skipped ids below the head of a log: with them the device finds where it parted.
    pub(super) fn named(&mut self, mut refused: Refused, ids: &[Option<EntryId>]) {
        if let Some(head) = refused.heads.first_mut() {
            let found = skip_positions(head.seq).into_iter().zip(ids);
            head.skipped =
                found.filter_map(|(seq, id)| Some((seq, id.as_ref()?.short()))).collect();
        }
        self.refusals.push(refused);
    }

    fn refuse(&mut self, why: Why, words: String, log: Option<LogName>, seq: u64) {
        if let Some(log) = &log {
            self.stop_listening_to(log);
        }
        self.refusals.push(Refused { why, words, log, seq, heads: Vec::new() });
    }

    fn stop_listening_to(&mut self, log: &LogName) {
        if let Some(device) = &mut self.device {
            device.refused.insert(log.clone());
        }
    }
}

impl Device {
    pub(super) fn new(mut member: Member, revoked: Option<(String, bool)>) -> Self {
        let own = std::mem::take(&mut member.own).into_iter();
        let own = own.map(|held| (held.log.clone(), held)).collect();
        Self { member, own, revoked, refused: BTreeSet::new() }
    }

    fn held(&self, log: &LogName) -> Held {
        self.own.get(log).cloned().unwrap_or_else(|| Held::nothing(log.clone()))
    }

    fn may_write(&self, log: &LogName) -> bool {
        self.member.may_write(&log.lane) || self.own.contains_key(log)
    }
}

/// Returns the branch that a frame grows, and how many of its entries are held on it already.
fn grown(held: &Held, prev: EntryId, entries: &[Entry]) -> Option<(Head, usize)> {
    let reach = |head: &Head| {
        let before = (head.id == prev).then_some(0);
        before.or_else(|| Some(entries.iter().position(|entry| entry.id == head.id)? + 1))
    };
    let branches = std::iter::once(&held.head).chain(&held.branches);
    let reached = branches.filter_map(|head| Some((*head, reach(head)?)));
    reached.max_by_key(|(_, repeated)| *repeated)
}

/// Drops the first `repeated` entries; `None` if none is left.
fn cut(mut keep: Keep, repeated: usize) -> Option<Keep> {
    let Some(last_repeated) = repeated.checked_sub(1) else { return Some(keep) };
    keep.prev = keep.entries.get(last_repeated)?.id;
    keep.entries.drain(..repeated);
    let first = keep.entries.first()?.header.seq;
    Some(Keep { frame: keep.frame.starting_at(first)?, ..keep })
}
