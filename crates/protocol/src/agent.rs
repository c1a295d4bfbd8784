//! The agent's half of an exchange: what to send next, and what the answer proves.
//!
//! One exchange is a series of steps; each sends a Hello with frames and reads one answer. Frames
//! go at once from the last heads the hub is known to hold. A step without an answer is followed
//! by a bare Hello in the next exchange, so at most one step is ever sent twice.

mod answer;
mod step;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use journal::{DeviceKey, DeviceSecret, EntryId, Epoch, Frame, Head, LogName, Receipt};
use journal::{ShortId, Stamp};

use crate::goodput::Goodput;
use crate::message::{Message, Refused, Waiting, Why};
use crate::pack::{Pace, Packed, pack};

/// What a device holds and knows when a step begins.
#[derive(Clone, Debug)]
pub struct Known {
    /// The device's epoch.
    pub epoch: Epoch,
    /// The logs under its key.
    pub own: Vec<OwnLog>,
    /// The logs it follows, with the end of each branch.
    pub followed: Vec<(LogName, Vec<Head>)>,
    /// Its last receipt.
    pub last_receipt: Option<Box<Receipt>>,
    /// What waits.
    pub waiting: Waiting,
    /// What its clocks say.
    pub clock: Stamp,
    /// The version of its software.
    pub software: String,
}

/// A log under the device's own key: no branch of it comes before another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnLog {
    /// The log.
    pub log: LogName,
    /// Its branches; none while it is empty.
    pub branches: Vec<OwnBranch>,
}

impl OwnLog {
    /// Whether anything of it was proved to be held.
    fn is_held(&self) -> bool {
        self.branches.iter().any(|branch| 0 < branch.held)
    }
}

/// A branch of an own log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OwnBranch {
    /// Where it ends.
    pub head: Head,
    /// The last of the entries that lead there of which it is proved that the hub holds it.
    pub held: u64,
}

/// What the world tells an agent's machine.
#[derive(Debug)]
pub enum AgentInput {
    /// Somebody or something wants an exchange.
    Begin,
    /// The answer to [`AgentOutput::Look`].
    Looked(Known),
    /// The answer to [`AgentOutput::Load`]: durable frames only.
    Loaded(Vec<Frame>),
    /// Another answer to [`AgentOutput::Load`]: the same frames, packed ahead.
    Packed(Packed),
    /// The answer to [`AgentOutput::Send`], after so many milliseconds and bytes.
    Answered {
        /// What the hub said.
        messages: Vec<Message>,
        /// How long it took.
        ms: u64,
        /// How many bytes came.
        bytes: u64,
        /// Whether the hub said that it speaks version 3, and so lists every branch.
        lists_branches: bool,
    },
    /// There was no answer, or none that could be read.
    Unanswered {
        /// Why, for a person.
        words: String,
        /// How long the hub asked to be left alone.
        retry_after_ms: Option<u64>,
    },
    /// The answer to [`AgentOutput::Ids`], in the same order: every id that stands here at each
    /// place, or why they can't be read.
    Ids(Result<Vec<Vec<EntryId>>, String>),
    /// The answer to [`AgentOutput::Keep`]: it is durable, or why not.
    Kept(Result<(), String>),
}

/// What an agent's machine asks of the world.
#[derive(Debug)]
pub enum AgentOutput {
    /// Say what is held now.
    Look,
    /// Read frames that lead to `head`: from entry `from` on, and after the last entry that `head`
    /// has in common with any of those named in `has`; at least one if there is any.
    Load {
        /// The log.
        log: LogName,
        /// The last entry of the branch.
        head: Head,
        /// The first entry.
        from: u64,
        /// Entries that the hub has, on whatever branch.
        has: Vec<(u64, ShortId)>,
        /// About how many bytes.
        bytes: usize,
    },
    /// While the next answer is awaited, load and pack what will probably be asked for next. No
    /// answer is due; [`AgentInput::Packed`] may answer the [`AgentOutput::Load`] that asks for it.
    Ahead {
        /// The log.
        log: LogName,
        /// The last entry of the branch.
        head: Head,
        /// The first entry.
        from: u64,
        /// About how many bytes to load.
        bytes: usize,
        /// For [`crate::pack()`].
        pace: Pace,
    },
    /// Send this body and read the answer.
    Send(Vec<u8>),
    /// Read the ids of these entries, on every branch of their logs.
    Ids(Vec<(LogName, u64)>),
    /// Make this durable: the receipt, what it proves, frames of followed logs (to be verified).
    Keep {
        /// A receipt newer than the last.
        receipt: Option<Box<Receipt>>,
        /// For each own log the entries that the hub was now proved to hold, with all before
        /// them. They take the place of those that were known of that log.
        held: Vec<(LogName, Vec<Head>)>,
        /// Those of them that the hub holds and lists nowhere: an older one folds one branch.
        unlisted: Vec<(LogName, Vec<Head>)>,
        /// Frames of followed logs.
        frames: Vec<Frame>,
    },
    /// The exchange is over.
    End(Report),
}

