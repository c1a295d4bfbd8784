//! Performs one exchange: reads, sends, commits what the machine of `protocol` decides.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use journal::{DeviceKey, EntryId, Frame, Head, LogName, Receipt, ShortId};
use protocol::{
    Agent, AgentInput, AgentOutput, Ended, Known, Message, OwnBranch, OwnLog, Pace, Packed, Place,
    Refused, Report, Waiting, Why,
};
use store::{Fault, Keeping, Store};
use tokio::task::JoinHandle;
use tracing::{debug, warn};

use super::ledger::{Ledger, Proved};
use super::link::{Link, LinkError};
use super::outcome::Outcome;
use crate::clock;
use crate::identity::Identity;
use crate::limits::LIVES_MAX;

/// The first version of the protocol whose hubs list what they hold on every branch.
const LISTS_BRANCHES: u16 = 3;

/// What the exchange must know of records, which this module does not.
pub trait Desk: Send + Sync {
    /// Returns what waits, by urgency.
    fn waiting(&self) -> Waiting;
    /// Whether the hub has vouched for this key.
    fn is_bound(&self, device: &DeviceKey) -> bool;
    /// Goes by what the hub says of this device now; who it is from now on, if that is new.
    fn follow_binding(&self) -> Option<Identity>;
    /// Opens the device's next epoch, since the hub holds entries of the present one that are not
    /// here; who it is from now on, unless that can't be written.
    fn heal(&self) -> Option<Identity>;
    /// Hears that an answer was kept, and when by the hub's time.
    fn arrived(&self, at_ms: i64);
}

/// Performs exchanges, one at a time.
pub struct Courier {
    store: Store,
    identity: Identity,
    ledger: Ledger,
    desk: Arc<dyn Desk>,
    machine: Agent,
    link: Link,
    ahead: Option<Ahead>,
    /// Frames of this exchange that do not hold here.
    unkept: Vec<Refused>,
}

/// What is to be sent of a branch: from an entry on, and after those that the hub has.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    place: Place,
    from: u64,
    has: Vec<(u64, ShortId)>,
}

