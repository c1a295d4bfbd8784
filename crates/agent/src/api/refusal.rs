//! How the API says no: a problem document, whatever went wrong.

use std::any::Any;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
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

/// Gives up an answer that nobody waits for any more.
pub(super) async fn in_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let late =
        |_late| Problem::new(Cause::Unavailable, "it takes too long: ask for less, or later");
    tokio::time::timeout(limit, next.run(request)).await.map_err(late)
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_takes_too_long_is_given_up_in_words() {
        let never = get(|| async { std::future::pending::<&str>().await });
        let routes = Router::new().route("/", never);
        let routes = routes.layer(from_fn_with_state(Duration::ZERO, in_time));
        let request = Request::builder().uri("/").body(axum::body::Body::empty()).unwrap();
        let answer = routes.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
