//! One step up: choose, load, pack and send.

use std::collections::BTreeMap;

use journal::{BranchHead, DeviceSecret, Frame, Head, LogName, Signature};

use super::{Agent, AgentOutput, Ended, Exchange, Known};
use crate::limits::{IDLE_STEPS_MAX, STEP_LOAD_BYTES_MAX, STEPS_MAX, VERSIONS};
use crate::message::{Hello, Message};
use crate::pack::pack;

/// What is being put together for one step.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Own logs still to be looked at, last first, each with its next entry.
    queue: Vec<(LogName, u64)>,
    packed: Vec<Vec<u8>>,
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
            (_, false, _) if known.own.iter().any(|(_, head, held)| *held < head.seq) => {
                Some(Ended::Stuck) // Sent, and nothing proves that it is held.
            }
            (_, false, _) => Some(Ended::Settled),
        };
        exchange.known = Some(known);
        exchange.step = Step { queue: if bare { Vec::new() } else { queue }, ..Step::default() };
        match ended {
            Some(ended) => self.end(ended),
            None => self.load_or_send(secret),
        }
    }

    /// Has frames of the log asked for: packs as many as the step still holds.
    pub(super) fn loaded(&mut self, frames: Vec<Frame>, secret: &DeviceSecret) {
        let (limit, level) = (self.goodput.step_bytes(), self.goodput.level());
        let log = frames.first().map(|frame| frame.log.clone());
        let step = &mut self.exchange.step;
        match pack(frames, level) {
            Ok(packed) => {
                for (bytes, last) in packed {
                    if step.bytes == 0 || step.bytes + bytes.len() <= limit {
                        step.bytes += bytes.len();
                        step.packed.push(bytes);
                        step.sent.extend(log.clone().map(|log| (log, last)));
                    } else {
                        step.queue.clear();
                        break;
                    }
                }
            }
            Err(error) => return self.end(Ended::Disk(error.to_string())),
        }
        self.load_or_send(secret);
    }

    fn load_or_send(&mut self, secret: &DeviceSecret) {
        let limit = self.goodput.step_bytes();
        let step = &mut self.exchange.step;
        if step.bytes < limit
            && let Some((log, from)) = step.queue.pop()
        {
            // What the link carries in one step, uncompressed: text shrinks to a fifth or less.
            let bytes = (limit * 6).min(STEP_LOAD_BYTES_MAX);
            self.outputs.push_back(AgentOutput::Load { log, from, bytes });
            return;
        }
        match self.body(secret) {
            Ok(body) => {
                self.unanswered |= 0 < self.exchange.step.bytes;
                self.exchange.report.bytes_up += body.len() as u64;
                self.outputs.push_back(AgentOutput::Send(body));
            }
            Err(words) => self.end(Ended::Disk(words)),
        }
    }

    fn body(&mut self, secret: &DeviceSecret) -> Result<Vec<u8>, String> {
        let Some(known) = &self.exchange.known else {
            return Err("an exchange began without a look at what is held".to_owned());
        };
        let own = known.own.iter().map(|(log, head, _held)| branch_head(log, *head));
        let followed = known.followed.iter().map(|(log, head)| branch_head(log, *head));
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
        let messages = frames.into_iter().map(Message::Frame);
        for message in std::iter::once(Message::Hello(Box::new(hello))).chain(messages) {
            message.write_to(&mut body).map_err(|error| error.to_string())?;
        }
        Ok(body)
    }
}

impl Exchange {
    /// Whether the last step changed what is held here or there, or where to go on from.
    fn moved(&self, known: &Known) -> bool {
        let before = self.known.as_ref();
        let same = before
            .is_some_and(|before| before.own == known.own && before.followed == known.followed);
        !same || self.redirected
    }
}

fn branch_head(log: &LogName, head: Head) -> BranchHead {
    BranchHead { log: log.clone(), seq: head.seq, id: head.id.short(), skipped: Vec::new() }
}
