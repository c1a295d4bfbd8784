//! One step up: choose, load, pack and send.

use std::collections::{BTreeMap, BTreeSet};

use journal::{BranchHead, DeviceSecret, EntryId, Head, LogName, Signature};

use super::{Agent, AgentOutput, Ended, Exchange, Known};
use crate::limits::{IDLE_STEPS_MAX, STEP_LOAD_BYTES_MAX, STEPS_MAX, VERSIONS};
use crate::message::{Hello, Message};
use crate::pack::Packed;
use crate::skip::skip_positions;

/// What is being put together for one step.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Own logs still to be looked at, last first, each with its next entry.
    queue: Vec<(LogName, u64)>,
    /// The log last asked for.
    asked: Option<LogName>,
    packed: Vec<Message>,
    bytes: usize,
    /// The last entry sent of each log.
    pub(super) sent: BTreeMap<LogName, u64>,
}

impl Step {
    /// Returns the compressed bytes of frames in the step.
    pub(super) const fn sent_bytes(&self) -> u64 {
        self.bytes as u64
    }
}

impl Agent {
    /// Knows what there is: sends it, or ends when there is nothing and nothing more comes.
    pub(super) fn looked(&mut self, known: Known, secret: &DeviceSecret) {
        let bare = self.unanswered;
        let exchange = &mut self.exchange;
        let moved = exchange.moved(&known);
        exchange.idle = if moved { 0 } else { exchange.idle + 1 };
        let mut queue: Vec<(LogName, u64)> = Vec::new();
        for (log, head, held) in known.own.iter().rev() {
            let held = self.resume.get(log).copied().unwrap_or(*held);
            if held < head.seq && !exchange.blocked.contains(log) {
                queue.push((log.clone(), held + 1));
            }
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
        let mut seen = BTreeSet::new();
        let first = followed.filter(|(log, _)| seen.insert(log.clone()));
        let unread = first.filter(|(log, _)| doubted.get(log).is_some_and(Vec::is_empty));
        let asked: Vec<(LogName, u64)> = unread
            .flat_map(|(log, head)| {
                skip_positions(head.seq).into_iter().map(|seq| (log.clone(), seq))
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
        ids: &[Option<EntryId>],
        secret: &DeviceSecret,
    ) {
        for ((log, seq), id) in asked.iter().zip(ids) {
            let skipped = self.exchange.doubted.entry(log.clone()).or_default();
            skipped.extend(id.map(|id| (*seq, id.short())));
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
            step.sent.extend(step.asked.clone().map(|log| (log, last)));
        }
        self.load_or_send(secret);
    }

    fn load_or_send(&mut self, secret: &DeviceSecret) {
        let limit = self.goodput.step_bytes();
        let step = &mut self.exchange.step;
        if step.bytes < limit
            && let Some((log, from)) = step.queue.pop()
        {
            let bytes = load_bytes(limit);
            step.asked = Some(log.clone());
            self.outputs.push_back(AgentOutput::Load { log, from, bytes });
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
        let (log, last) = step.sent.iter().next_back()?;
        own.iter().find(|(own, head, _held)| own == log && *last < head.seq)?;
        let bytes = load_bytes(self.goodput.step_bytes());
        let level = self.goodput.level();
        Some(AgentOutput::Ahead { log: log.clone(), from: last + 1, bytes, level })
    }

    fn body(&mut self, secret: &DeviceSecret) -> Result<Vec<u8>, String> {
        let Some(known) = &self.exchange.known else {
            return Err("an exchange began without a look at what is held".to_owned());
        };
        let own = known.own.iter().map(|(log, head, _held)| BranchHead::of(log, *head));
        let mut doubted = self.exchange.doubted.clone();
        let followed = known.followed.iter().map(|(log, head)| {
            let skipped = doubted.remove(log).unwrap_or_default();
            BranchHead { skipped, ..BranchHead::of(log, *head) }
        });
        let hello = Hello {
            versions: VERSIONS.to_vec(),
            device: self.device,
            epoch: known.epoch,
            heads: own.chain(followed).collect(),
            lost: Vec::new(),
            last_receipt: known.last_receipt,
            waiting: known.waiting,
            clock: known.clock,
            software: known.software.clone(),
            signature: Signature::NONE,
        };
        let hello = hello.sign(secret).map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        let frames = std::mem::take(&mut self.exchange.step.packed);
        for message in std::iter::once(Message::Hello(Box::new(hello))).chain(frames) {
            message.write_to(&mut body).map_err(|error| error.to_string())?;
        }
        Ok(body)
    }
}

impl Exchange {
    /// Whether something of an own log was sent, and a proof that it is held is still to come.
    ///
    /// Of an earlier epoch in which this device forgot what it wrote the hub names only entries
    /// that are not here, so none comes: that log is closed, and does not hold up the others.
    fn is_unproved(&self, known: &Known, (log, head, held): &(LogName, Head, u64)) -> bool {
        let is_closed = log.epoch != known.epoch && self.report.forgotten.contains(log);
        *held < head.seq && !is_closed
    }

    /// Whether the last step changed what is held here or there, or where to go on from.
    fn moved(&self, known: &Known) -> bool {
        let before = self.known.as_ref();
        let same = before
            .is_some_and(|before| before.own == known.own && before.followed == known.followed);
        !same || self.redirected
    }
}

/// How many bytes to load for a step of so many: text shrinks to an eighth.
const fn load_bytes(step: usize) -> usize {
    if step < STEP_LOAD_BYTES_MAX / 8 { step * 8 } else { STEP_LOAD_BYTES_MAX }
}
