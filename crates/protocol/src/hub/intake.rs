//! Frames coming up: sound or refused whole, new or repeated, of whichever branch.

use std::collections::BTreeSet;

use journal::{
    BranchHead, DeviceKey, Entry, EntryId, EpochStart, Frame, FrameFault, Head, Kind, LogName,
    ShortId,
};

use super::{Author, Device, Held, Hub, HubOutput, Keep, Member, State};
use crate::message::{Refused, Why};
use crate::skip::skip_positions;

/// A commit that is waited for: the branches it continues, and where they end then.
#[derive(Debug)]
pub(super) struct Growth {
    log: LogName,
    grown: Vec<Head>,
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
        if device.refused.contains(&frame.log) {
            return;
        }
        if !device.may_bring(&frame.log) {
            let words = format!("this device may not write {}", frame.log.lane);
            return self.refuse(Why::WrongLog, words, Some(frame.log.clone()), frame.first);
        }
        let held = device.held(&frame.log);
        if held.furthest() + 1 < frame.first {
            return self.gap(&frame, &held);
        }
        // The end of a branch needs no look-up, and nothing of the frame can be held behind it.
        let ends = held.heads.iter().filter(|head| head.seq + 1 == frame.first);
        for prev in ends.map(|head| head.id).chain(beginning(&frame, &held)) {
            if let Ok(entries) = frame.verify(prev) {
                return self.sound(Keep { frame, entries, prev }, &[], &held);
            }
        }
        let mut asked = vec![(frame.log.clone(), frame.first - 1)];
        if frame.last() <= held.furthest() {
            asked.push((frame.log.clone(), frame.last()));
        }
        self.state = State::Anchoring(Box::new(frame));
        self.outputs.push_back(HubOutput::Ids(asked));
    }

    /// Knows the ids before the frame, and those that stand where it ends.
    pub(super) fn anchored(&mut self, frame: Frame, ids: &[Vec<EntryId>]) {
        let Some(device) = &self.device else { return };
        let held = device.held(&frame.log);
        let mut ids = ids.iter();
        let anchors = ids.next().cloned().unwrap_or_default();
        let at_end = ids.next().cloned().unwrap_or_default();
        let mut fault = None;
        for prev in anchors {
            match frame.verify(prev) {
                Ok(entries) => return self.sound(Keep { frame, entries, prev }, &at_end, &held),
                Err(found) => fault = Some(found),
            }
        }
        match fault {
            Some(fault) if frame.first == 1 => {
                self.refuse(Why::Frame, fault.to_string(), Some(frame.log.clone()), 1);
            }
            // It is altered, or follows an entry that is not held: the heads tell which.
            Some(fault) => self.name_heads(Why::Frame, fault.to_string(), &frame, &held),
            None => self.gap(&frame, &held),
        }
    }

    fn sound(&mut self, keep: Keep, at_end: &[EntryId], held: &Held) {
        let Some(last) = keep.entries.last() else { return };
        let head = Head { seq: last.header.seq, id: last.id };
        if at_end.contains(&head.id) {
            return; // All of it is held; the receipt will say so.
        }
        let (log, first) = (keep.frame.log.clone(), keep.frame.first);
        if let Some(words) = self.contradiction(&log, &keep.entries) {
            return self.refuse(Why::WrongSite, words, Some(log), first);
        }
        let grown = grown(held, keep.prev, &keep.entries);
        if let Some(words) = self.beyond_bounds(held, &log, !grown.is_empty()) {
            return self.refuse(Why::Frame, words, Some(log), first);
        }
        let repeated = grown.iter().map(|(_, repeated)| *repeated).max().unwrap_or(0);
        let Some(keep) = cut(keep, repeated).map(Box::new) else { return };
        let grown = grown.into_iter().map(|(head, _)| head).collect();
        self.state = State::Keeping(Box::new(Growth { log, grown, head }));
        let is_revoked = self.device.as_ref().is_some_and(|device| device.revoked.is_some());
        self.outputs.push_back(match is_revoked {
            true => HubOutput::Quarantine(keep),
            false => HubOutput::Keep(keep),
        });
    }

    /// The frame asked to be kept is durable: the heads move.
    pub(super) fn kept(&mut self, growth: Growth) {
        let Some(device) = &mut self.device else { return };
        if let Some((_reason, set_aside)) = &mut device.revoked {
            *set_aside = true;
        }
        let mut held = device.held(&growth.log);
        held.grow(&growth.grown, growth.head);
        if growth.log.device == device.key {
            device.begun.insert(growth.log.epoch);
        }
        device.held.insert(growth.log, held);
    }

    /// Whether a log's first entry contradicts what its author was enrolled as.
    fn contradiction(&self, log: &LogName, entries: &[Entry]) -> Option<String> {
        let first = entries.first().filter(|entry| entry.header.seq == 1)?;
        let start = first.bytes().filter(|_| first.header.kind == Kind::EPOCH_START);
        let start = start.and_then(|bytes| EpochStart::from_payload(bytes).ok());
        self.device.as_ref()?.author(log)?.contradiction(&log.lane, start.as_ref())
    }

    /// Says why the administrator must look before more of this is begun, if so.
    fn beyond_bounds(&self, held: &Held, log: &LogName, continues: bool) -> Option<String> {
        let device = self.device.as_ref()?;
        let bounds = device.member.bounds;
        if continues {
            return None;
        }
        let what = if held.heads.is_empty() {
            let (is_known, begun) = device.epochs(log);
            (!is_known && bounds.new_epochs <= begun).then(|| "too many epochs".to_owned())
        } else if bounds.branches_per_log <= held.heads.len() {
            Some(format!("more than {} branches of one log", bounds.branches_per_log))
        } else {
            let all_used = bounds.branches <= device.branches();
            all_used.then(|| format!("more than {} branches", bounds.branches))
        }?;
        Some(format!(
            "this device has begun {what}: its disk is set back or copied again and again; its \
             records stay with it until the administrator of the hub has looked at it and raised \
             the limit (`ashuu-hub device limit`)"
        ))
    }

    fn gap(&mut self, frame: &Frame, held: &Held) {
        let furthest = held.furthest();
        let words = if furthest < frame.first {
            format!("entries {} to {} are missing before this", furthest + 1, frame.first - 1)
        } else {
            format!("entry {} follows no entry that is held", frame.first)
        };
        self.name_heads(Why::Gap, words, frame, held);
    }

    /// Refuses a frame with what is held instead, and ids further down.
    fn name_heads(&mut self, why: Why, words: String, frame: &Frame, held: &Held) {
        let heads = named_heads(held);
        let refused = Refused { why, words, log: Some(frame.log.clone()), seq: frame.first, heads };
        self.stop_listening_to(&frame.log);
        let asked = below(held);
        if asked.is_empty() {
            return self.refusals.push(refused);
        }
        self.outputs.push_back(HubOutput::Ids(asked));
        self.state = State::Naming(Box::new(refused));
    }

    /// Knows the skipped ids below the heads of a log: with them the device finds where it parted.
    pub(super) fn named(&mut self, mut refused: Refused, ids: &[Vec<EntryId>]) {
        name_below(&mut refused, &mut ids.iter());
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
    pub(super) fn new(key: DeviceKey, member: Member, revoked: Option<(String, bool)>) -> Self {
        let all = member.own.iter().chain(&member.follow);
        let held = all.map(|held| (held.log.clone(), held.clone())).collect();
        Self { key, member, held, begun: BTreeSet::new(), revoked, refused: BTreeSet::new() }
    }

    fn held(&self, log: &LogName) -> Held {
        self.held.get(log).cloned().unwrap_or_else(|| Held::nothing(log.clone()))
    }

    /// Returns who wrote a log, if its entries may come from this device.
    fn author(&self, log: &LogName) -> Option<Author> {
        if log.device == self.key {
            return Some(self.member.author());
        }
        // A revoked device is heard for its own entries alone.
        self.member.authors.get(&log.device).filter(|_| self.revoked.is_none()).cloned()
    }

    pub(super) fn may_bring(&self, log: &LogName) -> bool {
        let is_held = self.held.contains_key(log);
        self.author(log).is_some_and(|author| is_held || author.may_write(&log.lane))
    }

    /// Whether the epoch of an own log is known, and how many this exchange began.
    fn epochs(&self, log: &LogName) -> (bool, usize) {
        let mut own = self.held.values().filter(|held| held.log.device == self.key);
        let is_known = log.device != self.key || own.any(|held| held.log.epoch == log.epoch);
        let before =
            |epoch: &&journal::Epoch| !self.member.own.iter().any(|held| held.log.epoch == **epoch);
        (is_known, self.begun.iter().filter(before).count())
    }

    /// Returns how many branches its logs have beyond the first of each.
    fn branches(&self) -> usize {
        let own = self.held.values().filter(|held| held.log.device == self.key);
        own.map(|held| held.heads.len().saturating_sub(1)).sum()
    }
}

