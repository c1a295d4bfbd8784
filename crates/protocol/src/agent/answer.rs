//! One answer: which receipt counts, what it proves, what came down.

use std::collections::BTreeMap;

use journal::{BranchHead, DeviceKey, EntryId, Frame, FrameFault, LogName, Receipt, ShortId};

use super::{Agent, AgentOutput, Ended};
use crate::message::{Message, Refused, Why};
use crate::pack::Unpacker;

/// What an answer said, while its claims are compared with the device's own entries.
#[derive(Debug, Default)]
pub(super) struct Answer {
    receipt: Option<Box<Receipt>>,
    frames: Vec<Frame>,
    pub(super) refused: Vec<Refused>,
    /// The positions whose own ids were asked for.
    asked: Vec<(LogName, u64)>,
}

impl Agent {
    /// Sorts an answer and asks for the own ids of every position it speaks of.
    pub(super) fn answered(&mut self, messages: Vec<Message>, ms: u64, bytes: u64) {
        let sent = self.exchange.step_bytes();
        self.goodput.measured(sent, ms);
        self.exchange.report.bytes_down += bytes;
        self.exchange.report.answered = true;
        let mut answer = Answer::default();
        let (mut unpacker, mut read) = (Unpacker::default(), Vec::new());
        for message in messages {
            match message {
                Message::Receipt(receipt) if self.is_good(&receipt) => {
                    answer.receipt = Some(receipt);
                }
                Message::Frame(packed) => read.push(unpacker.first(&packed)),
                Message::Continued(packed) => read.push(unpacker.next(&packed)),
                Message::Refused(refused) => answer.refused.push(*refused),
                Message::Receipt(_) => return self.unreadable("a receipt not signed by our hub"),
                Message::Hello(_) => return self.unreadable("a hub does not say hello"),
            }
        }
        match read.into_iter().collect() {
            Ok(frames) => answer.frames = frames,
            Err(fault) => return self.unreadable(&FrameFault::to_string(&fault)),
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
        let (held, forgotten) = match &answer.receipt {
            Some(receipt) => self.proved(receipt, same),
            None => (BTreeMap::new(), Vec::new()),
        };
        let mut gaps = Vec::new();
        let of_ours = |refused: &&Refused| resumable(refused) && !is_followed(self.device, refused);
        for refused in answer.refused.iter().filter(of_ours) {
            let points = refused.heads.iter().flat_map(points);
            let common = points.filter(|(log, seq, id)| *seq == 0 || same(log, *seq, *id));
            // Two heads that neither side knows must not deadlock: then the whole log goes.
            gaps.push((refused.clone(), common.map(|(_, seq, _)| seq).max().unwrap_or(0)));
        }
        let unknown = answer.refused.iter().filter(|refused| is_followed(self.device, refused));
        let unknown: Vec<(LogName, bool)> = unknown
            .filter_map(|refused| {
                let all = refused.heads.iter().all(|head| same(&head.log, head.seq, head.id));
                Some((refused.log.clone()?, all && !refused.heads.is_empty()))
            })
            .collect();
        let revoked = answer.refused.iter().filter(|refused| refused.why == Why::Revoked);
        let aside = revoked.flat_map(|refused| refused.heads.iter().flat_map(points));
        let aside = aside.filter(|(log, seq, id)| same(log, *seq, *id));
        let mut set_aside: BTreeMap<LogName, u64> = BTreeMap::new();
        for (log, seq, _) in aside {
            let furthest = set_aside.entry(log.clone()).or_default();
            *furthest = seq.max(*furthest);
        }
        self.redirect(&held, &forgotten, (gaps, set_aside));
        self.doubt(unknown);
        self.exchange.report.forgotten.extend(forgotten);
        self.keep(held);
    }

    /// Decides where to go on in each log.
    fn redirect(
        &mut self,
        held: &BTreeMap<LogName, u64>,
        forgotten: &[LogName],
        (gaps, set_aside): (Vec<(Refused, u64)>, BTreeMap<LogName, u64>),
    ) {
        let exchange = &mut self.exchange;
        let before = self.resume.clone();
        self.resume.retain(|log, _| !held.contains_key(log));
        // Sent, not refused, and no head to compare with: it is not held, but not sent again.
        let device = self.device;
        let all_taken = exchange.answer.refused.iter().all(|refused| is_followed(device, refused));
        for log in forgotten.iter().filter(|_| all_taken) {
            let sent = exchange.step.sent.get(log).filter(|_| !held.contains_key(log));
            self.resume.extend(sent.map(|sent| (log.clone(), *sent)));
        }
        self.resume.extend(set_aside);
        for (refused, seq) in gaps {
            let Some(log) = refused.log.clone() else { continue };
            if exchange.gaps.insert(log.clone(), seq) == Some(seq) {
                exchange.blocked.insert(log); // Going on from there did not help before.
                exchange.report.refused.push(refused);
            } else {
                self.resume.insert(log, seq);
            }
        }
        exchange.redirected = self.resume.iter().any(|(log, seq)| before.get(log) != Some(seq));
    }

    /// Decides about followed logs whose head the hub does not know: each with whether all that
    /// the hub holds of it is here.
    fn doubt(&mut self, unknown: Vec<(LogName, bool)>) {
        let exchange = &mut self.exchange;
        for (log, is_all_here) in unknown {
            exchange.report.ahead.insert(log.clone());
            // Named in full already, there is nothing more to say; the other logs flow on.
            if !is_all_here && !exchange.doubted.contains_key(&log) {
                exchange.doubted.insert(log, Vec::new());
                exchange.redirected = true;
                exchange.more = true;
            }
        }
    }

    fn keep(&mut self, held: BTreeMap<LogName, u64>) {
        let exchange = &mut self.exchange;
        for (log, seq) in &held {
            let before = exchange.held(log).unwrap_or(*seq);
            exchange.report.sent += seq.saturating_sub(before);
        }
        let device = self.device;
        let is_final = |refused: &&Refused| !resumable(refused) && !is_followed(device, refused);
        for refused in exchange.answer.refused.iter().filter(is_final) {
            exchange.blocked.extend(refused.log.clone());
            let said = |said: &Refused| said.why == Why::Revoked && refused.why == Why::Revoked;
            if !exchange.report.refused.iter().any(said) {
                exchange.report.refused.push(refused.clone());
            }
        }
        let receipt = exchange.answer.receipt.take();
        let frames = std::mem::take(&mut exchange.answer.frames);
        exchange.report.received +=
            frames.iter().map(|frame| frame.items.len() as u64).sum::<u64>();
        exchange.receipted = receipt.is_some();
        if let Some(receipt) = &receipt {
            exchange.report.receipt = Some(receipt.number);
        }
        let held = held.into_iter().collect();
        self.outputs.push_back(AgentOutput::Keep { receipt, held, frames });
    }

    /// What a receipt proves of each own log, and the logs with a head that is not known here. An
    /// id further down that it names proves as much as a head.
    ///
    /// A log that it does not name is not held, whatever an earlier receipt said: the hub may have
    /// been set back.
    fn proved(
        &self,
        receipt: &Receipt,
        same: impl Fn(&LogName, u64, ShortId) -> bool,
    ) -> (BTreeMap<LogName, u64>, Vec<LogName>) {
        let mut held: BTreeMap<LogName, u64> = BTreeMap::new();
        let mut forgotten = Vec::new();
        let own = receipt.heads.iter().filter(|head| head.log.device == self.device);
        for head in own.filter(|head| 0 < head.seq) {
            for (log, seq, _id) in points(head).filter(|(log, seq, id)| same(log, *seq, *id)) {
                let held = held.entry(log.clone()).or_default();
                *held = seq.max(*held);
            }
            if !same(&head.log, head.seq, head.id) && self.exchange.held(&head.log).is_some() {
                forgotten.push(head.log.clone());
            }
        }
        let own = self.exchange.known.iter().flat_map(|known| &known.own);
        let is_named = |log: &LogName| held.contains_key(log) || forgotten.contains(log);
        let was_sent = |log: &LogName, held: u64| 0 < held || self.resume.contains_key(log);
        let gone = own.filter(|(log, _, held)| !is_named(log) && was_sent(log, *held));
        let gone: Vec<_> = gone.map(|(log, _, _)| (log.clone(), 0)).collect();
        held.extend(gone);
        (held, forgotten)
    }

    fn is_good(&self, receipt: &Receipt) -> bool {
        receipt.hub == self.hub
            && receipt.device == self.device
            && receipt.verify(&self.hub).is_ok()
    }

    /// Every position that the answer speaks of: what a receipt says is of own logs only.
    fn positions(&self, answer: &Answer) -> Vec<(LogName, u64)> {
        let receipt = answer.receipt.iter().flat_map(|receipt| &receipt.heads);
        let refused = answer.refused.iter().flat_map(|refused| &refused.heads);
        let all = receipt.chain(refused).flat_map(points).filter(|(_, seq, _)| 0 < *seq);
        all.map(|(log, seq, _)| (log.clone(), seq)).collect()
    }

    fn unreadable(&mut self, words: &str) {
        let words = format!("the answer can't be used: {words}");
        self.end(Ended::Unreachable { words, retry_after_ms: None });
    }
}

impl super::Exchange {
    /// Returns how far an own log was held before this answer; `None` for any other log.
    fn held(&self, log: &LogName) -> Option<u64> {
        let mut own = self.known.iter().flat_map(|known| &known.own);
        own.find(|(own, _, _)| own == log).map(|(_, _, held)| *held)
    }

    const fn step_bytes(&self) -> u64 {
        self.step.sent_bytes()
    }
}

/// Whether it is about a log that is only followed; its entries are not ours to send.
fn is_followed(device: DeviceKey, refused: &Refused) -> bool {
    let is_foreign = refused.log.as_ref().is_some_and(|log| log.device != device);
    refused.why == Why::UnknownHead && is_foreign
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