/// Frames being packed while the hub still reads those before them.
struct Ahead {
    piece: Piece,
    packed: JoinHandle<Option<Packed>>,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl Courier {
    /// Makes a courier to the hub at `address`, or where the enrolment says.
    ///
    /// # Errors
    ///
    /// Returns words if the link can't be prepared.
    pub fn new(
        store: Store,
        identity: Identity,
        ledger: Ledger,
        desk: Arc<dyn Desk>,
        address: Option<&str>,
    ) -> Result<Self, String> {
        let hub = identity.enrolment.hub;
        let address = address.unwrap_or(&identity.enrolment.address);
        let link = Link::new(&identity.secret, hub, address).map_err(|error| error.to_string())?;
        let machine = Agent::new(identity.device(), hub);
        Ok(Self { store, identity, ledger, desk, machine, link, ahead: None, unkept: Vec::new() })
    }

    /// Exchanges everything there is, both ways, or says why not.
    ///
    /// A device that hears that it moved, or that it forgot what it wrote, opens new logs, and
    /// brings those at once.
    pub async fn exchange(&mut self) -> Outcome {
        let mut outcome = self.exchange_once().await;
        for _ in 0..LIVES_MAX {
            let (next_life, healed) = match self.healed(&outcome.report).await {
                Some(identity) => (Some(identity), true),
                None => (self.moved(&outcome.report).await, false),
            };
            let Some(identity) = next_life else { break };
            let before = std::mem::replace(&mut self.identity, identity).enrolment.site;
            let site = &self.identity.enrolment.site;
            let moved_to = (before != *site).then(|| site.clone());
            let next = self.exchange_once().await;
            outcome = outcome.and(next);
            outcome.healed |= healed;
            outcome.moved_to = moved_to.or(outcome.moved_to);
        }
        outcome
    }

    /// A present log of which the hub holds other entries is never continued: a position would be
    /// used twice. Of those of earlier epochs it was said before.
    async fn healed(&self, report: &Report) -> Option<Identity> {
        let epoch = self.identity.epoch;
        let log = report.forgotten.iter().find(|log| log.epoch == epoch)?;
        let identity = self.aside(|desk| desk.heal()).await?;
        let (lane, device, epoch) = (&log.lane, identity.device().short(), identity.epoch);
        warn!(
            %lane, device, %epoch,
            "the hub holds entries of this machine that are not here: its disk was set back, or \
             copied; its next epoch was opened"
        );
        Some(identity)
    }

    async fn moved(&self, report: &Report) -> Option<Identity> {
        if !report.answered {
            return None;
        }
        self.aside(|desk| desk.follow_binding()).await
    }

    /// Asks the desk on a thread that may wait for its disk.
    async fn aside<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Desk) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let desk = Arc::clone(&self.desk);
        let answer = tokio::task::spawn_blocking(move || ask(&*desk)).await;
        answer.unwrap_or_else(|error| {
            warn!(%error, "what the hub says of this machine was not heard to its end");
            None
        })
    }

    async fn exchange_once(&mut self) -> Outcome {
        let secret = Arc::clone(&self.identity.secret);
        self.unkept.clear();
        self.machine.handle(AgentInput::Begin, &secret);
        loop {
            let Some(output) = self.machine.poll() else {
                let words = "the exchange stopped without an end".to_owned();
                return self.outcome(Report { ended: Ended::Disk(words), ..Report::default() });
            };
            let input = match output {
                AgentOutput::Look => AgentInput::Looked(self.known()),
                AgentOutput::Ahead { log, head, from, bytes, pace } => {
                    let piece = Piece { place: (log, head), from, has: Vec::new() };
                    self.ahead = Some(Ahead::begin(&self.store, piece, bytes, pace));
                    continue;
                }
                AgentOutput::Load { log, head, from, has, bytes } => {
                    self.load(Piece { place: (log, head), from, has }, bytes).await
                }
                AgentOutput::Send(body) => self.send(body).await,
                AgentOutput::Ids(asked) => AgentInput::Ids(self.ids(&asked)),
                AgentOutput::Keep { receipt, held, unlisted, frames } => {
                    let proved = Proved { held, unlisted };
                    AgentInput::Kept(self.keep(receipt.map(|receipt| *receipt), proved, frames))
                }
                AgentOutput::End(report) => return self.outcome(report),
            };
            self.machine.handle(input, &secret);
        }
    }

    /// Returns every id that stands here at each place. One that can't be read is not one that is
    /// missing: that would be evidence against the hub.
    fn ids(&self, asked: &[(LogName, u64)]) -> Result<Vec<Vec<EntryId>>, String> {
        let read = asked.iter().map(|(log, seq)| self.store.ids_at(log, *seq));
        read.collect::<Result<_, _>>().map_err(|fault| fault.to_string())
    }

    fn known(&self) -> Known {
        let (mut own, mut followed) = (Vec::new(), Vec::new());
        let device = self.identity.device();
        for (log, heads) in self.store.branch_heads() {
            if log.device == device {
                own.push(self.own_log(log, heads));
            } else {
                followed.push((log, heads));
            }
        }
        Known {
            epoch: self.identity.epoch,
            own,
            followed,
            last_receipt: self.ledger.last_receipt().map(Box::new),
            waiting: self.desk.waiting(),
            clock: clock::stamp(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn own_log(&self, log: LogName, heads: Vec<Head>) -> OwnLog {
        let line = self.store.head(&log);
        let mut branches = Vec::new();
        for head in heads {
            let head = if head == line { self.within_reach(&log, head) } else { head };
            if 0 < head.seq {
                let held = self.ledger.held_to(&self.store, &log, head);
                branches.push(OwnBranch { head, held });
            }
        }
        OwnLog { log, branches }
    }

    /// Returns how many entries of this device are lost and never were at the hub, and how many stand
    /// behind such.
    fn out_of_reach(&self) -> (u64, u64) {
        let device = self.identity.device();
        let own = self.store.heads().into_iter().filter(|(log, _head)| log.device == device);
        let of_log = own.map(|(log, _head)| self.ledger.out_of_reach(&self.store, &log));
        of_log.fold((0, 0), |(lost, behind), next| (lost + next.0, behind + next.1))
    }

    /// Returns the last entry before the first that is lost and that the hub lacks: it can't take
    /// what stands behind that, and it would hold up the other logs.
    fn within_reach(&self, log: &LogName, head: Head) -> Head {
        let Some((first, _last)) = self.ledger.gap(&self.store, log) else { return head };
        let seq = first.saturating_sub(1).min(head.seq);
        match self.store.id_at(log, seq) {
            Ok(Some(id)) => Head { seq, id },
            Ok(None) | Err(_) => Head::empty(log.id()),
        }
    }

    async fn load(&mut self, piece: Piece, bytes: usize) -> AgentInput {
        let is_this = |ahead: &mut Ahead| piece.has.is_empty() && ahead.piece == piece;
        if let Some(ahead) = self.ahead.take_if(is_this)
            && let Ok(Some(packed)) = ahead.packed.await
        {
            return AgentInput::Packed(packed);
        }
        match piece.load(&self.store, bytes) {
            Ok(frames) => AgentInput::Loaded(frames),
            Err(fault) => {
                warn!(%fault, "frames can't be read; they are not sent");
                AgentInput::Loaded(Vec::new())
            }
        }
    }

    async fn send(&self, body: Vec<u8>) -> AgentInput {
        let up = body.len();
        let began = Instant::now();
        let answer = self.link.post("/v1/exchange", body).await;
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let read = answer.and_then(|answer| Ok((messages(&answer.body)?, answer)));
        match read {
            Ok((messages, answer)) => {
                let bytes = answer.body.len() as u64;
                debug!(up, down = bytes, ms, "a step was answered");
                self.ledger.note_sent(&self.store, BTreeMap::new());
                let lists_branches = LISTS_BRANCHES <= answer.protocol;
                AgentInput::Answered { messages, ms, bytes, lists_branches }
            }
            Err(error) => {
                let retry_after_ms = match &error {
                    LinkError::Status { retry_after_ms, .. } => *retry_after_ms,
                    LinkError::Setup(_)
                    | LinkError::Unreached(_)
                    | LinkError::NoAnswer(_)
                    | LinkError::TooLong => None,
                };
                self.note_unanswered(&error);
                AgentInput::Unanswered { words: error.to_string(), retry_after_ms }
            }
        }
    }

    /// What left and was not answered may have arrived; what never left has not.
    fn note_unanswered(&self, error: &LinkError) {
        let sent = self.machine.in_step();
        match error {
            LinkError::NoAnswer(_) | LinkError::TooLong if !sent.is_empty() => {
                self.ledger.note_sent(&self.store, sent.clone());
            }
            LinkError::NoAnswer(_)
            | LinkError::TooLong
            | LinkError::Setup(_)
            | LinkError::Unreached(_)
            | LinkError::Status { .. } => {}
        }
    }

    /// Frames first, then the receipt: a receipt ahead of the journal would look like lost memory.
    fn keep(
        &mut self,
        receipt: Option<Receipt>,
        proved: Proved,
        frames: Vec<Frame>,
    ) -> Result<(), String> {
        let hub = self.identity.enrolment.hub;
        let (of_hub, of_others): (Vec<_>, Vec<_>) =
            frames.into_iter().partition(|frame| frame.log.device == hub);
        self.keep_frames(of_hub)?;
        let own = self.identity.device();
        let (vouched, unvouched): (Vec<_>, Vec<_>) = of_others
            .into_iter()
            .partition(|frame| frame.log.device == own || self.desk.is_bound(&frame.log.device));
        self.keep_frames(vouched)?;
        self.pass_over(unvouched.iter().map(unvouched_for));
        let by_hub = receipt.as_ref().map(|receipt| receipt.at_ms);
        let kept = self.ledger.keep(&self.store, receipt, proved, clock::now_ms());
        kept.map_err(|fault| fault.to_string())?;
        let ahead_ms = self.ledger.clock_skew_ms().unwrap_or(0);
        self.desk.arrived(by_hub.unwrap_or_else(|| clock::now_ms().saturating_sub(ahead_ms)));
        Ok(())
    }

    /// A frame that does not hold is passed over and told; the others are kept.
    fn keep_frames(&mut self, frames: Vec<Frame>) -> Result<(), String> {
        if frames.is_empty() {
            return Ok(());
        }
        let places: Vec<_> = frames.iter().map(|frame| (frame.log.clone(), frame.first)).collect();
        let kept = self.store.keep(frames).map_err(|error| error.to_string())?;
        let kept = kept.frames.iter().zip(places);
        self.pass_over(kept.filter_map(|(keeping, place)| unkept(keeping, place)));
        Ok(())
    }

    /// Notes frames that are not kept; the others flow on. A repeated step brings them again.
    fn pass_over(&mut self, refused: impl Iterator<Item = Refused>) {
        for refused in refused {
            if !self.unkept.contains(&refused) {
                warn!(words = refused.words, "a frame of the hub's answer is not kept");
                self.unkept.push(refused);
            }
        }
    }

    fn outcome(&mut self, mut report: Report) -> Outcome {
        report.refused.append(&mut self.unkept);
        if report.answered
            && let Err(fault) = self.ledger.note(&self.store, &report, clock::now_ms())
        {
            warn!(%fault, "what the hub refused could not be noted");
        }
        if !report.ahead.is_empty() {
            let logs = report.ahead.len();
            warn!(logs, "the hub holds less of logs it sent than this machine: it was set back");
        }
        for (log, (first, last)) in &report.removed {
            let lane = &log.lane;
            warn!(%lane, first, last, "the hub lacks entries that it had acknowledged: they go again");
        }
        let (lost, stranded) = self.out_of_reach();
        Outcome { report, healed: false, moved_to: None, lost, stranded }
    }
}

impl Piece {
    fn load(&self, store: &Store, bytes: usize) -> Result<Vec<Frame>, Fault> {
        let (log, head) = &self.place;
        store.frames_to(log, *head, (self.from, &self.has), bytes)
    }
}

impl Ahead {
    fn begin(store: &Store, piece: Piece, bytes: usize, pace: Pace) -> Self {
        let (store, asked) = (store.clone(), piece.clone());
        // A fault shows again when the frames are asked for in earnest.
        let pack = move || protocol::pack(asked.load(&store, bytes).ok()?, pace).ok();
        Self { piece, packed: tokio::task::spawn_blocking(pack) }
    }
}

/// Says that a frame is not kept since the hub does not vouch for its author.
fn unvouched_for(frame: &Frame) -> Refused {
    let (log, device) = (frame.log.clone(), frame.log.device.short());
    let words = format!("the hub sent entries of device {device} without vouching for it");
    Refused { why: Why::WrongLog, words, log: Some(log), seq: frame.first, heads: Vec::new() }
}

/// Returns why a frame that came down was not kept, if it was not.
fn unkept(keeping: &Keeping, (log, first): (LogName, u64)) -> Option<Refused> {
    let (why, what) = match keeping {
        Keeping::Stored { .. } | Keeping::Repeated | Keeping::Forked { .. } => return None,
        Keeping::Refused(fault) => (Why::Frame, fault.to_string()),
        Keeping::Gap { held } => {
            (Why::Gap, format!("it does not follow entry {}, where that log stands here", held.seq))
        }
    };
    let device = log.device.short();
    let words = format!(
        "what the hub sent of device {device}, {}, from entry {first} on is not kept: {what}",
        log.lane
    );
    Some(Refused { why, words, log: Some(log), seq: first, heads: Vec::new() })
}

fn messages(mut body: &[u8]) -> Result<Vec<Message>, LinkError> {
    let mut messages = Vec::new();
    while !body.is_empty() {
        match protocol::split_first(body) {
            Ok(Some((message, length))) => {
                messages.push(message);
                body = body.get(length..).unwrap_or_default();
            }
            Ok(None) => return Err(LinkError::NoAnswer("the answer breaks off".to_owned())),
            Err(error) => return Err(LinkError::NoAnswer(error.to_string())),
        }
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use journal::{Epoch, FrameFault, Head, Lane};

    use super::*;

    #[test]
    fn a_frame_that_is_not_kept_is_told_with_its_place() {
        let log =
            LogName { device: DeviceKey([1; 32]), epoch: Epoch([1; 8]), lane: Lane::Everyone };
        let place = || (log.clone(), 4);
        let told = |keeping| unkept(&keeping, place()).map(|refused| refused.words);
        assert_eq!(told(Keeping::Repeated), None);
        let altered = told(Keeping::Refused(FrameFault::Altered { first: 4, last: 5 }));
        assert!(altered.is_some_and(|words| words.contains("from entry 4 on is not kept: chain")));
        let gap = told(Keeping::Gap { held: Head { seq: 2, ..Head::empty(log.id()) } });
        assert!(gap.is_some_and(|words| words.contains("does not follow entry 2")));
    }
}
