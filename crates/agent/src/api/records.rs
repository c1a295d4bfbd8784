//! Records over HTTP: made, changed, listed, shown.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::office::Office;
use super::refusal::{Body, body, bytes, other_answer};
use crate::problem::{Cause, Problem};
use crate::request::{
    Amend, Batch, Filter, Line, LineResult, LineText, Request, Response as Answer, Saved, Then,
};

/// What a `PATCH` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    seen: Option<Vec<String>>,
    values: Map<String, Value>,
    comment: Option<String>,
}

/// Makes one record; the answer is given when it is durable.
pub(super) async fn create(
    State(office): State<Office>,
    Path(form): Path<String>,
    text: Body,
) -> Result<Response, Problem> {
    let text = String::from_utf8(bytes(text)?.into()).map_or(LineText::NotUtf8, LineText::Text);
    let lines = vec![Line { number: 1, text }];
    let add = Request::Add(Batch { form, lines, then: Then::Save, headers: None });
    let Answer::Added(mut outcomes) = office.execute(add).await? else {
        return Err(other_answer());
    };
    match outcomes.pop().map(|outcome| outcome.result) {
        Some(LineResult::Saved(saved)) => {
            Ok((StatusCode::CREATED, Json(custody(&saved))).into_response())
        }
        Some(LineResult::Refused { errors }) => Err(Problem::refused(errors)),
        Some(LineResult::Valid { .. }) | None => Err(other_answer()),
    }
}

/// Changes one record; the answer is given when that is durable.
pub(super) async fn amend(
    State(office): State<Office>,
    Path(id): Path<String>,
    text: Body,
) -> Result<Response, Problem> {
    let Patch { seen, values, comment } = body(text)?;
    let amend = Request::Amend(Amend { id, seen, values, comment });
    let Answer::Saved(saved) = office.execute(amend).await? else {
        return Err(other_answer());
    };
    Ok(Json(custody(&saved)).into_response())
}

pub(super) async fn list(
    State(office): State<Office>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) =
        filter.map_err(|rejection| Problem::new(Cause::Usage, rejection.body_text()))?;
    office.answer(Request::List(filter)).await
}

pub(super) async fn show(
    State(office): State<Office>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    office.answer(Request::Show { id }).await
}

pub(super) async fn history(
    State(office): State<Office>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    office.answer(Request::History { id }).await
}

fn custody(saved: &Saved) -> Value {
    json!({"id": saved.id, "ref": saved.reference, "custody": "saved"})
}
