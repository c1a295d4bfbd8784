//! For tests: a hub in a temporary folder, and devices whose frames arrive in any order.

use journal::{
    Binding, BindingState, DeviceKey, DeviceSecret, Dot, Draft, EntryId, Epoch, EpochStart, Frame,
    Head, Kind, Lane, LogName, Seed, SiteCode, Stamp, Writer,
};
use protocol::Keep;
use record::{
    Change, FormVersion, Path, PersonCard, PersonId, RecordId, RecordKey, SiteCard, Value, Words,
    Write,
};

use crate::clock::Moment;
use crate::db::{Db, Place};
use crate::postgres;
use crate::truth::tokens::{self, Token};
use crate::truth::{Truth, devices, frames};

/// When the first device was let in.
pub(crate) const ENROLLED_MS: i64 = 1_000_000;

pub(crate) mod older;
pub(crate) mod published;

pub(crate) struct World {
    _folder: tempfile::TempDir,
    pub(crate) truth: Truth,
}

pub(crate) struct Device {
    secret: DeviceSecret,
    writer: Writer,
    site: SiteCode,
    seed: u8,
}

/// A frame on its way.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) frame: Frame,
    pub(crate) prev: EntryId,
    pub(crate) dots: Vec<Dot>,
}

/// Returns where a new database is to be: on the engine that the tests are run on.
pub(crate) fn place(folder: &tempfile::TempDir) -> Place {
    if postgres::is_chosen() {
        return Place::Postgres(postgres::fresh());
    }
    Place::Sqlite(folder.path().join("hub.db"))
}

pub(crate) fn code(text: &str) -> SiteCode {
    text.parse().unwrap()
}

pub(crate) fn key(site: &str, id: u8) -> RecordKey {
    RecordKey { site: code(site), id: RecordId([id; 16]) }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// What an incident needs.
pub(crate) fn incident(title: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("kind", Value::Code("DRUG_SEIZURE".to_owned())),
        ("occurred_at", Value::DateTime("2026-11-20T03:10:00+06:00".parse().unwrap())),
        ("severity", Value::Int(3)),
        ("location_type", Value::Code("gate".to_owned())),
        ("title", text(title)),
    ]
}

/// The payload of a change that replaces what `seen` wrote.
pub(crate) fn change(key: &RecordKey, fields: Vec<(&str, Value)>, seen: &[Dot]) -> (Kind, Vec<u8>) {
    let all = || (0..u32::try_from(seen.len()).unwrap()).collect();
    let write =
        |(field, value): (&str, Value)| Write { path: Path::field(field), value, replaces: all() };
    let change = Change {
        record: key.clone(),
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: Vec::new(),
        author: PersonId([7; 16]),
        reason: None,
        urgent: false,
        seen: seen.to_vec(),
        writes: fields.into_iter().map(write).collect(),
    };
    (Change::KIND, change.to_payload().unwrap())
}

