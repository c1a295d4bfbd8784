//! Figures for monitoring, on a port of their own: how much is held, what is behind, who waits.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::db;
use crate::stop::stopping;
use crate::truth::{Fault, Truth, shards};

/// Each figure: its name, what it says, where it comes from.
const FIGURES: &[(&str, &str, &str)] = &[
    (
        "ashuu_entries",
        "entries held",
        "SELECT CAST(COALESCE(SUM(head_seq - first + 1), 0) AS BIGINT) FROM log",
    ),
    ("ashuu_entries_not_folded", "entries held that the views do not have yet", shards::UNFOLDED),
    (
        "ashuu_records_not_searchable",
        "records whose words are not indexed yet; until then searching is slower",
        "SELECT COUNT(*) FROM to_search",
    ),
    ("ashuu_records", "records in the views", "SELECT COUNT(*) FROM record"),
    ("ashuu_conflicts", "records with a conflict", "SELECT COUNT(*) FROM record WHERE conflict"),
    ("ashuu_devices", "devices let in", "SELECT COUNT(*) FROM device WHERE state = 'active'"),
    (
        "ashuu_devices_waiting",
        "unknown keys waiting for approval",
        "SELECT COUNT(*) FROM device WHERE state = 'waiting'",
    ),
    (
        "ashuu_last_contact_ms",
        "the last contact of any device, in milliseconds since 1970",
        "SELECT COALESCE(MAX(last_contact_ms), 0) FROM device",
    ),
];

/// Serves `GET /metrics` until `stop` says so.
pub(crate) async fn serve(
    listener: TcpListener,
    truth: Truth,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let router = Router::new().route("/metrics", get(answer)).with_state(truth);
    axum::serve(listener, router).with_graceful_shutdown(stopping(stop)).await
}

async fn answer(State(truth): State<Truth>) -> Result<String, StatusCode> {
    figures(&truth).await.map_err(|fault| {
        tracing::error!(%fault, "no figures");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

async fn figures(truth: &Truth) -> Result<String, Fault> {
    let mut conn = truth.db.read().await?;
    let mut text = String::new();
    for (name, what, select) in FIGURES {
        let figure: i64 = db::query_scalar(*select).fetch_one(&mut conn).await?;
        text.push_str(&format!("# HELP {name} {what}\n# TYPE {name} gauge\n{name} {figure}\n"));
    }
    Ok(text)
}
