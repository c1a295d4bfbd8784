//! Who looks at a page: so far only in which language.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use pages::{Frame, Lang, NotRendered};

use crate::truth::Truth;

/// The cookie with the language.
const COOKIE: &str = "lang";

/// Somebody who looks at a page.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// What surrounds the page.
    pub(super) frame: Frame,
    /// The language chosen just now, which is to be kept.
    chosen: Option<Lang>,
}

impl FromRequestParts<Truth> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _truth: &Truth) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Visitor {
    pub(super) fn of(parts: &Parts) -> Self {
        let chosen = pairs(&parts.uri).filter_map(|pair| pair.strip_prefix("lang="));
        let chosen = chosen.filter_map(Lang::from_code).last();
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let kept = || text(header::COOKIE).and_then(cookie);
        let usual = || text(header::ACCEPT_LANGUAGE).and_then(Lang::from_accept);
        let lang = chosen.or_else(kept).or_else(usual).unwrap_or_default();
        Self { frame: Frame { lang, here: here(&parts.uri) }, chosen }
    }

    /// Answers with a page.
    pub(super) fn answer(&self, status: StatusCode, page: Result<String, NotRendered>) -> Response {
        let mut response = match page {
            Ok(page) => (status, Html(page)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page is broken");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        };
        let keep = self.chosen.map(|lang| {
            format!("{COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", lang.code())
        });
        if let Some(cookie) = keep.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

fn cookie(header: &str) -> Option<Lang> {
    let mut cookies = header.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE).and_then(|(_, code)| Lang::from_code(code))
}

fn pairs(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty())
}

/// Returns the address of the page without the choice of a language.
fn here(uri: &Uri) -> String {
    let rest: Vec<&str> = pairs(uri).filter(|pair| !pair.starts_with("lang=")).collect();
    if rest.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), rest.join("&"))
    }
}
