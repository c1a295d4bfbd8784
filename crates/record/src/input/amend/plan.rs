//! What an amendment asks for, field by field and row by row, and the record as it would be.

use std::collections::BTreeSet;

use journal::Dot;
use serde_json::{Value as Json, json};

use crate::finding::FieldError;
use crate::form::{Field, Policy, Shape};
use crate::id::RowId;
use crate::input::read::{Place, value};
use crate::input::{Object, Reader};
use crate::list::Language;
use crate::message;
use crate::path::Path;
use crate::state::State;
use crate::value::Value;

const ROW: &str = "@row";
const REMOVE: &str = "@remove";

/// An amendment while it is read.
pub(super) struct Plan<'a> {
    state: &'a State,
    seen: &'a BTreeSet<Dot>,
    language: Language,
    /// What is to be written, where it differs.
    pub(super) values: Vec<(Path, Value)>,
    /// The shown record with the changes in it.
    pub(super) merged: Object,
    pub(super) errors: Vec<FieldError>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        (state, seen): (&'a State, &'a BTreeSet<Dot>),
        shown: &Object,
        language: Language,
    ) -> Self {
        let (values, errors) = (Vec::new(), Vec::new());
        Self { state, seen, language, values, merged: shown.clone(), errors }
    }

    pub(super) fn read(
        &mut self,
        reader: &Reader<'_>,
        object: &Object,
        new_rows: &mut dyn FnMut() -> RowId,
    ) {
        for (name, json) in object {
            let Some(field) = reader.form.field(name).filter(|_field| !name.contains('.')) else {
                self.refuse(name.clone(), message::no_field(self.language, &reader.form.id));
                continue;
            };
            if field.shape == Shape::Group {
                self.rows(reader, field, json, new_rows);
            } else if let Some(value) = self.value(reader, field, json, Place::of(field)) {
                set(&mut self.merged, name, &value);
                self.values.push((Path::field(name), value));
            }
        }
    }

    fn refuse(&mut self, field: String, reason: String) {
        self.errors.push(FieldError { field, reason });
    }

    fn value(
        &mut self,
        reader: &Reader<'_>,
        field: &Field,
        json: &Json,
        place: Place<'_>,
    ) -> Option<Value> {
        match value(field, json, reader.asker()) {
            Ok(value) => Some(value.unwrap_or(Value::Cleared)),
            Err(reason) => {
                self.refuse(place.to_string(), reason);
                None
            }
        }
    }

    fn rows(
        &mut self,
        reader: &Reader<'_>,
        group: &Field,
        json: &Json,
        new_rows: &mut dyn FnMut() -> RowId,
    ) {
        let rows = match json {
            Json::Null => return self.remove_all(group),
            Json::Array(rows) => rows,
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                return self.refuse(group.id.clone(), message::give_rows(self.language));
            }
        };
        for (number, json) in rows.iter().enumerate() {
            let place = Place::of(group).row(number);
            let Some(object) = json.as_object() else {
                self.refuse(place.to_string(), message::row_no_object(self.language));
                continue;
            };
            match object.get(ROW) {
                None => self.add(reader, group, (number, object), new_rows()),
                Some(id) => match self.known(group, id) {
                    None => self.refuse(place.to_string(), message::no_row(self.language)),
                    Some(row) if object.get(REMOVE) == Some(&json!(true)) => {
                        self.remove(group, row, place);
                    }
                    Some(row) => self.change(reader, group, (number, object), row),
                },
            }
        }
    }

    /// Finds a row that is shown.
    fn known(&mut self, group: &Field, id: &Json) -> Option<RowId> {
        let row: RowId = id.as_str()?.parse().ok()?;
        row_mut(&mut self.merged, &group.id, row).map(|_shown| row)
    }

    fn add(
        &mut self,
        reader: &Reader<'_>,
        group: &Field,
        (number, object): (usize, &Object),
        row: RowId,
    ) {
        let order = self.next_order(group);
        let mut shown = Object::new();
        shown.insert(ROW.to_owned(), json!(row.to_string()));
        for (name, json) in object {
            if let Some((path, value)) = self.inner(reader, group, (number, row), (name, json)) {
                set(&mut shown, name, &value);
                self.values.push((path, value));
            }
        }
        if shown.len() < 2 {
            let place = Place::of(group).row(number);
            return self.refuse(place.to_string(), message::row_empty(self.language));
        }
        if 0 < order {
            let path = Path::in_row(&group.id, row, Path::ORDER);
            self.values.push((path, Value::Int(order)));
        }
        let rows = self.merged.entry(group.id.clone()).or_insert_with(|| json!([]));
        if let Some(rows) = rows.as_array_mut() {
            rows.push(Json::Object(shown));
        }
    }

    fn change(
        &mut self,
        reader: &Reader<'_>,
        group: &Field,
        (number, object): (usize, &Object),
        row: RowId,
    ) {
        for (name, json) in object.iter().filter(|(name, _json)| *name != ROW) {
            let Some((path, value)) = self.inner(reader, group, (number, row), (name, json)) else {
                continue;
            };
            if group.policy == Policy::Append
                && super::differs(self.state, self.seen, &path, &value)
            {
                let place = Place::of(group).row(number);
                self.refuse(place.to_string(), message::row_append(self.language));
                continue;
            }
            if let Some(shown) = row_mut(&mut self.merged, &group.id, row) {
                set(shown, name, &value);
            }
            self.values.push((path, value));
        }
    }

    fn inner(
        &mut self,
        reader: &Reader<'_>,
        group: &Field,
        (number, row): (usize, RowId),
        (name, json): (&str, &Json),
    ) -> Option<(Path, Value)> {
        let Some(field) = group.inner(name) else {
            let place = Place::of(group).row(number);
            let reason = message::no_inner_field(self.language, &group.id);
            self.refuse(format!("{place}.{name}"), reason);
            return None;
        };
        let place = Place::of(group).in_row(number, field);
        let value = self.value(reader, field, json, place)?;
        Some((Path::in_row(&group.id, row, &field.id), value))
    }

    fn remove_all(&mut self, group: &Field) {
        let shown = self.merged.get(&group.id).and_then(Json::as_array);
        let ids =
            shown.into_iter().flatten().filter_map(|row| row.get(ROW)?.as_str()?.parse().ok());
        let ids: Vec<RowId> = ids.collect();
        ids.into_iter().for_each(|row| self.remove(group, row, Place::of(group)));
    }

    /// Removes what the author had seen of the row; what came since stays.
    fn remove(&mut self, group: &Field, row: RowId, place: Place<'_>) {
        let parts = self.state.within(&group.id).filter(|(path, _field)| {
            path.row.as_ref().is_some_and(|at| at.row == row && at.field.is_some())
        });
        let dots = parts.flat_map(|(_path, field)| field.live.keys().copied());
        let dots: BTreeSet<Dot> = dots.filter(|dot| self.seen.contains(dot)).collect();
        if dots.is_empty() {
            return self.refuse(place.to_string(), message::row_unseen(self.language));
        }
        let removed = Value::Removed(dots.into_iter().collect());
        self.values.push((Path::row(&group.id, row), removed));
        let id = json!(row.to_string());
        if let Some(rows) = self.merged.get_mut(&group.id).and_then(Json::as_array_mut) {
            rows.retain(|row| row.get(ROW) != Some(&id));
        }
    }

    /// Returns the place behind every row there is, removed ones too.
    fn next_order(&self, group: &Field) -> i64 {
        let own = |path: &Path| {
            let at = path.row.as_ref().filter(|_row| path.field == group.id)?;
            Some(at.field.as_deref() == Some(Path::ORDER))
        };
        let number = |value: &Value| if let Value::Int(number) = value { *number } else { 0 };
        let standing = self.state.within(&group.id).filter_map(|(path, field)| {
            let order = own(path)?;
            Some(if order { field.live.values().map(number).max().unwrap_or(0) } else { 0 })
        });
        let added = self
            .values
            .iter()
            .filter_map(|(path, value)| Some(if own(path)? { number(value) } else { 0 }));
        standing.chain(added).max().map_or(0, |last| last.saturating_add(1))
    }
}

fn row_mut<'a>(record: &'a mut Object, group: &str, row: RowId) -> Option<&'a mut Object> {
    let id = json!(row.to_string());
    let rows = record.get_mut(group)?.as_array_mut()?;
    rows.iter_mut().find(|row| row.get(ROW) == Some(&id))?.as_object_mut()
}

fn set(object: &mut Object, name: &str, value: &Value) {
    if *value == Value::Cleared {
        object.shift_remove(name);
    } else {
        object.insert(name.to_owned(), value.to_json());
    }
}
