//! Sites: who was heard of when, what still waits there, how many records are held.

mod facts;

use std::collections::BTreeMap;

use record::{Finding, SiteCard, Words};
use serde::Serialize;

pub use facts::{DeviceFact, DeviceFacts, RefusalView};

use super::ViewError;
use super::time::written;
use crate::clock;
use crate::db::{self, Conn, from_db};
use crate::limits::SITE_SILENT_DAYS;
use crate::truth;
use crate::truth::devices::{self, Contact, Device, DeviceState};

/// Findings of one site that are shown.
const FINDINGS_MAX: i64 = 100;

/// A site as the API says it.
#[derive(Clone, Debug, Serialize)]
pub struct SiteView {
    /// Its code.
    pub code: String,
    /// Its name in English, Russian and Kyrgyz.
    pub names: Names,
    /// What sort of institution it is.
    pub kind: Option<String>,
    /// The region it stands in.
    pub region: Option<String>,
    /// The first day it exists.
    pub valid_from: Option<String>,
    /// The last one.
    pub valid_to: Option<String>,
    /// Whether its last day is over.
    pub closed: bool,
    /// The sites that merged into it.
    pub successor_of: Vec<String>,
    /// When any of its devices was last heard.
    pub last_contact: Option<String>,
    /// What its devices said waits there.
    pub waiting: Option<WaitingView>,
    /// Entries that a later epoch of a device names and that never arrived.
    pub gaps: u64,
    /// Logs of its devices that have several branches.
    pub forks: u64,
    /// Entries of revoked devices that were set aside.
    pub quarantined: u64,
    /// Whole days since any of its devices was heard.
    pub silent_days: Option<u64>,
    /// Whether that is so long that somebody should ask; a closed site may be silent.
    pub silent: bool,
    /// The software of the device that was heard last.
    pub version: Option<String>,
    /// How far the worst of its clocks is ahead of the hub's; negative is behind.
    pub clock_skew_ms: Option<i64>,
    /// Records held.
    pub records: u64,
    /// Those with a conflict.
    pub conflicts: u64,
    /// Its devices.
    pub devices: Vec<DeviceView>,
    /// What the fold remarks on entries of its devices.
    pub findings: Vec<EntryFinding>,
}

/// What the fold remarks on an entry.
#[derive(Clone, Debug, Serialize)]
pub struct EntryFinding {
    /// The remark, which says in English which entry it is about.
    #[serde(flatten)]
    pub finding: Finding,
    /// The name of the device that wrote the entry.
    #[serde(skip)]
    pub device: String,
    /// The entry's number in its log.
    #[serde(skip)]
    pub seq: u64,
}

/// A name in three languages.
#[derive(Clone, Debug, Serialize)]
pub struct Names {
    /// English.
    pub en: Option<String>,
    /// Russian.
    pub ru: Option<String>,
    /// Kyrgyz.
    pub ky: Option<String>,
}

/// What waits at a site, as it declared.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct WaitingView {
    /// What goes first.
    pub urgent: AmountView,
    /// All other entries.
    pub routine: AmountView,
    /// Attachments.
    pub attachments: AmountView,
}

/// Entries and bytes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AmountView {
    /// Entries.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A device of a site.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceView {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The letter in its records' references.
    pub letter: String,
    /// Whether it is let in: `active` or `revoked`.
    pub state: String,
    /// Its software.
    pub software: Option<String>,
    /// The same, under the name that an agent gives it.
    pub version: Option<String>,
    /// When it was last heard.
    pub last_contact: Option<String>,
    /// What it said waits there.
    pub waiting: Option<WaitingView>,
    /// How far its clock is ahead of the hub's.
    pub clock_skew_ms: Option<i64>,
    /// Whether a log of it has several branches.
    pub forked: bool,
    /// Logs of it that have several branches.
    pub forks: u64,
    /// Entries that a later epoch names and that never arrived.
    pub gaps: u64,
    /// Entries that were set aside since its key was revoked.
    pub quarantined: u64,
    /// What was refused of it.
    pub refused: Vec<RefusalView>,
    /// Whole days since it was last heard, or let in.
    pub silent_days: Option<u64>,
    /// Whether that is so long that somebody should ask.
    pub silent: bool,
}

