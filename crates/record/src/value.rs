//! What can stand in a field, how it travels and how it is shown.
//!
//! A value travels as a tag and bytes. Each pair of them is exactly one [`Value`]: what this
//! software does not understand is kept as [`Value::Opaque`] and travels on unchanged, so software
//! old and new folds the same records to the same bytes.

mod decimal;
pub(crate) mod dots;
mod time;
mod wire;

use journal::Dot;
use serde_json::json;

pub use decimal::Decimal;
pub use time::{Date, DateTime};

use crate::id::RecordId;

/// A value of a field. Values of one variant are ordered as a person would order them.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Value {
    /// Nothing: the field was emptied.
    Cleared,
    /// A text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A quantity.
    Decimal(Decimal),
    /// A day.
    Date(Date),
    /// An instant.
    DateTime(DateTime),
    /// A code of a list.
    Code(String),
    /// Another record.
    Record(RecordId),
    /// Another record that was not known here: its name as it was written.
    Unresolved(String),
    /// Several values, in order; never lists.
    List(Vec<Self>),
    /// Bytes, such as a hash.
    Bytes(Vec<u8>),
    /// At a row's own path: the row is removed as far as it consists of these.
    Removed(Vec<Dot>),
    /// What this software does not understand.
    Opaque {
        /// The tag it came with.
        tag: u8,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// The text is no such value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MalformedValue {
    /// It should be a quantity.
    #[error(
        "a quantity is a text of digits with up to 3 after the point, not negative, such as \"12.4\""
    )]
    Decimal,
    /// It should be a day.
    #[error("a date is written as in 2026-11-20")]
    Date,
    /// It should be an instant.
    #[error("a time is written with its offset, as in 2026-11-20T03:10:00+06:00")]
    DateTime,
}

impl Value {
    /// Returns the day it stands for, if it is a date or a time.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        if let Self::DateTime(time) = self {
            time.date()
        } else if let Self::Date(day) = self {
            Some(*day)
        } else {
            None
        }
    }

    /// Returns the value as it stands in a record's JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Cleared => serde_json::Value::Null,
            Self::Text(text) | Self::Code(text) | Self::Unresolved(text) => json!(text),
            Self::Bool(yes) => json!(yes),
            Self::Int(number) => json!(number),
            Self::Decimal(quantity) => json!(quantity.to_string()),
            Self::Date(day) => json!(day.to_string()),
            Self::DateTime(time) => json!(time.to_string()),
            Self::Record(id) => json!(id.to_string()),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
            Self::Bytes(bytes) => json!(hex(bytes)),
            Self::Removed(dots) => dots.iter().map(|dot| json!(dot.to_string())).collect(),
            Self::Opaque { tag, bytes } => json!({ "@tag": tag, "@bytes": hex(bytes) }),
        }
    }
}

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests;
