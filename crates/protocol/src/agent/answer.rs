//! One answer: which receipt counts, what it proves, what came down.

use std::collections::{BTreeMap, BTreeSet};

use journal::{BranchHead, DeviceKey, EntryId, Frame, FrameFault, Head, LogName, Receipt, ShortId};

use super::{Agent, AgentOutput, Ended, OwnLog, Showing};
use crate::message::{Message, Refused, Why};
use crate::pack::Unpacker;

/// What an answer said, while its claims are compared with the device's own entries.
#[derive(Debug, Default)]
pub(super) struct Answer {
    receipt: Option<Box<Receipt>>,
    frames: Vec<Frame>,
    pub(super) refused: Vec<Refused>,
    /// Whether the hub lists what it holds on every branch.
    lists_branches: bool,
    /// The positions whose own ids were asked for.
    asked: Vec<(LogName, u64)>,
}

/// The ids that stand here at the places of which an answer speaks.
struct Here(BTreeMap<(LogName, u64), Vec<EntryId>>);

/// What a receipt proves.
#[derive(Debug, Default)]
struct Proof {
    /// Of each own log that it names or should have named, the entries that are held.
    held: BTreeMap<LogName, Vec<Head>>,
    /// Those of them that the hub lists nowhere.
    unlisted: BTreeMap<LogName, Vec<Head>>,
    /// The own logs of which it names a head that is not here.
    forgotten: Vec<LogName>,
    /// The own logs that it names without any entry that is here.
    unproved: Vec<LogName>,
}

/// A followed log of which the hub lacks entries that are here.
#[derive(Debug)]
struct Parted {
    log: LogName,
    /// Whether all that the hub holds of it is here.
    all_here: bool,
    /// The entries that it named, if it takes what it lacks from this device.
    has: Option<Vec<(u64, ShortId)>>,
}

impl Here {
    /// Returns the whole id of an entry, if it stands here.
    fn find(&self, log: &LogName, seq: u64, short: ShortId) -> Option<EntryId> {
        let mut ids = self.0.get(&(log.clone(), seq))?.iter();
        ids.find(|id| id.short() == short).copied()
    }

    /// Returns those of the entries named that stand here.
    fn common(&self, heads: &[BranchHead]) -> Vec<(u64, ShortId)> {
        let named = heads.iter().flat_map(points).filter(|(_, seq, _)| 0 < *seq);
        let here = named.filter(|(log, seq, id)| self.find(log, *seq, *id).is_some());
        let mut here: Vec<_> = here.map(|(_, seq, id)| (seq, id)).collect();
        here.sort_unstable();
        here.dedup();
        here
    }
}

