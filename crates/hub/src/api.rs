//! The API: what other programs may ask, with a token. Its paths and keys are a contract.

mod bearer;
mod forms;
mod given;
mod health;
mod records;
mod review;
mod sites;
mod spoken;
mod stats;

use axum::Router;
use axum::http::Uri;
use axum::routing::{any, get, post};

use crate::problem::Problem;
use crate::truth::Truth;

/// Returns the routes of the API.
pub(crate) fn routes() -> Router<Truth> {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/api/v1/records", get(records::list))
        .route("/api/v1/records/{id}", get(records::show))
        .route("/api/v1/records/{id}/history", get(records::history))
        .route("/api/v1/records/{id}/resolve", post(records::resolve))
        .route("/api/v1/records/{id}/review", post(review::decide))
        .route("/api/v1/forms", get(forms::forms))
        .route("/api/v1/forms/{id}", get(forms::form))
        .route("/api/v1/vocabularies", get(forms::vocabularies))
        .route("/api/v1/vocabularies/{name}", get(forms::vocabulary))
        .route("/api/v1/sites", get(sites::list))
        .route("/api/v1/sites/{code}", get(sites::show))
        .route("/api/v1/stats/trainings", get(stats::trainings))
        .route("/api/{*rest}", any(unknown))
}

async fn unknown(uri: Uri) -> Problem {
    Problem::not_found(&format!("the API has no {}", uri.path()))
}