/// Returns every site, by code.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub async fn sites(conn: &mut Conn) -> Result<Vec<SiteView>, ViewError> {
    let mut around = Around::read(conn).await?;
    let cards = truth::sites::list(conn).await?;
    Ok(cards.into_iter().map(|card| around.view(card)).collect())
}

/// Returns one site, with what is remarked on its devices' entries.
///
/// # Errors
///
/// Returns [`ViewError`] if there is no such site or the database can't be read.
pub async fn site(conn: &mut Conn, code: &str) -> Result<SiteView, ViewError> {
    let unknown = || ViewError::NoSite(code.to_owned());
    let card = match code.parse() {
        Ok(code) => truth::sites::find(conn, &code).await?.ok_or_else(unknown)?,
        Err(_no_code) => return Err(unknown()),
    };
    let mut view = Around::read(conn).await?.view(card);
    view.findings = findings(conn, code).await?;
    Ok(view)
}

/// Returns how many remarks there are on entries of each site's logs.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub(crate) async fn remarks(conn: &mut Conn) -> Result<BTreeMap<String, u64>, ViewError> {
    let select = "SELECT l.site, COUNT(*) FROM entry_finding AS f JOIN log AS l ON l.id = f.log \
                  WHERE l.site IS NOT NULL GROUP BY l.site";
    let rows: Vec<(String, i64)> = db::query_as(select).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(site, count)| (site, from_db(count))).collect())
}

async fn findings(conn: &mut Conn, code: &str) -> Result<Vec<EntryFinding>, ViewError> {
    let select = "SELECT f.rule, f.what, f.seq, d.name FROM entry_finding AS f \
                  JOIN log AS l ON l.id = f.log LEFT JOIN device AS d ON d.key = l.device \
                  WHERE l.site = $1 ORDER BY f.log, f.seq LIMIT $2";
    let rows: Vec<(String, String, i64, Option<String>)> =
        db::query_as(select).bind(code).bind(FINDINGS_MAX).fetch_all(conn).await?;
    let finding = |(rule, what, seq, device): (String, String, i64, Option<String>)| {
        let (device, seq) = (device.unwrap_or_default(), from_db(seq));
        let finding = Finding::new(&rule, None, format!("entry {seq} of {device}: {what}"));
        EntryFinding { finding, device, seq }
    };
    Ok(rows.into_iter().map(finding).collect())
}

/// Returns how many entries of each device arrived since it last said what waits there.
async fn arrived_since(conn: &mut Conn) -> Result<BTreeMap<Vec<u8>, u64>, ViewError> {
    // A device says so at the start of each exchange, so a look at the last frames is enough.
    let select = "SELECT l.device, CAST(SUM((SELECT COALESCE(SUM(n.last - n.first + 1), 0) FROM \
                  (SELECT f.first, f.last, f.arrived_ms FROM frame AS f WHERE f.log = l.id \
                  ORDER BY f.last DESC LIMIT 256) AS n WHERE n.arrived_ms >= d.last_contact_ms)) \
                  AS BIGINT) FROM log AS l JOIN device AS d ON d.key = l.device GROUP BY l.device";
    let rows: Vec<(Vec<u8>, i64)> = db::query_as(select).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(device, count)| (device, from_db(count))).collect())
}

/// What is known around the sites, by code.
struct Around {
    devices: BTreeMap<String, Vec<DeviceView>>,
    records: BTreeMap<String, (i64, i64)>,
}

impl Around {
    async fn read(conn: &mut Conn) -> Result<Self, ViewError> {
        let facts = DeviceFacts::read(conn, clock::wall_ms()).await?;
        let arrived = arrived_since(conn).await?;
        let mut devices: BTreeMap<String, Vec<DeviceView>> = BTreeMap::new();
        for device in devices::list(conn).await? {
            let Some(site) = device.site.clone() else { continue };
            let fact = facts.of(&device);
            let arrived = arrived.get(device.key.0.as_slice()).copied().unwrap_or(0);
            let view = device_view(device, fact, arrived);
            devices.entry(site.to_string()).or_default().push(view);
        }
        let records = "SELECT site, COUNT(*), SUM(CASE WHEN conflict THEN 1 ELSE 0 END) \
                       FROM record GROUP BY site";
        let rows: Vec<(String, i64, i64)> = db::query_as(records).fetch_all(conn).await?;
        let records = rows.into_iter().map(|(site, all, torn)| (site, (all, torn))).collect();
        Ok(Self { devices, records })
    }

