//! Records of one form as a table: a file of records, and one file a group, joined by `@id`; or one
//! file alone, with the rows of groups as JSON in their cells.
//!
//! What a table holds reads as the same flat objects that JSON lines hold, and the one reader
//! judges both. Any record that can be written is read back equal: lists are escaped, and a cell
//! that a spreadsheet would take for a formula bears an apostrophe that reading takes away. It
//! does not know files: bytes come from whatever reader is handed in, one record at a time.

mod cell;
mod cells;
mod export;
mod header;
mod join;
mod layout;
mod rows;
mod write;

pub use cells::{Cells, RowCells};
pub use export::{Export, IGNORED_KEYS};
pub use header::Headers;
pub use join::{Entry, Table};
pub use layout::Layout;
pub use rows::TableFault;
pub use write::{RecordWriter, TableWriter};

/// The key of a record's id.
pub(crate) const ID: &str = "@id";

/// The key of a row's place in its group, from 1.
pub(crate) const ROW: &str = "@row";

/// Why a record is void.
pub(crate) const VOIDED: &str = "@voided";

/// The fields that were left out since people have to decide on them first.
pub(crate) const CONFLICT: &str = "@conflict";

/// What the form does not know, as one JSON object.
pub(crate) const OTHER: &str = "@other";

/// Who recorded it, where an administrator imports for another.
pub(crate) const AUTHOR: &str = "@author";

/// Returns the group whose rows a file beside a table holds: `night.items.csv` beside `night.csv`.
#[must_use]
pub fn group_beside(table: &str, beside: &str) -> Option<String> {
    let stem = without_csv(table).unwrap_or(table);
    let group = without_csv(beside.strip_prefix(stem)?.strip_prefix('.')?)?;
    (!group.contains('.')).then(|| group.to_owned())
}

fn without_csv(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    extension.eq_ignore_ascii_case("csv").then_some(stem).filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests;
