//! A whole object, field by field: what was understood, and every mistake.

use std::fmt;

use serde_json::Value as Json;

use super::{Asker, Object, Row, Slot, Tree, compute, scalar};
use crate::finding::FieldError;
use crate::form::{Field, Form, Shape};
use crate::message;
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
pub(crate) fn read(form: &Form, object: &Object, asker: Asker<'_>) -> Reading {
    let tree = Tree::with_places(form.fields.len());
    let mut reading = Reading { tree, errors: Vec::new() };
    for (name, json) in object {
        if name.starts_with('@') {
            continue;
        }
        let Some(place) = form.place(name) else {
            reading.refuse(name.clone(), message::no_field(asker.language, &form.id));
            continue;
        };
        let Some(field) = form.fields.get(place) else { continue };
        let slot = reading.field(field, json, asker);
        if let Some(free) = reading.tree.slots.get_mut(place) {
            *free = slot;
        }
    }
    compute(form, &mut reading.tree, asker.resolve);
    reading
}

/// Reads one field's value, or its list of values; nothing where it is empty.
///
/// # Errors
///
/// The value does not fit; the reason says what does.
pub(crate) fn value(field: &Field, json: &Json, asker: Asker<'_>) -> Result<Option<Value>, String> {
    if !field.many {
        return scalar(&field.shape, json, asker);
    }
    if json.is_null() {
        return Ok(None);
    }
    let language = asker.language;
    let given = json.as_array().ok_or_else(|| message::give_list(language))?;
    if VALUES_MAX < given.len() {
        return Err(message::too_many_values(language, VALUES_MAX));
    }
    let mut values: Vec<Value> = Vec::with_capacity(given.len());
    for (number, json) in (1_usize..).zip(given) {
        let read = scalar(&field.shape, json, asker);
        let value = read.map_err(|reason| message::value_number(language, number, reason))?;
        let value = value.ok_or_else(|| message::value_empty(language, number))?;
        if values.contains(&value) {
            return Err(message::value_repeats(language, number));
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
    pub(crate) fn refuse(&mut self, field: String, reason: String) {
        self.errors.push(FieldError { field, reason });
    }

    fn field(&mut self, field: &Field, json: &Json, asker: Asker<'_>) -> Slot {
        if field.shape == Shape::Group {
            return self.rows(field, json, asker);
        }
        match value(field, json, asker) {
            Ok(None) => Slot::Empty,
            Ok(Some(value)) => Slot::Given(value),
            Err(reason) => {
                self.refuse(field.id.clone(), reason);
                Slot::Contested
            }
        }
    }

    fn rows(&mut self, group: &Field, json: &Json, asker: Asker<'_>) -> Slot {
        let rows = match json {
            Json::Null => return Slot::Empty,
            Json::Array(rows) if rows.len() <= ROWS_MAX => rows,
            Json::Array(_) => {
                self.refuse(group.id.clone(), message::too_many_rows(asker.language, ROWS_MAX));
                return Slot::Contested;
            }
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                self.refuse(group.id.clone(), message::give_rows(asker.language));
                return Slot::Contested;
            }
        };
        let read =
            rows.iter().enumerate().map(|(number, json)| self.row(group, number, json, asker));
        Slot::Rows(read.collect())
    }

    fn row(&mut self, group: &Field, number: usize, json: &Json, asker: Asker<'_>) -> Row {
        let mut slots = Vec::new();
        slots.resize_with(group.fields.len(), Slot::default);
        let mut row = Row { id: None, slots };
        let at = Place::of(group).row(number);
        let Some(object) = json.as_object() else {
            self.refuse(at.to_string(), message::row_no_object(asker.language));
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
                    message::no_inner_field(asker.language, &group.id),
                );
                continue;
            };
            let slot = match value(field, json, asker) {
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
            self.refuse(at.to_string(), message::row_empty(asker.language));
            row.slots.fill_with(|| Slot::Contested);
        }
        row
    }
}
