//! The record's own page: sections of fields, groups as tables.

use record::{Field, Form, RecordView, Shape};
use serde_json::Value as Json;

use super::labels::{Labels, Shown};

/// A part of the form.
pub(super) struct Section {
    pub(super) label: String,
    pub(super) lines: Vec<Line>,
}

/// One field, or one group.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) contested: bool,
    pub(super) remarks: Vec<String>,
    pub(super) body: Body,
}

/// What stands in it.
pub(super) enum Body {
    /// Values; none is an empty field.
    Values(Vec<Shown>),
    /// The rows of a group.
    Table { heads: Vec<String>, rows: Vec<Vec<Cell>> },
}

/// A field of a row.
pub(super) struct Cell {
    pub(super) values: Vec<Shown>,
    pub(super) contested: bool,
}

/// Returns the sections in which anything stands.
pub(super) fn sections(labels: &Labels<'_>, view: &RecordView) -> Vec<Section> {
    let Some(form) = labels.known() else { return vec![unexplained(labels, view)] };
    let section = |(at, section): (usize, &record::Section)| Section {
        label: labels.w.lang.pick(&section.label).unwrap_or(&section.id).to_owned(),
        lines: lines(labels, form, view, at),
    };
    let mut sections: Vec<Section> = form.sections.iter().enumerate().map(section).collect();
    sections.push(unexplained(labels, view));
    sections.retain(|section| !section.lines.is_empty());
    sections
}

fn lines(labels: &Labels<'_>, form: &Form, view: &RecordView, section: usize) -> Vec<Line> {
    let fields = form.fields.iter().filter(|field| field.section == section);
    fields.filter_map(|field| line(labels, view, field)).collect()
}

fn line(labels: &Labels<'_>, view: &RecordView, field: &Field) -> Option<Line> {
    let value = view.values.get(&field.id);
    let inside = |path: &str| path == field.id || path.starts_with(&format!("{}/", field.id));
    let contested = view.conflicts.iter().any(|conflict| inside(&conflict.field));
    let remarks: Vec<String> = view
        .findings
        .iter()
        .filter(|finding| finding.field.as_deref().is_some_and(|at| head(at) == field.id))
        .map(|finding| finding.what.clone())
        .collect();
    if value.is_none() && !contested && remarks.is_empty() {
        return None;
    }
    let value = value.unwrap_or(&Json::Null);
    let body = match (&field.shape, value) {
        (Shape::Group, Json::Array(rows)) => table(labels, view, field, rows),
        _ => Body::Values(labels.values(Some(field), value)),
    };
    Some(Line { label: labels.field(field), contested, remarks, body })
}

/// Returns the name of the field or group that a finding is about.
fn head(at: &str) -> &str {
    at.split(['[', '.']).next().unwrap_or(at)
}

fn table(labels: &Labels<'_>, view: &RecordView, group: &Field, rows: &[Json]) -> Body {
    let contested = |row: &Json, field: &Field| {
        let row = row.get("@row").and_then(Json::as_str).unwrap_or_default();
        let path = format!("{}/{row}/{}", group.id, field.id);
        view.conflicts.iter().any(|conflict| conflict.field == path)
    };
    let stands = |row: &Json, field: &Field| row.get(&field.id).is_some() || contested(row, field);
    let used = |field: &&Field| rows.iter().any(|row| stands(row, field));
    let fields: Vec<&Field> = group.fields.iter().filter(used).collect();
    let cell = |row: &Json, field: &Field| Cell {
        values: labels.values(Some(field), row.get(&field.id).unwrap_or(&Json::Null)),
        contested: contested(row, field),
    };
    let cells = |row: &Json| fields.iter().map(|field| cell(row, field)).collect();
    Body::Table {
        heads: fields.iter().map(|field| labels.field(field)).collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

/// Returns what stands in fields that the form does not have.
fn unexplained(labels: &Labels<'_>, view: &RecordView) -> Section {
    let unknown = |name: &str| labels.known().is_none_or(|form| form.field(name).is_none());
    let values = view.values.iter().filter(|(name, _)| unknown(name));
    let line = |(name, value): (&String, &Json)| Line {
        label: name.clone(),
        contested: false,
        remarks: Vec::new(),
        body: Body::Values(labels.values(None, value)),
    };
    Section { label: labels.w.t("section-unexplained"), lines: values.map(line).collect() }
}
