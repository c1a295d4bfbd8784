//! Somebody who holds a device's own key and disk, and does what its program never would.

use std::sync::Arc;

use agent::identity::Identity;
use agent::sync::Link;
use journal::{
    BootId, BranchHead, DeviceKey, DeviceSecret, Dot, Draft, Epoch, Frame, Head, Kind, LogName,
    Signature, Stamp, codec,
};
use protocol::{EnrolAnswer, EnrolRequest, Hello, Invitation, Message, Pace, Waiting};
use store::{AppendError, Store};

use super::Colony;

/// Bytes of an enrolment message.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// A stopped device in the wrong hands.
#[derive(Debug)]
pub(crate) struct Insider {
    store: Store,
    pub(crate) identity: Identity,
}

impl Insider {
    /// Takes over a colony's computer; give it back by dropping this.
    pub(crate) fn at(colony: &Colony, hub: DeviceKey) -> Self {
        let catalogues = Arc::new(agent::Catalogues::new().unwrap());
        let store = agent::open_store(&colony.data(), hub, &catalogues).unwrap();
        let identity = Identity::load(&store).unwrap().unwrap();
        Self { store, identity }
    }

    /// Writes an entry that is soundly signed, whatever it says.
    pub(crate) fn append(&self, kind: Kind, payload: Vec<u8>) -> Dot {
        let draft = Draft { kind, payload, stamp: stamp(), receipt: 0 };
        let decide = move |_: &dyn store::Lookup, _: &store::Logs<'_>| Ok((vec![draft], ()));
        let log = self.identity.site_log();
        let appended: Result<_, AppendError<std::convert::Infallible>> =
            self.store.append(&self.identity.secret, &log, decide);
        appended.unwrap().0[0]
    }

    /// Returns the frames of the device's log from entry `from` on.
    pub(crate) fn frames(&self, from: u64) -> Vec<Frame> {
        self.store.frames(&self.identity.site_log(), from, usize::MAX).unwrap()
    }

    /// Puts a frame that another device wrote onto the disk.
    pub(crate) fn keep(&self, frame: Frame) {
        self.store.keep(vec![frame]).unwrap();
        self.store.settled().unwrap();
    }

    /// Sends frames as the device itself would, and returns what the hub answers.
    pub(crate) fn post(&self, address: &str, packed: &[Vec<u8>]) -> Vec<Message> {
        let Identity { secret, enrolment, .. } = &self.identity;
        let log = self.identity.site_log();
        post(&Sender { secret, hub: enrolment.hub, address, log }, packed)
    }
}

/// Who sends what to whom.
#[derive(Debug)]
pub(crate) struct Sender<'a> {
    pub(crate) secret: &'a DeviceSecret,
    pub(crate) hub: DeviceKey,
    pub(crate) address: &'a str,
    pub(crate) log: LogName,
}

/// Packs frames as a device would.
pub(crate) fn packed(frames: Vec<Frame>) -> Vec<Vec<u8>> {
    let packed = protocol::pack(frames, Pace::whole(3)).unwrap();
    packed.into_iter().map(|(bytes, _last)| bytes).collect()
}

/// Sends a Hello and packed frames, and returns what the hub answers.
pub(crate) fn post(sender: &Sender<'_>, packed: &[Vec<u8>]) -> Vec<Message> {
    let Sender { secret, hub, address, log } = sender;
    let empty = Head::empty(log.id());
    let head = BranchHead { log: log.clone(), seq: 0, id: empty.id.short(), skipped: Vec::new() };
    let hello = Hello {
        versions: vec![1],
        device: secret.public(),
        epoch: log.epoch,
        heads: vec![head],
        lost: Vec::new(),
        last_receipt: None,
        waiting: Waiting::default(),
        clock: stamp(),
        software: "0".to_owned(),
        signature: Signature::NONE,
    };
    let mut body = Vec::new();
    let hello = Message::Hello(Box::new(hello.sign(secret).unwrap()));
    hello.write_to(&mut body).unwrap();
    for frame in packed {
        Message::Frame(frame.clone()).write_to(&mut body).unwrap();
    }
    let mut answer = ask((secret, *hub, address), "/v1/exchange", body);
    let mut messages = Vec::new();
    while let Some((message, length)) = protocol::split_first(&answer).unwrap() {
        messages.push(message);
        answer.drain(..length);
    }
    assert!(answer.is_empty(), "the answer breaks off");
    messages
}

/// Enrols with a key that no program made.
pub(crate) fn enter(secret: &DeviceSecret, invitation: &Invitation, epoch: Epoch) {
    let (token, device) = (invitation.token, secret.public());
    let request = EnrolRequest { token, device, epoch, name: String::new() };
    let request = codec::encode(&request, MESSAGE_BYTES_MAX).unwrap();
    let answer = ask((secret, invitation.hub, &invitation.address), "/v1/enrol", request);
    let answer: EnrolAnswer = codec::decode(&answer, MESSAGE_BYTES_MAX).unwrap();
    assert!(matches!(answer, EnrolAnswer::Welcome { .. }), "{answer:?}");
}

fn ask(
    (secret, hub, address): (&DeviceSecret, DeviceKey, &str),
    path: &str,
    body: Vec<u8>,
) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let link = Link::new(secret, hub, address).unwrap();
    runtime.block_on(link.post(path, body)).unwrap().body
}

fn stamp() -> Stamp {
    Stamp { claimed_ms: 1_764_000_000_000, boot: BootId::default(), boot_ms: 0 }
}
