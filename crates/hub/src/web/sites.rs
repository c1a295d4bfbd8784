//! The page of sites.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use pages::{DeviceRow, SitePage, SiteRow, Waiting, site_page, sites_page};
use record::{Catalogue, Words};

use super::told;
use super::visitor::Visitor;
use crate::fold;
use crate::truth::Truth;
use crate::views::{self, DeviceView, SiteView, ViewError, WaitingView};

/// Shows all sites.
pub(super) async fn page(State(truth): State<Truth>, visitor: Visitor) -> Response {
    match rows(&truth).await {
        Ok(rows) => visitor.answer(StatusCode::OK, sites_page(&visitor.frame, &rows)),
        Err(error) => told::view_error(&visitor, &error, None),
    }
}

/// Shows one site.
pub(super) async fn one(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Response {
    match site(&truth, &code).await {
        Ok(page) => visitor.answer(StatusCode::OK, site_page(&visitor.frame, &page)),
        Err(error) => told::view_error(&visitor, &error, None),
    }
}

async fn site(truth: &Truth, code: &str) -> Result<SitePage, ViewError> {
    let mut conn = truth.db.read().await?;
    let view = views::site(&mut conn, code).await?;
    let catalogue = fold::catalogue(&mut conn).await?;
    let findings = view.findings.iter().map(|finding| finding.what.clone()).collect();
    Ok(SitePage { site: row(view, &BTreeMap::new(), &catalogue), findings })
}

async fn rows(truth: &Truth) -> Result<Vec<SiteRow>, ViewError> {
    let mut conn = truth.db.read().await?;
    let sites = views::sites(&mut conn).await?;
    let remarks = views::remarks(&mut conn).await?;
    let catalogue = fold::catalogue(&mut conn).await?;
    Ok(sites.into_iter().map(|site| row(site, &remarks, &catalogue)).collect())
}

fn row(site: SiteView, remarks: &BTreeMap<String, u64>, catalogue: &Catalogue) -> SiteRow {
    let views::Names { en, ru, ky } = site.names;
    SiteRow {
        names: Words { en, ru, ky },
        region: region(catalogue, site.region.as_deref()),
        last_contact: site.last_contact,
        waiting: site.waiting.map(waiting),
        clock_skew_ms: site.clock_skew_ms,
        silent_days: site.silent_days.filter(|_days| site.silent),
        closed: site.closed,
        gaps: site.gaps,
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
    let Some(code) = code else { return Words::default() };
    let known = catalogue.list("region").and_then(|list| list.code(code));
    known.map_or_else(
        || Words { en: Some(code.to_owned()), ..Words::default() },
        |known| known.label.clone(),
    )
}

const fn waiting(waiting: WaitingView) -> Waiting {
    let WaitingView { urgent, routine, attachments } = waiting;
    Waiting {
        urgent_entries: urgent.entries,
        entries: routine.entries.saturating_add(attachments.entries),
        bytes: urgent.bytes.saturating_add(routine.bytes).saturating_add(attachments.bytes),
    }
}

fn device(device: DeviceView) -> DeviceRow {
    DeviceRow {
        name: device.name,
        letter: device.letter,
        key: device.key,
        revoked: device.state == "revoked",
        forked: device.forked,
        software: device.software,
        last_contact: device.last_contact,
        waiting: device.waiting.map(waiting),
        clock_skew_ms: device.clock_skew_ms,
        gaps: device.gaps,
        quarantined: device.quarantined,
        refused: device.refused.into_iter().map(|refused| refused.words).collect(),
    }
}
