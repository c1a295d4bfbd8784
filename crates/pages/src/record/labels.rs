//! What fields and values of one record are called in the reader's language.

use std::collections::BTreeMap;
use std::sync::Arc;

use record::{Catalogue, Evidence, Field, Form, FormVersion, Path, RecordView, Shape};
use serde_json::Value as Json;

use super::RecordPage;
use crate::dictionary::Dictionary;
use crate::written;

/// A value as it is read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// The words around one record.
pub(super) struct Labels<'a> {
    pub(super) w: &'static Dictionary,
    form: Option<Arc<Form>>,
    catalogue: &'a Catalogue,
    view: &'a RecordView,
    names: &'a BTreeMap<String, String>,
    /// What the hub itself goes by in evidence; empty where it isn't known.
    hub: &'a str,
}

impl<'a> Labels<'a> {
    pub(super) fn new(w: &'static Dictionary, page: &RecordPage<'a>) -> Self {
        Self { hub: page.hub, ..Self::of(w, page.catalogue, page.view, page.names) }
    }

    pub(super) fn of(
        w: &'static Dictionary,
        catalogue: &'a Catalogue,
        view: &'a RecordView,
        names: &'a BTreeMap<String, String>,
    ) -> Self {
        let written_by = FormVersion { id: view.form.clone(), version: view.form_version };
        let form = catalogue.edition_of(&written_by, &view.lists);
        Self { w, form, catalogue, view, names, hub: "" }
    }

