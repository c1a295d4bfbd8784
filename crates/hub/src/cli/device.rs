//! `device`: which computers may write, and what they last said of themselves.

use clap::Subcommand;
use journal::{Binding, BindingState};
use protocol::Held;
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::global::Global;
use super::out;
use crate::clock::rfc3339;
use crate::db::Conn;
use crate::fold;
use crate::truth::devices::{self, Device, DeviceState};
use crate::truth::{Truth, logs, receipts, sites};

/// Lists, shows and revokes devices.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists devices; those that wait to be let in come first.
    List,
    /// Shows a device and its logs.
    Show {
        /// Its name, or the first digits of its key.
        device: String,
    },
    /// Refuses a device from now on.
    Revoke {
        /// Its name, or the first digits of its key.
        device: String,
        /// Why; the device is told.
        #[arg(long)]
        reason: String,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open().await?;
    match command {
        Command::List => list(global, &truth).await,
        Command::Show { device } => show(global, &truth, &device).await,
        Command::Revoke { device, reason } => revoke(global, &truth, &device, reason).await,
    }
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let devices = devices::list(&mut *truth.db.read().await?).await?;
    let value: Vec<Json> = devices.iter().map(to_json).collect();
    out::say(global, &value, || {
        let lines: Vec<String> = devices.iter().map(words).collect();
        if lines.is_empty() { "no devices yet".to_owned() } else { lines.join("\n") }
    })
}

async fn show(global: &Global, truth: &Truth, wanted: &str) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let device = pick(&mut conn, wanted).await?;
    let mut held = Vec::new();
    for log in logs::of_device(&mut conn, &device.key).await? {
        held.push(log_json(&log));
    }
    let receipt = receipts::latest(&mut conn, &device.key).await?;
    let receipt = receipt.map(|last| json!({"number": last.number, "at": rfc3339(last.at_ms)}));
    let mut value = to_json(&device);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("logs".to_owned(), Json::Array(held.clone()));
        fields.insert("last_receipt".to_owned(), json!(receipt));
        fields.insert("fingerprint".to_owned(), json!(protocol::fingerprint(&device.key)));
    }
    out::say(global, &value, || {
        let mut lines = vec![words(&device), format!("key {}", device.key)];
        lines.extend(held.iter().map(Json::to_string));
        lines.join("\n")
    })
}

async fn revoke(
    global: &Global,
    truth: &Truth,
    wanted: &str,
    reason: String,
) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let device = pick(&mut tx, wanted).await?;
    let Some(site) = device.site.clone() else {
        return Err(Failure::Refused("this device was never let in".to_owned()));
    };
    let binding = Binding {
        device: device.key,
        name: device.name.clone(),
        letter: device.letter.clone(),
        predecessors: sites::predecessors(&mut tx, &site).await?,
        site,
        publishes: device.publishes,
        state: BindingState::Revoked { reason },
    };
    let now_ms = truth.clock.now_ms();
    devices::bind(truth, &mut tx, &binding, now_ms).await?;
    tx.commit().await?;
    fold::catch_up(truth).await?;
    let value = json!({ "device": device.key.to_string(), "state": "revoked" });
    out::say(global, &value, || format!("{} is refused from now on.", device.name))
}

/// Finds the one device a person means.
async fn pick(conn: &mut Conn, wanted: &str) -> Result<Device, Failure> {
    let fits = |device: &Device| {
        let by_key = 4 <= wanted.len() && device.key.to_string().starts_with(wanted);
        by_key || (!wanted.is_empty() && device.name == wanted)
    };
    let mut found: Vec<Device> = devices::list(conn).await?.into_iter().filter(fits).collect();
    match (found.pop(), found.is_empty()) {
        (Some(device), true) => Ok(device),
        (Some(_), false) => Err(Failure::Refused(format!(
            "several devices are \"{wanted}\": give more digits of the key"
        ))),
        (None, _) => Err(Failure::Refused(format!(
            "no device is \"{wanted}\": give its name or the first digits of its key"
        ))),
    }
}

fn words(device: &Device) -> String {
    let contact = device.contact.as_ref();
    let last = contact.map_or_else(|| "never".to_owned(), |contact| rfc3339(contact.at_ms));
    format!(
        "{:<16} {:<8} {:<12} {:<3} {:<24} last contact {last}",
        device.key.short(),
        device.state.word(),
        device.site.as_ref().map_or("", |site| site.as_str()),
        device.letter,
        device.name,
    )
}

pub(super) fn to_json(device: &Device) -> Json {
    let contact = device.contact.as_ref();
    let reason = match &device.state {
        DeviceState::Revoked { reason } => Some(reason.as_str()),
        DeviceState::Active | DeviceState::Waiting => None,
    };
    json!({
        "device": device.key.to_string(),
        "name": device.name,
        "letter": device.letter,
        "site": device.site.as_ref().map(|site| site.as_str()),
        "publishes": device.publishes,
        "state": device.state.word(),
        "reason": reason,
        "enrolled_at": rfc3339(device.enrolled_ms),
        "last_contact": contact.map(|contact| rfc3339(contact.at_ms)),
        "waiting": contact.map(|contact| contact.waiting),
        "software": contact.map(|contact| contact.software.as_str()),
        "clock_skew_ms": contact.map(|contact| contact.clock_skew_ms),
    })
}

fn log_json(held: &Held) -> Json {
    let branches: Vec<u64> = held.branches.iter().map(|head| head.seq).collect();
    json!({
        "epoch": held.log.epoch.to_string(),
        "lane": held.log.lane.to_string(),
        "entries": held.head.seq,
        "head": held.head.id.short().to_string(),
        "branches": branches,
    })
}
