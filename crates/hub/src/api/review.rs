//! Deciding on a record.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use journal::Dot;
use record::{FieldRemark, RecordView};
use serde::Deserialize;

use super::bearer::Decider;
use super::spoken::Spoken;
use crate::problem::Problem;
use crate::read;
use crate::truth::Truth;
use crate::write::{self, Decision};

/// What somebody decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    decision: String,
    remark: Option<String>,
    seen: Option<Vec<String>>,
    #[serde(default)]
    fields: Vec<FieldRemark>,
    due: Option<String>,
    of: Option<String>,
}

/// Decides on a record and returns it as it stands then.
pub(super) async fn decide(
    decider: Decider,
    State(truth): State<Truth>,
    Path(id): Path<String>,
    Spoken(language): Spoken,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Json<RecordView>, Problem> {
    let Json(asked) = asked?;
    let Asked { decision, remark, seen, fields, due, of } = asked;
    let verdict = decision.parse().map_err(|error: write::UnknownVerdict| {
        read::ViewError::refused("decision", &error.to_string())
    })?;
    let seen = seen.map(|dots| dots.iter().map(|dot| dot.parse()).collect::<Result<Vec<Dot>, _>>());
    let seen = seen.transpose().map_err(|error| Problem::malformed(&error.to_string()))?;
    let key = read::find(&mut *truth.db.read().await?, &id).await?;
    let author = decider.person;
    let decision = Decision { verdict, author, seen, remark, fields, due, of, language };
    write::decide(&truth, &key, &decision).await?;
    Ok(Json(read::show_in(&mut *truth.db.snapshot().await?, &truth, &key, language).await?))
}

#[cfg(test)]
mod tests;
