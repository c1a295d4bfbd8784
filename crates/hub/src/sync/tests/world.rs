//! A hub in a temporary folder, and devices that speak to it without a socket.

use journal::{
    Binding, BindingState, BranchHead, DeviceKey, DeviceSecret, Draft, Epoch, EpochStart, Frame,
    Head, Kind, Lane, LogName, Seed, Signature, SiteCode, Stamp, Writer,
};
use protocol::limits::VERSIONS;
use protocol::{
    Amount, EnrolAnswer, EnrolRequest, Hello, Keep, Message, Pace, Refused, Waiting, pack,
    split_first, unpack,
};
use record::{PersonCard, PersonId};
use tokio::sync::Notify;

use crate::clock::Moment;
use crate::db::{self, Conn, Db};
use crate::keys;
use crate::sync::Exchange;
use crate::truth::invitations::{self, Terms};
use crate::truth::logs::Tree;
use crate::truth::{Truth, devices, frames, logs};
use crate::world::place;

pub(super) struct World {
    _folder: tempfile::TempDir,
    pub(super) truth: Truth,
    pub(super) kept: Notify,
}

#[derive(Clone)]
pub(super) struct Device {
    seed: [u8; 32],
    epoch: Epoch,
    site: SiteCode,
    /// What its log says it is of.
    says: SiteCode,
    writer: Writer,
    claimed_ms: i64,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::make(&place(&folder)).await.unwrap();
        let founder = PersonCard {
            id: PersonId([1; 16]),
            name: "Administrator".to_owned(),
            role: "administrator".to_owned(),
            site: "INST-000".parse().unwrap(),
        };
        let secret = DeviceSecret::from_bytes(&[200; 32]);
        let truth = Truth::found(db, secret, &founder).await.unwrap();
        Self { _folder: folder, truth, kept: Notify::new() }
    }

    /// A device that was let in.
    pub(super) async fn device(&self, seed: u8, site: &str) -> Device {
        let device = Device::new(seed, site);
        self.bind(&device, BindingState::Active).await;
        device
    }

    pub(super) async fn bind(&self, device: &Device, state: BindingState) {
        let mut tx = self.truth.db.begin().await.unwrap();
        let letter = devices::next_letter(&mut tx, &device.site).await.unwrap();
        let binding = Binding {
            device: device.key(),
            name: "test".to_owned(),
            letter,
            site: device.site.clone(),
            predecessors: Vec::new(),
            publishes: false,
            state,
        };
        devices::bind(&self.truth, &mut tx, &binding, Moment::of_unknown_clock(0)).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn known(&self, device: &Device) -> Option<devices::Device> {
        let mut conn = self.truth.db.read().await.unwrap();
        devices::find(&mut conn, &device.key()).await.unwrap()
    }

    pub(super) async fn invite(&self, site: &str, expires_ms: i64) -> [u8; 16] {
        let token = keys::random().unwrap();
        let terms =
            Terms { site: site.parse().unwrap(), name: String::new(), expires_ms, replaces: None };
        let mut tx = self.truth.db.begin().await.unwrap();
        invitations::mint(&mut tx, &token, &terms, 0).await.unwrap();
        tx.commit().await.unwrap();
        token
    }

    pub(super) async fn enrol(&self, device: &Device, token: [u8; 16]) -> EnrolAnswer {
        let request =
            EnrolRequest { token, device: device.key(), epoch: device.epoch, name: String::new() };
        let mut tx = self.truth.db.begin().await.unwrap();
        let answer =
            invitations::redeem(&self.truth, &mut tx, &request, Moment::of_unknown_clock(1))
                .await
                .unwrap();
        tx.commit().await.unwrap();
        answer
    }

    pub(super) async fn exchange(&self, device: &Device, frames: &[Frame]) -> Vec<Message> {
        let answer = self.exchange_as(device.key(), device, frames).await;
        let is_down = |message: &Message| matches!(message, Message::Frame(_));
        answer.into_iter().filter(|message| !is_down(message)).collect()
    }

    pub(super) async fn exchange_as(
        &self,
        peer: DeviceKey,
        device: &Device,
        frames: &[Frame],
    ) -> Vec<Message> {
        self.send(peer, &body(device, frames)).await
    }

    pub(super) async fn send(&self, peer: DeviceKey, body: &[u8]) -> Vec<Message> {
        let mut exchange = Exchange::new(&self.truth, &self.kept, peer);
        for part in body.chunks(100) {
            exchange.feed(part).await.unwrap();
        }
        let is_down = |message: &Message| matches!(message, Message::Frame(_));
        let answer = exchange.finish().await.unwrap();
        messages(&answer).into_iter().filter(|message| !is_down(message)).collect()
    }

    /// The logs that a device is sent, in order, as device, lane and last entry.
    pub(super) async fn came_down(&self, device: &Device) -> Vec<String> {
        let mut exchange = Exchange::new(&self.truth, &self.kept, device.key());
        exchange.feed(&body(device, &[])).await.unwrap();
        let answer = exchange.finish().await.unwrap();
        let frame = |message| match message {
            Message::Frame(packed) => Some(unpack(&packed).unwrap()),
            Message::Continued(_)
            | Message::Hello(_)
            | Message::Receipt(_)
            | Message::Refused(_) => None,
        };
        let frames = messages(&answer).into_iter().filter_map(frame);
        let words = |f: Frame| format!("{} {} {}", f.log.device.short(), f.log.lane, f.last());
        frames.map(words).collect()
    }

    /// Where the branches of the device's logs end here.
    pub(super) async fn held(&self, device: &Device) -> Vec<Vec<u64>> {
        let mut conn = self.truth.db.read().await.unwrap();
        let held = logs::of_device(&mut conn, &device.key()).await.unwrap();
        held.into_iter().map(|held| held.heads.iter().map(|head| head.seq).collect()).collect()
    }

    /// How many frames of devices are stored.
    pub(super) async fn frames(&self) -> i64 {
        let mut conn = self.truth.db.read().await.unwrap();
        let select = "SELECT COUNT(*) FROM frame JOIN log ON log.id = frame.log WHERE device <> $1";
        let query = db::query_scalar(select).bind(self.truth.key().0.to_vec());
        query.fetch_one(&mut conn).await.unwrap()
    }
}

