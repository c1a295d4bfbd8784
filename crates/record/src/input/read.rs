//! A whole object, field by field: what was understood, and every mistake.

use std::fmt;

use serde_json::Value as Json;

use super::{Object, Resolve, Row, Slot, Tree, scalar};
use crate::finding::FieldError;
use crate::form::{Field, Form, Shape};
use crate::value::Value;

/// Rows of one group: more would not fit an entry.
const ROWS_MAX: usize = 1000;

/// Values of one field that may have many.
const VALUES_MAX: usize = 1000;

/// The key of a row's id.
const ROW: &str = "@row";

/// What was understood of an object, and what was not.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) tree: Tree,
    pub(crate) errors: Vec<FieldError>,
}

/// Reads an object. Keys that start with `@` are the caller's; a row's `@row` becomes its id.
///
/// A field that was not understood is contested, so that no rule calls it missing.
pub(crate) fn read(form: &Form, object: &Object, resolve: &dyn Resolve) -> Reading {
    let tree = Tree::with_places(form.fields.len());
    let mut reading = Reading { tree, errors: Vec::new() };
    for (name, json) in object {
        if name.starts_with('@') {
            continue;
        }
        let Some(place) = form.place(name) else {
            reading.refuse(name.clone(), unknown(form));
            continue;
        };
        let Some(field) = form.fields.get(place) else { continue };
        let slot = reading.field(field, json, resolve);
        if let Some(free) = reading.tree.slots.get_mut(place) {
            *free = slot;
        }
    }
    reading
}

/// Reads one field's value, or its list of values; nothing where it is empty.
///
/// # Errors
///
/// The value does not fit; the reason says what does.
pub(crate) fn value(
    field: &Field,
    json: &Json,
    resolve: &dyn Resolve,
) -> Result<Option<Value>, String> {
    if !field.many {
        return scalar(&field.shape, json, resolve);
    }
    if json.is_null() {
        return Ok(None);
    }
    let given = json.as_array().ok_or("it may have many values: give a list, in [ ]")?;
    if VALUES_MAX < given.len() {
        return Err(format!("give at most {VALUES_MAX} values"));
    }
    let mut values: Vec<Value> = Vec::with_capacity(given.len());
    for (number, json) in given.iter().enumerate() {
        let read = scalar(&field.shape, json, resolve);
        let value = read.map_err(|reason| format!("value {}: {reason}", number + 1))?;
        let value = value.ok_or_else(|| format!("value {} is empty: leave it out", number + 1))?;
        if values.contains(&value) {
            return Err(format!("value {} repeats an earlier one: leave it out", number + 1));
        }
        values.push(value);
    }
    Ok((!values.is_empty()).then_some(Value::List(values)))
}

/// Where in the object something stands, written only when it is needed.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    field: &'a str,
    row: Option<usize>,
    inner: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(crate) fn of(field: &'a Field) -> Self {
        Self { field: &field.id, row: None, inner: None }
    }

    pub(crate) fn row(self, row: usize) -> Self {
        Self { row: Some(row), ..self }
    }

    pub(crate) fn in_row(self, row: usize, inner: &'a Field) -> Self {
        Self { row: Some(row), inner: Some(&inner.id), ..self }
    }

    /// Names a field of all rows.
    pub(crate) fn column(self, inner: &'a Field) -> Self {
        Self { inner: Some(&inner.id), ..self }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        self.row.map_or(Ok(()), |row| write!(f, "[{row}]"))?;
        self.inner.map_or(Ok(()), |inner| write!(f, ".{inner}"))
    }
}

impl Reading {
    pub(crate) fn refuse(&mut self, field: String, reason: impl Into<String>) {
        self.errors.push(FieldError { field, reason: reason.into() });
    }

    fn field(&mut self, field: &Field, json: &Json, resolve: &dyn Resolve) -> Slot {
        if field.shape == Shape::Group {
            return self.rows(field, json, resolve);
        }
        match value(field, json, resolve) {
            Ok(None) => Slot::Empty,
            Ok(Some(value)) => Slot::Given(value),
            Err(reason) => {
                self.refuse(field.id.clone(), reason);
                Slot::Contested
            }
        }
    }

    fn rows(&mut self, group: &Field, json: &Json, resolve: &dyn Resolve) -> Slot {
        let rows = match json {
            Json::Null => return Slot::Empty,
            Json::Array(rows) if rows.len() <= ROWS_MAX => rows,
            Json::Array(_) => {
                self.refuse(group.id.clone(), format!("give at most {ROWS_MAX} rows"));
                return Slot::Contested;
            }
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                self.refuse(group.id.clone(), "give a list of objects, as in [{…}]");
                return Slot::Contested;
            }
        };
        let read =
            rows.iter().enumerate().map(|(number, json)| self.row(group, number, json, resolve));
        Slot::Rows(read.collect())
    }

    fn row(&mut self, group: &Field, number: usize, json: &Json, resolve: &dyn Resolve) -> Row {
        let mut slots = Vec::new();
        slots.resize_with(group.fields.len(), Slot::default);
        let mut row = Row { id: None, slots };
        let at = Place::of(group).row(number);
        let Some(object) = json.as_object() else {
            self.refuse(at.to_string(), "each row is an object, as in {…}");
            row.slots.fill_with(|| Slot::Contested);
            return row;
        };
        for (name, json) in object {
            if name == ROW {
                row.id = json.as_str().and_then(|id| id.parse().ok());
                continue;
            }
            let known = group.place(name).and_then(|place| Some((place, group.fields.get(place)?)));
            let Some((place, field)) = known else {
                self.refuse(
                    format!("{at}.{name}"),
                    format!("`{}` has no such field: correct or leave out the name", group.id),
                );
                continue;
            };
            let slot = match value(field, json, resolve) {
                Ok(None) => Slot::Empty,
                Ok(Some(value)) => Slot::Given(value),
                Err(reason) => {
                    self.refuse(at.in_row(number, field).to_string(), reason);
                    Slot::Contested
                }
            };
            if let Some(free) = row.slots.get_mut(place) {
                *free = slot;
            }
        }
        if row.slots.iter().all(Slot::is_empty) {
            self.refuse(at.to_string(), "the row is empty: fill it or leave it out");
            row.slots.fill_with(|| Slot::Contested);
        }
        row
    }
}

fn unknown(form: &Form) -> String {
    format!("the form `{}` has no such field: correct or leave out the name", form.id)
}
