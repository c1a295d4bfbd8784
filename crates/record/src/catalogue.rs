//! The forms and lists a program works with: every version there is, the shipped ones and those
//! the centre published.
//!
//! New input is read by the newest versions. A record is shown by the versions its changes name:
//! its [edition](Catalogue::edition). What can't be compiled here, since newer software wrote it,
//! is named and left out, and the version before it goes on.

mod edition;
mod proposal;
mod source;
mod text;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use edition::Editions;
pub use edition::Wanted;
pub use proposal::{Objection, Proposal, Proposed};
pub use text::{Difference, What, difference};
pub use view::{CodeView, FieldView, FormView, ListView, SectionView, VocabularyView};

use crate::form::{self, Form};
use crate::list::{self, List};
use crate::publication::{Publication, Subject};

/// The version of every vocabulary this program brings along; published ones count on from it.
pub(crate) const SHIPPED: u32 = 1;

type Lists = BTreeMap<String, Arc<List>>;

/// Forms and lists by name, in all their versions.
#[derive(Debug)]
pub struct Catalogue {
    forms: BTreeMap<String, BTreeMap<u32, Compiled>>,
    vocabularies: BTreeMap<String, BTreeMap<u32, Vocabulary>>,
    /// The newest of each.
    lists: Lists,
    unread: Vec<Unread>,
    editions: Editions,
}

/// A version of a form.
#[derive(Clone, Debug)]
struct Compiled {
    file: String,
    text: Arc<str>,
    shipped: bool,
    /// The vocabularies it uses, with the versions it was made with.
    base: BTreeMap<String, u32>,
    /// It, with the newest lists.
    form: Arc<Form>,
}

/// A version of a vocabulary.
#[derive(Clone, Debug)]
struct Vocabulary {
    text: Arc<str>,
    shipped: bool,
    lists: Vec<Arc<List>>,
}

/// A version as it is listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Version {
    /// Its number.
    pub version: u32,
    /// Whether the program brought it along.
    pub shipped: bool,
}

