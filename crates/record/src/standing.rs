//! What stands in a field or a row once its policy has spoken: the last step from a fold to what
//! people see. It decides nothing that a replica would keep.

use std::collections::BTreeMap;

use journal::Dot;

use crate::form::Policy;
use crate::id::RowId;
use crate::path::{Path, RowPath};
use crate::state::{FieldState, State};
use crate::value::Value;

/// What stands in a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Standing<'a> {
    /// No value, or the field was emptied.
    Nothing,
    /// One value, or several equal ones.
    One(&'a Value),
    /// Values that differ, each with its changes; a person decides.
    Conflict(Vec<(&'a Value, Vec<Dot>)>),
}

/// Whether a row is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Removal {
    /// Nobody removed it.
    Kept,
    /// Those who removed it had seen all of it.
    Removed,
    /// It was removed, and changed by somebody who had not seen that.
    Doubtful,
}

/// A row of a group.
#[derive(Clone, Debug)]
pub(crate) struct RowState<'a> {
    /// Its id.
    pub(crate) id: RowId,
    /// Whether it is shown.
    pub(crate) removal: Removal,
    /// Its fields, by name.
    pub(crate) fields: BTreeMap<&'a str, &'a FieldState>,
    /// Its place among its siblings; whoever gave none meant the first.
    order: i64,
}

/// What stands under one name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part<'a> {
    /// The field of that name.
    pub(crate) own: Option<&'a FieldState>,
    rows: BTreeMap<RowId, Vec<(&'a RowPath, &'a FieldState)>>,
}

impl<'a> Standing<'a> {
    /// Returns what stands in a field of that policy.
    pub(crate) fn of(field: &'a FieldState, policy: Policy) -> Self {
        let mut values: BTreeMap<&Value, Vec<Dot>> = BTreeMap::new();
        for (dot, value) in &field.live {
            values.entry(value).or_default().push(*dot);
        }
        if policy == Policy::Max
            && let Some((largest, _)) = values.last_key_value()
        {
            return Self::one(largest);
        }
        let mut values = values.into_iter();
        match (values.next(), values.len()) {
            (None, _) => Self::Nothing,
            (Some((value, _dots)), 0) => Self::one(value),
            (Some(first), _) => Self::Conflict(std::iter::once(first).chain(values).collect()),
        }
    }

    fn one(value: &'a Value) -> Self {
        if *value == Value::Cleared { Self::Nothing } else { Self::One(value) }
    }
}

/// Returns what stands under each name: a field, the rows of a group, or both if nobody knows it.
pub(crate) fn parts(state: &State) -> BTreeMap<&str, Part<'_>> {
    let mut parts: BTreeMap<&str, Part<'_>> = BTreeMap::new();
    for (path, field) in state.fields() {
        let part = parts.entry(path.field.as_str()).or_default();
        match &path.row {
            Some(place) => part.rows.entry(place.row).or_default().push((place, field)),
            None => part.own = Some(field),
        }
    }
    parts
}

impl<'a> Part<'a> {
    /// Returns the rows, removed ones too, as they are sorted for people.
    pub(crate) fn rows(&self) -> Vec<RowState<'a>> {
        let mut rows: Vec<RowState<'a>> =
            self.rows.iter().map(|(id, places)| row(*id, places)).collect();
        rows.sort_by_key(|row| (row.order, row.id));
        rows
    }
}

fn row<'a>(id: RowId, places: &[(&'a RowPath, &'a FieldState)]) -> RowState<'a> {
    let mut removals: Vec<&Vec<Dot>> = Vec::new();
    let mut fields: BTreeMap<&str, &FieldState> = BTreeMap::new();
    for (place, field) in places {
        match place.field.as_deref() {
            Some(name) => {
                fields.insert(name, field);
            }
            None => removals.extend(field.live.values().filter_map(removed)),
        }
    }
    let order = fields.remove(Path::ORDER);
    let seen = |dot: &Dot| removals.iter().any(|dots| dots.contains(dot));
    let all_seen = fields.values().all(|field| field.live.keys().all(seen));
    let removal = match (removals.is_empty(), all_seen) {
        (true, _) => Removal::Kept,
        (false, true) => Removal::Removed,
        (false, false) => Removal::Doubtful,
    };
    let order = order.and_then(|field| field.live.values().filter_map(number).min());
    RowState { id, removal, fields, order: order.unwrap_or_default() }
}

fn removed(value: &Value) -> Option<&Vec<Dot>> {
    if let Value::Removed(dots) = value { Some(dots) } else { None }
}

fn number(value: &Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(*number) } else { None }
}

#[cfg(test)]
mod tests;
