//! How a change travels. It is what a slow link carries, so what can be rebuilt is left out: the
//! name of a group stands once a row, and the row of an import is a number.
//!
//! Writes to one row that follow each other are one run; so are a record's own fields.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Change, FormVersion, Write};
use crate::id::{PersonId, RecordId, RecordKey, RowId};
use crate::path::{Path, RowPath};
use crate::value::Value;
use crate::value::dots::{Dots, DotsOut};

/// Ordinals that are looked for, beside the one after the row before: rows of an import that are
/// amended one by one are mostly among its first.
const ORDINALS: u32 = 32;

#[derive(Serialize)]
struct ChangeOut<'a> {
    record: &'a RecordKey,
    form: &'a FormVersion,
    lists: &'a [(String, u32)],
    author: PersonId,
    reason: &'a Option<String>,
    urgent: bool,
    seen: DotsOut<'a>,
    runs: Vec<RunOut<'a>>,
}

#[derive(Deserialize)]
struct ChangeIn {
    record: RecordKey,
    form: FormVersion,
    lists: Vec<(String, u32)>,
    author: PersonId,
    reason: Option<String>,
    urgent: bool,
    seen: Dots,
    runs: Vec<RunIn>,
}

/// Writes to one row of a group; without a row and with an empty name, to the record's own fields.
#[derive(Serialize)]
struct RunOut<'a> {
    group: &'a str,
    row: Option<RowWire>,
    writes: Vec<(&'a str, &'a Value, &'a [u32])>,
}

#[derive(Deserialize)]
struct RunIn {
    group: String,
    row: Option<RowWire>,
    /// An empty name is the row itself.
    writes: Vec<(String, Value, Vec<u32>)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum RowWire {
    /// Row number so and so of an import.
    Imported(u32),
    /// Any other row.
    Named(RowId),
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { record, form, lists, author, reason, urgent, seen, writes } = self;
        let runs = runs(record.id, writes);
        let (author, urgent, seen) = (*author, *urgent, DotsOut(seen));
        ChangeOut { record, form, lists, author, reason, urgent, seen, runs }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let change = ChangeIn::deserialize(deserializer)?;
        let ChangeIn { record, form, lists, author, reason, urgent, seen, runs } = change;
        let mut writes = Vec::with_capacity(runs.iter().map(|run| run.writes.len()).sum());
        for run in runs {
            let row = run.row.map(|row| row.id(record.id, &run.group));
            for (name, value, replaces) in run.writes {
                let path = path(&run.group, row, name);
                let path = path.ok_or_else(|| de::Error::custom("a write has no place"))?;
                writes.push(Write { path, value, replaces });
            }
        }
        Ok(Self { record, form, lists, author, reason, urgent, seen: seen.0, writes })
    }
}

fn path(group: &str, row: Option<RowId>, name: String) -> Option<Path> {
    match (group, row) {
        ("", None) => Some(Path { field: name, row: None }),
        ("", Some(_)) | (_, None) => None,
        (group, Some(row)) => {
            let field = (!name.is_empty()).then_some(name);
            Some(Path { field: group.to_owned(), row: Some(RowPath { row, field }) })
        }
    }
}

fn runs(record: RecordId, writes: &[Write]) -> Vec<RunOut<'_>> {
    let mut before = None;
    let mut runs = Vec::new();
    for run in writes.chunk_by(|one, two| together(&one.path, &two.path)) {
        let Some(Path { field, row }) = run.first().map(|write| &write.path) else { continue };
        let group = if row.is_some() { field.as_str() } else { "" };
        let row = row.as_ref().map(|place| RowWire::of(record, group, place.row, before));
        if let Some(RowWire::Imported(ordinal)) = row {
            before = Some(ordinal);
        }
        let writes = run.iter().map(|w| (name(&w.path), &w.value, w.replaces.as_slice()));
        runs.push(RunOut { group, row, writes: writes.collect() });
    }
    runs
}

fn together(one: &Path, two: &Path) -> bool {
    match (&one.row, &two.row) {
        (None, None) => true,
        (Some(first), Some(second)) => one.field == two.field && first.row == second.row,
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn name(path: &Path) -> &str {
    path.row.as_ref().map_or(&path.field, |row| row.field.as_deref().unwrap_or_default())
}

impl RowWire {
    /// Returns how a row travels; `before` is the last ordinal that did.
    fn of(record: RecordId, group: &str, row: RowId, before: Option<u32>) -> Self {
        let next = before.and_then(|ordinal| ordinal.checked_add(1));
        let is_row = |ordinal: &u32| RowId::imported(record, group, *ordinal) == row;
        let ordinal = next.into_iter().chain(0..ORDINALS).find(is_row);
        ordinal.map_or(Self::Named(row), Self::Imported)
    }

    fn id(self, record: RecordId, group: &str) -> RowId {
        match self {
            Self::Imported(ordinal) => RowId::imported(record, group, ordinal),
            Self::Named(row) => row,
        }
    }
}