impl Agent {
    /// Sorts an answer and asks for the own ids of every position it speaks of.
    pub(super) fn answered(&mut self, messages: Vec<Message>, lists_branches: bool) {
        self.exchange.report.answered = true;
        let mut answer = Answer { lists_branches, ..Answer::default() };
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

    /// Knows its own ids: an entry that the hub names and that stands here is held there.
    pub(super) fn compared(&mut self, ids: &[Vec<EntryId>]) {
        let answer = &self.exchange.answer;
        let here = Here(answer.asked.iter().cloned().zip(ids.iter().cloned()).collect());
        let proof = match &answer.receipt {
            Some(receipt) => self.proved(receipt, &here),
            None => Proof::default(),
        };
        let (of_others, of_ours): (Vec<&Refused>, Vec<&Refused>) =
            answer.refused.iter().partition(|refused| is_followed(self.device, refused));
        let mut gaps = Vec::new();
        for refused in of_ours.iter().filter(|refused| resumable(refused)) {
            // Two heads that neither side knows must not deadlock: then the whole log goes.
            gaps.push(((*refused).clone(), here.common(&refused.heads)));
        }
        let parted: Vec<Parted> = of_others
            .into_iter()
            .filter_map(|refused| {
                let is_here = |head: &BranchHead| here.find(&head.log, head.seq, head.id).is_some();
                let all_here = refused.heads.iter().all(|head| head.seq == 0 || is_here(head));
                let all_here = all_here && !refused.heads.is_empty();
                // Also what is not here yet: it may have come down with this very answer.
                let is_asked = asks_for_more(refused).then(|| named(&refused.heads));
                Some(Parted { log: refused.log.clone()?, all_here, has: is_asked })
            })
            .collect();
        let revoked = of_ours.iter().filter(|refused| refused.why == Why::Revoked);
        let aside: Vec<BranchHead> =
            revoked.flat_map(|refused| refused.heads.iter().cloned()).collect();
        let mut set_aside: BTreeMap<LogName, Vec<(u64, ShortId)>> = BTreeMap::new();
        for head in &aside {
            let has = here.common(std::slice::from_ref(head));
            set_aside.entry(head.log.clone()).or_default().extend(has);
        }
        self.redirect(&proof, gaps, set_aside);
        self.prove();
        self.doubt(parted);
        if let Some(receipt) = &self.exchange.answer.receipt {
            let removed = self.removed(receipt, &proof);
            self.exchange.report.removed.extend(removed);
        }
        let present = self.exchange.known.as_ref().map(|known| known.epoch);
        // A log of an earlier epoch may since have come back; the present one was left for good.
        let forgotten = &mut self.exchange.report.forgotten;
        if self.exchange.answer.receipt.is_some() {
            forgotten.retain(|log| Some(log.epoch) == present);
        }
        forgotten.extend(proof.forgotten);
        // Nothing counts as held any more; where to go on from was decided without them.
        let mut held = proof.held;
        held.extend(proof.unproved.into_iter().map(|log| (log, Vec::new())));
        self.keep(held, proof.unlisted);
    }

    /// Decides where to go on in each log.
    fn redirect(
        &mut self,
        proof: &Proof,
        gaps: Vec<(Refused, Vec<(u64, ShortId)>)>,
        set_aside: BTreeMap<LogName, Vec<(u64, ShortId)>>,
    ) {
        let exchange = &mut self.exchange;
        let before = (self.resume.clone(), self.taken.clone());
        self.resume.retain(|log, _| !proof.held.contains_key(log));
        self.taken.retain(|log, _| !proof.held.contains_key(log));
        // Sent, not refused, and no head to compare with: it is not held, but not sent again.
        let device = self.device;
        let all_taken = exchange.answer.refused.iter().all(|refused| is_followed(device, refused));
        for log in proof.forgotten.iter().filter(|_| all_taken) {
            let mut sent = exchange.step.sent.iter().filter(|((of, _), _)| of == log);
            let sent = sent.next().filter(|_| !proof.held.contains_key(log));
            self.taken.extend(sent.map(|(_, sent)| (log.clone(), *sent)));
        }
        for (place, sent) in exchange.step.sent.iter().filter(|((log, _), _)| log.device != device)
        {
            exchange.brought.insert(place.clone(), *sent);
        }
        self.resume.extend(set_aside);
        for (refused, has) in gaps {
            let Some(log) = refused.log.clone() else { continue };
            if log.device != device {
                exchange.blocked.insert(log);
            } else if exchange.gaps.get(&log) == Some(&has) {
                exchange.blocked.insert(log); // Going on from there did not help before.
                exchange.report.refused.push(refused);
            } else {
                exchange.gaps.insert(log.clone(), has.clone());
                self.resume.insert(log, has);
            }
        }
        exchange.redirected = (&self.resume, &self.taken) != (&before.0, &before.1);
    }

    /// Shows its last receipt in the next step, if the hub asks for that the first time.
    fn prove(&mut self) {
        let exchange = &mut self.exchange;
        let has_one = exchange.known.as_ref().is_some_and(|known| known.last_receipt.is_some());
        let refused = exchange.answer.refused.len();
        if has_one && exchange.showing == Showing::NotAsked {
            exchange.answer.refused.retain(|refused| refused.why != Why::Prove);
        }
        if exchange.answer.refused.len() < refused {
            (exchange.showing, exchange.redirected, exchange.more) = (Showing::Due, true, true);
        }
    }

    /// Decides about followed logs of which the hub does not know a head that is here.
    fn doubt(&mut self, parted: Vec<Parted>) {
        let exchange = &mut self.exchange;
        // One that was refused when it was brought up is still lacking there.
        let refused = exchange.answer.refused.iter().filter_map(|refused| refused.log.as_ref());
        let refused: BTreeSet<LogName> = refused.chain(&exchange.blocked).cloned().collect();
        exchange.report.ahead.retain(|log| refused.contains(log));
        for Parted { log, all_here, has } in parted {
            exchange.report.ahead.insert(log.clone());
            // Named in full already, there is nothing more to say; the other logs flow on.
            if !all_here && !exchange.doubted.contains_key(&log) {
                exchange.doubted.insert(log.clone(), Vec::new());
                exchange.redirected = true;
                exchange.more = true;
            }
            if let Some(has) = has.filter(|has| exchange.lacking.get(&log) != Some(has)) {
                exchange.lacking.insert(log, has);
                exchange.redirected = true;
            }
        }
        let ahead = &exchange.report.ahead;
        exchange.lacking.retain(|log, _| ahead.contains(log));
    }

    fn keep(&mut self, held: BTreeMap<LogName, Vec<Head>>, unlisted: BTreeMap<LogName, Vec<Head>>) {
        let exchange = &mut self.exchange;
        for (log, points) in &held {
            exchange.report.sent += exchange.own(log).map_or(0, |own| newly_held(own, points));
        }
        let device = self.device;
        let is_final = |refused: &&Refused| !resumable(refused) && !is_followed(device, refused);
        for refused in exchange.answer.refused.iter().filter(is_final) {
            exchange.blocked.extend(refused.log.clone());
            // What is another's the hub may get from its author: it holds nothing up here.
            if refused.log.as_ref().is_some_and(|log| log.device != device) {
                continue;
            }
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
        let (held, unlisted) = (held.into_iter().collect(), unlisted.into_iter().collect());
        self.outputs.push_back(AgentOutput::Keep { receipt, held, unlisted, frames });
    }

    /// What a receipt proves of each own log, and the logs with a head that is not known here. An
    /// id further down that it names proves as much as a head.
    ///
    /// A log that it does not name is not held, whatever an earlier receipt said: the hub may have
    /// been set back. Nor is one of which it names only what is not here, if it names every branch:
    /// it would have named the place at which this device stands.
    fn proved(&self, receipt: &Receipt, here: &Here) -> Proof {
        let mut proof = Proof::default();
        let own = receipt.heads.iter().filter(|head| head.log.device == self.device);
        let present = self.exchange.known.as_ref().map(|known| known.epoch);
        let mut named = BTreeSet::new();
        for head in own.filter(|head| 0 < head.seq) {
            // An older hub names the branch that it folds before the others.
            let is_listed = named.insert(&head.log) || self.exchange.answer.lists_branches;
            for (log, seq, short) in points(head) {
                let Some(id) = here.find(log, seq, short) else { continue };
                let point = Head { seq, id };
                proof.held.entry(log.clone()).or_default().push(point);
                if !is_listed {
                    proof.unlisted.entry(log.clone()).or_default().push(point);
                }
            }
            let is_here = here.find(&head.log, head.seq, head.id).is_some();
            // A copy of this disk may have begun a log of the present epoch that is not here.
            let is_ours = self.exchange.own(&head.log).is_some() || present == Some(head.log.epoch);
            if !is_here && is_ours {
                proof.forgotten.push(head.log.clone());
            }
        }
        if self.exchange.answer.lists_branches {
            let is_proved = |log: &&LogName| proof.held.contains_key(log);
            let unproved = named.into_iter().filter(|log| !is_proved(log));
            proof.unproved = unproved
                .filter(|log| self.exchange.own(log).is_some_and(OwnLog::is_held))
                .cloned()
                .collect();
        }
        let is_named =
            |log: &LogName| proof.held.contains_key(log) || proof.forgotten.contains(log);
        let was_sent = |own: &OwnLog| {
            own.is_held() || self.resume.contains_key(&own.log) || self.taken.contains_key(&own.log)
        };
        let own = self.exchange.known.iter().flat_map(|known| &known.own);
        let gone = own.filter(|own| !is_named(&own.log) && was_sent(own));
        let gone: Vec<_> = gone.map(|own| (own.log.clone(), Vec::new())).collect();
        proof.held.extend(gone);
        proof
    }

    /// Returns what a receipt no longer proves that an earlier one of the same epoch had proved.
    fn removed(&self, receipt: &Receipt, proof: &Proof) -> Vec<(LogName, (u64, u64))> {
        let Some(known) = &self.exchange.known else { return Vec::new() };
        let last = known.last_receipt.as_ref().map(|last| last.hub_epoch);
        // One that lists a single branch may name another one each time.
        if last != Some(receipt.hub_epoch) || !self.exchange.answer.lists_branches {
            return Vec::new();
        }
        let furthest = |points: &Vec<Head>| points.iter().map(|point| point.seq).max();
        let fallen = |own: &OwnLog| {
            let before = own.branches.iter().map(|branch| branch.held).max().unwrap_or(0);
            let now = proof.held.get(&own.log).and_then(furthest).unwrap_or(0);
            (now < before).then(|| (own.log.clone(), (now + 1, before)))
        };
        // Where this device itself forgot or parted, it can't tell who lost what.
        let is_plain =
            |own: &&OwnLog| own.branches.len() == 1 && !proof.forgotten.contains(&own.log);
        known.own.iter().filter(is_plain).filter_map(fallen).collect()
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
    /// Returns an own log as it stood before this answer.
    fn own(&self, log: &LogName) -> Option<&OwnLog> {
        let mut own = self.known.iter().flat_map(|known| &known.own);
        own.find(|own| own.log == *log)
    }
}

/// Whether it is about a log that is only followed; its entries are not ours to send.
fn is_followed(device: DeviceKey, refused: &Refused) -> bool {
    let is_foreign = refused.log.as_ref().is_some_and(|log| log.device != device);
    refused.why == Why::UnknownHead && is_foreign
}

/// Whether the hub takes what it lacks of a followed log. One that speaks an older version does
/// not, and names no ids further down.
fn asks_for_more(refused: &Refused) -> bool {
    refused.heads.iter().any(|head| head.seq <= 1 || !head.skipped.is_empty())
}

/// Whether the refusal says where to go on.
fn resumable(refused: &Refused) -> bool {
    match refused.why {
        Why::Gap | Why::UnknownHead | Why::Frame => !refused.heads.is_empty(),
        Why::Version
        | Why::UnknownDevice
        | Why::Revoked
        | Why::Hello
        | Why::WrongLog
        | Why::WrongSite
        | Why::Disk
        | Why::Prove => false,
    }
}

/// How many entries of a log are newly proved to be held, as far as heads tell.
fn newly_held(own: &OwnLog, points: &[Head]) -> u64 {
    let furthest = points.iter().map(|point| point.seq).max().unwrap_or(0);
    let branches = own.branches.iter().map(|branch| {
        let is_whole = points.contains(&branch.head) || own.branches.len() == 1;
        let now = furthest.min(branch.head.seq);
        if is_whole { now.saturating_sub(branch.held) } else { 0 }
    });
    branches.sum()
}

/// Returns every entry that is named.
fn named(heads: &[BranchHead]) -> Vec<(u64, ShortId)> {
    let named = heads.iter().flat_map(points).filter(|(_, seq, _)| 0 < *seq);
    let mut named: Vec<_> = named.map(|(_, seq, id)| (seq, id)).collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn points(head: &BranchHead) -> impl Iterator<Item = (&LogName, u64, ShortId)> {
    let skipped = head.skipped.iter().map(|(seq, id)| (&head.log, *seq, *id));
    std::iter::once((&head.log, head.seq, head.id)).chain(skipped)
}
