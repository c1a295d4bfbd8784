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
    order: i64,
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

/// Returns the rows of a group, removed ones too, as they are sorted for people.
pub(crate) fn rows<'a>(state: &'a State, group: &'a str) -> Vec<RowState<'a>> {
    let mut parts: BTreeMap<RowId, Vec<(&RowPath, &FieldState)>> = BTreeMap::new();
    for (path, field) in state.within(group) {
        if let Some(place) = &path.row {
            parts.entry(place.row).or_default().push((place, field));
        }
    }
    let mut rows: Vec<RowState<'a>> =
        parts.into_iter().map(|(id, parts)| row(id, &parts)).collect();
    rows.sort_by_key(|row| (row.order, row.id));
    rows
}

fn row<'a>(id: RowId, parts: &[(&'a RowPath, &'a FieldState)]) -> RowState<'a> {
    let mut own = None;
    let mut fields = BTreeMap::new();
    for (place, field) in parts {
        match place.field.as_deref() {
            Some(name) => drop(fields.insert(name, *field)),
            None => own = Some(*field),
        }
    }
    let order = fields.remove(Path::ORDER);
    let removals: Vec<&Vec<Dot>> = own
        .iter()
        .flat_map(|own: &&FieldState| own.live.values())
        .filter_map(|value| if let Value::Removed(dots) = value { Some(dots) } else { None })
        .collect();
    let seen = |dot: &Dot| removals.iter().any(|dots| dots.contains(dot));
    let removal = match removals.is_empty() {
        true => Removal::Kept,
        false if fields.values().all(|field| field.live.keys().all(seen)) => Removal::Removed,
        false => Removal::Doubtful,
    };
    let number = |value: &Value| if let Value::Int(number) = value { Some(*number) } else { None };
    let order = order.and_then(|field| field.live.values().filter_map(number).min());
    RowState { id, removal, fields, order: order.unwrap_or(i64::MAX) }
}

#[cfg(test)]
mod tests;
