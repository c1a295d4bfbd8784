//! The hub's half of an exchange: what to take, what to refuse, what to send down.
//!
//! A frame whose chain, signature, commitment or size fails is refused whole; the other logs flow
//! on. An entry of a sound frame is always kept and receipted, whatever it says. The answer begins
//! with a receipt, made after everything it covers is durable.

mod down;
mod intake;
mod standing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use journal::{BranchHead, DeviceKey, Entry, EntryId, Frame, Head, LogName, Receipt, ShortId};

pub use standing::{Author, Bounds, Held, Member, Post, Standing};

use crate::limits::{ANSWER_LOAD_BYTES_MAX, VERSIONS};
use crate::message::{Hello, Message, Refused, Why};
use crate::pack::Unpacker;

/// What the world tells a hub's machine.
#[derive(Debug)]
pub enum HubInput {
    /// The agent said this.
    Received(Message),
    /// The agent has said everything.
    Ended,
    /// The answer to [`HubOutput::Look`].
    Standing(Standing),
    /// The answer to [`HubOutput::Ids`], in the same order: every id held at each place.
    Ids(Vec<Vec<EntryId>>),
    /// The answer to [`HubOutput::Keep`] or [`HubOutput::Quarantine`]: it is durable, or why not.
    Kept(Result<(), String>),
    /// The answer to [`HubOutput::Load`].
    Loaded(Vec<Frame>),
    /// The answer to [`HubOutput::Receipt`].
    Receipted(Result<Box<Receipt>, String>),
    /// The answer to [`HubOutput::SetBack`]: the next epoch is open, or why not.
    Answered(Result<(), String>),
}

/// What a hub's machine asks of the world. Each but `Send` is answered before the next input.
#[derive(Debug)]
pub enum HubOutput {
    /// Look the device up; note what it says of itself.
    Look(Box<Hello>),
    /// Read the ids of these entries, on every branch of their logs.
    Ids(Vec<(LogName, u64)>),
    /// Make this durable.
    Keep(Box<Keep>),
    /// Set this aside, durably: its device was revoked.
    Quarantine(Box<Keep>),
    /// Make a receipt of everything now durable of this device.
    Receipt {
        /// The device.
        device: DeviceKey,
        /// The number of the last receipt the device knows.
        above: u64,
    },
    /// This hub was set back: it signed this receipt and lost it. Open the next epoch.
    SetBack(Box<Receipt>),
    /// Read frames that end where a signature is: those that lead to `head`, after the last entry
    /// that `head` has in common with any of those named in `has`.
    Load {
        /// The log.
        log: LogName,
        /// Where the branch ends.
        head: Head,
        /// Entries that the device has, on whatever branch.
        has: Vec<(u64, ShortId)>,
        /// About how many bytes.
        bytes: usize,
    },
    /// Say this.
    Send(Message),
}

/// A sound frame, cut to what is new as far as heads tell.
///
/// It continues the branch that ends at `prev`, or begins one there. Two exchanges may overlap, and
/// a branch may be repeated from its middle: what of it is held already is passed over.
#[derive(Debug)]
pub struct Keep {
    /// The frame.
    pub frame: Frame,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// The id of the entry before the first.
    pub prev: EntryId,
}

/// The hub's half of an exchange.
#[derive(Debug)]
pub struct Hub {
    hello: Option<Box<Hello>>,
    device: Option<Device>,
    /// Whether the agent is not listened to any more; it has been told why.
    closed: bool,
    state: State,
    refusals: Vec<Refused>,
    outputs: VecDeque<HubOutput>,
    down: down::Down,
    unpacker: Unpacker,
}

/// A device that is listened to.
#[derive(Debug)]
struct Device {
    key: DeviceKey,
    member: Member,
    /// Its own logs, and those it follows.
    held: BTreeMap<LogName, Held>,
    /// Epochs of its own logs that this exchange began.
    begun: BTreeSet<journal::Epoch>,
    /// Why what it brings is set aside, and whether anything was.
    revoked: Option<(String, bool)>,
    /// Logs refused in this exchange: what follows of them would only be gaps.
    refused: BTreeSet<LogName>,
}

