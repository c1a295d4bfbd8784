//! One answer: which receipt counts, what it proves, what came down.

use std::collections::BTreeMap;

use journal::{BranchHead, EntryId, Frame, LogName, Receipt, ShortId};

use super::{Agent, AgentOutput, Ended};
use crate::message::{Message, Refused, Why};
use crate::pack::unpack;

/// What an answer said, while its claims are compared with the device's own entries.
#[derive(Debug, Default)]
pub(super) struct Answer {
    receipt: Option<Box<Receipt>>,
    frames: Vec<Frame>,
    pub(super) refused: Vec<Refused>,
    /// The positions whose own ids were asked for.
    asked: Vec<(LogName, u64)>,
    /// Whether anything moved: entries up or down, or a place to go on from.
    pub(super) moved: bool,
}

impl Agent {
    /// Sorts an answer and asks for the own ids of every position it speaks of.
    pub(super) fn answered(&mut self, messages: Vec<Message>, ms: u64, bytes: u64) {
        self.unanswered = false;
        let sent = self.exchange.step_bytes();
        self.goodput.measured(sent, ms);
        self.exchange.report.bytes_down += bytes;
        self.exchange.report.answered = true;
        let mut answer = Answer::default();
        for message in messages {
            match message {
                Message::Receipt(receipt) if self.is_good(&receipt) => {
                    answer.receipt = Some(receipt);
                }
                Message::Frame(packed) => match unpack(&packed) {
                    Ok(frame) => answer.frames.push(frame),
                    Err(fault) => return self.unreadable(&fault.to_string()),
                },
                Message::Refused(refused) => answer.refused.push(*refused),
                Message::Receipt(_) => return self.unreadable("a receipt not signed by our hub"),
                Message::Hello(_) => return self.unreadable("a hub does not say hello"),
            }
        }
        answer.asked = self.positions(&answer);
        self.exchange.more = !answer.frames.is_empty();
        self.outputs.push_back(AgentOutput::Ids(answer.asked.clone()));
        self.exchange.answer = answer;
    }

    /// Knows its own ids: what the hub names and the device has under the same id is held.
    pub(super) fn compared(&mut self, ids: &[Option<EntryId>]) {
        let answer = &self.exchange.answer;
        let own: BTreeMap<(&LogName, u64), ShortId> = answer
            .asked
            .iter()
            .zip(ids)
            .filter_map(|((log, seq), id)| Some(((log, *seq), id.as_ref()?.short())))
            .collect();
        let same = |log: &LogName, seq: u64, id: ShortId| own.get(&(log, seq)) == Some(&id);
        let mut held: BTreeMap<LogName, u64> = BTreeMap::new();
        let mut forgotten = Vec::new();
        for head in answer.receipt.iter().flat_map(|receipt| &receipt.heads) {
            let held = held.entry(head.log.clone()).or_default();
            if head.seq == 0 || same(&head.log, head.seq, head.id) {
                *held = head.seq.max(*held);
            } else if self.exchange.writes(&head.log) {
                forgotten.push(head.log.clone());
            }
        }
        held.retain(|log, seq| {
            0 < *seq && !forgotten.contains(log) || self.exchange.new_held(log, *seq)
        });
        let mut resume = Vec::new();
        for refused in answer.refused.iter().filter(|refused| resumable(refused)) {
            let points = refused.heads.iter().flat_map(points);
            let common = points.filter(|(log, seq, id)| *seq == 0 || same(log, *seq, *id));
            resume
                .extend(common.map(|(log, seq, _)| (log.clone(), seq)).max_by_key(|(_, seq)| *seq));
        }
        self.exchange.report.forgotten.extend(forgotten);
        self.keep(held, resume);
    }

    fn keep(&mut self, held: BTreeMap<LogName, u64>, resume: Vec<(LogName, u64)>) {
        let exchange = &mut self.exchange;
        let mut moved = !exchange.answer.frames.is_empty();
        for (log, seq) in &held {
            let before = exchange.held(log);
            exchange.report.sent += seq.saturating_sub(before);
            moved |= before < *seq;
            exchange.resume.remove(log);
        }
        for (log, seq) in resume {
            moved |= exchange.resume.insert(log, seq) != Some(seq);
        }
        exchange.answer.moved = moved;
        for refused in exchange.answer.refused.iter().filter(|refused| !resumable(refused)) {
            exchange.blocked.extend(refused.log.clone());
            exchange.report.refused.push(refused.clone());
        }
        let receipt = exchange.answer.receipt.take();
        let frames = std::mem::take(&mut exchange.answer.frames);
        exchange.report.received +=
            frames.iter().map(|frame| frame.items.len() as u64).sum::<u64>();
        if let Some(receipt) = &receipt {
            exchange.report.receipt = Some(receipt.number);
        }
        let held = held.into_iter().collect();
        self.outputs.push_back(AgentOutput::Keep { receipt, held, frames });
    }

    fn is_good(&self, receipt: &Receipt) -> bool {
        receipt.hub == self.hub
            && receipt.device == self.device
            && receipt.verify(&self.hub).is_ok()
    }

    /// Every position of an own log that the answer speaks of.
    fn positions(&self, answer: &Answer) -> Vec<(LogName, u64)> {
        let receipt = answer.receipt.iter().flat_map(|receipt| &receipt.heads);
        let refused = answer.refused.iter().flat_map(|refused| &refused.heads);
        let all = receipt.chain(refused).flat_map(points);
        let own = all.filter(|(log, seq, _)| 0 < *seq && log.device == self.device);
        own.map(|(log, seq, _)| (log.clone(), seq)).collect()
    }

    fn unreadable(&mut self, words: &str) {
        let words = format!("the answer can't be used: {words}");
        self.end(Ended::Unreachable { words, retry_after_ms: None });
    }
}

impl super::Exchange {
    fn writes(&self, log: &LogName) -> bool {
        self.known.iter().flat_map(|known| &known.own).any(|(own, _, _)| own == log)
    }

    fn held(&self, log: &LogName) -> u64 {
        let own = self.known.iter().flat_map(|known| &known.own);
        own.filter(|(own, _, _)| own == log).map(|(_, _, held)| *held).next().unwrap_or(0)
    }

    fn new_held(&self, log: &LogName, seq: u64) -> bool {
        self.held(log) < seq
    }

    const fn step_bytes(&self) -> u64 {
        self.step.sent_bytes()
    }
}

/// Whether the refusal says where to go on.
fn resumable(refused: &Refused) -> bool {
    match refused.why {
        Why::Gap | Why::UnknownHead => !refused.heads.is_empty(),
        Why::Version
        | Why::UnknownDevice
        | Why::Revoked
        | Why::Hello
        | Why::WrongLog
        | Why::Frame
        | Why::WrongSite
        | Why::Disk => false,
    }
}

fn points(head: &BranchHead) -> impl Iterator<Item = (&LogName, u64, ShortId)> {
    let skipped = head.skipped.iter().map(|(seq, id)| (&head.log, *seq, *id));
    std::iter::once((&head.log, head.seq, head.id)).chain(skipped)
}