/// How an exchange went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Why it ended.
    pub ended: Ended,
    /// Entries the hub newly holds.
    pub sent: u64,
    /// Entries that came down.
    pub received: u64,
    /// Bytes of bodies up.
    pub bytes_up: u64,
    /// Bytes of bodies down.
    pub bytes_down: u64,
    /// The number of the last receipt.
    pub receipt: Option<u64>,
    /// Whether the hub answered at all.
    pub answered: bool,
    /// What was refused on the way.
    pub refused: Vec<Refused>,
    /// Own logs of which the hub holds entries that this device does not have.
    pub forgotten: BTreeSet<LogName>,
    /// Followed logs of which this device holds entries that the hub does not have.
    pub ahead: BTreeSet<LogName>,
    /// Own logs of which the hub lacks entries that it had held in the same epoch: the first and
    /// the last of them. A hub that was set back opens its next epoch, so somebody removed them.
    pub removed: BTreeMap<LogName, (u64, u64)>,
}

/// Why an exchange ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Ended {
    /// A receipt covers everything here, and everything for this device has come down.
    #[default]
    Settled,
    /// No answer.
    Unreachable {
        /// Why, for a person.
        words: String,
        /// How long the hub asked to be left alone.
        retry_after_ms: Option<u64>,
    },
    /// The hub answered and refused all or some of it.
    Refused,
    /// Steps were answered, and nothing moved.
    Stuck,
    /// This machine's own disk failed.
    Disk(String),
}

/// The agent's half of an exchange.
#[derive(Debug)]
pub struct Agent {
    device: DeviceKey,
    hub: DeviceKey,
    /// Whether frames were sent and no receipt after them was kept, so that a bare Hello must
    /// follow.
    unanswered: bool,
    /// After which entries of a log to go on, where that is not after those proved to be held.
    resume: BTreeMap<LogName, Vec<(u64, ShortId)>>,
    /// Up to where a log was sent and not refused, though no head proves that it is held.
    taken: BTreeMap<LogName, u64>,
    goodput: Goodput,
    exchange: Exchange,
    outputs: VecDeque<AgentOutput>,
}

/// A branch, by its log and its last entry.
pub type Place = (LogName, Head);

/// One exchange, from `Begin` to `End`.
#[derive(Debug, Default)]
struct Exchange {
    known: Option<Known>,
    /// Which entries the hub had of a log when it refused a frame of it.
    gaps: BTreeMap<LogName, Vec<(u64, ShortId)>>,
    /// Followed logs of which the hub lacks entries: those that it has.
    lacking: BTreeMap<LogName, Vec<(u64, ShortId)>>,
    /// How far those were brought up.
    brought: BTreeMap<Place, u64>,
    /// Logs that the hub refused; the others flow on.
    blocked: BTreeSet<LogName>,
    step: step::Step,
    answer: answer::Answer,
    steps: u32,
    idle: u32,
    /// Whether the last answer brought frames down, so that more may follow.
    more: bool,
    /// Whether the last answer held a receipt.
    receipted: bool,
    /// What the hub was told that asked for the last receipt as proof that it was set back.
    showing: Showing,
    /// Whether the last answer led to a new place to go on from.
    redirected: bool,
    /// Followed logs whose head the hub did not know, with the ids further down that are named
    /// beside it; none while they are being read.
    doubted: BTreeMap<LogName, Vec<(u64, ShortId)>>,
    /// The ids that are being read for those.
    naming: Option<Vec<(LogName, u64)>>,
    report: Report,
}

