//! `device approve` and `forget`: keys that this hub does not know and that asked to be let in.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use journal::{Binding, BindingState, Lane, SiteCode};
use serde_json::json;

use super::{Failure, Global, out, pick_to_change};
use crate::db::Conn;
use crate::truth::devices::{self, Device, DeviceState};
use crate::truth::{Truth, logs, sites};

/// Lets in a key that waits: one that this hub had let in and forgot, since it was set back.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Approve {
    /// The first digits of its key.
    device: String,
    /// Its site; needed unless this hub holds something that the device wrote.
    #[arg(long, value_name = "CODE")]
    site: Option<SiteCode>,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn approve(global: &Global, truth: &Truth, args: Approve) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let device = waiting(&mut tx, &args.device).await?;
    let site = match args.site {
        Some(site) => site,
        None => site_of(&mut tx, &device).await?,
    };
    let Some(card) = sites::find(&mut tx, &site).await? else {
        return Err(Failure::Refused(format!("there is no site {site} here")));
    };
    let letter = devices::next_letter(&mut tx, &site).await?;
    let binding = Binding {
        device: device.key,
        name: args.name.unwrap_or_else(|| format!("{site}-{letter}")),
        letter,
        predecessors: sites::predecessors(&mut tx, &site).await?,
        publishes: sites::publishes(&card),
        site,
        state: BindingState::Active,
    };
    devices::bind(truth, &mut tx, &binding, truth.clock.now()).await?;
    tx.commit().await?;
    let Binding { device, name, letter, site, .. } = binding;
    let value = json!({
        "device": device.to_string(), "name": name, "site": site.as_str(), "letter": letter,
        "state": "active",
    });
    out::say(global, &value, || {
        format!("{name} is let in for {site}; it brings what it has at its next contact.")
    })
}

pub(super) async fn forget(global: &Global, truth: &Truth, wanted: &str) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let device = waiting(&mut tx, wanted).await?;
    devices::forget(&mut tx, &device.key).await?;
    tx.commit().await?;
    let value = json!({ "device": device.key.to_string(), "state": "forgotten" });
    out::say(global, &value, || {
        format!("{} is forgotten; it is listed again if it asks again.", device.key.short())
    })
}

/// Picks a key that waits.
async fn waiting(conn: &mut Conn, wanted: &str) -> Result<Device, Failure> {
    let device = pick_to_change(conn, wanted).await?;
    match &device.state {
        DeviceState::Waiting => Ok(device),
        DeviceState::Active => Err(Failure::Refused(format!("{} is let in already", device.name))),
        DeviceState::Revoked { reason } => Err(Failure::Refused(format!(
            "{} was revoked ({reason}) and stays out: enrol the machine with a new key",
            device.name
        ))),
    }
}

/// Returns the one site whose logs of the device are held here.
async fn site_of(conn: &mut Conn, device: &Device) -> Result<SiteCode, Failure> {
    let held = logs::of_device(conn, &device.key).await?;
    let sites: BTreeSet<SiteCode> = held
        .into_iter()
        .filter_map(|held| match held.log.lane {
            Lane::Site(site) => Some(site),
            Lane::Everyone => None,
        })
        .collect();
    let mut sites = sites.into_iter();
    match (sites.next(), sites.next()) {
        (Some(site), None) => Ok(site),
        (None, _) | (Some(_), Some(_)) => {
            Err(Failure::Usage("say where it belongs: --site CODE".to_owned()))
        }
    }
}
