//! What the API says when it can't do what was asked: RFC 9457, one shape for every error.
//!
//! A fault's text never leaves the house: it names what is on our disk, so it goes to our log.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use record::FieldError;
use serde::Serialize;

use crate::db;
use crate::read::ViewError;
use crate::truth::Fault;

/// The media type of such an error.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An error of the API.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    r#type: &'static str,
    title: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// Makes a problem without fields.
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: &str) -> Self {
        let detail = detail.to_owned();
        Self { status, r#type: "about:blank", title, detail, errors: Vec::new() }
    }

    /// There is nothing here.
    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found", detail)
    }

    /// The request can't be read.
    pub(crate) fn malformed(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "the request can't be used", detail)
    }

    /// There is more of the request than is taken.
    pub(crate) fn too_long() -> Self {
        let detail = "send less at once: nothing was saved";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too long", detail)
    }

    /// Nobody has shown who asks.
    pub(crate) fn no_token() -> Self {
        let detail = "send a good token: Authorization: Bearer …; `ashuu-hub token add` makes one";
        Self::new(StatusCode::UNAUTHORIZED, "a token is needed", detail)
    }

    /// Who asks may not.
    pub(crate) fn forbidden(role: &str) -> Self {
        let detail = format!("the role {role} may not do this");
        Self::new(StatusCode::FORBIDDEN, "not allowed", &detail)
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        let detail = error.to_string();
        match error {
            ViewError::Fault(fault) => fault.into(),
            ViewError::NoRecord(_) | ViewError::NoSite(_) => Self::not_found(&detail),
            ViewError::Ambiguous { .. } => {
                Self::new(StatusCode::CONFLICT, "the id stands at several sites", &detail)
            }
            ViewError::NotNow(_) => {
                Self::new(StatusCode::CONFLICT, "the record's review does not allow this", &detail)
            }
            ViewError::Stale(_) => {
                Self::new(StatusCode::CONFLICT, "the record was changed meanwhile", &detail)
            }
            ViewError::Refused(errors) => {
                let title = "what was given does not fit";
                let refused = Self::new(StatusCode::UNPROCESSABLE_ENTITY, title, &detail);
                Self { errors, ..refused }
            }
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_long();
        }
        Self::malformed(&rejection.body_text())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "a request could not be answered");
        let detail = "nothing is lost; try again, and look into the hub's log if it stays so";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the hub can't answer now", detail)
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        Fault::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static(PROBLEM);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let asked = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, asked);
        }
        response
    }
}
