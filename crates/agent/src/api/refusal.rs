//! How the API says no: a problem document, whatever went wrong.

use std::any::Any;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::limits::RECORD_BODY_BYTES_MAX;
use crate::problem::{Cause, Problem};

/// A body, or why it could not be read.
pub(super) type Body = Result<Bytes, BytesRejection>;

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = self.document();
        let status = StatusCode::from_u16(document.status);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), kind, body).into_response()
    }
}

/// Returns the bytes of a body.
pub(super) fn bytes(body: Body) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let words = format!("a record's body has at most {RECORD_BODY_BYTES_MAX} bytes");
            return Problem::new(Cause::TooLarge, words);
        }
        Problem::new(Cause::Usage, rejection.body_text())
    })
}

/// Reads a body as JSON.
pub(super) fn body<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    serde_json::from_slice(&bytes(body)?)
        .map_err(|error| Problem::new(Cause::Usage, format!("the body is not as asked: {error}")))
}

pub(super) fn other_answer() -> Problem {
    Problem::new(Cause::Internal, "an answer to another question")
}

/// What is said when a handler panicked; what it panicked with stays in the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over so")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let is_text = panic.is::<&str>() || panic.is::<String>();
    tracing::error!(is_text, "a request panicked");
    Problem::new(Cause::Internal, "this program failed; what was saved is saved").into_response()
}
