//! What stands in the address of a question: a key without a value asks for nothing, as a form on a
//! page sends it.

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The keys and values that were given.
pub(super) struct Given<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let asked = parts.uri.query().unwrap_or_default().split('&');
        let given: Vec<&str> = asked.filter(|pair| !pair.ends_with('=')).collect();
        let uri = format!("/?{}", given.join("&")).parse::<Uri>();
        let uri = uri.map_err(|error| Problem::malformed(&error.to_string()))?;
        let Query(given) =
            Query::try_from_uri(&uri).map_err(|error| Problem::malformed(&error.body_text()))?;
        Ok(Self(given))
    }
}
