//! The forms and lists a program works with, loaded as a whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::form::{self, Form};
use crate::list::{self, List};

/// Forms and lists by name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    forms: BTreeMap<String, Form>,
    lists: BTreeMap<String, Arc<List>>,
}

/// A form or list with a mistake.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file} line {line}: {reason}")]
pub struct CatalogueError {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

impl Catalogue {
    /// Reads lists (CSV) and forms (TOML), each a file's name and its text.
    ///
    /// # Errors
    ///
    /// The first mistake in any of them.
    pub fn from_sources(
        forms: &[(&str, &str)],
        lists: &[(&str, &str)],
    ) -> Result<Self, CatalogueError> {
        /// Every version here is the shipped one; published ones count on from it.
        const SHIPPED: u32 = 1;

        let mut loaded = Self { forms: BTreeMap::new(), lists: BTreeMap::new() };
        for (file, text) in lists {
            for list in list::read(file, text, SHIPPED)? {
                let name = list.name.clone();
                if loaded.lists.insert(name.clone(), Arc::new(list)).is_some() {
                    return Err(twice(file, &format!("the list `{name}`")));
                }
            }
        }
        for (file, text) in forms {
            let form = form::load(file, text, &loaded.lists)?;
            let id = form.id.clone();
            if loaded.forms.insert(id.clone(), form).is_some() {
                return Err(twice(file, &format!("the form `{id}`")));
            }
        }
        Ok(loaded)
    }

    /// Returns the form of that id.
    #[must_use]
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.get(id)
    }

    /// Returns the forms, by id.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.values()
    }

    /// Returns the list of that name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.get(name).map(AsRef::as_ref)
    }

    /// Returns the lists, by name.
    pub fn lists(&self) -> impl Iterator<Item = &List> {
        self.lists.values().map(AsRef::as_ref)
    }
}

fn twice(file: &str, what: &str) -> CatalogueError {
    let reason = format!("{what} is in another file too");
    CatalogueError { file: file.to_owned(), line: 1, reason }
}
