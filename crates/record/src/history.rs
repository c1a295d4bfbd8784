//! What was changed in a record, entry by entry, as its authors saw it.
//!
//! `from` is what the author replaced, which is not always what stands there for others: two who
//! had not seen each other both changed the same old value.

use std::collections::BTreeMap;

use journal::Dot;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::change::{Change, Write};
use crate::path::{Path, RowPath};
use crate::value::Value;
use crate::view::Evidence;

/// One entry of a record's history.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct HistoryItem {
    /// The change.
    pub dot: String,
    /// What sort of change it is.
    pub kind: HistoryKind,
    /// Who wrote it, where and when.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// The fields it changed.
    pub changes: Vec<FieldChange>,
    /// What its author said about it.
    pub remark: Option<String>,
}

/// What sort of change it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryKind {
    /// Its author had seen nothing of the record.
    Created,
    /// Fields were changed.
    Amended,
    /// Values that stood against each other were replaced by one.
    Resolved,
    /// The record was declared void.
    Voided,
}

/// A field that was changed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field's path.
    pub field: String,
    /// What the author replaced; several values stand under `conflict`.
    pub from: Json,
    /// What the author wrote.
    pub to: Json,
}

/// Every value ever written, by place and change.
type Written<'a> = BTreeMap<&'a Path, BTreeMap<Dot, &'a Value>>;

/// Returns what each of the changes of one record did, in the given order.
#[must_use]
pub fn history(entries: &[(Dot, Change)], evidence: &dyn Fn(&Dot) -> Evidence) -> Vec<HistoryItem> {
    let mut written = Written::new();
    for (dot, change) in entries {
        for write in &change.writes {
            written.entry(&write.path).or_default().insert(*dot, &write.value);
        }
    }
    let item = |(dot, change): &(Dot, Change)| HistoryItem {
        dot: dot.to_string(),
        kind: kind(change, &written),
        evidence: evidence(dot),
        changes: change.writes.iter().filter_map(|write| field(change, write, &written)).collect(),
        remark: change.reason.clone(),
    };
    entries.iter().map(item).collect()
}

fn kind(change: &Change, written: &Written<'_>) -> HistoryKind {
    let voids =
        |write: &Write| write.path == Path::field(Path::VOID) && write.value != Value::Cleared;
    if change.seen.is_empty() {
        HistoryKind::Created
    } else if change.writes.iter().any(voids) {
        HistoryKind::Voided
    } else if change.writes.iter().any(|write| 1 < replaced(change, write, written).len()) {
        HistoryKind::Resolved
    } else {
        HistoryKind::Amended
    }
}

fn field(change: &Change, write: &Write, written: &Written<'_>) -> Option<FieldChange> {
    let inner = write.path.row.as_ref().and_then(|row| row.field.as_deref());
    let own = [Path::REF, Path::IMPORT].contains(&write.path.field.as_str());
    if own || inner == Some(Path::ORDER) {
        return None;
    }
    let field = write.path.to_string();
    if let (Some(RowPath { row: _, field: None }), Value::Removed(dots)) =
        (&write.path.row, &write.value)
    {
        return Some(FieldChange { field, from: row(&write.path, dots, written), to: Json::Null });
    }
    let from = match replaced(change, write, written).as_slice() {
        [] => Json::Null,
        [value] => value.to_json(),
        values => json!({ "conflict": values.iter().map(|v| v.to_json()).collect::<Vec<_>>() }),
    };
    Some(FieldChange { field, from, to: write.value.to_json() })
}

/// Returns the different values that `write` replaced, sorted; what never arrived is not among them.
fn replaced<'a>(change: &Change, write: &Write, written: &Written<'a>) -> Vec<&'a Value> {
    let Some(here) = written.get(&write.path) else { return Vec::new() };
    let mut values: Vec<&Value> =
        change.replaced(write).filter_map(|dot| here.get(&dot).copied()).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Returns the fields of a row that stood there as `dots`.
fn row(path: &Path, dots: &[Dot], written: &Written<'_>) -> Json {
    let same_row = |other: &Path| {
        let rows = other.row.as_ref().zip(path.row.as_ref());
        other.field == path.field && rows.is_some_and(|(one, two)| one.row == two.row)
    };
    let mut fields = Map::new();
    for (place, values) in
        written.range::<&Path, _>(path..).take_while(|(place, _)| same_row(place))
    {
        let name = place.row.as_ref().and_then(|row| row.field.as_deref());
        let value = dots.iter().find_map(|dot| values.get(dot));
        if let (Some(name), Some(value)) = (name, value)
            && name != Path::ORDER
        {
            fields.insert(name.to_owned(), value.to_json());
        }
    }
    Json::Object(fields)
}

#[cfg(test)]
mod tests;
