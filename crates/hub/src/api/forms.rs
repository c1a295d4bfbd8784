//! Forms and vocabularies: what there is, one whole, any version of it.

use axum::Json;
use axum::extract::{Path, State};
use record::{FormView, Subject, VocabularyView};
use serde::{Deserialize, Serialize};

use super::bearer::Reader;
use super::given::Given;
use crate::problem::Problem;
use crate::read::{self, VersionView};
use crate::tables;
use crate::truth::Truth;

/// Which version is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    version: Option<u32>,
}

/// A form or vocabulary, and who published which of its versions.
#[derive(Debug, Serialize)]
pub(super) struct Whole<T> {
    #[serde(flatten)]
    view: T,
    published: Vec<VersionView>,
}

/// Returns the newest version of every form.
pub(super) async fn forms(
    _reader: Reader,
    State(truth): State<Truth>,
) -> Result<Json<Vec<FormView>>, Problem> {
    let catalogue = tables::catalogue(&mut *truth.db.read().await?).await?;
    let view = |form: &record::Form| catalogue.form_view(&form.id, None);
    Ok(Json(catalogue.forms().filter_map(view).collect()))
}

/// Returns a version of a form.
pub(super) async fn form(
    _reader: Reader,
    State(truth): State<Truth>,
    Path(id): Path<String>,
    Given(asked): Given<Asked>,
) -> Result<Json<Whole<FormView>>, Problem> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let view = catalogue.form_view(&id, asked.version);
    let view = view.ok_or_else(|| Problem::not_found(&format!("there is no such form: {id}")))?;
    let published = read::versions(&mut conn, Subject::Form, &id).await?;
    Ok(Json(Whole { view, published }))
}

/// Returns the newest version of every vocabulary.
pub(super) async fn vocabularies(
    _reader: Reader,
    State(truth): State<Truth>,
) -> Result<Json<Vec<VocabularyView>>, Problem> {
    let catalogue = tables::catalogue(&mut *truth.db.read().await?).await?;
    let view = |name: &str| catalogue.vocabulary_view(name, None);
    Ok(Json(catalogue.vocabularies().filter_map(view).collect()))
}

/// Returns a version of a vocabulary.
pub(super) async fn vocabulary(
    _reader: Reader,
    State(truth): State<Truth>,
    Path(name): Path<String>,
    Given(asked): Given<Asked>,
) -> Result<Json<Whole<VocabularyView>>, Problem> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let view = catalogue.vocabulary_view(&name, asked.version);
    let words = || Problem::not_found(&format!("there is no such vocabulary: {name}"));
    let view = view.ok_or_else(words)?;
    let published = read::versions(&mut conn, Subject::Vocabulary, &name).await?;
    Ok(Json(Whole { view, published }))
}
