//! A source that is to be published, judged by what stands: whether it can be read, whether every
//! record written by an earlier version keeps its meaning, and what would be new.
//!
//! All objections are named at once, each with what to do. Nothing here writes.

mod fits;

use std::sync::Arc;

use journal::limits::PAYLOAD_BYTES_MAX;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::text::{Difference, difference};
use super::{Catalogue, SHIPPED, source, uses};
use crate::card::Words;
use crate::form::{self, Form};
use crate::id::PersonId;
use crate::list::{self, List};
use crate::publication::{Publication, Subject};

/// Names of forms whose records are codes of a list.
const TAKEN: [&str; 2] = ["agency", "institution"];

/// Bytes of a payload beside the source: names, versions, the author.
const AROUND: usize = 1024;

/// What somebody wants to publish.
#[derive(Clone, Copy, Debug)]
pub struct Proposed<'a> {
    /// Whether it is a form or a vocabulary.
    pub subject: Subject,
    /// The file's name: a vocabulary is called by it.
    pub file: &'a str,
    /// What is in it.
    pub text: &'a str,
    /// Who wants to.
    pub author: PersonId,
}

/// What would be published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    /// The entry's content.
    pub publication: Publication,
    /// What it differs in from the newest version; empty where it is a new form or vocabulary.
    pub differences: Vec<Difference>,
    /// What may be published and could be better.
    pub remarks: Vec<Objection>,
    /// Whether the newest version is the same text.
    pub unchanged: bool,
}

