//! One step up: choose, load, pack and send.

use std::collections::BTreeMap;
use std::sync::Arc;

use journal::{BranchHead, DeviceSecret, EntryId, LogName, Receipt, ShortId, Signature};

use super::{Agent, AgentOutput, Ended, Exchange, Known, OwnLog, Place, Showing};
use crate::limits::{IDLE_STEPS_MAX, STEP_LOAD_BYTES_MAX, STEPS_MAX, VERSIONS};
use crate::message::{Hello, Message};
use crate::pack::Packed;
use crate::skip::skip_positions;

/// What is being put together for one step.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Branches still to be looked at, last first.
    queue: Vec<Piece>,
    /// The branch last asked for.
    asked: Option<Place>,
    packed: Vec<Message>,
    bytes: usize,
    /// The last entry sent of each branch.
    pub(super) sent: BTreeMap<Place, u64>,
}

/// What is to be sent of a branch.
#[derive(Debug)]
struct Piece {
    place: Place,
    from: u64,
    /// What the hub has of the log; its branches share it.
    has: Arc<[(u64, ShortId)]>,
}

impl Step {
    /// Returns the compressed bytes of frames in the step.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Agent {
    /// Knows what there is: sends it, or ends when there is nothing and nothing more comes.
    pub(super) fn looked(&mut self, known: Known, secret: &DeviceSecret) {
        let bare = self.unanswered;
        let exchange = &mut self.exchange;
        let moved = exchange.moved(&known);
        exchange.idle = if moved { 0 } else { exchange.idle + 1 };
        let mut queue = exchange.lacking_there(&known);
        for own in known.own.iter().rev().filter(|own| !exchange.blocked.contains(&own.log)) {
            let taken = self.taken.get(&own.log).filter(|_| own.branches.len() == 1);
            queue.extend(unsent(own, self.resume.get(&own.log), taken.copied().unwrap_or(0)));
        }
        let ended = match (&exchange.report.refused, exchange.more, moved) {
            _ if IDLE_STEPS_MAX < exchange.idle || STEPS_MAX < exchange.steps => Some(Ended::Stuck),
            _ if exchange.steps == 0 || !queue.is_empty() => None,
            (_, true, true) => None,
            (_, true, false) => Some(Ended::Stuck), // What came down can't be kept here.
            (refused, false, _) if !refused.is_empty() => Some(Ended::Refused),
            (_, false, _) if known.own.iter().any(|own| exchange.is_unproved(&known, own)) => {
                Some(Ended::Stuck) // Sent, and nothing proves that it is held.
            }
            (_, false, _) => Some(Ended::Settled),
        };
        exchange.known = Some(known);
        exchange.step = Step { queue: if bare { Vec::new() } else { queue }, ..Step::default() };
        match ended {
            Some(ended) => self.end(ended),
            None => self.name_or_go_on(secret),
        }
    }

    /// Reads the ids below heads that the hub does not know, before anything else is put together.
    fn name_or_go_on(&mut self, secret: &DeviceSecret) {
        let exchange = &mut self.exchange;
        let Exchange { known, doubted, .. } = exchange;
        let followed = known.iter().flat_map(|known| &known.followed);
        let unread = followed.filter(|(log, _)| doubted.get(log).is_some_and(Vec::is_empty));
        let asked: Vec<(LogName, u64)> = unread
            .flat_map(|(log, heads)| {
                let furthest = heads.iter().map(|head| head.seq).max().unwrap_or(0);
                skip_positions(furthest).into_iter().map(|seq| (log.clone(), seq))
            })
            .collect();
        if asked.is_empty() {
            return self.load_or_send(secret);
        }
        exchange.naming = Some(asked.clone());
        self.outputs.push_back(AgentOutput::Ids(asked));
    }

    /// Knows the ids below heads that the hub does not know.
    pub(super) fn named(
        &mut self,
        asked: &[(LogName, u64)],
        ids: &[Vec<EntryId>],
        secret: &DeviceSecret,
    ) {
        for ((log, seq), ids) in asked.iter().zip(ids) {
            let skipped = self.exchange.doubted.entry(log.clone()).or_default();
            skipped.extend(ids.iter().map(|id| (*seq, id.short())));
        }
        self.load_or_send(secret);
    }

    /// Has packed frames of the log asked for: takes as many as the step still holds.
    pub(super) fn packed(&mut self, packed: Packed, secret: &DeviceSecret) {
        let limit = self.goodput.step_bytes();
        let step = &mut self.exchange.step;
        let (packed, lasts): (Vec<_>, Vec<_>) = packed.into_iter().unzip();
        let sizes: Vec<usize> = packed.iter().map(Vec::len).collect();
        for ((message, size), last) in Message::frames(packed).zip(sizes).zip(lasts) {
            if 0 < step.bytes && limit < step.bytes + size {
                step.queue.clear();
                break;
            }
            step.bytes += size;
            step.packed.push(message);
            step.sent.extend(step.asked.clone().map(|place| (place, last)));
        }
        self.load_or_send(secret);
    }

