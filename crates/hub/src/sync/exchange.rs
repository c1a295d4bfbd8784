//! One exchange: performs what [`protocol::Hub`] decides, against the database.

use std::collections::BTreeMap;

use journal::{DeviceKey, Lane};
use protocol::{
    Hello, Hub, HubInput, HubOutput, Keep, Malformed, Message, Refused, Standing, Why, split_first,
};
use tokio::sync::Notify;

use crate::truth::devices::refusals;
use crate::truth::logs::Tree;
use crate::truth::quarantine::{self, QuarantineError};
use crate::truth::turns::retry;
use crate::truth::{Fault, Truth, devices, epoch, frames, hub_time, returned};

/// What a device is told when the hub's disk fails; the cause is for the hub's own log.
const TRY_LATER: &str = "the hub can't keep its data now: try again later";

/// One exchange with one device.
#[derive(Debug)]
pub struct Exchange<'a> {
    truth: &'a Truth,
    kept: &'a Notify,
    peer: DeviceKey,
    hub: Hub,
    /// What the device said of itself.
    declared: Option<Box<Hello>>,
    /// Whether the hub's machine heard anything at all.
    heard: bool,
    /// Bytes of the request that are no whole message yet.
    rest: Vec<u8>,
    /// What is wrong with the request itself; nothing after it is read.
    broken: Option<Refused>,
    answer: Vec<u8>,
    /// What was refused that an administrator must hear of.
    notable: Vec<Refused>,
    /// Whether the device brought entries of the hub's own that were lost here.
    has_returned: bool,
    /// The log of which frames were sent down last.
    loading: Option<Tree>,
}

impl<'a> Exchange<'a> {
    /// Begins an exchange with the device that proved to hold `peer`; `kept` is woken for the fold.
    #[must_use]
    pub fn new(truth: &'a Truth, kept: &'a Notify, peer: DeviceKey) -> Self {
        let (rest, answer) = (Vec::new(), Vec::new());
        Self {
            truth,
            kept,
            peer,
            hub: Hub::new(),
            declared: None,
            heard: false,
            rest,
            broken: None,
            answer,
            notable: Vec::new(),
            has_returned: false,
            loading: None,
        }
    }

