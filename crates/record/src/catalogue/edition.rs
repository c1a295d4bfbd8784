//! The form a record is shown by: the version its changes name, with the lists they name.
//!
//! It follows from the named versions alone as soon as they are here, whatever else is; so records
//! look the same everywhere, and keep the labels they were saved with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Catalogue, Compiled};
use crate::change::FormVersion;
use crate::form::{self, Form};
use crate::limits::EDITIONS_MAX;
use crate::publication::Subject;
use crate::state::State;

/// A form or vocabulary of which a record names a version that is not here.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Wanted {
    /// Whether it is a form or a vocabulary.
    pub subject: Subject,
    /// Its name.
    pub name: String,
}

/// A form's id and version, and the versions of the vocabularies it uses, in their names' order.
type Key = (String, u32, Vec<u32>);

/// Forms with older lists, compiled when they were asked for.
#[derive(Debug, Default)]
pub(super) struct Editions(Mutex<BTreeMap<Key, Arc<Form>>>);

impl Catalogue {
    /// Returns the form a record is shown by. Where its version is not here, the one before it.
    #[must_use]
    pub fn edition(&self, state: &State) -> Option<Arc<Form>> {
        self.edition_of(state.form()?, state.vocabularies())
    }

    /// Returns that version of a form with these versions of the vocabularies it uses.
    #[must_use]
    pub fn edition_of(
        &self,
        form: &FormVersion,
        vocabularies: &BTreeMap<String, u32>,
    ) -> Option<Arc<Form>> {
        let (version, compiled) = self.nearest(form)?;
        let mut versions: Vec<(&str, u32)> = Vec::with_capacity(compiled.base.len());
        for (name, base) in &compiled.base {
            let named = vocabularies.get(name).copied().unwrap_or_default();
            versions.extend(self.nearest_vocabulary(name, named.max(*base)));
        }
        let is_newest = |(name, version): &(&str, u32)| {
            let newest = self.vocabularies.get(*name).and_then(BTreeMap::last_key_value);
            newest.is_some_and(|(newest, _)| newest == version)
        };
        if versions.iter().all(is_newest) {
            return Some(Arc::clone(&compiled.form));
        }
        let key =
            (form.id.clone(), version, versions.iter().map(|(_, version)| *version).collect());
        let mut known = self.editions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(form) = known.get(&key) {
            return Some(Arc::clone(form));
        }
        let form = Arc::new(self.compile(compiled, version, &versions)?);
        if EDITIONS_MAX <= known.len() {
            known.clear();
        }
        known.insert(key, Arc::clone(&form));
        Some(form)
    }

    /// Returns what a record names and is not here; when it comes the record may look different.
    #[must_use]
    pub fn missing(&self, state: &State) -> Vec<Wanted> {
        let Some(form) = state.form() else { return Vec::new() };
        let named = state.vocabularies();
        let mut missing = Vec::new();
        let compiled = self.forms.get(&form.id).and_then(|versions| versions.get(&form.version));
        let Some(compiled) = compiled else {
            missing.push(Wanted { subject: Subject::Form, name: form.id.clone() });
            return missing;
        };
        for (name, base) in &compiled.base {
            let wanted = named.get(name).copied().unwrap_or_default().max(*base);
            let here = self.vocabularies.get(name).is_some_and(|it| it.contains_key(&wanted));
            if !here {
                missing.push(Wanted { subject: Subject::Vocabulary, name: name.clone() });
            }
        }
        missing
    }

    /// Returns whether that version of a form is here.
    #[must_use]
    pub fn knows(&self, form: &FormVersion) -> bool {
        self.forms.get(&form.id).is_some_and(|versions| versions.contains_key(&form.version))
    }

    /// Returns that version of a form; else the one before it; else the first one.
    fn nearest(&self, form: &FormVersion) -> Option<(u32, &Compiled)> {
        let versions = self.forms.get(&form.id)?;
        let before = versions.range(..=form.version).next_back();
        before.or_else(|| versions.first_key_value()).map(|(version, it)| (*version, it))
    }

    fn nearest_vocabulary<'a>(&self, name: &'a str, version: u32) -> Option<(&'a str, u32)> {
        let versions = self.vocabularies.get(name)?;
        let before = versions.range(..=version).next_back();
        let nearest = before.or_else(|| versions.first_key_value());
        nearest.map(|(version, _vocabulary)| (name, *version))
    }

    fn compile(
        &self,
        compiled: &Compiled,
        version: u32,
        vocabularies: &[(&str, u32)],
    ) -> Option<Form> {
        let mut lists = self.lists.clone();
        for (name, version) in vocabularies {
            let vocabulary = self.vocabularies.get(*name)?.get(version)?;
            let named = vocabulary.lists.iter().map(|list| (list.name.clone(), Arc::clone(list)));
            lists.extend(named);
        }
        let form = form::load(&compiled.file, &compiled.text, &lists).ok()?;
        Some(Form { version, ..form })
    }
}
