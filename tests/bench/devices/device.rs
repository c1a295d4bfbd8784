//! One device whose disk is memory: the real machine, the real link, a log of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent::sync::Link;
use journal::{
    BootId, DeviceSecret, Draft, EntryId, Epoch, EpochStart, Frame, Head, Kind, Lane, LogName,
    Receipt, Seed, SiteCode, Stamp, Writer, codec,
};
use protocol::{
    Agent, AgentInput, AgentOutput, Ended, EnrolAnswer, EnrolRequest, Invitation, Known, Message,
    OwnBranch, OwnLog, Waiting, split_first,
};
use record::{Change, RecordId};

use super::made;

/// Bytes of an enrolment message.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Steps of one exchange that may go without an answer: a hub that is short of room ends idle
/// connections, sometimes just as they are used.
const TRIES: u64 = 5;

/// The hub's time of all that is written here, in milliseconds since 1970.
const WRITTEN_MS: i64 = 1_764_000_000_000;

/// A device.
pub(crate) struct Device {
    pub(crate) site: SiteCode,
    /// The ids of its records.
    pub(crate) records: Vec<RecordId>,
    secret: Arc<DeviceSecret>,
    link: Link,
    machine: Agent,
    log: LogName,
    frames: Vec<Frame>,
    ids: Vec<EntryId>,
    held: u64,
    receipt: Option<Box<Receipt>>,
    followed: BTreeMap<LogName, Vec<EntryId>>,
}

/// What exchanges moved.
#[derive(Default)]
pub(crate) struct Visit {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) up: u64,
    pub(crate) down: u64,
    /// Steps without an answer, each tried again at once.
    pub(crate) lost: u64,
}

impl Visit {
    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.up += other.up;
        self.down += other.down;
        self.lost += other.lost;
    }
}

impl Device {
    /// Makes a key, enrols it, and writes `lines` into its log.
    pub(crate) async fn enrol(invitation: &Invitation, lines: &[String]) -> Self {
        let secret = Arc::new(DeviceSecret::from_bytes(&random()));
        let epoch = Epoch(random());
        let link = Link::new(&secret, invitation.hub, &invitation.address).unwrap();
        let request = EnrolRequest {
            token: invitation.token,
            device: secret.public(),
            epoch,
            name: String::new(),
        };
        let request = codec::encode(&request, MESSAGE_BYTES_MAX).unwrap();
        let answer = link.post("/v1/enrol", request).await.unwrap().body;
        let EnrolAnswer::Welcome { site, .. } = codec::decode(&answer, MESSAGE_BYTES_MAX).unwrap()
        else {
            panic!("the hub does not let a device in");
        };
        let log = LogName { device: secret.public(), epoch, lane: Lane::Site(site.clone()) };
        let machine = Agent::new(secret.public(), invitation.hub);
        let mut device = Self {
            site,
            records: Vec::new(),
            link,
            machine,
            frames: Vec::new(),
            ids: vec![EntryId(log.id().0)],
            log,
            held: 0,
            receipt: None,
            followed: BTreeMap::new(),
            secret,
        };
        device.write(lines);
        device
    }

    fn write(&mut self, lines: &[String]) {
        let start = EpochStart {
            site: self.site.clone(),
            predecessors: Vec::new(),
            opened_at_ms: WRITTEN_MS,
            count: 1,
            previous: None,
            abandoned: None,
        };
        let stamp = Stamp { claimed_ms: WRITTEN_MS, boot: BootId([1; 8]), boot_ms: 1 };
        let draft = |kind, payload| Draft { kind, payload, stamp, receipt: 0 };
        let mut drafts = vec![draft(Kind::EPOCH_START, start.to_payload().unwrap())];
        for line in lines {
            let change = made::change(&self.site, line);
            self.records.push(change.record.id);
            drafts.push(draft(Change::KIND, change.to_payload().unwrap()));
        }
        let seeds: Vec<Seed> =
            (0..Writer::seeds_needed(drafts.len())).map(|_| Seed(random())).collect();
        let mut writer = Writer::resume(self.log.clone(), Head::empty(self.log.id()));
        for frame in writer.append(drafts, &seeds, &self.secret) {
            let entries = frame.rebuild(*self.ids.last().unwrap()).unwrap();
            self.ids.extend(entries.iter().map(|entry| entry.id));
            self.frames.push(frame);
        }
    }

