//! `status`: how the hub is, in figures.

use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::global::Global;
use super::{device, out};
use crate::db::Conn;
use crate::run::Addresses;
use crate::truth::devices::{self, DeviceState};
use crate::truth::{Fault, verify};

pub(super) async fn perform(global: &Global) -> Result<(), Failure> {
    let truth = global.open().await?;
    let mut conn = truth.db.read().await?;
    let devices = devices::list(&mut conn).await?;
    let in_state = |state: &str| devices.iter().filter(|one| one.state.word() == state).count();
    let waiting: Vec<Json> = devices
        .iter()
        .filter(|one| one.state == DeviceState::Waiting)
        .map(device::to_json)
        .collect();
    let forks = verify::forks(&mut conn).await?;
    let value = json!({
        "hub": truth.key().to_string(),
        "fingerprint": protocol::fingerprint(&truth.key()),
        "site": truth.lanes.site().as_str(),
        "epoch": truth.lanes.epoch().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "sites": count(&mut conn, "SELECT COUNT(*) FROM site").await?,
        "devices": {
            "active": in_state("active"),
            "revoked": in_state("revoked"),
            "waiting": waiting.len(),
        },
        "waiting_devices": waiting,
        "records": count(&mut conn, "SELECT COUNT(*) FROM record").await?,
        "entries": count(&mut conn, "SELECT COALESCE(SUM(head_seq), 0) FROM log").await?,
        "not_folded": count(
            &mut conn,
            "SELECT COALESCE(SUM(head_seq - folded_seq), 0) FROM log",
        ).await?,
        "conflicts": count(&mut conn, "SELECT COUNT(*) FROM record WHERE conflict").await?,
        "findings": count(&mut conn, "SELECT COUNT(*) FROM entry_finding").await?,
        "forks": forks,
        "running": Addresses::read(&global.config()?.data),
    });
    out::say(global, &value, || words(&value))
}

async fn count(conn: &mut Conn, select: &'static str) -> Result<i64, Fault> {
    Ok(sqlx::query_scalar(select).fetch_one(conn).await?)
}

/// The same figures, a line each.
fn words(value: &Json) -> String {
    let Some(fields) = value.as_object() else { return String::new() };
    let line = |(name, value): (&String, &Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("{:<16} {text}", name.replace('_', " "))
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}