    /// Takes in the next bytes of the request; every frame that is complete is durable afterwards.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be used.
    pub async fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.rest.extend_from_slice(bytes);
        let mut taken = 0;
        while self.broken.is_none() {
            match split_first(self.rest.get(taken..).unwrap_or_default()) {
                Ok(Some((message, size))) => {
                    taken += size;
                    self.receive(message).await?;
                }
                Ok(None) => break,
                Err(malformed) => self.break_off(malformed_words(&malformed)),
            }
        }
        self.rest.drain(..taken.min(self.rest.len()));
        Ok(())
    }

    /// Ends the request and returns the answer.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be used.
    pub async fn finish(mut self) -> Result<Vec<u8>, Fault> {
        if !self.rest.is_empty() && self.broken.is_none() {
            self.break_off("the request ends inside a message".to_owned());
        }
        if self.heard || self.broken.is_none() {
            self.hub.handle(HubInput::Ended);
            self.perform().await?;
        }
        if self.has_returned {
            retry(|| self.readmit()).await?;
        }
        if !self.notable.is_empty() {
            let mut tx = self.truth.db.begin().await?;
            let now_ms = self.truth.clock.now_ms();
            for refused in &self.notable {
                refusals::note(&mut tx, &self.peer, refused, now_ms).await?;
            }
            tx.commit().await?;
        }
        if let Some(refused) = self.broken.take() {
            Message::Refused(Box::new(refused)).write_to(&mut self.answer)?;
        }
        Ok(self.answer)
    }

    async fn receive(&mut self, message: Message) -> Result<(), Fault> {
        if let Message::Hello(hello) = &message
            && hello.device != self.peer
        {
            self.break_off("the hello names another device than the connection".to_owned());
            return Ok(());
        }
        self.heard = true;
        self.hub.handle(HubInput::Received(message));
        self.perform().await
    }

    fn break_off(&mut self, words: String) {
        let refused = Refused { why: Why::Hello, words, log: None, seq: 0, heads: Vec::new() };
        self.broken = Some(refused);
        self.rest.clear();
    }

    async fn perform(&mut self) -> Result<(), Fault> {
        while let Some(output) = self.hub.poll() {
            let input = match output {
                HubOutput::Send(message) => {
                    self.note(&message);
                    message.write_to(&mut self.answer)?;
                    continue;
                }
                HubOutput::Look(hello) => {
                    self.declared = Some(hello.clone());
                    HubInput::Standing(retry(|| self.meet(&hello)).await?)
                }
                HubOutput::Ids(asked) => {
                    let mut conn = self.truth.db.read().await?;
                    HubInput::Ids(frames::ids(&mut conn, &asked).await?)
                }
                HubOutput::Keep(keep) => HubInput::Kept(self.keep(&keep).await),
                HubOutput::Quarantine(keep) => HubInput::Kept(self.set_aside(&keep).await),
                HubOutput::Receipt { device, above } => {
                    let receipt = retry(|| self.receipt(&device, above)).await;
                    HubInput::Receipted(receipt.map(Box::new).map_err(|fault| self.told(&fault)))
                }
                HubOutput::SetBack(receipt) => {
                    let answered = retry(|| epoch::answer_for_receipt(self.truth, &receipt)).await;
                    HubInput::Answered(answered.map_err(|fault| self.told(&fault)))
                }
                HubOutput::Load { log, head, has, bytes } => {
                    let mut conn = self.truth.db.read().await?;
                    // Of a log with many branches one after the other is asked for.
                    let tree = match self.loading.take().filter(|tree| *tree.name() == log) {
                        Some(tree) => tree,
                        None => Tree::read(&mut conn, &log).await?,
                    };
                    let frames = frames::load(&mut conn, &tree, head, &has, bytes).await?;
                    self.loading = Some(tree);
                    HubInput::Loaded(frames)
                }
            };
            self.hub.handle(input);
        }
        Ok(())
    }

    async fn meet(&self, hello: &Hello) -> Result<Standing, Fault> {
        hub_time::look(self.truth).await?;
        let mut tx = self.truth.db.begin().await?;
        let now_ms = self.truth.clock.now_ms();
        let standing = devices::meet(self.truth, &mut tx, hello, now_ms).await?;
        tx.commit().await?;
        Ok(standing)
    }

    /// Makes a frame durable, in a transaction of its own.
    async fn keep(&mut self, keep: &Keep) -> Result<(), String> {
        let kept = retry(|| async {
            let mut tx = self.truth.db.begin().await?;
            let (author, now) = (keep.frame.log.device, self.truth.clock.now());
            let brought = frames::keep(&mut tx, keep, now).await?;
            if brought.is_forged {
                devices::revoke_forged(self.truth, &mut tx, &author).await?;
            }
            let is_returned = brought.is_new && author == self.truth.key();
            if is_returned {
                let from = (&self.peer, &keep.frame.log);
                returned::answer_for(self.truth, &mut tx, from, &keep.entries, now).await?;
            }
            tx.commit().await?;
            Ok(is_returned)
        });
        self.has_returned |= kept.await.map_err(|fault: Fault| self.told(&fault))?;
        self.kept.notify_one();
        let (lane, entries) = (&keep.frame.log.lane, keep.entries.len());
        tracing::debug!(device = %self.peer.short(), %lane, entries, "kept");
        Ok(())
    }

    /// Lets in again whom the hub forgot, where all that the device has of the hub's lane of a site
    /// is held now.
    async fn readmit(&self) -> Result<(), Fault> {
        let hub = self.truth.key();
        let named = self.declared.iter().flat_map(|hello| &hello.heads);
        let named: Vec<_> = named.filter(|head| head.log.device == hub && 0 < head.seq).collect();
        let mut tx = self.truth.db.begin().await?;
        let mut lanes: BTreeMap<&Lane, bool> = BTreeMap::new();
        for head in named {
            let tree = Tree::read(&mut tx, &head.log).await?;
            let is_held = !tree.named(&mut tx, head.seq, head.id).await?.is_empty();
            *lanes.entry(&head.log.lane).or_insert(true) &= is_held;
        }
        let now = self.truth.clock.now();
        for lane in lanes.into_iter().filter_map(|(lane, is_whole)| is_whole.then_some(lane)) {
            if let Lane::Site(site) = lane {
                returned::readmit(self.truth, &mut tx, site, now).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sets a frame of a revoked device aside, in a transaction of its own.
    async fn set_aside(&self, keep: &Keep) -> Result<(), String> {
        let kept = retry(|| async {
            let mut tx = self.truth.db.begin().await?;
            quarantine::set_aside(&mut tx, keep, self.truth.clock.now()).await?;
            tx.commit().await?;
            Ok(())
        });
        kept.await.map_err(|error: QuarantineError| match error {
            QuarantineError::Fault(fault) => self.told(&fault),
            QuarantineError::None(_)
            | QuarantineError::Released(_)
            | QuarantineError::Unchained { .. }
            | QuarantineError::Contradiction(_)
            | QuarantineError::Full => error.to_string(),
        })?;
        let (lane, entries) = (&keep.frame.log.lane, keep.entries.len());
        tracing::warn!(device = %self.peer.short(), %lane, entries,
            "entries of a revoked device are set aside: see `ashuu-hub quarantine list`");
        Ok(())
    }

    /// Remembers a refusal that an administrator must hear of.
    fn note(&mut self, message: &Message) {
        if let Message::Refused(refused) = message
            && refusals::is_notable(refused)
        {
            tracing::warn!(device = %self.peer.short(), why = ?refused.why, "refused");
            self.notable.push(Refused::clone(refused));
        }
    }

    async fn receipt(&self, device: &DeviceKey, above: u64) -> Result<journal::Receipt, Fault> {
        hub_time::look(self.truth).await?;
        let mut tx = self.truth.db.begin().await?;
        let now = self.truth.clock.now();
        let named = self.declared.as_ref().map_or(&[][..], |hello| &hello.heads);
        let receipt = self.truth.receipts.issue(&mut tx, device, (above, named), now).await?;
        if let Some(declared) = &self.declared {
            devices::note_held(&mut tx, declared, &receipt.heads).await?;
        }
        tx.commit().await?;
        Ok(receipt)
    }

    /// Logs a fault and returns what the device is told of it.
    fn told(&self, fault: &Fault) -> String {
        if matches!(fault, Fault::Moved) {
            return fault.to_string(); // Two exchanges of one device: a lost answer, tried again.
        }
        tracing::error!(device = %self.peer.short(), %fault, "an exchange could not go on");
        TRY_LATER.to_owned()
    }
}

fn malformed_words(malformed: &Malformed) -> String {
    format!("a message can't be read: {malformed}")
}
