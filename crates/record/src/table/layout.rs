//! Which columns the files of a form have, and a flat record as the lines of those files.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::cell::{guarded, joined};
use super::{CONFLICT, ID, OTHER, ROW, VOIDED};
use crate::form::{Field, Form, Shape};

/// What stands after the fields of a record.
const TAIL: [&str; 5] = ["@site", "@ref", VOIDED, CONFLICT, OTHER];

/// The columns of a form's files.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Layout {
    /// The columns of the file of records: `@id`, the fields, and what `add` does not take.
    pub columns: Vec<String>,
    /// The groups, each with the columns of its file.
    pub groups: Vec<(String, Vec<String>)>,
}

/// A record as lines: its own cells, and those of its groups' rows.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The cells of the record, by column.
    pub(super) own: Vec<String>,
    /// For each group of the layout the cells of its rows.
    pub(super) groups: Vec<Vec<Vec<String>>>,
}

impl Layout {
    /// Returns the columns for the records of a form.
    #[must_use]
    pub fn of(form: &Form) -> Self {
        let plain = |field: &&Field| field.shape != Shape::Group && is_written(field);
        let ids = |fields: &[Field]| -> Vec<String> {
            fields.iter().filter(plain).map(|field| field.id.clone()).collect()
        };
        let owned = |name: &str| name.to_owned();
        let groups = form.fields.iter().filter(|field| field.shape == Shape::Group);
        let group = |field: &Field| {
            let keys = [ID, ROW].map(owned).into_iter();
            (field.id.clone(), keys.chain(ids(&field.fields)).collect())
        };
        Self {
            columns: [owned(ID)]
                .into_iter()
                .chain(ids(&form.fields))
                .chain(TAIL.map(owned))
                .collect(),
            groups: groups.map(group).collect(),
        }
    }

    /// Returns the layout without files of groups: rows stand in their group's cell, as JSON.
    #[must_use]
    pub fn in_one_file(self) -> Self {
        let Self { mut columns, groups } = self;
        let tail = columns.split_off(columns.len().saturating_sub(TAIL.len()));
        columns.extend(groups.into_iter().map(|(group, _columns)| group));
        columns.extend(tail);
        Self { columns, groups: Vec::new() }
    }

    /// Returns a flat record, as [`super::Export`] makes it, as lines.
    pub(super) fn sheet(&self, flat: &Map<String, Json>) -> Sheet {
        let mut other = self.unknown(flat);
        let group = |(name, columns): &(String, Vec<String>)| -> Vec<Vec<String>> {
            let rows = flat.get(name).and_then(Json::as_array).map(Vec::as_slice);
            let rows = (1_usize..).zip(rows.unwrap_or_default());
            let id = flat.get(ID).map(cell).unwrap_or_default();
            rows.map(|(number, row)| {
                let column = |column: &String| match column.as_str() {
                    ID => id.clone(),
                    ROW => number.to_string(),
                    name => row.get(name).map(cell).unwrap_or_default(),
                };
                columns.iter().map(column).collect()
            })
            .collect()
        };
        let groups = self.groups.iter().map(group).collect();
        self.unknown_in_rows(flat, &mut other);
        let other =
            if other.is_empty() { String::new() } else { guarded(Json::Object(other).to_string()) };
        let own = |column: &String| match column.as_str() {
            OTHER => other.clone(),
            name => flat.get(name).map(cell).unwrap_or_default(),
        };
        Sheet { own: self.columns.iter().map(own).collect(), groups }
    }

    fn group(&self, name: &str) -> Option<&[String]> {
        let found = self.groups.iter().find(|(group, _columns)| group == name);
        found.map(|(_group, columns)| columns.as_slice())
    }

    fn unknown(&self, flat: &Map<String, Json>) -> Map<String, Json> {
        let unknown =
            |name: &str| !self.columns.iter().any(|it| it == name) && self.group(name).is_none();
        let rest = flat.iter().filter(|(name, _json)| unknown(name));
        rest.map(|(name, json)| (name.clone(), json.clone())).collect()
    }

    fn unknown_in_rows(&self, flat: &Map<String, Json>, other: &mut Map<String, Json>) {
        for (group, columns) in &self.groups {
            let rows = flat.get(group).and_then(Json::as_array).into_iter().flatten();
            for (place, row) in rows.enumerate() {
                let fields = row.as_object().into_iter().flatten();
                for (name, json) in fields.filter(|(name, _json)| !columns.contains(*name)) {
                    other.insert(format!("{group}[{place}].{name}"), json.clone());
                }
            }
        }
    }
}

/// Returns whether a field is written by people; the others are made from these.
pub(super) fn is_written(field: &Field) -> bool {
    field.shape != Shape::Computed
}

/// A number can't be a formula, also where it is negative.
fn cell(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::Bool(_) | Json::Number(_) => json.to_string(),
        Json::String(text) => guarded(text.clone()),
        Json::Array(rows) if rows.iter().any(Json::is_object) => json.to_string(),
        Json::Array(values) => guarded(joined(values.iter().map(plain))),
        Json::Object(_) => guarded(json.to_string()),
    }
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Writes one line of a file (RFC 4180), its end included.
pub(super) fn append_line<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if 0 < place {
            out.push(b',');
        }
        if cell.contains(['"', ',', '\r', '\n']) {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}
