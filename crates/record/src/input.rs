//! From JSON to values: a new record, an amendment, one value.
//!
//! Every field is read and every rule is asked before anything is refused, so a line names all its
//! mistakes at once. Nothing here writes or knows who asks.

mod amend;
mod line;
mod new;
mod read;
mod scalar;
mod tree;

use serde_json::{Map, Value as Json};

pub use amend::{Amendment, resolution};
pub use new::NewRecord;
pub(crate) use read::{Place, Reading, read};
pub(crate) use scalar::scalar;
pub(crate) use tree::{Row, Slot, Tree, code, each};

use crate::catalogue::Catalogue;
use crate::finding::FieldError;
use crate::form::Form;
use crate::id::RecordId;
use crate::path::Path;
use crate::rules::Facts;
use crate::value::Value;

/// Finds records by what people call them.
pub trait Resolve {
    /// Returns the record of the form that `text` names, if it is known here: a reference, a
    /// course's code, a service number.
    fn record(&self, form: &str, text: &str) -> Option<RecordId>;
}

/// Knows no record.
#[derive(Clone, Copy, Debug)]
pub struct NothingKnown;

impl Resolve for NothingKnown {
    fn record(&self, _form: &str, _text: &str) -> Option<RecordId> {
        None
    }
}

/// Reads input for one form.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Forms and lists.
    pub catalogue: &'a Catalogue,
    /// The form.
    pub form: &'a Form,
    /// Who knows other records.
    pub resolve: &'a dyn Resolve,
    /// What is known beside the record.
    pub facts: Facts,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("form", &self.form.id).finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// Reads one value for a field or a field of a row; `null` empties it.
    ///
    /// # Errors
    ///
    /// The form has no such field, or the value does not fit it.
    pub fn read_value(&self, path: &Path, json: &Json) -> Result<Value, FieldError> {
        let refuse = |reason: String| FieldError { field: path.to_string(), reason };
        let is_row = path.row.as_ref().is_some_and(|row| row.field.is_none());
        let field = self.form.at(path).filter(|field| !is_row && field.fields.is_empty());
        let field = field.ok_or_else(|| {
            refuse("there is no such field: name it as `show` does under `conflicts`".to_owned())
        })?;
        let value = read::value(field, json, self.resolve).map_err(refuse)?;
        Ok(value.unwrap_or(Value::Cleared))
    }
}

/// A record's JSON.
pub(crate) type Object = Map<String, Json>;

#[cfg(test)]
mod tests;
