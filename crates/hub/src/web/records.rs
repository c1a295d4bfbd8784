//! The table of records and the page of one.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as QueryOf, State};
use axum::http::StatusCode;
use axum::response::Response;
use pages::{Choice, Filter, Lang, RecordPage, RecordRow, RecordsPage, record_page, records_page};
use record::{Catalogue, Language, ListRow, RecordId, RecordKey, RecordView, SiteCard, Words};
use serde::Deserialize;
use serde_json::Value as Json;

use super::visitor::Visitor;
use super::{sites, told, waiting};
use crate::read::{self, Query, ViewError};
use crate::tables;
use crate::truth::Truth;
use crate::truth::reviews::{self, Decides, Viewer};
use crate::truth::sites as cards;

/// Records on one page.
const ROWS: u32 = 50;

/// What the table is narrowed to, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    form: String,
    site: String,
    region: String,
    state: String,
    from: String,
    to: String,
    q: String,
    custody: String,
    conflict: String,
    late: String,
    cursor: String,
}

/// Shows a page of the table.
pub(super) async fn list(
    State(truth): State<Truth>,
    visitor: Visitor,
    asked: Result<QueryOf<Asked>, QueryRejection>,
) -> Response {
    let Ok(QueryOf(asked)) = asked else { return told::unreadable(&visitor) };
    match table(&truth, &asked, visitor.frame.lang).await {
        Ok(page) => visitor.answer(StatusCode::OK, records_page(&visitor.frame, &page)),
        Err(error) => told::view_error(&visitor, &error),
    }
}

/// Shows one record.
pub(super) async fn show(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    match one(&truth, &visitor, &id).await {
        Ok(response) => response,
        Err(error) => told::view_error(&visitor, &error),
    }
}

async fn one(truth: &Truth, visitor: &Visitor, id: &str) -> Result<Response, ViewError> {
    let mut conn = truth.db.read().await?;
    let key = read::find(&mut conn, id).await?;
    let person = truth.administrator(&mut conn).await?;
    drop(conn);
    reviews::opened(truth, &key, Viewer { person, decides: Decides::Yes }).await?;
    let mut conn = truth.db.snapshot().await?;
    let language = language(visitor.frame.lang);
    let mut view = read::show_in(&mut conn, truth, &key, language).await?;
    view.title = read::titles(&mut conn, std::slice::from_ref(&key), language)
        .await?
        .pop()
        .unwrap_or_default();
    let history = read::history(&mut conn, &key).await?;
    let names = read::names(&mut conn, &named(&view)).await?;
    let card = cards::find(&mut conn, &key.site).await?;
    let site = card.map_or_else(Words::default, |card| card.names);
    let catalogue = tables::catalogue(&mut conn).await?;
    let (history, catalogue) = (history.as_slice(), catalogue.as_ref());
    let (site, names, hub) = (&site, &names, truth.key().short());
    let next = waiting::next(&mut conn, &key, &view).await?.map(|key| format!("/records/{key}"));
    let next = next.as_deref();
    let page = RecordPage { view: &view, history, catalogue, site, names, hub: &hub, next };
    Ok(visitor.answer(StatusCode::OK, record_page(&visitor.frame, &page)))
}

