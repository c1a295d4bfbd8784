//! A record in words without a page: what a terminal prints.
//!
//! The labels are those of the page. Lines and columns are the caller's.

use std::collections::BTreeMap;

use record::{Catalogue, Field, Path, RecordView, Shape};
use serde_json::Value as Json;

use super::labels::Labels;
use crate::dictionary::Dictionary;
use crate::lang::Lang;

/// The words for one record in one language.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    lang: Lang,
    catalogue: &'a Catalogue,
    view: &'a RecordView,
    names: &'a BTreeMap<String, String>,
}

/// A part of the form in which anything stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// What it is called.
    pub label: String,
    /// Its fields, in the form's order.
    pub lines: Vec<PlainLine>,
}

/// One field, or one group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlainLine {
    /// The field's id.
    pub field: String,
    /// What it is called.
    pub label: String,
    /// Its values, each for itself.
    pub values: Vec<String>,
    /// Of a group: each row's labels and values.
    pub rows: Vec<Vec<(String, String)>>,
}

impl<'a> Wording<'a> {
    /// Returns the words for `view`; `names` are what people call the records it names, by id.
    #[must_use]
    pub const fn new(
        lang: Lang,
        catalogue: &'a Catalogue,
        view: &'a RecordView,
        names: &'a BTreeMap<String, String>,
    ) -> Self {
        Self { lang, catalogue, view, names }
    }

    /// Returns what the record's form is called.
    #[must_use]
    pub fn form(&self) -> String {
        self.labels().form()
    }

    /// Returns what a path of the record is called, such as `items/0193a7c05b1e7cc3/quantity`.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        self.labels().path(path)
    }

    /// Returns what a finding's field is called, such as `items[0].quantity`.
    #[must_use]
    pub fn finding(&self, field: &str) -> String {
        self.labels().finding(field)
    }

    /// Returns a value at a path as people read it, each of many for itself.
    #[must_use]
    pub fn value(&self, path: &str, value: &Json) -> Vec<String> {
        let labels = self.labels();
        let place = path.parse::<Path>().ok();
        let field = place.and_then(|path| labels.known()?.at(&path));
        texts(&labels, field, value)
    }

    /// Returns everything that stands in the record, part by part.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let labels = self.labels();
        let form = labels.known();
        let sections = form.map(|form| form.sections.as_slice()).unwrap_or_default();
        let mut parts: Vec<Part> = sections
            .iter()
            .enumerate()
            .map(|(at, section)| Part {
                label: self.lang.pick(&section.label).unwrap_or(&section.id).to_owned(),
                lines: self.lines(&labels, at),
            })
            .collect();
        let unknown = |name: &str| form.is_none_or(|form| form.field(name).is_none());
        let rest = self.view.values.iter().filter(|(name, _)| unknown(name));
        let rest = rest.map(|(name, value)| PlainLine {
            field: name.clone(),
            label: name.clone(),
            values: texts(&labels, None, value),
            rows: Vec::new(),
        });
        parts.push(Part { label: labels.w.t("section-unexplained"), lines: rest.collect() });
        parts.retain(|part| !part.lines.is_empty());
        parts
    }

    fn lines(&self, labels: &Labels<'_>, section: usize) -> Vec<PlainLine> {
        let fields = labels.known().map(|form| form.fields.as_slice()).unwrap_or_default();
        let fields = fields.iter().filter(|field| field.section == section);
        let line = |field: &Field| {
            let value = self.view.values.get(&field.id)?;
            let (values, rows) = match (&field.shape, value) {
                (Shape::Group, Json::Array(rows)) => {
                    (Vec::new(), rows.iter().map(|row| cells(labels, field, row)).collect())
                }
                (_, value) => (texts(labels, Some(field), value), Vec::new()),
            };
            Some(PlainLine { field: field.id.clone(), label: labels.field(field), values, rows })
        };
        fields.filter_map(line).collect()
    }

    fn labels(&self) -> Labels<'a> {
        Labels::of(Dictionary::of(self.lang), self.catalogue, self.view, self.names)
    }
}

fn cells(labels: &Labels<'_>, group: &Field, row: &Json) -> Vec<(String, String)> {
    let cell = |field: &Field| {
        let value = row.get(&field.id)?;
        Some((labels.field(field), texts(labels, Some(field), value).join(", ")))
    };
    group.fields.iter().filter_map(cell).collect()
}

fn texts(labels: &Labels<'_>, field: Option<&Field>, value: &Json) -> Vec<String> {
    let texts = labels.values(field, value).into_iter().map(|shown| shown.text);
    match (field.map(|field| &field.shape), value) {
        // A degree is known by its number.
        (Some(Shape::Choice { number: true, .. }), Json::Number(code)) => {
            texts.map(|text| format!("{code} — {text}")).collect()
        }
        _ => texts.collect(),
    }
}
