//! What the site says about records over HTTP, and what waits for it.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::office::Office;
use super::refusal::{Body, body};
use crate::problem::Problem;
use crate::request::Request;

/// What is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    comment: Option<String>,
}

/// Hands a record in again.
pub(super) async fn resubmit(
    State(office): State<Office>,
    Path(id): Path<String>,
    text: Body,
) -> Result<Response, Problem> {
    let Words { comment } = body(text)?;
    office.answer(Request::Resubmit { id, comment }).await
}

/// Asks for a record back.
pub(super) async fn recall(
    State(office): State<Office>,
    Path(id): Path<String>,
    text: Body,
) -> Result<Response, Problem> {
    let Words { comment } = body(text)?;
    office.answer(Request::Recall { id, comment: comment.unwrap_or_default() }).await
}

/// Says something about a record.
pub(super) async fn comment(
    State(office): State<Office>,
    Path(id): Path<String>,
    text: Body,
) -> Result<Response, Problem> {
    let Words { comment } = body(text)?;
    office.answer(Request::Comment { id, text: comment.unwrap_or_default() }).await
}

/// Says what waits for a person.
pub(super) async fn tasks(State(office): State<Office>) -> Result<Response, Problem> {
    office.answer(Request::Tasks).await
}
