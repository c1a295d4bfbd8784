//! `device revoke`, `move` and `replace`: each is a binding, an entry of the hub's lanes.

use clap::Args as ClapArgs;
use journal::SiteCode;
use serde_json::json;

use super::invite::Offer;
use super::{Failure, Global, out, pick_to_change};
use crate::db::Conn;
use crate::print;
use crate::truth::devices::{self, Device, DeviceState};
use crate::truth::invitations::Terms;
use crate::truth::{Truth, sites};

/// Revokes a device and prints a code for a new one that takes over its name and site.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Replace {
    /// The name of the old device, or the first digits of its key.
    old: String,
    /// Why; the old device is told.
    #[arg(long, default_value = "another machine takes its place")]
    reason: String,
    #[command(flatten)]
    offer: Offer,
}

impl Replace {
    /// Refuses what can't be done before anything is changed.
    pub(super) fn check(&self, global: &Global) -> Result<(), Failure> {
        self.offer.check(global)
    }
}

pub(super) async fn revoke(
    global: &Global,
    truth: &Truth,
    wanted: &str,
    reason: String,
) -> Result<(), Failure> {
    if reason.trim().is_empty() {
        return Err(Failure::Usage("say why: --reason TEXT".to_owned()));
    }
    let mut tx = truth.db.begin().await?;
    let device = pick_to_change(&mut tx, wanted).await?;
    shut_out(truth, &mut tx, &device, reason).await?;
    tx.commit().await?;
    let value = json!({ "device": device.key.to_string(), "state": "revoked" });
    out::say(global, &value, || {
        format!("{} is refused from now on.{}", device.name, still_there(&device))
    })
}

pub(super) async fn transfer(
    global: &Global,
    truth: &Truth,
    wanted: &str,
    site: &SiteCode,
) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let device = pick_to_change(&mut tx, wanted).await?;
    match &device.state {
        DeviceState::Active => (),
        DeviceState::Revoked { .. } => {
            return Err(Failure::Refused(format!("{} was revoked: it can't move", device.name)));
        }
        DeviceState::Waiting => {
            return Err(Failure::Refused("this device was never let in".to_owned()));
        }
    }
    if device.site.as_ref() == Some(site) {
        return Err(Failure::Refused(format!("{} is at {site} already", device.name)));
    }
    let Some(card) = sites::find(&mut tx, site).await? else {
        return Err(Failure::Refused(format!("there is no site {site} here")));
    };
    if let Some(closed) = sites::closed(&card, truth.clock.now_ms()) {
        print::remark(&format!("{site} is closed since {closed}; the device moves all the same"));
    }
    let (name, from) = (device.name.clone(), device.site.clone());
    let binding = devices::move_to(truth, &mut tx, device, site).await?;
    tx.commit().await?;
    let Some(binding) = binding else { return Ok(()) };
    let value = json!({
        "device": binding.device.to_string(), "name": name, "site": site.as_str(),
        "letter": binding.letter, "from": from.map(String::from),
    });
    out::say(global, &value, || {
        format!(
            "{name} belongs to {site} from its next contact on. What it wrote before stays with \
             its old site, also what has not arrived yet."
        )
    })
}

pub(super) async fn replace(global: &Global, truth: &Truth, args: Replace) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let old = pick_to_change(&mut tx, &args.old).await?;
    let Some(site) = old.site.clone() else {
        return Err(Failure::Refused("this device was never let in".to_owned()));
    };
    if old.state == DeviceState::Active {
        shut_out(truth, &mut tx, &old, args.reason).await?;
    }
    let terms = Terms { site, name: old.name.clone(), expires_ms: 0, replaces: Some(old.key) };
    let (mut value, words) = args.offer.mint(global, truth, &mut tx, terms).await?;
    tx.commit().await?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("replaces".to_owned(), json!(old.key.to_string()));
        fields.insert("name".to_owned(), json!(old.name));
    }
    out::say(global, &value, || {
        format!("{} is refused from now on.{}\n\n{words}", old.name, still_there(&old))
    })
}

/// Revokes a device.
async fn shut_out(
    truth: &Truth,
    conn: &mut Conn,
    device: &Device,
    reason: String,
) -> Result<(), Failure> {
    if devices::revoke(truth, conn, device, reason).await? {
        return Ok(());
    }
    Err(Failure::Refused("this device was never let in".to_owned()))
}

/// Says what a device still had to send, when it last said so.
fn still_there(device: &Device) -> String {
    let waiting = device.contact.as_ref().map(|contact| contact.waiting).unwrap_or_default();
    let entries = waiting.urgent.entries.saturating_add(waiting.routine.entries);
    if entries == 0 {
        return String::new();
    }
    format!(
        " It last said that {entries} entries wait there: what still comes is set aside, see \
         `ashuu-hub quarantine list`."
    )
}
