//! From JSON to values: a new record, an amendment, one value.
//!
//! Every field is read and every rule is asked before anything is refused, so a line names all its
//! mistakes at once. Nothing here writes or knows who asks.

mod amend;
mod compute;
mod line;
mod new;
mod own;
mod read;
mod resolve;
mod scalar;
mod tree;

use serde_json::{Map, Value as Json};

pub use amend::{Amendment, resolution};
pub(crate) use compute::compute;
pub use new::NewRecord;
pub(crate) use read::{Place, Reading, read};
pub use resolve::{Answer, Inquiry, NothingKnown, Question, Resolve, Sought};
pub(crate) use scalar::scalar;
pub(crate) use tree::{Row, Slot, Tree, code, each};

use crate::catalogue::Catalogue;
use crate::finding::FieldError;
use crate::form::Form;
use crate::list::Language;
use crate::message;
use crate::path::Path;
use crate::rules::Facts;
use crate::value::Value;

/// Who is asked about other records while input is read, and in which words mistakes are told.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) resolve: &'a dyn Resolve,
    pub(crate) language: Language,
}

impl Asker<'_> {
    /// Knows nobody and speaks English.
    pub(crate) const NOBODY: Asker<'static> =
        Asker { resolve: &NothingKnown, language: Language::En };
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
    fn asker(&self) -> Asker<'_> {
        Asker { resolve: self.resolve, language: self.facts.language }
    }

    /// Reads one value for a field or a field of a row; `null` empties it.
    ///
    /// # Errors
    ///
    /// The form has no such field, or the value does not fit it.
    pub fn read_value(&self, path: &Path, json: &Json) -> Result<Value, FieldError> {
        let refuse = |reason: String| FieldError { field: path.to_string(), reason };
        let is_row = path.row.as_ref().is_some_and(|row| row.field.is_none());
        let field = self.form.at(path).filter(|field| !is_row && field.fields.is_empty());
        let field = field.ok_or_else(|| refuse(message::no_path(self.facts.language)))?;
        let value = read::value(field, json, self.asker()).map_err(refuse)?;
        Ok(value.unwrap_or(Value::Cleared))
    }
}

/// A record's JSON.
pub(crate) type Object = Map<String, Json>;

#[cfg(test)]
mod tests;
