//! The page of sites.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pages::{DeviceRow, SiteRow, Waiting, sites_page};
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
        revoked: device.state == "revoked",
        forked: device.forked,
    }
}
