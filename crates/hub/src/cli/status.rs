//! `status`: how the hub is, in figures.

use journal::Dot;
use serde_json::{Value as Json, json};

use super::global::Global;
use super::{clock, device, out, site};
use crate::addresses::Addresses;
use crate::backups::Note;
use crate::clock::rfc3339;
use crate::db::{self, Conn, from_db};
use crate::failure::Failure;
use crate::read::{self, SiteView, WaitingView};
use crate::truth::devices::{self, DeviceState};
use crate::truth::shards;
use crate::truth::{Fault, epoch, frames, logs, verify};

/// Findings that are printed: enough to see what is wrong, however often it is.
const FINDINGS_MAX: i64 = 200;

pub(super) async fn perform(global: &Global) -> Result<(), Failure> {
    let truth = global.open().await?;
    let config = global.config()?;
    let mut conn = truth.db.snapshot().await?;
    let devices = devices::list(&mut conn).await?;
    let in_state = |state: &str| devices.iter().filter(|one| one.state.word() == state).count();
    let waiting: Vec<Json> = devices
        .iter()
        .filter(|one| one.state == DeviceState::Waiting)
        .map(device::to_json)
        .collect();
    let forks = verify::forks(&mut conn).await?;
    let set_backs = epoch::set_backs(&mut conn).await?;
    let sites = read::sites(&mut conn).await?;
    let declared = sites.iter().filter_map(|site| site.waiting).reduce(WaitingView::plus);
    let silent: Vec<&str> =
        sites.iter().filter(|site| site.silent).map(|site| site.code.as_str()).collect();
    let heard: Vec<Json> =
        sites.iter().filter(|site| !site.devices.is_empty()).map(heard).collect();
    let value = json!({
        "hub": truth.key().to_string(),
        "fingerprint": protocol::fingerprint(&truth.key()),
        "site": truth.lanes.site().as_str(),
        "epoch": epoch::present(&mut conn).await?.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "sites": count(&mut conn, "SELECT COUNT(*) FROM site").await?,
        "devices": {
            "active": in_state("active"),
            "revoked": in_state("revoked"),
            "waiting": waiting.len(),
        },
        "waiting_devices": waiting,
        "records": count(&mut conn, "SELECT COUNT(*) FROM record").await?,
        "entries": count(&mut conn,
            "SELECT CAST(COALESCE(SUM(head_seq - first + 1), 0) AS BIGINT) FROM log",
        ).await?,
        "not_folded": count(
            &mut conn,
            shards::UNFOLDED,
        ).await?,
        "conflicts": count(&mut conn, "SELECT COUNT(*) FROM record WHERE conflict").await?,
        "findings": findings(&mut conn).await?,
        "forks": forks,
        "set_backs": set_backs.iter().map(set_back).collect::<Vec<_>>(),
        "declared_waiting": declared,
        "gaps": sites.iter().map(|site| site.gaps).fold(0, u64::saturating_add),
        "quarantined": sites.iter().map(|site| site.quarantined).sum::<u64>(),
        "silent_sites": silent,
        "heard": heard,
        "time_in_doubt": clock::in_doubt(&mut conn).await?,
        "backup": config.backup.as_ref().map(|_plan| Note::read(&config.data)),
        "running": Addresses::read(&config.data),
    });
    out::say(global, &value, || words(&value, &sites))
}

/// Says when the hub had lost what it signed, and which epoch answers for it.
fn set_back(one: &epoch::SetBack) -> Json {
    json!({
        "at": rfc3339(one.at_ms),
        "epoch": one.epoch.to_string(),
        "count": one.count,
        "what": one.words,
    })
}

/// Returns how one site was last heard of; `site show` has the rest.
fn heard(site: &SiteView) -> Json {
    json!({
        "site": site.code,
        "last_contact": site.last_contact,
        "silent_days": site.silent_days,
        "waiting": site.waiting,
        "gaps": site.gaps,
        "clock_skew_ms": site.clock_skew_ms,
        "version": site.version,
    })
}

async fn count(conn: &mut Conn, select: &'static str) -> Result<i64, Fault> {
    Ok(db::query_scalar(select).fetch_one(conn).await?)
}

/// Returns what is remarked on entries; those of no record are shown nowhere else.
async fn findings(conn: &mut Conn) -> Result<Vec<Json>, Fault> {
    let select = "SELECT log, seq, rule, what FROM entry_finding ORDER BY log, seq, rule LIMIT $1";
    let rows: Vec<(i64, i64, String, String)> =
        db::query_as(select).bind(FINDINGS_MAX).fetch_all(&mut *conn).await?;
    let mut findings = Vec::with_capacity(rows.len());
    for (number, seq, rule, what) in rows {
        let (branch, seq) = (logs::by_number(conn, number).await?, from_db(seq));
        let id = frames::id_at(conn, &branch, seq).await?;
        let log = branch.name;
        let dot = id.map(|id| Dot { log: log.id(), seq, id: id.short() }.to_string());
        findings.push(json!({
            "rule": rule, "field": null, "what": what, "dot": dot, "seq": seq,
            "device": log.device.to_string(),
        }));
    }
    Ok(findings)
}

/// The same figures, a line each.
fn words(value: &Json, sites: &[SiteView]) -> String {
    let Some(fields) = value.as_object() else { return String::new() };
    let line = |(name, value): (&String, &Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("{:<16} {text}", name.replace('_', " "))
    };
    let lines = fields.iter().filter(|(name, _)| *name != "heard").map(line);
    let heard = sites.iter().filter(|site| !site.devices.is_empty()).map(site::words);
    lines.chain(heard).collect::<Vec<_>>().join("\n")
}
