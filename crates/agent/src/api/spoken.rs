//! The language of whoever asks: what the header `Accept-Language` names first of what we speak.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use pages::Lang;

tokio::task_local! {
    static SPOKEN: Lang;
}

/// Answers a request in the language of whoever asks.
pub(super) async fn spoken(request: Request, next: Next) -> Response {
    let header = request.headers().get(header::ACCEPT_LANGUAGE);
    let lang = header.and_then(|header| Lang::from_accept(header.to_str().ok()?));
    SPOKEN.scope(lang.unwrap_or_default(), next.run(request)).await
}

/// Returns the language of whoever asks; outside of a request English.
pub(super) fn lang() -> Lang {
    SPOKEN.try_with(|lang| *lang).unwrap_or_default()
}
