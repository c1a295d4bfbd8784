//! The local API: what programs on this machine may ask, over HTTP with a bearer token.
//!
//! A handler reads, asks the office, answers; an answer that says "saved" is given when the entry is
//! durable. So nothing that may write is given up halfway: while it would have to wait for the views
//! it is turned away before it begins. The same door serves the command line while `run` holds the data directory.

mod client;
mod guard;
mod office;
mod records;
mod refusal;
mod review;
mod server;
mod spoken;
mod token;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request as HttpRequest, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

pub(crate) use client::Client;
pub(crate) use guard::Names;
pub(crate) use office::Office;
pub(crate) use server::serve;
pub(crate) use token::{Announcement, token};

use self::refusal::body;
use crate::limits::{COMMAND_BODY_BYTES_MAX, RECORD_BODY_BYTES_MAX, REQUEST_SECONDS_MAX};
use crate::problem::{Cause, Problem};
use crate::request::{Request, Response as Answer};

/// Returns the API of an office, under these names and for whoever has the token.
pub(crate) fn router(office: Office, names: Names, token: &str) -> Router {
    let limit = Duration::from_secs(REQUEST_SECONDS_MAX);
    let reading = Router::new()
        .route("/api/v1/records", get(records::list))
        .route("/api/v1/records/{name}", get(records::show))
        .route("/api/v1/records/{name}/history", get(records::history))
        .route("/api/v1/tasks", get(review::tasks))
        .layer(from_fn_with_state(limit, refusal::in_time));
    // Once begun, a write ends as it ends: whoever heard that it took too long would write again.
    let writing = Router::new()
        .route("/api/v1/records/{name}", post(records::create))
        .route("/api/v1/records/{name}", patch(records::amend))
        .route("/api/v1/records/{name}/resubmit", post(review::resubmit))
        .route("/api/v1/records/{name}/recall", post(review::recall))
        .route("/api/v1/records/{name}/comments", post(review::comment))
        .layer(DefaultBodyLimit::max(RECORD_BODY_BYTES_MAX))
        .layer(RequestBodyTimeoutLayer::new(limit));
    let quick = reading.merge(writing).route_layer(from_fn_with_state(office.clone(), has_views));
    // An exchange, a check of everything and a chunk of an import take as long as they take.
    let slow = Router::new()
        .route("/api/v1/sync", post(sync))
        .route("/api/v1/command", post(command))
        .route("/api/v1/status", get(status))
        .layer(DefaultBodyLimit::max(COMMAND_BODY_BYTES_MAX));
    let guarded =
        quick.merge(slow).route_layer(from_fn_with_state(guard::Token::new(token), guard::bearer));
    guarded
        .route("/healthz", get(health))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(Arc::new(names), guard::host))
        .layer(from_fn(guard::headers))
        .layer(from_fn(spoken::spoken))
        .layer(CatchPanicLayer::custom(refusal::panicked))
        .with_state(office)
}

/// Records are asked of the views: while those are made anew, whoever asks is told so at once.
async fn has_views(
    State(office): State<Office>,
    request: HttpRequest,
    next: Next,
) -> Result<Response, Problem> {
    office.expect_views()?;
    Ok(next.run(request).await)
}

async fn health(State(office): State<Office>) -> Json<Value> {
    Json(json!({ "store": office.store_words() }))
}

async fn status(State(office): State<Office>) -> Result<Response, Problem> {
    office.answer(Request::Status).await
}

async fn sync(State(office): State<Office>) -> Result<Response, Problem> {
    let Answer::Synced(report) = office.execute(Request::Sync).await? else {
        return Err(refusal::other_answer());
    };
    if report.get("settled").and_then(Value::as_bool) == Some(true) {
        return Ok(Json(report).into_response());
    }
    let words = report.get("words").and_then(Value::as_str).unwrap_or_default();
    Err(Problem::new(Cause::Hub, words))
}

/// What the command line asks of a running agent.
async fn command(
    State(office): State<Office>,
    bytes: refusal::Body,
) -> Result<Json<Answer>, Problem> {
    let request: Request = body(bytes)?;
    office.execute(request).await.map(Json)
}

async fn nothing_here() -> Problem {
    Problem::new(Cause::NotFound, "there is nothing at this address")
}

async fn other_method() -> Problem {
    Problem::new(Cause::NotFound, "this address does not know that method")
}

#[cfg(test)]
mod tests;
