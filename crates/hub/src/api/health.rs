//! Whether the hub lives, and whether it can receive and answer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::db::{self, Trouble};
use crate::limits::READY_WAIT;
use crate::problem::Problem;
use crate::truth::{Fault, Truth, probe, shards};

/// Says that the process lives.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "alive": true }))
}

/// Says whether a record that came now would be kept, and whether the views have everything that
/// arrived. It never waits long: what it says was found out in the background.
pub(super) async fn readyz(State(truth): State<Truth>) -> Result<Json<Value>, Problem> {
    let found = match truth.health.latest() {
        Some(found) => found,
        None => probe::probe(&truth.db).await,
    };
    let (warnings, grave): (Vec<&Trouble>, Vec<&Trouble>) =
        found.iter().partition(|trouble| trouble.is_warning());
    if !grave.is_empty() {
        return Err(not_ready(grave));
    }
    let read = tokio::time::timeout(READY_WAIT, unfolded(&truth)).await;
    let behind = match read {
        Ok(read) => read?,
        Err(_late) => return Err(not_ready(vec![&Trouble::Silent(READY_WAIT)])),
    };
    let warnings: Vec<String> = warnings.into_iter().map(ToString::to_string).collect();
    Ok(Json(json!({ "ready": true, "unfolded": behind, "warnings": warnings })))
}

async fn unfolded(truth: &Truth) -> Result<i64, Fault> {
    let mut conn = truth.db.read().await?;
    Ok(db::query_scalar(shards::UNFOLDED).fetch_one(&mut conn).await?)
}

fn not_ready(grave: Vec<&Trouble>) -> Problem {
    let words: Vec<String> = grave.into_iter().map(words).collect();
    let detail = format!("{}; see `ashuu-hub doctor`", words.join("; "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the hub can't receive now", &detail)
}

/// What an engine itself said names our machines and files: that stays in the log.
fn words(trouble: &Trouble) -> String {
    if matches!(trouble, Trouble::Unusable(_)) {
        return "the database can't be used".to_owned();
    }
    trouble.to_string()
}