/// Whether the last receipt is shown to the hub.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Showing {
    #[default]
    NotAsked,
    Due,
    Shown,
}

impl Agent {
    /// Makes the machine of `device`, which trusts the receipts of `hub` only.
    #[must_use]
    pub fn new(device: DeviceKey, hub: DeviceKey) -> Self {
        Self {
            device,
            hub,
            unanswered: false,
            resume: BTreeMap::new(),
            taken: BTreeMap::new(),
            goodput: Goodput::default(),
            exchange: Exchange::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened; the consequences wait in [`Agent::poll`].
    ///
    /// `secret` signs Hellos.
    pub fn handle(&mut self, input: AgentInput, secret: &DeviceSecret) {
        match input {
            AgentInput::Begin => {
                self.exchange = Exchange::default();
                self.outputs.clear(); // What an abandoned exchange still wanted.
                self.outputs.push_back(AgentOutput::Look);
            }
            AgentInput::Looked(known) => self.looked(known, secret),
            AgentInput::Loaded(frames) => match pack(frames, self.pace()) {
                Ok(packed) => self.packed(packed, secret),
                Err(error) => self.end(Ended::Disk(error.to_string())),
            },
            AgentInput::Packed(packed) => self.packed(packed, secret),
            AgentInput::Answered { messages, ms, bytes, lists_branches } => {
                self.exchange.report.bytes_down += bytes;
                self.goodput.measured(self.exchange.step.bytes() as u64, ms);
                self.answered(messages, lists_branches);
            }
            AgentInput::Unanswered { words, retry_after_ms } => {
                self.goodput.lost();
                self.end(Ended::Unreachable { words, retry_after_ms });
            }
            AgentInput::Ids(Err(words)) => self.end(Ended::Disk(words)),
            AgentInput::Ids(Ok(ids)) => match self.exchange.naming.take() {
                Some(asked) => self.named(&asked, &ids, secret),
                None => self.compared(&ids),
            },
            AgentInput::Kept(Ok(())) => self.kept(),
            AgentInput::Kept(Err(words)) => self.end(Ended::Disk(words)),
        }
    }

    /// Returns how to pack what the step still has room for.
    fn pace(&self) -> Pace {
        let pace = self.goodput.pace();
        Pace { step_bytes: pace.step_bytes.saturating_sub(self.exchange.step.bytes()), ..pace }
    }

    /// Returns the next thing the world must do, oldest first.
    pub fn poll(&mut self) -> Option<AgentOutput> {
        self.outputs.pop_front()
    }

    /// Returns the last entry of each branch in the step that is being sent.
    #[must_use]
    pub const fn in_step(&self) -> &BTreeMap<Place, u64> {
        &self.exchange.step.sent
    }

    /// Everything of a step is durable: on to the next, or the end.
    fn kept(&mut self) {
        let exchange = &mut self.exchange;
        let is_told = |refused: &Refused| refused.why == Why::Revoked && !refused.heads.is_empty();
        let is_told = exchange.receipted || exchange.answer.refused.iter().any(is_told);
        self.unanswered &= !is_told;
        exchange.steps += 1;
        let fatal = |refused: &Refused| match refused.why {
            Why::Version | Why::UnknownDevice | Why::Hello | Why::Disk => true,
            // What is set aside is not brought again; what is left can be.
            Why::Revoked => !exchange.redirected,
            // Shown once, it is not asked for again.
            Why::Prove => !exchange.redirected,
            // Of a frame that could not be read nobody knows which log to leave alone.
            Why::WrongLog | Why::Frame | Why::Gap | Why::UnknownHead | Why::WrongSite => {
                refused.log.is_none()
            }
        };
        if exchange.answer.refused.iter().any(fatal) {
            return self.end(Ended::Refused);
        }
        self.outputs.push_back(AgentOutput::Look);
    }

    fn end(&mut self, ended: Ended) {
        let mut report = std::mem::take(&mut self.exchange.report);
        report.ended = ended;
        self.outputs.push_back(AgentOutput::End(report));
    }
}

#[cfg(test)]
mod tests;
