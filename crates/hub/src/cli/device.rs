//! `device`: which computers may write, and what they last said of themselves.

mod change;
mod limit;
mod show;
mod stranger;

use clap::Subcommand;
use journal::SiteCode;
use serde_json::{Value as Json, json};

use super::global::Global;
use super::{invite, out};
use crate::clock::rfc3339;
use crate::db::Conn;
use crate::failure::Failure;
use crate::read::{self, DeviceFacts};
use crate::truth::Truth;
use crate::truth::devices::{self, Device, DeviceState};

/// Lists, shows, moves, limits, approves, replaces and revokes devices.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists devices; those that wait to be let in come first.
    #[command(after_help = "Example:\n  ashuu-hub device list --site INST-027")]
    List {
        /// Only those of this site.
        #[arg(long, value_name = "CODE")]
        site: Option<SiteCode>,
    },
    /// Shows a device, where it belonged, and its logs.
    #[command(after_help = "Example:\n  ashuu-hub device show INST-027-A")]
    Show {
        /// Its name, or the first digits of its key.
        device: String,
    },
    /// Refuses a device from now on; what it still brings is set aside.
    #[command(after_help = "Example:\n  ashuu-hub device revoke INST-027-A --reason \"stolen\"")]
    Revoke {
        /// Its name, or the first digits of its key.
        device: String,
        /// Why; the device is told.
        #[arg(long)]
        reason: String,
    },
    /// Moves a device to another site; it learns of it at its next contact.
    #[command(after_help = "Example:\n  ashuu-hub device move INST-027-A INST-016")]
    Move {
        /// Its name, or the first digits of its key.
        device: String,
        /// The site's code.
        site: SiteCode,
    },
    /// Revokes a device and prints a code for a new one that takes over its name and site.
    #[command(after_help = "Example:\n  ashuu-hub device replace INST-027-A")]
    Replace(change::Replace),
    /// Says how many epochs and branches a device may begin; without a number, what holds now.
    #[command(
        after_help = "Example:\n  ashuu-hub device limit INST-027-A --branches 200 --per-day 20"
    )]
    Limit(limit::Limit),
    /// Lets in a key that this hub forgot when it was set back, and that waits.
    #[command(after_help = "Example:\n  ashuu-hub device approve 9f85a1c2 --site INST-027")]
    Approve(stranger::Approve),
    /// Takes a key that waits off the list; nothing that was let in is touched.
    #[command(after_help = "Example:\n  ashuu-hub device forget 9f85a1c2")]
    Forget {
        /// The first digits of its key.
        device: String,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    if let Command::Replace(args) = &command {
        args.check(global)?;
    }
    let truth = global.open_for_everyone().await?;
    match command {
        Command::List { site } => list(global, &truth, site).await,
        Command::Show { device } => show::perform(global, &truth, &device).await,
        Command::Revoke { device, reason } => change::revoke(global, &truth, &device, reason).await,
        Command::Move { device, site } => change::transfer(global, &truth, &device, &site).await,
        Command::Replace(args) => change::replace(global, &truth, args).await,
        Command::Limit(args) => limit::perform(global, &truth, args).await,
        Command::Approve(args) => stranger::approve(global, &truth, args).await,
        Command::Forget { device } => stranger::forget(global, &truth, &device).await,
    }
}

async fn list(global: &Global, truth: &Truth, site: Option<SiteCode>) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let mut devices = devices::list(&mut conn).await?;
    devices.retain(|device| site.is_none() || device.site == site);
    let around = DeviceFacts::read(&mut conn, truth.clock.now_ms()).await?;
    let value: Vec<Json> = devices.iter().map(|device| full_json(device, &around)).collect();
    out::say(global, &value, || {
        let lines: Vec<String> =
            devices.iter().map(|device| words(device, &around.of(device))).collect();
        if lines.is_empty() { "no devices yet".to_owned() } else { lines.join("\n") }
    })
}

/// Finds the one device a person means. A name may have gone over to a new machine: then that one.
async fn pick(conn: &mut Conn, wanted: &str) -> Result<Device, Failure> {
    let fits = |device: &Device| {
        let by_key = 4 <= wanted.len() && device.key.to_string().starts_with(wanted);
        by_key || (!wanted.is_empty() && device.name == wanted)
    };
    let found: Vec<Device> = devices::list(conn).await?.into_iter().filter(fits).collect();
    let active: Vec<&Device> =
        found.iter().filter(|device| device.state == DeviceState::Active).collect();
    match (found.as_slice(), active.as_slice()) {
        ([one], _) => Ok(one.clone()),
        (_, [one]) => Ok(Device::clone(one)),
        ([], _) => Err(Failure::Refused(format!(
            "no device is \"{wanted}\": give its name or the first digits of its key"
        ))),
        (_, _) => Err(Failure::Refused(format!(
            "several devices are \"{wanted}\": give more digits of the key"
        ))),
    }
}

/// Picks a device as it stands once nobody else can change it: one that was revoked meanwhile must
/// not be let in again by who read it before. `conn` must be a write transaction.
async fn pick_to_change(conn: &mut Conn, wanted: &str) -> Result<Device, Failure> {
    let device = pick(conn, wanted).await?;
    devices::hold(conn, &device.key).await?;
    let gone = || Failure::Refused(format!("the device {wanted} is gone"));
    devices::find(conn, &device.key).await?.ok_or_else(gone)
}

fn words(device: &Device, facts: &read::DeviceFact) -> String {
    let contact = device.contact.as_ref();
    let last = contact.map_or_else(|| "never".to_owned(), |contact| rfc3339(contact.at_ms));
    let mut line = format!(
        "{:<16} {:<8} {:<12} {:<3} {:<24} last contact {last}",
        device.key.short(),
        device.state.word(),
        device.site.as_ref().map_or("", |site| site.as_str()),
        device.letter,
        device.name,
    );
    let marks = [
        (facts.forks, "forks"),
        (facts.gaps, "entries missing"),
        (facts.quarantined, "entries in quarantine"),
        (facts.refused.len() as u64, "refused"),
    ];
    for (count, mark) in marks.into_iter().filter(|(count, _)| 0 < *count) {
        line.push_str(&format!(", {count} {mark}"));
    }
    line
}

/// What is known of a device, with what is known around it.
fn full_json(device: &Device, around: &DeviceFacts) -> Json {
    let facts = around.of(device);
    let mut value = to_json(device);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("forks".to_owned(), json!(facts.forks));
        fields.insert("gaps".to_owned(), json!(facts.gaps));
        fields.insert("quarantined".to_owned(), json!(facts.quarantined));
        fields.insert("refused".to_owned(), json!(facts.refused));
        fields.insert("silent_days".to_owned(), json!(facts.silent_days));
    }
    value
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
        "version": contact.map(|contact| contact.software.as_str()),
        "clock_skew_ms": contact.map(|contact| contact.clock_skew_ms),
    })
}
