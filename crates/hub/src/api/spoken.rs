//! The language of whoever asks: what the header `Accept-Language` names first of what we speak.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use record::Language;

/// The language of whoever asks; English where none is named that we speak.
pub(crate) struct Spoken(pub(crate) Language);

impl<S: Sync> FromRequestParts<S> for Spoken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE);
        let language = header.and_then(|header| Language::from_accept(header.to_str().ok()?));
        Ok(Self(language.unwrap_or_default()))
    }
}