impl Device {
    pub(super) fn new(seed: u8, site: &str) -> Self {
        Self::of([seed; 32], Epoch([seed; 8]), site)
    }

    /// One of many.
    pub(super) fn numbered(number: u16, site: &str) -> Self {
        let mut seed = [9; 32];
        seed[..2].copy_from_slice(&number.to_le_bytes());
        Self::of(seed, Epoch([1; 8]), site)
    }

    /// The same device in its next epoch at another site.
    pub(super) fn at(&self, site: &str) -> Self {
        let Epoch([first, rest @ ..]) = self.epoch;
        let mut epoch = [first.wrapping_add(1); 8];
        epoch[1..].copy_from_slice(&rest);
        Self::of(self.seed, Epoch(epoch), site)
    }

    /// Lets its log say that it is of another site.
    pub(super) fn claims(&mut self, site: &str) {
        self.says = site.parse().unwrap();
    }

    pub(super) const fn site(&self) -> &SiteCode {
        &self.site
    }

    pub(super) fn binding(&self, letter: &str) -> Binding {
        Binding {
            device: self.key(),
            name: "test".to_owned(),
            letter: letter.to_owned(),
            site: self.site.clone(),
            predecessors: Vec::new(),
            publishes: false,
            state: BindingState::Active,
        }
    }

    fn of(seed: [u8; 32], epoch: Epoch, site: &str) -> Self {
        let site: SiteCode = site.parse().unwrap();
        let device = DeviceSecret::from_bytes(&seed).public();
        let log = LogName { device, epoch, lane: Lane::Site(site.clone()) };
        let head = Head::empty(log.id());
        let says = site.clone();
        Self { seed, epoch, site, says, writer: Writer::resume(log, head), claimed_ms: 0 }
    }

    pub(super) fn secret(&self) -> DeviceSecret {
        DeviceSecret::from_bytes(&self.seed)
    }

    pub(super) fn key(&self) -> DeviceKey {
        self.secret().public()
    }

    /// Where its own copy of its log stands.
    pub(super) fn branch_head(&self) -> BranchHead {
        let Head { seq, id } = self.writer.head();
        BranchHead { log: self.log().clone(), seq, id: id.short(), skipped: Vec::new() }
    }