impl Device {
    /// Returns the hub's own key, by which it knows its own word.
    fn hub(&self) -> Option<&DeviceKey> {
        let mut authors = self.member.authors.iter();
        authors.find(|(_, author)| matches!(author, Author::Hub)).map(|(key, _)| key)
    }

    /// Returns where each branch of its own logs ends.
    fn heads(&self) -> Vec<BranchHead> {
        let own = self.held.values().filter(|held| held.log.device == self.key);
        let ends =
            own.flat_map(|held| held.heads.iter().map(|head| BranchHead::of(&held.log, *head)));
        ends.collect()
    }
}

/// What the machine waits for.
#[derive(Debug)]
enum State {
    /// A message, or the end.
    Listening,
    /// Whether a device is let in.
    Looking,
    /// The hub's next epoch.
    Answering,
    /// The ids at the place before a frame's first entry, and at its last.
    Anchoring(Box<Frame>),
    /// A commit.
    Keeping(Box<intake::Growth>),
    /// The skipped ids that a refusal names.
    Naming(Box<Refused>),
    /// A receipt.
    Receipting,
    /// The ids at the places the device named of the logs it follows.
    Comparing(Vec<down::Doubt>),
    /// The skipped ids that tell the device what of followed logs is lacking here.
    Parting(Vec<Refused>),
    /// Frames to send down.
    Loading,
    /// Nothing more.
    Done,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// Makes the machine of one exchange.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hello: None,
            device: None,
            closed: false,
            state: State::Listening,
            refusals: Vec::new(),
            outputs: VecDeque::new(),
            down: down::Down::new(ANSWER_LOAD_BYTES_MAX),
            unpacker: Unpacker::default(),
        }
    }

    /// Takes in what happened; the consequences wait in [`Hub::poll`].
    pub fn handle(&mut self, input: HubInput) {
        match (std::mem::replace(&mut self.state, State::Listening), input) {
            (State::Listening, HubInput::Received(message)) => self.received(message),
            (State::Listening, HubInput::Ended) => self.ended(),
            (State::Looking, HubInput::Standing(standing)) => self.standing(standing),
            (State::Anchoring(frame), HubInput::Ids(ids)) => self.anchored(*frame, &ids),
            (State::Keeping(kept), HubInput::Kept(Ok(()))) => self.kept(*kept),
            (State::Keeping(_), HubInput::Kept(Err(words))) => self.refuse_all(Why::Disk, words),
            (State::Naming(refused), HubInput::Ids(ids)) => self.named(*refused, &ids),
            (State::Receipting, HubInput::Receipted(Ok(receipt))) => self.receipted(receipt),
            (State::Receipting, HubInput::Receipted(Err(words))) => {
                self.refuse_all(Why::Disk, words);
                self.finish();
            }
            (State::Comparing(asked), HubInput::Ids(ids)) => self.compared(asked, ids),
            (State::Parting(refused), HubInput::Ids(ids)) => self.parted(refused, &ids),
            (State::Loading, HubInput::Loaded(frames)) => self.loaded(frames),
            (State::Answering, HubInput::Answered(answered)) => self.proved(answered),
            (
                state,
                HubInput::Received(_)
                | HubInput::Ended
                | HubInput::Standing(_)
                | HubInput::Ids(_)
                | HubInput::Kept(_)
                | HubInput::Loaded(_)
                | HubInput::Receipted(_)
                | HubInput::Answered(_),
            ) => self.state = state, // An answer nobody asked for.
        }
    }

    /// Returns the next thing the world must do, oldest first.
    pub fn poll(&mut self) -> Option<HubOutput> {
        self.outputs.pop_front()
    }

    /// Returns whether nothing more will be said.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn received(&mut self, message: Message) {
        match message {
            _ if self.closed => (),
            Message::Hello(hello) if self.hello.is_none() => self.hello(hello),
            Message::Frame(packed) if self.device.is_some() => {
                let read = self.unpacker.first(&packed);
                self.frame(read);
            }
            Message::Continued(packed) if self.device.is_some() => {
                let read = self.unpacker.next(&packed);
                self.frame(read);
            }
            Message::Receipt(receipt) if self.is_proof_due() => self.shown(receipt),
            Message::Hello(_)
            | Message::Frame(_)
            | Message::Continued(_)
            | Message::Receipt(_)
            | Message::Refused(_) => {
                self.refuse_all(Why::Hello, "an exchange begins with one hello".to_owned());
            }
        }
    }

    fn hello(&mut self, hello: Box<Hello>) {
        if !hello.versions.iter().any(|version| VERSIONS.contains(version)) {
            let words = format!(
                "this hub speaks protocol {VERSIONS:?}, the agent {:?}: update the older one",
                hello.versions
            );
            return self.refuse_all(Why::Version, words);
        }
        if hello.verify().is_err() {
            return self.refuse_all(Why::Hello, "the hello is not signed by its device".to_owned());
        }
        self.hello = Some(hello.clone());
        self.state = State::Looking;
        self.outputs.push_back(HubOutput::Look(hello));
    }

    fn standing(&mut self, standing: Standing) {
        let Some(key) = self.hello.as_ref().map(|hello| hello.device) else { return };
        match standing {
            Standing::Active(member) => self.device = Some(Device::new(key, *member, None)),
            Standing::Revoked { reason, member } => {
                self.device = Some(Device::new(key, *member, Some((reason, false))));
            }
            Standing::Unknown => {
                let words = "this device is not known here and waits for approval by the hub's \
                             administrator; its records stay with it";
                self.refuse_all(Why::UnknownDevice, words.to_owned());
            }
        }
    }

    fn is_proof_due(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.member.proof_due)
    }

    /// Is shown the receipt that the Hello names: only this hub's own word proves that it was set
    /// back.
    fn shown(&mut self, receipt: Box<Receipt>) {
        let (Some(hello), Some(device)) = (&self.hello, &self.device) else { return };
        let is_named = hello.last_receipt == Some(receipt.name()) && receipt.device == hello.device;
        if is_named && device.hub().is_some_and(|hub| receipt.verify(hub).is_ok()) {
            self.outputs.push_back(HubOutput::SetBack(receipt));
            self.state = State::Answering;
        } else {
            let words = "what the device shows is no receipt that this hub gave it";
            self.refuse_all(Why::Prove, words.to_owned());
        }
    }

    fn proved(&mut self, answered: Result<(), String>) {
        match (answered, &mut self.device) {
            (Ok(()), Some(device)) => device.member.proof_due = false,
            (Ok(()), None) => (),
            (Err(words), _) => self.refuse_all(Why::Disk, words),
        }
    }

    /// Refuses everything from here on.
    fn refuse_all(&mut self, why: Why, words: String) {
        self.closed = true;
        self.refusals.push(Refused { why, words, log: None, seq: 0, heads: Vec::new() });
    }

    fn ended(&mut self) {
        match (&self.hello, &self.device) {
            (Some(_), Some(device @ Device { revoked: Some((reason, set_aside)), .. })) => {
                let heads = device.heads();
                let aside = if *set_aside {
                    "; what it sent is set aside for the hub's administrator"
                } else {
                    ""
                };
                let words = format!("this device was revoked: {reason}{aside}");
                self.refusals.clear(); // One reason is enough.
                self.closed = true;
                self.refusals.push(Refused { why: Why::Revoked, words, log: None, seq: 0, heads });
                self.finish();
            }
            (Some(hello), Some(Device { member: Member { proof_due: true, .. }, .. })) => {
                if !self.closed {
                    let number = hello.last_receipt.map_or(0, |receipt| receipt.number);
                    let words = format!(
                        "the device names receipt {number}, which this hub does not hold: it must \
                         show it"
                    );
                    self.refuse_all(Why::Prove, words);
                }
                self.finish();
            }
            (Some(hello), Some(_)) => {
                let above = hello.last_receipt.map_or(0, |receipt| receipt.number);
                self.outputs.push_back(HubOutput::Receipt { device: hello.device, above });
                self.state = State::Receipting;
            }
            (None, _) if !self.closed => {
                self.refuse_all(Why::Hello, "an exchange begins with a hello".to_owned());
                self.finish();
            }
            (_, _) => self.finish(),
        }
    }

    /// Says what was refused, last of all.
    fn finish(&mut self) {
        for refused in std::mem::take(&mut self.refusals) {
            self.outputs.push_back(HubOutput::Send(Message::Refused(Box::new(refused))));
        }
        self.state = State::Done;
    }
}

#[cfg(test)]
mod tests;