/// Returns every id of a record that stands in the record's values, or stays instead of it.
fn named(view: &RecordView) -> Vec<RecordId> {
    let stays = view.review.of.as_deref().and_then(|of| of.parse::<RecordKey>().ok());
    let mut ids: BTreeSet<RecordId> = stays.into_iter().map(|key| key.id).collect();
    let mut values: Vec<&Json> = view.values.values().collect();
    values.extend(view.conflicts.iter().flat_map(|c| &c.values).map(|value| &value.value));
    while let Some(value) = values.pop() {
        match value {
            Json::String(text) => ids.extend(text.parse::<RecordId>().ok()),
            Json::Array(inner) => values.extend(inner),
            Json::Object(inner) => values.extend(inner.values()),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
    ids.into_iter().collect()
}

async fn table(truth: &Truth, asked: &Asked, lang: Lang) -> Result<RecordsPage, ViewError> {
    let mut conn = truth.db.snapshot().await?;
    let query = Query { late_hours: Some(truth.review.late_hours), ..asked.query() };
    let cursor = given(&asked.cursor);
    let page = read::page(&mut conn, &query, cursor.as_deref(), ROWS).await?;
    let total = read::count(&mut conn, &query).await?;
    let shortcuts = waiting::shortcuts(&mut conn).await?;
    let cards = cards::list(&mut conn).await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let catalogue = catalogue.as_ref();
    let keys: Vec<RecordKey> = page.rows.iter().map(|(key, _row)| key.clone()).collect();
    let titles = read::titles(&mut conn, &keys, language(lang)).await?;
    let names = Names { lang, catalogue, sites: names(&cards, lang) };
    let rows = page.rows.iter().zip(titles).zip(&page.voided);
    let rows = rows.map(|(((key, row), title), voided)| names.row(key, row, title, *voided));
    Ok(RecordsPage {
        rows: rows.collect(),
        shortcuts,
        forms: forms(catalogue, lang),
        sites: names
            .sites
            .iter()
            .map(|(code, name)| choice(code, format!("{name} {code}").trim()))
            .collect(),
        regions: regions(&cards, catalogue, lang),
        total: total.count,
        is_more: total.is_more,
        first: cursor.map(|_| asked.address("")),
        next: page.next.map(|next| asked.address(&next)),
        filter: asked.filter(),
    })
}

/// The words of one table.
struct Names<'a> {
    lang: Lang,
    catalogue: &'a Catalogue,
    sites: BTreeMap<String, String>,
}

impl Names<'_> {
    fn row(&self, key: &RecordKey, row: &ListRow, title: String, voided: bool) -> RecordRow {
        let form = self.catalogue.form(&row.form).and_then(|form| self.lang.pick(&form.label));
        RecordRow {
            key: key.to_string(),
            reference: row.reference.clone().unwrap_or_else(|| row.id.clone()),
            form: form.unwrap_or(&row.form).to_owned(),
            site: row.site.clone(),
            site_name: self.sites.get(&row.site).cloned().unwrap_or_default(),
            occurred_at: row.occurred_at.clone(),
            title,
            review_state: row.review_state.clone(),
            urgent: row.urgent,
            conflict: row.conflict,
            late: row.late == Some(true),
            arrived_late: row.arrived_late == Some(true),
            voided,
        }
    }
}

const fn language(lang: Lang) -> Language {
    match lang {
        Lang::Ky => Language::Ky,
        Lang::Ru => Language::Ru,
        Lang::En => Language::En,
    }
}

fn names(cards: &[SiteCard], lang: Lang) -> BTreeMap<String, String> {
    let name = |card: &SiteCard| {
        let name = lang.pick(&card.names).unwrap_or_default();
        (card.code.to_string(), name.to_owned())
    };
    cards.iter().map(name).collect()
}

fn choice(code: &str, label: &str) -> Choice {
    Choice { code: code.to_owned(), label: label.to_owned() }
}

fn forms(catalogue: &Catalogue, lang: Lang) -> Vec<Choice> {
    let form = |form: &record::Form| choice(&form.id, lang.pick(&form.label).unwrap_or(&form.id));
    catalogue.forms().map(form).collect()
}

fn regions(cards: &[SiteCard], catalogue: &Catalogue, lang: Lang) -> Vec<Choice> {
    let codes: BTreeSet<&str> = cards.iter().filter_map(|card| card.region.as_deref()).collect();
    let region = |code: &str| {
        let words = sites::region(catalogue, Some(code));
        choice(code, lang.pick(&words).unwrap_or(code))
    };
    codes.into_iter().map(region).collect()
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Asked {
    fn query(&self) -> Query {
        Query {
            form: given(&self.form),
            site: given(&self.site),
            region: given(&self.region),
            from: given(&self.from),
            to: given(&self.to),
            state: given(&self.state),
            custody: given(&self.custody),
            conflict: (self.conflict == "true").then_some(true),
            late: (self.late == "true").then_some(true),
            text: given(&self.q),
            ..Query::default()
        }
    }

    fn filter(&self) -> Filter {
        let Self { form, site, region, state, from, to, q: query, custody, .. } = self.clone();
        let (conflict, late) = (self.conflict == "true", self.late == "true");
        Filter { form, site, region, state, from, to, query, custody, conflict, late }
    }

    /// Returns the address of the same table from `cursor` on.
    fn address(&self, cursor: &str) -> String {
        let Self { form, site, region, state, from, to, q, custody, conflict, late, .. } = self;
        let pairs = [
            ("form", form.as_str()),
            ("site", site),
            ("region", region),
            ("state", state),
            ("from", from),
            ("to", to),
            ("q", q),
            ("custody", custody),
            ("conflict", conflict),
            ("late", late),
            ("cursor", cursor),
        ];
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        if pairs.is_empty() {
            "/records".to_owned()
        } else {
            format!("/records?{}", pairs.join("&"))
        }
    }
}

/// Escapes a text for the query of an address.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