/// A publication this software can't use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unread {
    /// Whether it is a form or a vocabulary.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// What this software does not understand in it.
    pub why: CatalogueError,
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
    /// Reads lists (CSV) and forms (TOML), each a file's name and its text. A form may come in
    /// several versions, a file each.
    ///
    /// # Errors
    ///
    /// The first mistake in any of them.
    pub fn from_sources(
        forms: &[(&str, &str)],
        lists: &[(&str, &str)],
    ) -> Result<Self, CatalogueError> {
        let mut loaded = Self {
            forms: BTreeMap::new(),
            vocabularies: BTreeMap::new(),
            lists: BTreeMap::new(),
            unread: Vec::new(),
            editions: Editions::default(),
        };
        for (file, text) in lists {
            let vocabulary = Vocabulary::read(file, text, SHIPPED, true)?;
            for list in &vocabulary.lists {
                if loaded.lists.insert(list.name.clone(), Arc::clone(list)).is_some() {
                    return Err(twice(file, &format!("the list `{}`", list.name)));
                }
            }
            let versions = BTreeMap::from([(SHIPPED, vocabulary)]);
            loaded.vocabularies.insert(source::name(file, ".csv").to_owned(), versions);
        }
        for (file, text) in forms {
            let form = form::load(file, text, &loaded.lists)?;
            let (id, version) = (form.id.clone(), form.version);
            let base = uses(&form).into_iter().map(|source| (source, SHIPPED)).collect();
            let (name, text) = ((*file).to_owned(), (*text).into());
            let compiled = Compiled { file: name, text, shipped: true, base, form: Arc::new(form) };
            let versions = loaded.forms.entry(id.clone()).or_default();
            if versions.insert(version, compiled).is_some() {
                return Err(twice(file, &format!("the form `{id}`")));
            }
        }
        Ok(loaded)
    }

    /// Returns a hash of everything this program brought along: its names, versions and texts.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let forms = self.forms.iter().flat_map(|(name, versions)| {
            let shipped = versions.iter().filter(|(_, it)| it.shipped);
            shipped.map(move |(version, it)| (Subject::Form, name, *version, &it.text))
        });
        let vocabularies = self.vocabularies.iter().flat_map(|(name, versions)| {
            let shipped = versions.iter().filter(|(_, it)| it.shipped);
            shipped.map(move |(version, it)| (Subject::Vocabulary, name, *version, &it.text))
        });
        let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 shipped catalogue v1");
        for (subject, name, version, text) in forms.chain(vocabularies) {
            hasher.update(&[subject.number()]).update(&version.to_le_bytes());
            for part in [name.as_str(), text] {
                let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
                hasher.update(&length.to_le_bytes()).update(part.as_bytes());
            }
        }
        *hasher.finalize().as_bytes()
    }

    /// Returns the newest version of a form.
    #[must_use]
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.get(id).and_then(newest)
    }

    /// Returns the newest version of a form, to be kept.
    #[must_use]
    pub fn newest(&self, id: &str) -> Option<Arc<Form>> {
        let (_version, compiled) = self.forms.get(id)?.last_key_value()?;
        Some(Arc::clone(&compiled.form))
    }

    /// Returns the newest version of every form, by id.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.values().filter_map(newest)
    }

    /// Returns a version of a form, with the newest lists.
    #[must_use]
    pub fn form_at(&self, id: &str, version: u32) -> Option<&Form> {
        self.forms.get(id)?.get(&version).map(|compiled| compiled.form.as_ref())
    }

    /// Returns the newest version of the list of that name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.get(name).map(AsRef::as_ref)
    }

    /// Returns the list as a version of its vocabulary has it.
    #[must_use]
    pub fn list_at(&self, name: &str, version: u32) -> Option<&List> {
        let versions = self.vocabularies.get(&self.lists.get(name)?.source)?;
        versions.get(&version)?.lists.iter().find(|list| list.name == name).map(AsRef::as_ref)
    }

    /// Returns the newest version of every list, by name.
    pub fn lists(&self) -> impl Iterator<Item = &List> {
        self.lists.values().map(AsRef::as_ref)
    }

    /// Returns the names of all vocabularies: the files lists are published in.
    pub fn vocabularies(&self) -> impl Iterator<Item = &str> {
        self.vocabularies.keys().map(String::as_str)
    }

    /// Returns the versions of a form or vocabulary, the newest last; none, if there is no such.
    #[must_use]
    pub fn versions(&self, subject: Subject, name: &str) -> Vec<Version> {
        let version = |(number, shipped)| Version { version: number, shipped };
        match subject {
            Subject::Form => self.forms.get(name).map(|versions| {
                versions.iter().map(|(at, it)| version((*at, it.shipped))).collect()
            }),
            Subject::Vocabulary => self.vocabularies.get(name).map(|versions| {
                versions.iter().map(|(at, it)| version((*at, it.shipped))).collect()
            }),
        }
        .unwrap_or_default()
    }

    /// Returns the source text of a version of a form or vocabulary.
    #[must_use]
    pub fn text(&self, subject: Subject, name: &str, version: u32) -> Option<&str> {
        match subject {
            Subject::Form => {
                self.forms.get(name)?.get(&version).map(|compiled| compiled.text.as_ref())
            }
            Subject::Vocabulary => {
                self.vocabularies.get(name)?.get(&version).map(|it| it.text.as_ref())
            }
        }
    }

    /// Returns the publications this software can't use: newer software can.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// Returns the catalogue with publications added. Of two of one version the later one holds.
    #[must_use]
    pub fn with_publications<'a>(
        &self,
        publications: impl IntoIterator<Item = &'a Publication>,
    ) -> Self {
        let (forms, vocabularies): (Vec<_>, Vec<_>) =
            publications.into_iter().partition(|it| it.subject == Subject::Form);
        let mut with = Self {
            forms: self.forms.clone(),
            vocabularies: self.vocabularies.clone(),
            lists: self.lists.clone(),
            unread: self.unread.clone(),
            editions: Editions::default(),
        };
        for publication in vocabularies {
            with.add_vocabulary(publication);
        }
        with.renew();
        for publication in forms {
            with.add_form(publication);
        }
        with
    }

    fn add_vocabulary(&mut self, publication: &Publication) {
        let Publication { name, version, text, .. } = publication;
        match Vocabulary::read(&format!("{name}.csv"), text, *version, false) {
            Ok(vocabulary) => {
                let versions = self.vocabularies.entry(name.clone()).or_default();
                versions.insert(*version, vocabulary);
            }
            Err(why) => self.cannot_read(publication, why),
        }
    }

    /// Takes the newest lists, and all forms with them.
    fn renew(&mut self) {
        let newest = self.vocabularies.values().filter_map(BTreeMap::last_key_value);
        let lists = newest.flat_map(|(_version, vocabulary)| &vocabulary.lists);
        self.lists = lists.map(|list| (list.name.clone(), Arc::clone(list))).collect();
        let lists = &self.lists;
        for (version, compiled) in self.forms.values_mut().flatten() {
            // Codes and columns are never removed, so what compiled before does so again; one that
            // does not keeps the lists it has.
            if let Ok(form) = form::load(&compiled.file, &compiled.text, lists) {
                compiled.form = Arc::new(Form { version: *version, ..form });
            }
        }
    }

    fn add_form(&mut self, publication: &Publication) {
        let Publication { name, version, text, .. } = publication;
        let file = format!("{name}.toml");
        match form::load(&file, text, &self.lists) {
            Ok(form) => {
                let made_with: BTreeMap<&str, u32> = publication
                    .vocabularies
                    .iter()
                    .map(|(name, version)| (name.as_str(), *version))
                    .collect();
                let of = |source: &String| made_with.get(source.as_str()).copied();
                let base = uses(&form).into_iter();
                let base = base.map(|source| (of(&source).unwrap_or(SHIPPED), source));
                let compiled = Compiled {
                    file,
                    text: text.as_str().into(),
                    shipped: false,
                    base: base.map(|(version, source)| (source, version)).collect(),
                    form: Arc::new(Form { version: *version, ..form }),
                };
                self.forms.entry(name.clone()).or_default().insert(*version, compiled);
            }
            Err(why) => self.cannot_read(publication, why),
        }
    }

    fn cannot_read(&mut self, publication: &Publication, why: CatalogueError) {
        let Publication { subject, name, version, .. } = publication;
        let (subject, version) = (*subject, *version);
        self.unread.push(Unread { subject, name: name.clone(), version, why });
    }
}

impl Vocabulary {
    fn read(file: &str, text: &str, version: u32, shipped: bool) -> Result<Self, CatalogueError> {
        let lists = list::read(file, text, version)?.into_iter().map(Arc::new).collect();
        Ok(Self { text: text.into(), shipped, lists })
    }
}

fn newest(versions: &BTreeMap<u32, Compiled>) -> Option<&Form> {
    versions.last_key_value().map(|(_version, compiled)| compiled.form.as_ref())
}

/// Returns the vocabularies whose codes the form asks for.
fn uses(form: &Form) -> BTreeSet<String> {
    let fields = form.fields.iter().flat_map(|field| std::iter::once(field).chain(&field.fields));
    fields.filter_map(|field| Some(field.list()?.source.clone())).collect()
}

fn twice(file: &str, what: &str) -> CatalogueError {
    let reason = format!("{what} is in another file too");
    CatalogueError { file: file.to_owned(), line: 1, reason }
}

#[cfg(test)]
mod tests;