    /// Returns the record.
    pub(super) const fn view(&self) -> &'a RecordView {
        self.view
    }

    /// Returns who stands behind something, with a word for the hub where it was written there.
    pub(super) fn evidence(&self, evidence: &Evidence) -> Evidence {
        let mut evidence = evidence.clone();
        if !self.hub.is_empty() && evidence.device == self.hub {
            evidence.device = self.w.t("device-hub");
        }
        evidence
    }

    /// Returns the version of the form that the record is shown by.
    pub(super) fn known(&self) -> Option<&Form> {
        self.form.as_deref()
    }

    pub(super) fn form(&self) -> String {
        let label = self.known().and_then(|form| self.w.lang.pick(&form.label));
        label.unwrap_or(&self.view.form).to_owned()
    }

    pub(super) fn field(&self, field: &Field) -> String {
        self.w.lang.pick(&field.label).unwrap_or(&field.id).to_owned()
    }

    /// Returns the words for a path: group, number of the row, field.
    pub(super) fn path(&self, text: &str) -> String {
        let Ok(path) = text.parse::<Path>() else { return text.to_owned() };
        if path == Path::field(Path::VOID) {
            return self.w.t("field-void");
        }
        let group = self.known().and_then(|form| form.at(&Path::field(&path.field)));
        let mut words = group.map_or_else(|| path.field.clone(), |group| self.field(group));
        let Some(row) = &path.row else { return words };
        if let Some(number) = self.row_number(&path.field, &row.row.to_string()) {
            words.push_str(&format!(" {number}"));
        }
        if let Some(inner) = &row.field {
            let field = group.and_then(|group| group.inner(inner));
            words.push_str(" · ");
            words.push_str(&field.map_or_else(|| inner.clone(), |field| self.field(field)));
        }
        words
    }

    /// Returns the words for a finding's field, such as `items[0].quantity`.
    pub(super) fn finding(&self, field: &str) -> String {
        let (head, inner) = field.split_once('.').map_or((field, None), |(a, b)| (a, Some(b)));
        let (group, row) = head.split_once('[').map_or((head, None), |(a, b)| (a, Some(b)));
        let row = row.and_then(|row| row.strip_suffix(']')?.parse::<u64>().ok());
        let found = self.known().and_then(|form| form.field(group));
        let mut words = found.map_or_else(|| group.to_owned(), |field| self.field(field));
        if let Some(row) = row {
            words.push_str(&format!(" {}", row.saturating_add(1)));
        }
        if let Some(inner) = inner {
            let field = found.and_then(|group| group.inner(inner));
            words.push_str(" · ");
            words.push_str(&field.map_or_else(|| inner.to_owned(), |field| self.field(field)));
        }
        words
    }

    /// Returns a value at a path as people read it.
    pub(super) fn at(&self, path: &str, value: &Json) -> Vec<Shown> {
        let path = path.parse::<Path>().ok();
        let field = path.and_then(|path| self.known()?.at(&path));
        self.values(field, value)
    }

    /// Returns a value of `field` as people read it: each of many for itself.
    pub(super) fn values(&self, field: Option<&Field>, value: &Json) -> Vec<Shown> {
        match value {
            Json::Null => Vec::new(),
            Json::Array(values) => {
                values.iter().flat_map(|value| self.values(field, value)).collect()
            }
            Json::Object(inner) => {
                let part = |(name, value): (&String, &Json)| self.part(field, name, value);
                inner.iter().flat_map(part).collect()
            }
            Json::Bool(_) | Json::Number(_) | Json::String(_) => vec![self.scalar(field, value)],
        }
    }

    fn part(&self, group: Option<&Field>, name: &str, value: &Json) -> Vec<Shown> {
        if name == "conflict" {
            return self.values(group, value);
        }
        let field = group.and_then(|group| group.inner(name));
        let label = field.map_or_else(|| name.to_owned(), |field| self.field(field));
        let values = self.values(field, value);
        values.into_iter().map(|v| Shown { text: format!("{label}: {}", v.text), ..v }).collect()
    }

    fn scalar(&self, field: Option<&Field>, value: &Json) -> Shown {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(true) => self.w.t("value-yes"),
            Json::Bool(false) => self.w.t("value-no"),
            Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
        };
        let plain = |text| Shown { text, href: None };
        let Some(field) = field else { return plain(text) };
        match &field.shape {
            Shape::Choice { list, .. } => {
                let label = list.code(&text).and_then(|code| self.w.lang.pick(&code.label));
                plain(label.map_or_else(|| text.clone(), str::to_owned))
            }
            Shape::Date | Shape::DateTime | Shape::Computed => plain(written::time(&text)),
            Shape::Decimal { .. } => plain(self.w.decimal(&text)),
            Shape::Reference { .. } => self.reference(text),
            Shape::Text { .. } if field.codes.is_some() => {
                let code = field.codes.as_ref().and_then(|list| list.code(&text));
                let label = code.and_then(|code| self.w.lang.pick(&code.label));
                plain(label.map_or_else(|| text.clone(), str::to_owned))
            }
            Shape::Text { .. } | Shape::Bool | Shape::Int { .. } | Shape::Group => plain(text),
        }
    }

    fn reference(&self, text: String) -> Shown {
        match self.names.get(&text) {
            Some(name) => Shown { text: name.clone(), href: Some(format!("/records/{text}")) },
            None => Shown { text: self.code(&text).unwrap_or(text), href: None },
        }
    }

    /// Returns another record that is called `SITE:id`, by what people call it.
    pub(super) fn record(&self, key: &str) -> Shown {
        let id = key.rsplit_once(':').map_or(key, |(_site, id)| id);
        let text = self.names.get(id).map_or(key, String::as_str).to_owned();
        Shown { text, href: Some(format!("/records/{key}")) }
    }

    /// Returns the label of a code that stands in a reference, such as an agency's.
    fn code(&self, text: &str) -> Option<String> {
        let code = self.catalogue.lists().find_map(|list| list.code(text))?;
        self.w.lang.pick(&code.label).map(str::to_owned)
    }

    fn row_number(&self, group: &str, row: &str) -> Option<usize> {
        let rows = self.view.values.get(group)?.as_array()?;
        let at = rows.iter().position(|other| {
            other.get("@row").and_then(Json::as_str).is_some_and(|other| other == row)
        })?;
        Some(at + 1)
    }
}