    pub(super) const fn log(&self) -> &LogName {
        self.writer.log()
    }

    /// Sets the clock ahead, so that what this copy writes differs from what the other one does.
    pub(super) const fn drift(&mut self) {
        self.claimed_ms += 1000;
    }

    /// Writes entries of a kind nobody knows, after the log's first entry.
    pub(super) fn write(&mut self, count: usize) -> Frame {
        self.write_kind(Kind(900), count)
    }

    pub(super) fn write_kind(&mut self, kind: Kind, count: usize) -> Frame {
        let start = EpochStart {
            site: self.says.clone(),
            predecessors: Vec::new(),
            opened_at_ms: 0,
            count: 1,
            previous: None,
            abandoned: None,
        };
        let start = (Kind::EPOCH_START, start.to_payload().unwrap());
        let start = (self.writer.head().seq == 0).then_some(start);
        let rest = std::iter::repeat_n((kind, b"payload".to_vec()), count);
        let drafts = start.into_iter().chain(rest).map(|(kind, payload)| {
            self.claimed_ms += 1;
            let stamp = Stamp { claimed_ms: self.claimed_ms, ..Stamp::default() };
            Draft { kind, payload, stamp, receipt: 0 }
        });
        let drafts = drafts.collect::<Vec<_>>();
        let seeds = [Seed([7; 32]); 2];
        let secret = self.secret();
        let mut frames = self.writer.append(drafts, &seeds, &secret);
        frames.remove(0)
    }
}

pub(super) fn body(device: &Device, frames: &[Frame]) -> Vec<u8> {
    body_with(device, Vec::new(), frames)
}

/// Keeps a frame that goes on where its log stands.
pub(super) async fn keep(conn: &mut Conn, frame: Frame) {
    let prev = Tree::read(conn, &frame.log).await.unwrap().end().id;
    let entries = frame.verify(prev).unwrap();
    frames::keep(conn, &Keep { frame, entries, prev }, Moment::of_unknown_clock(1)).await.unwrap();
}

/// What a device says that names these heads.
pub(super) fn body_with(device: &Device, heads: Vec<BranchHead>, frames: &[Frame]) -> Vec<u8> {
    let waiting = Amount { entries: 7, bytes: 70 };
    let hello = Hello {
        versions: VERSIONS.to_vec(),
        device: device.key(),
        epoch: device.epoch,
        heads,
        lost: Vec::new(),
        last_receipt: None,
        waiting: Waiting { routine: waiting, ..Waiting::default() },
        clock: Stamp::default(),
        software: "test".to_owned(),
        signature: Signature::NONE,
    };
    let hello = hello.sign(&device.secret()).unwrap();
    let mut body = Vec::new();
    Message::Hello(Box::new(hello)).write_to(&mut body).unwrap();
    for frame in frames {
        for (packed, _) in pack(vec![frame.clone()], Pace::whole(3)).unwrap() {
            Message::Frame(packed).write_to(&mut body).unwrap();
        }
    }
    body
}

pub(super) fn messages(mut bytes: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some((message, size)) = split_first(bytes).unwrap() {
        messages.push(message);
        bytes = &bytes[size..];
    }
    assert!(bytes.is_empty());
    messages
}

pub(super) fn refusals(messages: &[Message]) -> Vec<&Refused> {
    fn refused(message: &Message) -> Option<&Refused> {
        match message {
            Message::Refused(refused) => Some(refused),
            Message::Hello(_) | Message::Frame(_) | Message::Continued(_) | Message::Receipt(_) => {
                None
            }
        }
    }
    messages.iter().filter_map(refused).collect()
}

/// A line a message.
pub(super) fn summary(messages: &[Message]) -> Vec<String> {
    let line = |message: &Message| match message {
        Message::Hello(_) => "hello".to_owned(),
        Message::Frame(_) | Message::Continued(_) => "frame".to_owned(),
        Message::Receipt(receipt) => {
            let heads = receipt.heads.iter().map(|head| format!(" {}", head.seq));
            format!("receipt {}:{}", receipt.number, heads.collect::<String>())
        }
        Message::Refused(refused) => format!("refused {:?}", refused.why),
    };
    messages.iter().map(line).collect()
}
