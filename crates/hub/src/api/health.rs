//! Whether the hub lives, and whether it can answer.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::db;
use crate::problem::Problem;
use crate::truth::{Truth, shards};

/// Says that the process lives.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "alive": true }))
}

/// Says whether the database answers, and whether the views have everything that arrived.
pub(super) async fn readyz(State(truth): State<Truth>) -> Result<Json<Value>, Problem> {
    let mut conn = truth.db.read().await?;
    let behind: i64 = db::query_scalar(shards::UNFOLDED).fetch_one(&mut conn).await?;
    Ok(Json(json!({ "ready": true, "unfolded": behind })))
}
