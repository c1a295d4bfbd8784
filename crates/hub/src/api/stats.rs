//! Figures: training coverage.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::bearer::Reader;
use crate::problem::Problem;
use crate::truth::Truth;
use crate::views::{self, CoverageView};

/// What figures are narrowed to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    site: Option<String>,
}

/// Returns how each site stands in each course that is mandatory there.
pub(super) async fn trainings(
    _reader: Reader,
    State(truth): State<Truth>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Vec<CoverageView>>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::malformed(&error.body_text()))?;
    let site = asked.site.filter(|site| !site.is_empty());
    Ok(Json(views::coverage(&mut *truth.db.read().await?, site.as_deref()).await?))
}
