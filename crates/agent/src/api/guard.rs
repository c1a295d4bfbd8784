//! Who may ask: whoever has the token, under a name that is ours (or a page elsewhere could make a
//! browser here ask for it).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::{Cause, Problem};

/// The names under which the API may be asked, beside those of this machine itself.
#[derive(Debug)]
pub(crate) struct Names(pub(crate) Vec<String>);

/// The token, kept as a hash so that comparing takes the same time for every wrong one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token(blake3::Hash);

impl Token {
    pub(super) fn new(token: &str) -> Self {
        Self(blake3::hash(token.as_bytes()))
    }
}

/// Lets requests through that bear the token.
pub(super) async fn bearer(State(token): State<Token>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if given.is_some_and(|given| blake3::hash(given.trim().as_bytes()) == token.0) {
        return next.run(request).await;
    }
    let words = "send the token of DATA/api.token as `Authorization: Bearer …`";
    let mut response = Problem::new(Cause::Unauthorized, words).into_response();
    let challenge = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// Lets requests through that name this machine.
pub(super) async fn host(
    State(names): State<Arc<Names>>,
    request: Request,
    next: Next,
) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if named.is_some_and(|host| names.know(host)) {
        return next.run(request).await;
    }
    let words = "this name is not served here: list it under `[web] hosts`";
    Problem::new(Cause::Misdirected, words).into_response()
}

/// Keeps answers out of caches: they tell of people.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

impl Names {
    fn know(&self, host: &str) -> bool {
        let name = without_port(host);
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok_and(|address| address.is_loopback())
            || name.eq_ignore_ascii_case("localhost")
            || self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_known() {
        let names = Names(vec!["colony.local".to_owned()]);
        for host in ["localhost", "127.0.0.1:7710", "[::1]:80", "Colony.local:7710"] {
            assert!(names.know(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""] {
            assert!(!names.know(host), "{host}");
        }
    }
}
