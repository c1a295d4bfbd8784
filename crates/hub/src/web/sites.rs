//! The page of sites.

use std::collections::BTreeMap;
use std::mem;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use pages::{
    Amount, DeviceRow, EntryRemark, QuarantineRow, RefusedRow, SitePage, SiteRow, Waiting,
    site_page, sites_page,
};
use record::{Catalogue, DateTime, Words};

use super::told;
use super::visitor::Visitor;
use crate::clock::rfc3339;
use crate::read::{
    self, AmountView, DeviceView, EntryFinding, RefusalView, SiteView, ViewError, WaitingView,
};
use crate::tables;
use crate::truth::devices::{self, DeviceState};
use crate::truth::quarantine::{self, Item};
use crate::truth::{Truth, epoch};

/// Shows all sites.
pub(super) async fn page(State(truth): State<Truth>, visitor: Visitor) -> Response {
    match listed(&truth).await {
        Ok((rows, set_back)) => {
            visitor.answer(StatusCode::OK, sites_page(&visitor.frame, &rows, set_back))
        }
        Err(error) => told::view_error(&visitor, &error),
    }
}

/// Returns the sites, and when it was lately noticed that the hub had been set back.
async fn listed(truth: &Truth) -> Result<(Vec<SiteRow>, Option<String>), ViewError> {
    let mut conn = truth.db.read().await?;
    let set_back = epoch::lately(&mut conn, truth.clock.now_ms()).await?;
    drop(conn);
    Ok((rows(truth).await?, set_back.map(|one| rfc3339(one.at_ms))))
}

/// Shows one site.
pub(super) async fn one(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Response {
    match site(&truth, &code).await {
        Ok(page) => visitor.answer(StatusCode::OK, site_page(&visitor.frame, &page)),
        Err(error) => told::view_error(&visitor, &error),
    }
}

async fn site(truth: &Truth, code: &str) -> Result<SitePage, ViewError> {
    let mut conn = truth.db.snapshot().await?;
    let mut view = read::site(&mut conn, code).await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let findings = mem::take(&mut view.findings).into_iter().map(remark).collect();
    let mut site = row(view, &BTreeMap::new(), &catalogue);
    for device in devices::list(&mut conn).await? {
        let key = device.key.to_string();
        let Some(row) = site.devices.iter_mut().find(|row| row.key == key) else { continue };
        row.fingerprint = protocol::fingerprint(&device.key);
        if let DeviceState::Revoked { reason } = device.state {
            row.revoked = Some(reason);
        }
    }
    let items = quarantine::list(&mut conn).await?;
    let quarantine = items.into_iter().filter_map(|item| set_aside(&site, item)).collect();
    Ok(SitePage { site, quarantine, findings })
}

/// Returns an item of the quarantine as the page of its device's site shows it.
fn set_aside(site: &SiteRow, item: Item) -> Option<QuarantineRow> {
    let key = item.log.device.to_string();
    let device = site.devices.iter().find(|device| device.key == key)?;
    Some(QuarantineRow {
        number: item.id,
        device: device.name.clone(),
        span: [item.first, item.last],
        entries: item.last.saturating_sub(item.first).saturating_add(1),
        bytes: item.size,
        arrived: written(item.arrived_ms),
        released: item.released.map(|(at_ms, by)| (written(at_ms), by)),
    })
}

async fn rows(truth: &Truth) -> Result<Vec<SiteRow>, ViewError> {
    let mut conn = truth.db.snapshot().await?;
    let sites = read::sites(&mut conn).await?;
    let remarks = read::remarks(&mut conn).await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    Ok(sites.into_iter().map(|site| row(site, &remarks, &catalogue)).collect())
}

fn row(site: SiteView, remarks: &BTreeMap<String, u64>, catalogue: &Catalogue) -> SiteRow {
    let read::Names { en, ru, ky } = site.names;
    SiteRow {
        names: Words { en, ru, ky },
        region: region(catalogue, site.region.as_deref()),
        kind: code(catalogue, "institution_kind", site.kind.as_deref()),
        software: site.version,
        last_contact: site.last_contact,
        waiting: site.waiting.map(waiting),
        clock_skew_ms: site.clock_skew_ms,
        silent_days: site.silent_days.filter(|_days| site.silent),
        closed: site.closed,
        gaps: site.gaps,
        forks: site.forks,
        valid: [site.valid_from, site.valid_to],
        quarantined: site.quarantined,
        successor_of: site.successor_of,
        devices: site.devices.into_iter().map(device).collect(),
        records: site.records,
        conflicts: site.conflicts,
        remarks: remarks.get(&site.code).copied().unwrap_or(0),
        code: site.code,
    }
}

/// Returns the words for a region's code.
pub(super) fn region(catalogue: &Catalogue, code: Option<&str>) -> Words {
    self::code(catalogue, "region", code)
}

/// Returns the words for a code of a list; a code that is not there stands as it is.
fn code(catalogue: &Catalogue, list: &str, code: Option<&str>) -> Words {
    let Some(code) = code else { return Words::default() };
    let known = catalogue.list(list).and_then(|list| list.code(code));
    known.map_or_else(
        || Words { en: Some(code.to_owned()), ..Words::default() },
        |known| known.label.clone(),
    )
}

const fn waiting(waiting: WaitingView) -> Waiting {
    const fn amount(amount: AmountView) -> Amount {
        Amount { number: amount.entries, bytes: amount.bytes }
    }
    let WaitingView { urgent, routine, attachments } = waiting;
    Waiting { urgent: amount(urgent), routine: amount(routine), attachments: amount(attachments) }
}

fn remark(remark: EntryFinding) -> EntryRemark {
    let EntryFinding { finding, device, seq } = remark;
    EntryRemark { rule: finding.rule, device, seq }
}

fn device(device: DeviceView) -> DeviceRow {
    DeviceRow {
        name: device.name,
        letter: device.letter,
        key: device.key,
        fingerprint: String::new(),
        revoked: (device.state == "revoked").then(String::new),
        forked: device.forked,
        software: device.software,
        last_contact: device.last_contact,
        waiting: device.waiting.map(waiting),
        clock_skew_ms: device.clock_skew_ms,
        gaps: device.gaps,
        quarantined: device.quarantined,
        silent_days: device.silent_days.filter(|_days| device.silent),
        refused: device.refused.into_iter().map(refused).collect(),
    }
}

/// Returns an instant as the API writes it.
fn written(utc_ms: i64) -> String {
    DateTime { utc_ms, offset_minutes: tables::search::OFFSET_MINUTES }.to_string()
}

fn refused(refusal: RefusalView) -> RefusedRow {
    let RefusalView { why, at, times, .. } = refusal;
    RefusedRow { why, at, times }
}