    /// Exchanges until everything is held on both sides.
    pub(crate) async fn exchange(&mut self) -> Visit {
        let secret = Arc::clone(&self.secret);
        let mut visit = Visit::default();
        self.machine.handle(AgentInput::Begin, &secret);
        while let Some(output) = self.machine.poll() {
            let input = match output {
                AgentOutput::Ahead { .. } => continue,
                AgentOutput::Look => AgentInput::Looked(self.known()),
                AgentOutput::Load { from, .. } => {
                    let frames = self.frames.iter().filter_map(|it| it.clone().starting_at(from));
                    AgentInput::Loaded(frames.collect())
                }
                AgentOutput::Ids(asked) => {
                    let ids = asked.iter().map(|(_log, seq)| self.id(*seq).into_iter().collect());
                    AgentInput::Ids(Ok(ids.collect()))
                }
                AgentOutput::Keep { receipt, held, frames, unlisted: _ } => {
                    let points = held.iter().flat_map(|(_log, points)| points);
                    self.held = points.map(|point| point.seq).fold(self.held, u64::max);
                    self.receipt = receipt.or_else(|| self.receipt.take());
                    AgentInput::Kept(frames.into_iter().try_for_each(|frame| self.follow(&frame)))
                }
                AgentOutput::Send(body) => self.send(body).await,
                AgentOutput::End(report) => {
                    visit.sent += report.sent;
                    visit.received += report.received;
                    visit.up += report.bytes_up;
                    visit.down += report.bytes_down;
                    match report.ended {
                        Ended::Settled => return visit,
                        Ended::Unreachable { .. } if visit.lost < TRIES => visit.lost += 1,
                        ended @ (Ended::Unreachable { .. }
                        | Ended::Refused
                        | Ended::Stuck
                        | Ended::Disk(_)) => panic!("{ended:?}: {:?}", report.refused),
                    }
                    AgentInput::Begin
                }
            };
            self.machine.handle(input, &secret);
        }
        panic!("an exchange stopped without an end");
    }

    async fn send(&self, body: Vec<u8>) -> AgentInput {
        let answer = match self.link.post("/v1/exchange", body).await {
            Ok(answer) => answer,
            Err(error) => {
                return AgentInput::Unanswered { words: error.to_string(), retry_after_ms: None };
            }
        };
        let (mut rest, mut messages) = (answer.body.as_slice(), Vec::<Message>::new());
        while let Some((message, length)) = split_first(rest).unwrap() {
            messages.push(message);
            rest = rest.get(length..).unwrap();
        }
        let bytes = answer.body.len() as u64;
        AgentInput::Answered { messages, ms: 1, bytes, lists_branches: true }
    }

    fn known(&self) -> Known {
        let head =
            |ids: &Vec<EntryId>| Head { seq: ids.len() as u64 - 1, id: *ids.last().unwrap() };
        Known {
            epoch: self.log.epoch,
            own: vec![OwnLog {
                log: self.log.clone(),
                branches: vec![OwnBranch { head: head(&self.ids), held: self.held }],
            }],
            followed: self
                .followed
                .iter()
                .map(|(log, ids)| (log.clone(), vec![head(ids)]))
                .collect(),
            last_receipt: self.receipt.clone(),
            waiting: Waiting::default(),
            clock: Stamp { claimed_ms: WRITTEN_MS, boot: BootId([1; 8]), boot_ms: 1 },
            software: "devices".to_owned(),
        }
    }

    fn id(&self, seq: u64) -> Option<EntryId> {
        self.ids.get(usize::try_from(seq).ok()?).copied()
    }

    /// Takes in a frame of another's log; one that was sent twice fails.
    fn follow(&mut self, frame: &Frame) -> Result<(), String> {
        let begin = || vec![EntryId(frame.log.id().0)];
        let ids = self.followed.entry(frame.log.clone()).or_insert_with(begin);
        assert_eq!(frame.first, ids.len() as u64, "{:?} came twice or out of order", frame.log);
        let entries = frame.verify(*ids.last().unwrap()).map_err(|fault| fault.to_string())?;
        ids.extend(entries.iter().map(|entry| entry.id));
        Ok(())
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