impl World {
    /// A world around a hub that is there already.
    pub(crate) fn of(truth: Truth) -> Self {
        Self { truth, _folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::make(&place(&folder)).await.unwrap();
        let founder = PersonCard {
            id: PersonId([1; 16]),
            name: "Administrator".to_owned(),
            role: "administrator".to_owned(),
            site: code("INST-000"),
        };
        let secret = DeviceSecret::from_bytes(&[200; 32]);
        let truth = Truth::found(db, secret, &founder).await.unwrap();
        let truth = Truth { scratch: folder.path().to_owned(), ..truth };
        Self { truth, _folder: folder }
    }

    pub(crate) async fn site(&self, site: &str, region: &str) {
        let card = SiteCard {
            code: code(site),
            names: Words {
                en: Some(format!("Colony {site}")),
                ru: Some(format!("Колония {site}")),
                ky: None,
            },
            kind: None,
            region: Some(region.to_owned()),
            valid_from: None,
            valid_to: None,
            successor_of: Vec::new(),
        };
        let card = (SiteCard::KIND, card.to_payload().unwrap());
        let mut tx = self.truth.db.begin().await.unwrap();
        self.truth.lanes.append(&mut tx, &Lane::Everyone, vec![card]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A device that was let in, and its first frame: the start of its log and an officer's card.
    pub(crate) async fn device(&self, site: &str, seed: u8) -> (Device, Sent) {
        let mut device = Device::new(site, seed);
        let binding = Binding {
            device: device.key(),
            name: format!("Laptop {seed}"),
            letter: char::from(b'A' + seed).to_string(),
            site: code(site),
            predecessors: Vec::new(),
            publishes: false,
            state: BindingState::Active,
        };
        let mut tx = self.truth.db.begin().await.unwrap();
        devices::bind(&self.truth, &mut tx, &binding, Moment::of_unknown_clock(ENROLLED_MS))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let first = device.begin();
        (device, first)
    }

    pub(crate) async fn arrive(&self, sent: &Sent, arrived_ms: i64) {
        let Sent { frame, prev, .. } = sent.clone();
        let entries = frame.verify(prev).unwrap();
        let mut tx = self.truth.db.begin().await.unwrap();
        let keep = Keep { frame, entries, prev };
        frames::keep(&mut tx, &keep, Moment::of_unknown_clock(arrived_ms)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes a token for "the auditor" and the like, and returns its secret.
    pub(crate) async fn token(&self, role: &str) -> String {
        self.token_of(&format!("the {role}"), role).await
    }

    pub(crate) async fn token_of(&self, name: &str, role: &str) -> String {
        let token = Token {
            name: name.to_owned(),
            role: role.to_owned(),
            created_ms: 0,
            expires_ms: i64::MAX,
            revoked: false,
        };
        let mut tx = self.truth.db.begin().await.unwrap();
        let secret = tokens::add(&mut tx, &token).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        secret
    }
}

impl Device {
    pub(crate) fn new(site: &str, seed: u8) -> Self {
        let secret = DeviceSecret::from_bytes(&[seed; 32]);
        let site = code(site);
        let lane = Lane::Site(site.clone());
        let log = LogName { device: secret.public(), epoch: Epoch([seed; 8]), lane };
        let head = Head::empty(log.id());
        Self { secret, writer: Writer::resume(log, head), site, seed }
    }

    pub(crate) fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    /// A copy of the machine: what either writes from now on is a branch of the log.
    pub(crate) fn twin(&self) -> Self {
        let secret = DeviceSecret::from_bytes(&[self.seed; 32]);
        Self { secret, writer: self.writer.clone(), site: self.site.clone(), seed: self.seed }
    }

    pub(crate) const fn log(&self) -> &LogName {
        self.writer.log()
    }

    pub(crate) const fn head(&self) -> Head {
        self.writer.head()
    }

    pub(crate) fn begin(&mut self) -> Sent {
        let start = EpochStart {
            site: self.site.clone(),
            predecessors: Vec::new(),
            opened_at_ms: 0,
            count: 1,
            previous: None,
            abandoned: None,
        };
        let card = PersonCard {
            id: PersonId([7; 16]),
            name: "Aida".to_owned(),
            role: "recorder".to_owned(),
            site: self.site.clone(),
        };
        let start = (Kind::EPOCH_START, start.to_payload().unwrap());
        self.write(vec![start, (PersonCard::KIND, card.to_payload().unwrap())])
    }

    /// Writes entries into one frame.
    pub(crate) fn write(&mut self, payloads: Vec<(Kind, Vec<u8>)>) -> Sent {
        self.write_knowing(0, payloads)
    }

    /// Writes entries into one frame, after a receipt.
    pub(crate) fn write_knowing(&mut self, receipt: u64, payloads: Vec<(Kind, Vec<u8>)>) -> Sent {
        let prev = self.writer.head().id;
        let stamp = Stamp { claimed_ms: 5_000_000, ..Stamp::default() };
        let draft = |(kind, payload)| Draft { kind, payload, stamp, receipt };
        let drafts: Vec<Draft> = payloads.into_iter().map(draft).collect();
        let seeds = vec![Seed([self.seed; 32]); Writer::seeds_needed(drafts.len())];
        let frames = self.writer.append(drafts, &seeds, &self.secret);
        let frame = Frame::join(frames).unwrap();
        let entries = frame.rebuild(prev).unwrap();
        Sent { dots: entries.iter().map(journal::Entry::dot).collect(), frame, prev }
    }
}
