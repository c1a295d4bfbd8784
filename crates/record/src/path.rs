//! Where in a record a value stands: a field, a row of a group, or a field of a row.
//!
//! Written `kind`, `items/<row>` and `items/<row>/quantity`. Names that start with `@` are this
//! program's own. A path does not know whether any form has such a field.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::RowId;

/// Bytes of a field's name; the longest shipped one has 29.
const NAME_BYTES_MAX: usize = 64;

/// The place of a value in its record. A record's own fields sort before the rows of a group.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Path {
    /// The field, or the group of the row.
    pub field: String,
    /// The place inside the group.
    pub row: Option<RowPath>,
}

/// The place of a value in a group.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct RowPath {
    /// The row.
    pub row: RowId,
    /// Its field; none is the row itself, where its removal is written.
    pub field: Option<String>,
}

/// The text is no path.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a field is written as `name`, `group/<row>` or `group/<row>/name`, as `show` prints it")]
pub struct MalformedPath;

/// A path as it was read, before its names are looked at.
#[derive(Deserialize)]
struct Parts {
    field: String,
    row: Option<RowPath>,
}

impl Path {
    /// The reference people call the record by.
    pub const REF: &str = "@ref";
    /// Why the record is void.
    pub const VOID: &str = "@void";
    /// The hash of the imported line.
    pub const IMPORT: &str = "@import";
    /// The place of a row among its siblings; a field of the row.
    pub const ORDER: &str = "@order";

    /// Returns the path of a record's own field.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self { field: name.to_owned(), row: None }
    }

    /// Returns the path of a row itself.
    #[must_use]
    pub fn row(group: &str, row: RowId) -> Self {
        Self { field: group.to_owned(), row: Some(RowPath { row, field: None }) }
    }

    /// Returns the path of a field of a row.
    #[must_use]
    pub fn in_row(group: &str, row: RowId, field: &str) -> Self {
        let field = Some(field.to_owned());
        Self { field: group.to_owned(), row: Some(RowPath { row, field }) }
    }

    /// Returns whether every name in the path can be written and read back.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let inner = self.row.as_ref().and_then(|row| row.field.as_deref());
        is_name(&self.field) && inner.is_none_or(is_name)
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-@".contains(&c);
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}

impl TryFrom<Parts> for Path {
    type Error = MalformedPath;

    fn try_from(parts: Parts) -> Result<Self, MalformedPath> {
        let path = Self { field: parts.field, row: parts.row };
        if path.is_well_formed() { Ok(path) } else { Err(MalformedPath) }
    }
}

impl FromStr for Path {
    type Err = MalformedPath;

    fn from_str(text: &str) -> Result<Self, MalformedPath> {
        let mut parts = text.split('/');
        let field = parts.next().unwrap_or_default().to_owned();
        let row = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(row), inner, None) => {
                let row = row.parse().map_err(|_malformed| MalformedPath)?;
                Some(RowPath { row, field: inner.map(str::to_owned) })
            }
            (Some(_), _, Some(_)) => return Err(MalformedPath),
        };
        Self::try_from(Parts { field, row })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        let Some(RowPath { row, field }) = &self.row else { return Ok(()) };
        write!(f, "/{row}")?;
        field.as_ref().map_or(Ok(()), |field| write!(f, "/{field}"))
    }
}

#[cfg(test)]
mod tests {
    use journal::codec;

    use super::*;

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        let row = RowId([7; 8]);
        let paths = [Path::field("kind"), Path::row("items", row), Path::in_row("items", row, "x")];
        for path in paths {
            assert_eq!(path.to_string().parse(), Ok(path.clone()));
            let bytes = codec::encode(&path, 99).unwrap();
            assert_eq!(codec::decode_canonical(&bytes, 99), Ok(path));
        }
        assert_eq!(
            Path::in_row("items", row, Path::ORDER).to_string(),
            "items/0707070707070707/@order"
        );
    }

    #[test]
    fn a_name_that_could_not_be_read_back_is_refused() {
        let long = "n".repeat(NAME_BYTES_MAX + 1);
        for text in ["", "/", "Kind", "a b", "items/1", "items/0707070707070707/", "a/b/c/d", &long]
        {
            assert_eq!(text.parse::<Path>(), Err(MalformedPath), "{text}");
        }
        let bytes = codec::encode(&Path::field("a/b"), 99).unwrap();
        assert!(codec::decode::<Path>(&bytes, 99).is_err());
    }

    #[test]
    fn the_parts_of_a_row_stand_together() {
        let (one, two) = (RowId([1; 8]), RowId([2; 8]));
        let mut paths = [
            Path::in_row("items", two, "a"),
            Path::in_row("items", one, "b"),
            Path::row("items", two),
            Path::field("items"),
            Path::row("items", one),
        ];
        paths.sort();
        let written = paths.map(|path| path.to_string());
        assert_eq!(
            written,
            [
                "items",
                "items/0101010101010101",
                "items/0101010101010101/b",
                "items/0202020202020202",
                "items/0202020202020202/a"
            ]
        );
    }
}
