//! Lists of codes: choices and vocabularies, with labels, validity and columns of their own.
//!
//! Codes are never removed: one is closed by its validity. A list does not know which fields use it.

mod read;
mod validity;
mod words;

use std::collections::BTreeMap;

pub(crate) use read::read;
pub use validity::{MalformedValidity, Validity};
pub use words::{Label, Language};

use crate::card::Words;

/// The codes a field may hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List {
    /// The name forms call it by, such as `incident_type`.
    pub name: String,
    /// The vocabulary it is published in, such as `incident_types`; its versions are counted.
    pub source: String,
    /// The version of that vocabulary.
    pub version: u32,
    /// The codes, in the order they are offered.
    pub codes: Vec<Code>,
    columns: Vec<String>,
    index: BTreeMap<String, usize>,
    dated: bool,
}

/// One code of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Code {
    /// The code.
    pub code: String,
    /// What it is called.
    pub label: Words,
    /// When it is valid.
    pub validity: Validity,
    /// Whether a native speaker still has to look at the Kyrgyz label.
    pub in_review: bool,
    /// Words one may search it by, in any language.
    pub synonyms: Vec<String>,
    /// What the list's own columns say of it, in their order.
    columns: Vec<String>,
}

impl List {
    /// Returns the code, closed or not.
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&Code> {
        self.index.get(code).and_then(|&place| self.codes.get(place))
    }

    /// Returns what column `name` says of the code; nothing where it is empty.
    #[must_use]
    pub fn column(&self, code: &str, name: &str) -> Option<&str> {
        self.cell(code, self.column_place(name)?)
    }

    /// Returns whether any code has a first or a last day.
    pub(crate) const fn is_dated(&self) -> bool {
        self.dated
    }

    /// Returns the names of the list's own columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    pub(crate) fn column_place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    pub(crate) fn cell(&self, code: &str, column: usize) -> Option<&str> {
        let cell = self.code(code)?.columns.get(column)?;
        (!cell.is_empty()).then_some(cell)
    }
}

#[cfg(test)]
mod tests;