    fn view(&mut self, card: SiteCard) -> SiteView {
        let code = card.code.to_string();
        let devices = self.devices.remove(&code).unwrap_or_default();
        let (records, conflicts) = self.records.get(&code).copied().unwrap_or_default();
        let closed = truth::sites::closed(&card, clock::wall_ms()).is_some();
        let silent_days = devices.iter().filter_map(|device| device.silent_days).min();
        let last_heard = devices.iter().max_by_key(|device| device.last_contact.clone());
        let Words { en, ru, ky } = card.names;
        let skews = devices.iter().filter_map(|device| device.clock_skew_ms);
        SiteView {
            names: Names { en, ru, ky },
            kind: card.kind,
            region: card.region,
            valid_from: card.valid_from,
            valid_to: card.valid_to,
            successor_of: card.successor_of.into_iter().map(String::from).collect(),
            last_contact: devices.iter().filter_map(|device| device.last_contact.clone()).max(),
            waiting: devices.iter().filter_map(|device| device.waiting).reduce(WaitingView::plus),
            gaps: devices.iter().map(|device| device.gaps).fold(0, u64::saturating_add),
            forks: devices.iter().map(|device| device.forks).sum(),
            quarantined: devices.iter().map(|device| device.quarantined).sum(),
            silent: !closed && silent_days.is_some_and(|days| from_db(SITE_SILENT_DAYS) <= days),
            silent_days,
            version: last_heard.and_then(|device| device.version.clone()),
            closed,
            clock_skew_ms: skews.max_by_key(|skew| skew.unsigned_abs()),
            records: from_db(records),
            conflicts: from_db(conflicts),
            devices,
            findings: Vec::new(),
            code,
        }
    }
}

fn device_view(device: Device, fact: DeviceFact, arrived: u64) -> DeviceView {
    let Device { key, name, letter, state, contact, .. } = device;
    let is_active = state == DeviceState::Active;
    let told = contact.as_ref().filter(|_| is_active);
    DeviceView {
        key: key.to_string(),
        name,
        letter,
        state: state.word().to_owned(),
        software: contact.as_ref().map(|contact| contact.software.clone()),
        last_contact: contact.as_ref().map(|contact| written(contact.at_ms)),
        waiting: told.map(|contact| waiting(contact).without(arrived)),
        clock_skew_ms: told.map(|contact| contact.clock_skew_ms),
        version: contact.as_ref().map(|contact| contact.software.clone()),
        forked: 0 < fact.forks,
        forks: fact.forks,
        gaps: fact.gaps,
        quarantined: fact.quarantined,
        silent: fact.is_silent(),
        silent_days: fact.silent_days,
        refused: fact.refused,
    }
}

fn waiting(contact: &Contact) -> WaitingView {
    let amount =
        |amount: &protocol::Amount| AmountView { entries: amount.entries, bytes: amount.bytes };
    let protocol::Waiting { urgent, routine, attachments } = &contact.waiting;
    WaitingView {
        urgent: amount(urgent),
        routine: amount(routine),
        attachments: amount(attachments),
    }
}

impl WaitingView {
    /// Returns what is left once `arrived` entries came; what goes first came first.
    fn without(self, arrived: u64) -> Self {
        let rest = arrived.saturating_sub(self.urgent.entries);
        Self { urgent: self.urgent.without(arrived), routine: self.routine.without(rest), ..self }
    }

    /// Returns the sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            urgent: self.urgent.plus(other.urgent),
            routine: self.routine.plus(other.routine),
            attachments: self.attachments.plus(other.attachments),
        }
    }
}

impl AmountView {
    /// Returns what is left once `arrived` entries came, each taken to be as large as the others.
    fn without(self, arrived: u64) -> Self {
        let entries = self.entries.saturating_sub(arrived);
        let part = u128::from(self.bytes) * u128::from(entries) / u128::from(self.entries.max(1));
        Self { entries, bytes: u64::try_from(part).unwrap_or(u64::MAX) }
    }

    /// Returns the sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            entries: self.entries.saturating_add(other.entries),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}
