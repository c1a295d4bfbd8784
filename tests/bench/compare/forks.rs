//! A site whose logs were forked thousands of times: received, folded, verified, sent down.
//!
//! No machine forks that often by itself, so the frames are made here, by devices that the hub let
//! in, within what it takes of each: so many branches of a log, so many of a device.

use std::time::{Duration, Instant};

use agent::sync::Link;
use journal::{
    BootId, DeviceKey, DeviceSecret, Draft, Epoch, EpochStart, Frame, Head, Kind, Lane, LogName,
    Seed, Signature, SiteCode, Stamp, Writer, codec,
};
use protocol::{EnrolAnswer, EnrolRequest, Hello, Invitation, Message, Waiting};
use record::Change;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{Row, Side, rate, row, seconds};
use crate::made;
use crate::peers::Peers;

const SITE: &str = "INST-027";

/// Forks of one log: with the branch that goes on these are sixteen branches.
const FORKS_A_LOG: usize = 15;

/// Logs of one device: with more the hub would refuse further branches of it.
const LOGS_A_DEVICE: usize = 4;

/// Records of each branch.
const RECORDS_A_BRANCH: usize = 2;

/// How hard a frame is compressed.
const LEVEL: i32 = 3;

/// Bytes of an enrolment message.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// The hub's time of all that is written here, in milliseconds since 1970.
const WRITTEN_MS: i64 = 1_764_000_000_000;

pub(super) fn measure(side: &Side<'_>) -> Vec<Row> {
    let logs = side.options.forks.div_ceil(FORKS_A_LOG);
    let forks = logs * FORKS_A_LOG;
    let records = logs * (FORKS_A_LOG + 1) * RECORDS_A_BRANCH;
    let peers = side.peers();
    peers.found(&[SITE]);
    let running = peers.run("hub");
    peers.enrol("agent", SITE);
    let runtime = Runtime::new().unwrap();
    let lines = made::incidents(records, 3);
    let lines: Vec<&str> = lines.lines().collect();
    let mut lines = lines.into_iter();

    let mut device = None;
    let mut received = Duration::ZERO;
    for number in 0..logs {
        if number % LOGS_A_DEVICE == 0 {
            device = Some(runtime.block_on(Device::enrol(&peers)));
        }
        let device = device.as_ref().unwrap();
        let (log, frames) = device.forked_log(number % LOGS_A_DEVICE, &mut lines);
        let began = Instant::now();
        runtime.block_on(device.send(&log, &frames));
        received += began.elapsed();
    }
    let began = Instant::now();
    peers.wait_until_folded();
    let folded = received + began.elapsed();
    let down = peers.tell("agent", &["sync"]);
    let settled = peers.tell("agent", &["sync"]);
    let listed = peers.json("agent", &["list"]).as_array().unwrap().len();
    let verified = peers.tell("hub", &["verify"]);
    drop(running);
    let rebuilt = peers.tell("hub", &["rebuild"]);
    let began = Instant::now();
    // Forks are no damage, but a machine may end with another code where it met any.
    peers.tell_at_all("agent", &["verify"]);
    let here = began.elapsed();

    let of = |what: &str| format!("{forks} forks, {records} records: {what}");
    vec![
        row(&of("received"), rate(records, received)),
        row(&of("received and folded"), rate(records, folded)),
        row(&of("first `sync` of a sibling"), seconds(down)),
        row(&of("records that it lists then"), listed.to_string()),
        row(&of("`sync` when nothing is new"), seconds(settled)),
        row(&of("hub's `verify`"), seconds(verified)),
        row(&of("hub's `rebuild`: folded anew"), rate(records, rebuilt)),
        row(&of("sibling's `verify`"), seconds(here)),
    ]
}

/// A device that writes its logs several times.
struct Device {
    secret: DeviceSecret,
    hub: DeviceKey,
    epoch: Epoch,
    link: Link,
}

