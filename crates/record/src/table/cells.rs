//! A record as it stood in a table, cell by cell, and the flat object that this is by its form.
//!
//! Cells are texts; the form says which are numbers, lists, yes or no. What does not fit stays a
//! text, so that the one reader refuses it in its own words.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::cell::{split, unguarded};
use super::{CONFLICT, OTHER};
use crate::form::{Field, Form, Shape};

/// A record's cells: those that are not empty, by column.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cells {
    /// Its own.
    pub own: Vec<(String, String)>,
    /// Those of the rows of its groups, in the order of the rows.
    pub rows: Vec<RowCells>,
}

/// The cells of a row of a group.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct RowCells {
    /// The group.
    pub group: String,
    /// Where it stands in the group's file.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<(String, String)>,
}

impl Cells {
    /// Returns the flat object that the cells are by this form.
    #[must_use]
    pub fn object(&self, form: &Form) -> Map<String, Json> {
        let mut object = Map::new();
        for (column, cell) in &self.own {
            let text = unguarded(cell);
            match column.as_str() {
                OTHER => other(&mut object, text),
                CONFLICT => drop(object.insert(column.clone(), json!(split(text)))),
                name => drop(object.insert(column.clone(), value(form.field(name), text))),
            }
        }
        for row in &self.rows {
            let group = form.field(&row.group);
            let cell = |(column, cell): &(String, String)| {
                let inner = group.and_then(|group| group.inner(column));
                (column.clone(), value(inner, unguarded(cell)))
            };
            let fields: Map<String, Json> = row.cells.iter().map(cell).collect();
            let rows = object.entry(row.group.clone()).or_insert_with(|| json!([]));
            if let Some(rows) = rows.as_array_mut() {
                rows.push(Json::Object(fields));
            }
        }
        object
    }

    /// Returns the line of a row's own file, for a field such as `items[2].quantity`.
    #[must_use]
    pub fn line_of(&self, field: &str) -> Option<u64> {
        let (group, rest) = field.split_once('[')?;
        let (place, _inner) = rest.split_once(']')?;
        let place: usize = place.parse().ok()?;
        let mut rows = self.rows.iter().filter(|row| row.group == group);
        rows.nth(place).map(|row| row.line)
    }

    /// Returns how many bytes the texts are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rows = self.rows.iter().flat_map(|row| &row.cells);
        self.own.iter().chain(rows).map(|(column, cell)| column.len() + cell.len()).sum()
    }
}

/// What an export kept of fields that its form did not know; here they may be known.
fn other(object: &mut Map<String, Json>, text: &str) {
    match serde_json::from_str(text) {
        Ok(Json::Object(fields)) => object.extend(fields),
        Ok(_) | Err(_) => drop(object.insert(OTHER.to_owned(), json!(text))),
    }
}

fn value(field: Option<&Field>, text: &str) -> Json {
    match field {
        // In a table of one file the rows of a group stand in its cell.
        Some(field) if field.shape == Shape::Group => {
            serde_json::from_str(text).unwrap_or_else(|_no_rows| json!(text))
        }
        Some(field) if field.many => {
            split(text).iter().map(|text| scalar(&field.shape, text)).collect()
        }
        Some(field) => scalar(&field.shape, text),
        None => json!(text),
    }
}

fn scalar(shape: &Shape, text: &str) -> Json {
    let trimmed = text.trim();
    match shape {
        // Spreadsheets write these in capitals.
        Shape::Bool if trimmed.eq_ignore_ascii_case("true") => json!(true),
        Shape::Bool if trimmed.eq_ignore_ascii_case("false") => json!(false),
        Shape::Int { .. } | Shape::Choice { number: true, .. } => {
            trimmed.parse::<i64>().map_or_else(|_no_number| json!(text), |number| json!(number))
        }
        Shape::Bool
        | Shape::Text { .. }
        | Shape::Decimal { .. }
        | Shape::Date
        | Shape::DateTime
        | Shape::Choice { number: false, .. }
        | Shape::Reference { .. }
        | Shape::Group
        | Shape::Computed => json!(text),
    }
}