    fn load_or_send(&mut self, secret: &DeviceSecret) {
        let limit = self.goodput.step_bytes();
        let step = &mut self.exchange.step;
        if step.bytes < limit
            && let Some(Piece { place, from, has }) = step.queue.pop()
        {
            let bytes = load_bytes(limit);
            step.asked = Some(place.clone());
            let ((log, head), has) = (place, has.to_vec());
            self.outputs.push_back(AgentOutput::Load { log, head, from, has, bytes });
            return;
        }
        self.outputs.extend(self.ahead());
        match self.body(secret) {
            Ok(body) => {
                self.unanswered |= 0 < self.exchange.step.bytes;
                self.exchange.report.bytes_up += body.len() as u64;
                self.outputs.push_back(AgentOutput::Send(body));
            }
            Err(words) => self.end(Ended::Disk(words)),
        }
    }

    /// What the next step will ask for, if this one is taken whole.
    fn ahead(&self) -> Option<AgentOutput> {
        let Exchange { known, step, .. } = &self.exchange;
        let own = &known.as_ref()?.own;
        let ((log, head), last) = step.sent.iter().next_back()?;
        let mut branches = own.iter().filter(|own| own.log == *log).flat_map(|own| &own.branches);
        branches.find(|branch| branch.head == *head && *last < head.seq)?;
        let bytes = load_bytes(self.goodput.step_bytes());
        let pace = self.goodput.pace();
        let (log, head) = (log.clone(), *head);
        Some(AgentOutput::Ahead { log, head, from: last + 1, bytes, pace })
    }

    fn body(&mut self, secret: &DeviceSecret) -> Result<Vec<u8>, String> {
        let Some(known) = &self.exchange.known else {
            return Err("an exchange began without a look at what is held".to_owned());
        };
        let own = known.own.iter().flat_map(|own| {
            own.branches.iter().map(|branch| BranchHead::of(&own.log, branch.head))
        });
        let mut doubted = self.exchange.doubted.clone();
        let mut followed = Vec::new();
        for (log, heads) in &known.followed {
            for head in heads {
                let skipped = doubted.remove(log).unwrap_or_default();
                followed.push(BranchHead { skipped, ..BranchHead::of(log, *head) });
            }
        }
        let hello = Hello {
            versions: VERSIONS.to_vec(),
            device: self.device,
            epoch: known.epoch,
            heads: own.chain(followed).collect(),
            lost: Vec::new(),
            last_receipt: known.last_receipt.as_deref().map(Receipt::name),
            waiting: known.waiting,
            clock: known.clock,
            software: known.software.clone(),
            signature: Signature::NONE,
        };
        let hello = hello.sign(secret).map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        let frames = std::mem::take(&mut self.exchange.step.packed);
        let proof = known.last_receipt.clone().filter(|_| self.exchange.showing == Showing::Due);
        if proof.is_some() {
            self.exchange.showing = Showing::Shown;
        }
        let before =
            [Message::Hello(Box::new(hello))].into_iter().chain(proof.map(Message::Receipt));
        for message in before.chain(frames) {
            message.write_to(&mut body).map_err(|error| error.to_string())?;
        }
        Ok(body)
    }
}

impl Exchange {
    /// Returns what the hub lacks of followed logs; that goes after everything of this device's.
    fn lacking_there(&self, known: &Known) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (log, heads) in &known.followed {
            let Some(has) = self.lacking.get(log).filter(|_| !self.blocked.contains(log)) else {
                continue;
            };
            let shared: Arc<[_]> = has.as_slice().into();
            for head in heads.iter().rev() {
                let place = (log.clone(), *head);
                let brought = self.brought.get(&place).copied().unwrap_or(0);
                if brought < head.seq && !has.contains(&(head.seq, head.id.short())) {
                    pieces.push(Piece { place, from: brought + 1, has: Arc::clone(&shared) });
                }
            }
        }
        pieces
    }

    /// Whether something of an own log was sent, and a proof that it is held is still to come.
    ///
    /// Of an earlier epoch in which this device forgot what it wrote the hub names only entries
    /// that are not here, so none comes: that log is closed, and does not hold up the others.
    fn is_unproved(&self, known: &Known, own: &OwnLog) -> bool {
        let is_closed = own.log.epoch != known.epoch && self.report.forgotten.contains(&own.log);
        own.branches.iter().any(|branch| branch.held < branch.head.seq) && !is_closed
    }

    /// Whether the last step changed what is held here or there, or where to go on from.
    fn moved(&self, known: &Known) -> bool {
        let before = self.known.as_ref();
        let same = before
            .is_some_and(|before| before.own == known.own && before.followed == known.followed);
        !same || self.redirected
    }
}

/// Returns what of an own log is still to be sent, its first branch last. Where the hub said which
/// entries it `has`, those tell; else what was proved to be held.
fn unsent(own: &OwnLog, has: Option<&Vec<(u64, ShortId)>>, taken: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let shared: Arc<[_]> = has.map(Vec::as_slice).unwrap_or_default().into();
    for branch in own.branches.iter().rev() {
        let (head, place) = (branch.head, (own.log.clone(), branch.head));
        let held = if has.is_some() { taken } else { taken.max(branch.held) };
        let has = Arc::clone(&shared);
        if held < head.seq && !has.contains(&(head.seq, head.id.short())) {
            pieces.push(Piece { place, from: held + 1, has });
        }
    }
    pieces
}

/// How many bytes to load for a step of so many: text shrinks to an eighth.
const fn load_bytes(step: usize) -> usize {
    if step < STEP_LOAD_BYTES_MAX / 8 { step * 8 } else { STEP_LOAD_BYTES_MAX }
}