impl Device {
    async fn enrol(peers: &Peers) -> Self {
        let code = peers.json("hub", &["invite", SITE]);
        let code = code.get("code").and_then(Value::as_str).unwrap();
        let Invitation { hub, address, token, .. } = code.parse().unwrap();
        let secret = DeviceSecret::from_bytes(&random());
        let epoch = Epoch(random());
        let link = Link::new(&secret, hub, &address).unwrap();
        let request = EnrolRequest { token, device: secret.public(), epoch, name: String::new() };
        let request = codec::encode(&request, MESSAGE_BYTES_MAX).unwrap();
        let answer = link.post("/v1/enrol", request).await.unwrap();
        let answer = codec::decode(&answer.body, MESSAGE_BYTES_MAX).unwrap();
        assert!(matches!(answer, EnrolAnswer::Welcome { .. }), "a device is not let in");
        Self { secret, hub, epoch, link }
    }

    /// Returns a log and its frames: a beginning, and branches that all go on from there.
    fn forked_log<'a>(
        &self,
        number: usize,
        lines: &mut impl Iterator<Item = &'a str>,
    ) -> (LogName, Vec<Frame>) {
        let site: SiteCode = SITE.parse().unwrap();
        let epoch = if number == 0 { self.epoch } else { Epoch(random()) };
        let log = LogName { device: self.secret.public(), epoch, lane: Lane::Site(site.clone()) };
        let start = EpochStart {
            site: site.clone(),
            predecessors: Vec::new(),
            opened_at_ms: WRITTEN_MS,
            count: 1,
            previous: None,
            abandoned: None,
        };
        let first = draft(Kind::EPOCH_START, start.to_payload().unwrap());
        let mut frames = self.written(&log, Head::empty(log.id()), vec![first]);
        let beginning = frames.first().unwrap().rebuild(Head::empty(log.id()).id).unwrap();
        let beginning = Head { seq: 1, id: beginning.last().unwrap().id };
        for _branch in 0..=FORKS_A_LOG {
            let records = lines.take(RECORDS_A_BRANCH).map(|line| {
                let change = made::change(&site, line);
                draft(Change::KIND, change.to_payload().unwrap())
            });
            frames.extend(self.written(&log, beginning, records.collect()));
        }
        (log, frames)
    }

    fn written(&self, log: &LogName, head: Head, drafts: Vec<Draft>) -> Vec<Frame> {
        let seeds: Vec<Seed> =
            (0..Writer::seeds_needed(drafts.len())).map(|_| Seed(random())).collect();
        Writer::resume(log.clone(), head).append(drafts, &seeds, &self.secret)
    }

    async fn send(&self, log: &LogName, frames: &[Frame]) {
        let hello = Hello {
            versions: vec![1],
            device: self.secret.public(),
            epoch: log.epoch,
            heads: Vec::new(),
            lost: Vec::new(),
            last_receipt: None,
            waiting: Waiting::default(),
            clock: stamp(),
            software: "bench".to_owned(),
            signature: Signature::NONE,
        };
        let mut body = Vec::new();
        let hello = hello.sign(&self.secret).unwrap();
        Message::Hello(Box::new(hello)).write_to(&mut body).unwrap();
        for frame in frames {
            let packed = zstd::bulk::compress(&frame.to_bytes().unwrap(), LEVEL).unwrap();
            Message::Frame(packed).write_to(&mut body).unwrap();
        }
        let answer = self.link.post("/v1/exchange", body).await.unwrap();
        let mut rest = answer.body.as_slice();
        let mut receipted = false;
        while let Some((message, length)) = protocol::split_first(rest).unwrap() {
            if let Message::Receipt(receipt) = &message {
                receipted = receipt.verify(&self.hub).is_ok();
            }
            assert!(!matches!(message, Message::Refused(_)), "{message:?}");
            rest = rest.get(length..).unwrap();
        }
        assert!(receipted, "a log was not received");
    }
}

fn draft(kind: Kind, payload: Vec<u8>) -> Draft {
    Draft { kind, payload, stamp: stamp(), receipt: 0 }
}

fn stamp() -> Stamp {
    Stamp { claimed_ms: WRITTEN_MS, boot: BootId([1; 8]), boot_ms: 1 }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
