//! Figures: training coverage.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::bearer::Reader;
use super::given::Given;
use crate::problem::Problem;
use crate::read::{self, CoverageView};
use crate::truth::Truth;

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
    Given(asked): Given<Asked>,
) -> Result<Json<Vec<CoverageView>>, Problem> {
    Ok(Json(read::coverage(&mut *truth.db.snapshot().await?, asked.site.as_deref()).await?))
}