/// Why a source is not to be published, and what to do.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Objection {
    /// The field, code or line.
    pub place: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Objection {
    pub(super) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl Catalogue {
    /// Judges a source that is to be the next version of a form or vocabulary.
    ///
    /// # Errors
    ///
    /// Every objection.
    pub fn propose(&self, proposed: &Proposed<'_>) -> Result<Proposal, Vec<Objection>> {
        let size = proposed.text.len();
        if PAYLOAD_BYTES_MAX - AROUND < size {
            let at_most = PAYLOAD_BYTES_MAX - AROUND;
            let reason = format!(
                "it is {size} bytes long and an entry holds {at_most}: shorten it, or make two of it"
            );
            return Err(vec![Objection::new(proposed.file, reason)]);
        }
        match proposed.subject {
            Subject::Form => self.propose_form(proposed),
            Subject::Vocabulary => self.propose_vocabulary(proposed),
        }
    }

    /// Returns the number of the next version. One that can't be read here has taken its own: newer
    /// software published it, and records name it.
    fn next(&self, subject: Subject, name: &str, newest: Option<u32>) -> u32 {
        let unread = self.unread.iter().filter(|it| it.subject == subject && it.name == name);
        let taken = unread.map(|it| it.version).chain(newest).max();
        taken.map_or(SHIPPED, |version| version.saturating_add(1))
    }

    fn propose_form(&self, proposed: &Proposed<'_>) -> Result<Proposal, Vec<Objection>> {
        let form = form::load(proposed.file, proposed.text, &self.lists).map_err(|mistake| {
            vec![Objection::new(format!("{} line {}", mistake.file, mistake.line), mistake.reason)]
        })?;
        let mut objections = Vec::new();
        if TAKEN.contains(&form.id.as_str()) {
            let reason = "this name belongs to a list: give the form another id";
            objections.push(Objection::new("id", reason));
        }
        let newest = self.forms.get(&form.id).and_then(|versions| versions.last_key_value());
        let next = self.next(Subject::Form, &form.id, newest.map(|(version, _)| *version));
        let old = newest.map(|(_version, compiled)| compiled.text.as_ref());
        let same = |(version, _): (&u32, _)| old == Some(&numbered(proposed.text, *version));
        let unchanged = newest.is_some_and(same);
        if let Some((newest, compiled)) = newest.filter(|_newest| !unchanged) {
            fits::form(&compiled.form, &form, &mut objections);
            objections.extend(version(form.version, *newest));
        }
        if !objections.is_empty() {
            return Err(objections);
        }
        let used = uses(&form).into_iter();
        let used = used.filter_map(|name| {
            let (version, _) = self.vocabularies.get(&name)?.last_key_value()?;
            Some((name, *version))
        });
        let remarks = form_remarks(self, &form);
        let publication = Publication {
            subject: Subject::Form,
            name: form.id,
            version: next,
            vocabularies: used.collect(),
            author: proposed.author,
            text: numbered(proposed.text, next),
        };
        Ok(Proposal { unchanged, ..proposal(publication, old, remarks) })
    }

    fn propose_vocabulary(&self, proposed: &Proposed<'_>) -> Result<Proposal, Vec<Objection>> {
        let name = source::name(proposed.file, ".csv");
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
        if name.is_empty() || 64 < name.len() || !name.bytes().all(plain) {
            let reason = "a vocabulary is called by its file: name that with up to 64 of a-z, 0-9 \
                          and `_`, such as choices.csv";
            return Err(vec![Objection::new(proposed.file, reason)]);
        }
        let newest = self.vocabularies.get(name).and_then(|versions| versions.last_key_value());
        let next = self.next(Subject::Vocabulary, name, newest.map(|(version, _)| *version));
        let file = format!("{name}.csv");
        let lists = list::read(&file, proposed.text, next).map_err(|mistake| {
            vec![Objection::new(format!("{} line {}", mistake.file, mistake.line), mistake.reason)]
        })?;
        let mut objections = Vec::new();
        for list in &lists {
            let elsewhere = self.lists.get(&list.name).filter(|known| known.source != name);
            if let Some(known) = elsewhere {
                let reason = format!(
                    "this list stands in `{0}`: publish it there (name the file {0}.csv)",
                    known.source
                );
                objections.push(Objection::new(&list.name, reason));
            }
        }
        if let Some((_version, before)) = newest {
            fits::lists(&before.lists, &lists, &mut objections);
        }
        self.forms_read(&lists, &mut objections);
        if !objections.is_empty() {
            return Err(objections);
        }
        let old = newest.map(|(_version, before)| before.text.as_ref());
        let publication = Publication {
            subject: Subject::Vocabulary,
            name: name.to_owned(),
            version: next,
            vocabularies: Vec::new(),
            author: proposed.author,
            text: proposed.text.to_owned(),
        };
        Ok(proposal(publication, old, list_remarks(&lists)))
    }

    /// Looks whether every form can still be read with these lists.
    fn forms_read(&self, lists: &[List], objections: &mut Vec<Objection>) {
        let mut with = self.lists.clone();
        with.extend(lists.iter().map(|list| (list.name.clone(), Arc::new(list.clone()))));
        for (id, versions) in &self.forms {
            for (version, compiled) in versions {
                if let Err(mistake) = form::load(&compiled.file, &compiled.text, &with) {
                    let place = format!("form {id} version {version}");
                    let reason = format!("it could not use these lists: {}", mistake.reason);
                    objections.push(Objection::new(place, reason));
                }
            }
        }
    }
}

fn proposal(publication: Publication, old: Option<&str>, remarks: Vec<Objection>) -> Proposal {
    let compare = |old| difference(publication.subject, old, &publication.text);
    let differences = old.map(compare).unwrap_or_default();
    let unchanged = old == Some(publication.text.as_str());
    Proposal { differences, remarks, unchanged, publication }
}

/// Returns the text of a form with this number in it, so that its source says which version it is.
fn numbered(text: &str, version: u32) -> String {
    #[derive(Deserialize)]
    struct Numbered {
        version: Spanned<u32>,
    }

    let Ok(Numbered { version: said }) = toml::from_str(text) else { return text.to_owned() };
    let (before, after) = (text.get(..said.span().start), text.get(said.span().end..));
    format!("{}{version}{}", before.unwrap_or_default(), after.unwrap_or_default())
}

/// The number in the file is that of the version it was made from, or of the one it is to be.
fn version(said: u32, newest: u32) -> Option<Objection> {
    if said == newest || Some(said) == newest.checked_add(1) {
        return None;
    }
    let next = newest.saturating_add(1);
    let reason = format!(
        "the file says version {said}, the newest is {newest}: begin from version {newest} \
         (`form show ID --source`) and write `version = {next}`"
    );
    Some(Objection::new("version", reason))
}

fn form_remarks(catalogue: &Catalogue, form: &Form) -> Vec<Objection> {
    let mut remarks = Vec::new();
    remarks.extend(lacks("", &form.label));
    for field in &form.fields {
        remarks.extend(lacks(&field.id, &field.label));
        for inner in &field.fields {
            remarks.extend(lacks(&format!("{}.{}", field.id, inner.id), &inner.label));
        }
        if let form::Shape::Reference { form: other } = &field.shape
            && *other != form.id
            && catalogue.form(other).is_none()
        {
            let reason = format!("there is no form `{other}` yet: its records can't be named");
            remarks.push(Objection::new(&field.id, reason));
        }
    }
    remarks
}

fn list_remarks(lists: &[List]) -> Vec<Objection> {
    let codes = lists.iter().flat_map(|list| list.codes.iter().map(|code| (&list.name, code)));
    codes.filter_map(|(list, code)| lacks(&format!("{list}/{}", code.code), &code.label)).collect()
}

fn lacks(place: &str, words: &Words) -> Option<Objection> {
    let missing: Vec<&str> = [("en", &words.en), ("ru", &words.ru), ("ky", &words.ky)]
        .into_iter()
        .filter(|(_language, words)| words.is_none())
        .map(|(language, _words)| language)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let reason = format!("no label in {}: another language's is shown", missing.join(", "));
    Some(Objection::new(place, reason))
}
