//! The pages of forms and lists.

use std::collections::BTreeMap;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pages::{
    FormPage, FormRow, VersionLine, VocabularyPage, VocabularyRow, form_page, forms_page,
    vocabulary_page,
};
use record::{Catalogue, Difference, FieldView, Subject, Version, Words, difference};
use serde::Deserialize;

use super::told;
use super::visitor::Visitor;
use crate::read::VersionView;
use crate::read::{self, ViewError};
use crate::tables;
use crate::truth::Truth;

/// Which version is asked for; none is the newest.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    version: Option<u32>,
}

/// Shows which forms and vocabularies there are.
pub(super) async fn list(State(truth): State<Truth>, visitor: Visitor) -> Response {
    match catalogue(&truth).await {
        Ok(catalogue) => {
            let page = forms_page(&visitor.frame, &forms(&catalogue), &vocabularies(&catalogue));
            visitor.answer(StatusCode::OK, page)
        }
        Err(error) => told::view_error(&visitor, &error),
    }
}

/// Shows a version of a form.
pub(super) async fn form(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else { return told::unreadable(&visitor) };
    let (catalogue, versions) = match known(&truth, Subject::Form, &id).await {
        Ok(known) => known,
        Err(error) => return told::view_error(&visitor, &error),
    };
    let Some(view) = catalogue.form_view(&id, asked.version) else {
        return told::nothing_here(visitor).await;
    };
    let changes = changes(&catalogue, (Subject::Form, &id), &view.versions, view.version);
    let forms = catalogue.forms().map(|form| (form.id.clone(), form.label.clone())).collect();
    let (view, differences, lists) = (&view, changes.as_slice(), lists(&catalogue));
    let page = FormPage { view, differences, versions: &versions, lists, forms };
    visitor.answer(StatusCode::OK, form_page(&visitor.frame, &page))
}

/// Shows a version of a vocabulary.
pub(super) async fn vocabulary(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else { return told::unreadable(&visitor) };
    let (catalogue, versions) = match known(&truth, Subject::Vocabulary, &name).await {
        Ok(known) => known,
        Err(error) => return told::view_error(&visitor, &error),
    };
    let Some(view) = catalogue.vocabulary_view(&name, asked.version) else {
        return told::nothing_here(visitor).await;
    };
    let changes = changes(&catalogue, (Subject::Vocabulary, &name), &view.versions, view.version);
    let (view, differences, versions) = (&view, changes.as_slice(), versions.as_slice());
    let page = VocabularyPage { view, differences, versions, uses: uses(&catalogue) };
    visitor.answer(StatusCode::OK, vocabulary_page(&visitor.frame, &page))
}

/// Returns the forms and lists there are, and where each version of one of them came from.
async fn known(
    truth: &Truth,
    subject: Subject,
    name: &str,
) -> Result<(std::sync::Arc<Catalogue>, Vec<VersionLine>), ViewError> {
    let mut conn = truth.db.read().await?;
    let versions = read::versions(&mut conn, subject, name).await?;
    let line = |VersionView { version, published_at, by, unread, .. }| VersionLine {
        version,
        published: published_at.zip(by),
        unread,
    };
    Ok((tables::catalogue(&mut conn).await?, versions.into_iter().map(line).collect()))
}

/// Returns where each list of choices is shown, by name.
fn lists(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let views = catalogue.vocabularies().filter_map(|name| catalogue.vocabulary_view(name, None));
    let address = |file: &str, list: &str| format!("/vocabularies/{file}#{list}");
    views
        .flat_map(|view| {
            let lists = view.lists.into_iter().map(|list| list.name);
            let pairs = lists.map(|list| (address(&view.name, &list), list));
            pairs.map(|(address, list)| (list, address)).collect::<Vec<_>>()
        })
        .collect()
}

/// Returns which questions are answered from each list, with the words of their form.
fn uses(catalogue: &Catalogue) -> BTreeMap<String, Vec<[Words; 2]>> {
    let mut uses: BTreeMap<String, Vec<[Words; 2]>> = BTreeMap::new();
    for form in catalogue.forms() {
        for field in
            form.fields.iter().flat_map(|field| std::iter::once(field).chain(&field.fields))
        {
            let Some(list) = field.list() else { continue };
            let words = [form.label.clone(), field.label.clone()];
            let uses = uses.entry(list.name.clone()).or_default();
            if !uses.contains(&words) {
                uses.push(words);
            }
        }
    }
    uses
}

async fn catalogue(truth: &Truth) -> Result<std::sync::Arc<Catalogue>, ViewError> {
    let mut conn = truth.db.read().await?;
    Ok(tables::catalogue(&mut conn).await?)
}

fn forms(catalogue: &Catalogue) -> Vec<FormRow> {
    let row = |form: &record::Form| {
        let view = catalogue.form_view(&form.id, None)?;
        let questions = view.sections.iter().flat_map(|section| &section.fields).map(questions);
        Some(FormRow {
            id: view.id.clone(),
            label: view.label.clone(),
            version: view.version,
            shipped: is_shipped(&view.versions, view.version),
            questions: questions.sum(),
        })
    };
    catalogue.forms().filter_map(row).collect()
}

/// A question, and those of its rows.
fn questions(field: &FieldView) -> u64 {
    1 + field.fields.iter().map(questions).sum::<u64>()
}

fn vocabularies(catalogue: &Catalogue) -> Vec<VocabularyRow> {
    let row = |name: &str| {
        let view = catalogue.vocabulary_view(name, None)?;
        let codes = || view.lists.iter().flat_map(|list| &list.codes);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Some(VocabularyRow {
            name: view.name.clone(),
            version: view.version,
            shipped: is_shipped(&view.versions, view.version),
            lists: count(view.lists.len()),
            codes: count(codes().count()),
            in_review: count(codes().filter(|code| code.in_review).count()),
        })
    };
    catalogue.vocabularies().filter_map(row).collect()
}

fn is_shipped(versions: &[Version], version: u32) -> bool {
    versions.iter().any(|it| it.version == version && it.shipped)
}

/// Returns what the version changed, against the one before.
fn changes(
    catalogue: &Catalogue,
    (subject, name): (Subject, &str),
    versions: &[Version],
    version: u32,
) -> Vec<Difference> {
    let before = versions.iter().map(|it| it.version).filter(|it| *it < version).max();
    let old = before.and_then(|before| catalogue.text(subject, name, before));
    let new = catalogue.text(subject, name, version);
    old.zip(new).map(|(old, new)| difference(subject, old, new)).unwrap_or_default()
}
