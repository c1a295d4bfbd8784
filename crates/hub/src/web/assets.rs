//! The style sheet and the mark, served from the program itself.

use axum::http::header;
use axum::response::IntoResponse;

/// How long a browser keeps them: a newer program is seen within the hour.
const KEPT: &str = "max-age=3600";

pub(super) async fn style() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, KEPT)], pages::STYLE)
}

pub(super) async fn icon() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "image/svg+xml");
    ([kind, (header::CACHE_CONTROL, KEPT)], pages::ICON)
}
