//! What was changed in a record and said about it, entry by entry, as its authors saw it.
//!
//! `from` is what the author replaced, which is not always what stands there for others: two who
//! had not seen each other both changed the same old value.

use std::collections::{BTreeMap, BTreeSet};

use journal::Dot;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::change::{Change, Write};
use crate::id::PersonId;
use crate::path::{Path, RowPath};
use crate::review::{Action, FieldRemark, ReviewEntry};
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
    /// What its author said about single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldRemark>,
    /// Of a return: the day it is to be corrected by, or how many days after it was delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Of a duplicate: the record that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// What an entry of a record tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// Its fields were changed.
    Changed(Change),
    /// Something was said about it.
    Reviewed(ReviewEntry),
}

/// What sort of entry it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryKind {
    /// Its author had seen nothing of the record.
    Created,
    /// Fields were changed.
    Amended,
    /// Values that stood against each other were replaced by one.
    Resolved,
    /// The record was declared void.
    Voided,
    /// The centre had nothing to remark.
    Accepted,
    /// The centre wanted it corrected.
    Returned,
    /// The centre waited for something.
    OnHold,
    /// The centre had it already.
    Duplicate,
    /// The centre did not count it.
    NotReportable,
    /// The centre took its decision back.
    Reopened,
    /// Somebody said something.
    Commented,
    /// The site handed it in again.
    Resubmitted,
    /// The site wanted it back.
    RecallAsked,
    /// The centre gave it back.
    Recalled,
    /// The site read the decision.
    Seen,
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

/// Every write to one place, with the change it is of.
type Writes<'a> = BTreeMap<Dot, (&'a Change, &'a Write)>;

/// Every write, by place.
type Written<'a> = BTreeMap<&'a Path, Writes<'a>>;

impl HistoryKind {
    /// Returns what sort of entry an act of the review is.
    #[must_use]
    pub const fn of(action: &Action) -> Self {
        match action {
            Action::Accept => Self::Accepted,
            Action::Return { .. } => Self::Returned,
            Action::Hold => Self::OnHold,
            Action::Duplicate { .. } => Self::Duplicate,
            Action::NotReportable => Self::NotReportable,
            Action::Reopen => Self::Reopened,
            Action::Comment => Self::Commented,
            Action::Resubmit => Self::Resubmitted,
            Action::AskRecall => Self::RecallAsked,
            Action::GrantRecall => Self::Recalled,
            Action::Seen => Self::Seen,
        }
    }
}

impl Told {
    /// Returns who wrote it.
    #[must_use]
    pub const fn author(&self) -> PersonId {
        match self {
            Self::Changed(change) => change.author,
            Self::Reviewed(entry) => entry.author,
        }
    }

    /// Returns what its author had seen.
    #[must_use]
    pub fn seen(&self) -> &[Dot] {
        match self {
            Self::Changed(change) => &change.seen,
            Self::Reviewed(entry) => &entry.seen,
        }
    }
}

/// Returns what each of the entries of one record did, in the given order.
#[must_use]
pub fn history(entries: &[(Dot, Told)], evidence: &dyn Fn(&Dot) -> Evidence) -> Vec<HistoryItem> {
    let mut written = Written::new();
    for (dot, told) in entries {
        let Told::Changed(change) = told else { continue };
        for write in &change.writes {
            written.entry(&write.path).or_default().insert(*dot, (change, write));
        }
    }
    let item = |(dot, told): &(Dot, Told)| match told {
        Told::Changed(change) => HistoryItem {
            dot: dot.to_string(),
            kind: kind(change, &written),
            evidence: evidence(dot),
            changes: change
                .writes
                .iter()
                .filter_map(|write| field(change, write, &written))
                .collect(),
            remark: change.reason.clone(),
            fields: Vec::new(),
            due: None,
            of: None,
        },
        Told::Reviewed(entry) => said(dot, entry, evidence(dot)),
    };
    entries.iter().map(item).collect()
}

fn said(dot: &Dot, entry: &ReviewEntry, evidence: Evidence) -> HistoryItem {
    let kind = HistoryKind::of(&entry.action);
    let due = if let Action::Return { due } = &entry.action { Some(due.to_string()) } else { None };
    let of = if let Action::Duplicate { of } = &entry.action { Some(of.to_string()) } else { None };
    let (remark, fields) = (entry.remark.clone(), entry.fields.clone());
    HistoryItem {
        dot: dot.to_string(),
        kind,
        evidence,
        changes: Vec::new(),
        remark,
        fields,
        due,
        of,
    }
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
    let from = json(&replaced(change, write, written));
    Some(FieldChange { field, from, to: write.value.to_json() })
}

/// Returns the different values that `write` replaced.
fn replaced<'a>(change: &Change, write: &Write, written: &Written<'a>) -> Vec<&'a Value> {
    written.get(&write.path).map(|here| stood(here, change.replaced(write))).unwrap_or_default()
}

/// Returns the different values that `dots` wrote in one place, sorted; what never arrived is not
/// among them.
///
/// Where they name beside a value the older one that it had replaced, that did not stand any more.
fn stood<'a>(here: &Writes<'a>, dots: impl Iterator<Item = Dot>) -> Vec<&'a Value> {
    let named: Vec<(Dot, &(&Change, &'a Write))> =
        dots.filter_map(|dot| Some((dot, here.get(&dot)?))).collect();
    let older: BTreeSet<Dot> =
        named.iter().flat_map(|(_, (change, write))| change.replaced(write)).collect();
    let standing = named.iter().filter(|(dot, _)| !older.contains(dot));
    let mut values: Vec<&Value> = standing.map(|(_, (_, write))| &write.value).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn json(values: &[&Value]) -> Json {
    match values {
        [] => Json::Null,
        [value] => value.to_json(),
        values => {
            json!({ "conflict": values.iter().map(|value| value.to_json()).collect::<Vec<_>>() })
        }
    }
}

/// Returns the fields of a row that stood there as `dots`.
fn row(path: &Path, dots: &[Dot], written: &Written<'_>) -> Json {
    let same_row = |other: &Path| {
        let rows = other.row.as_ref().zip(path.row.as_ref());
        other.field == path.field && rows.is_some_and(|(one, two)| one.row == two.row)
    };
    let mut fields = Map::new();
    for (place, here) in written.range::<&Path, _>(path..).take_while(|(place, _)| same_row(place))
    {
        let name = place.row.as_ref().and_then(|row| row.field.as_deref());
        let values = stood(here, dots.iter().copied());
        if let Some(name) = name.filter(|name| *name != Path::ORDER && !values.is_empty()) {
            fields.insert(name.to_owned(), json(&values));
        }
    }
    Json::Object(fields)
}

#[cfg(test)]
mod tests;