/// The place before the first entry of a log, which needs no look-up where the frame brings more
/// than is held.
fn beginning(frame: &Frame, held: &Held) -> Option<EntryId> {
    (frame.first == 1 && held.furthest() < frame.last()).then(|| EntryId(frame.log.id().0))
}

/// Says where each branch of a log ends; of a log of which nothing is held, that it is empty.
pub(super) fn named_heads(held: &Held) -> Vec<BranchHead> {
    if held.heads.is_empty() {
        return vec![BranchHead::of(&held.log, Head::empty(held.log.id()))];
    }
    held.heads.iter().map(|head| BranchHead::of(&held.log, *head)).collect()
}

/// The places below the heads of a log whose ids tell where somebody parted.
pub(super) fn below(held: &Held) -> Vec<(LogName, u64)> {
    skip_positions(held.furthest()).into_iter().map(|seq| (held.log.clone(), seq)).collect()
}

/// Names the ids that stand at those places, whatever branch they are of.
pub(super) fn name_below<'a>(
    refused: &mut Refused,
    ids: &mut impl Iterator<Item = &'a Vec<EntryId>>,
) {
    let furthest = refused.heads.iter().map(|head| head.seq).max().unwrap_or(0);
    let mut skipped: Vec<(u64, ShortId)> = Vec::new();
    for (seq, ids) in skip_positions(furthest).into_iter().zip(ids) {
        skipped.extend(ids.iter().map(|id| (seq, id.short())));
    }
    if let Some(head) = refused.heads.first_mut() {
        head.skipped = skipped;
    }
}

/// Returns the branches that a frame continues, and how many of its entries each has already.
fn grown(held: &Held, prev: EntryId, entries: &[Entry]) -> Vec<(Head, usize)> {
    let reach = |head: &Head| {
        let before = (head.id == prev).then_some(0);
        before.or_else(|| Some(entries.iter().position(|entry| entry.id == head.id)? + 1))
    };
    held.heads.iter().filter_map(|head| Some((*head, reach(head)?))).collect()
}

/// Drops the first `repeated` entries; `None` if none is left.
fn cut(mut keep: Keep, repeated: usize) -> Option<Keep> {
    let Some(last_repeated) = repeated.checked_sub(1) else { return Some(keep) };
    keep.prev = keep.entries.get(last_repeated)?.id;
    keep.entries.drain(..repeated);
    let first = keep.entries.first()?.header.seq;
    Some(Keep { frame: keep.frame.starting_at(first)?, ..keep })
}
