//! Records: lists, one whole, its history, and settling a conflict.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use journal::Dot;
use record::{HistoryItem, ListRow, RecordView};
use serde::{Deserialize, Serialize};

use super::bearer::{Decider, Reader};
use super::given::Given;
use super::spoken::Spoken;
use crate::problem::Problem;
use crate::read::{self, Query};
use crate::truth::{Truth, reviews};
use crate::write::{self, Resolution};

/// Records in a page where nothing else is asked.
const LIMIT: u32 = 100;

/// Records in a page at most: about 400 KB.
const LIMIT_MAX: u32 = 1000;

/// What a list is narrowed to, as it stands in the address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    form: Option<String>,
    site: Option<String>,
    region: Option<String>,
    from: Option<String>,
    to: Option<String>,
    state: Option<String>,
    custody: Option<String>,
    conflict: Option<bool>,
    late: Option<bool>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    records: Vec<ListRow>,
    next: Option<String>,
}

/// What settles a conflict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    field: String,
    value: serde_json::Value,
    seen: Option<Vec<String>>,
    remark: Option<String>,
}

/// Returns a page of the records that fit.
pub(super) async fn list(
    _reader: Reader,
    State(truth): State<Truth>,
    Given(asked): Given<Asked>,
    Spoken(language): Spoken,
) -> Result<Json<Listed>, Problem> {
    let Asked { form, site, region, from, to, state, custody, conflict, late, q, .. } = asked;
    let (cursor, limit) = (asked.cursor, asked.limit);
    let (late_hours, text) = (Some(truth.review.late_hours), q);
    let narrowed = Query { form, site, region, from, to, state, custody, ..Query::default() };
    let query = Query { conflict, late, late_hours, text, ..narrowed };
    let limit = limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let mut conn = truth.db.snapshot().await?;
    let page = read::page(&mut conn, &query, cursor.as_deref(), limit).await?;
    let mut records: Vec<ListRow> = page.rows.into_iter().map(|(_key, row)| row).collect();
    read::say_in(&mut conn, &mut records, language).await?;
    Ok(Json(Listed { records, next: page.next }))
}

/// Returns one record.
pub(super) async fn show(
    reader: Reader,
    State(truth): State<Truth>,
    Path(id): Path<String>,
    Spoken(language): Spoken,
) -> Result<Json<RecordView>, Problem> {
    let key = read::find(&mut *truth.db.read().await?, &id).await?;
    reviews::opened(&truth, &key, reader.viewer).await?;
    let mut conn = truth.db.snapshot().await?;
    Ok(Json(read::show_in(&mut conn, &truth, &key, language).await?))
}

/// Returns the changes of one record.
pub(super) async fn history(
    reader: Reader,
    State(truth): State<Truth>,
    Path(id): Path<String>,
) -> Result<Json<Vec<HistoryItem>>, Problem> {
    let key = read::find(&mut *truth.db.read().await?, &id).await?;
    reviews::opened(&truth, &key, reader.viewer).await?;
    let mut conn = truth.db.snapshot().await?;
    Ok(Json(read::history(&mut conn, &key).await?))
}

/// Settles a conflict and returns the record as it stands then.
pub(super) async fn resolve(
    decider: Decider,
    State(truth): State<Truth>,
    Path(id): Path<String>,
    Spoken(language): Spoken,
    decision: Result<Json<Decision>, JsonRejection>,
) -> Result<Json<RecordView>, Problem> {
    let Json(decision) = decision?;
    let Decision { field, value, seen, remark } = decision;
    let seen = seen.map(|dots| dots.iter().map(|dot| dot.parse()).collect::<Result<Vec<Dot>, _>>());
    let seen = seen.transpose().map_err(|error| Problem::malformed(&error.to_string()))?;
    let key = read::find(&mut *truth.db.read().await?, &id).await?;
    let author = Some(decider.person);
    let settled = Resolution { field, value, seen, author, reason: remark, language };
    write::resolve(&truth, &key, &settled).await?;
    Ok(Json(read::show_in(&mut *truth.db.snapshot().await?, &truth, &key, language).await?))
}
