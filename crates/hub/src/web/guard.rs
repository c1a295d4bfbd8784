//! What every request must have and every answer gets.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::{PROBLEM, Problem};

/// What a page may load: only what this server serves, no script at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. Without `same-origin`, browsers would not say where a form came from.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Returns the names a listener on this machine is reached by.
///
/// `others` are those an administrator gave it, without a port: a proxy may answer to another one.
pub(super) fn names_of(address: SocketAddr, others: &[String]) -> Vec<String> {
    let port = address.port();
    let names = [address.ip().to_string(), "127.0.0.1".to_owned(), "localhost".to_owned()];
    let others = others.iter().flat_map(|name| [name.clone(), format!("{name}:{port}")]);
    let with_port = names.iter().map(|name| format!("{name}:{port}"));
    let six = format!("[::1]:{port}");
    with_port
        .chain([six])
        .chain(others)
        .chain(names.iter().filter(|_| port == 80).cloned())
        .collect()
}

/// Lets a request through if it names this server: a page elsewhere that had its own name point
/// here would read everything otherwise.
pub(super) async fn check_host(
    State(hosts): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host))) {
        return next.run(request).await;
    }
    let detail = format!("this server answers to {}", hosts.join(", "));
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "another host", &detail).into_response()
}

/// Puts into the one shape of the API's errors what was refused before the API heard of it.
pub(super) async fn word_refusals(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let is_worded =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
    let status = response.status();
    let problem = match status {
        _ if !is_api || is_worded => return response,
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "another method", "see the header Allow")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_long(),
        StatusCode::GATEWAY_TIMEOUT => {
            let detail = "look whether it was done before you try again";
            Problem::new(status, "it takes too long", detail)
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            let detail = "nothing is lost; look into the hub's log";
            Problem::new(status, "the hub made a mistake", detail)
        }
        _ => return response,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut worded = problem.into_response();
    worded.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
    worded
}

/// Adds what every answer carries.
pub(super) async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Returns whether a form was sent from a page of this server.
pub(super) fn is_own_form(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    from.is_some_and(|from| from.eq_ignore_ascii_case(host))
}
