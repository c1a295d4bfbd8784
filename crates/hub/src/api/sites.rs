//! Sites: last contact, what waits there as declared, gaps, clocks, devices.

use axum::Json;
use axum::extract::{Path, State};

use super::bearer::Reader;
use crate::problem::Problem;
use crate::read::{self, SiteView};
use crate::truth::Truth;

/// Returns all sites.
pub(super) async fn list(
    _reader: Reader,
    State(truth): State<Truth>,
) -> Result<Json<Vec<SiteView>>, Problem> {
    Ok(Json(read::sites(&mut *truth.db.snapshot().await?).await?))
}

/// Returns one site, with what is remarked on its devices' entries.
pub(super) async fn show(
    _reader: Reader,
    State(truth): State<Truth>,
    Path(code): Path<String>,
) -> Result<Json<SiteView>, Problem> {
    Ok(Json(read::site(&mut *truth.db.snapshot().await?, &code).await?))
}
