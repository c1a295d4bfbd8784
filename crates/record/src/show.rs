//! How a record is shown: policies, conflicts and findings. It changes nothing that is kept.
//!
//! The fold decides what is live; here a form decides what that means to people. So two programs
//! with different forms show one record differently and still hold the same bytes.

mod draft;
mod remark;
mod sort;
mod title;

use std::collections::BTreeSet;

use journal::Dot;
use serde_json::{Map, Value as Json};

pub(crate) use draft::Draft;
pub(crate) use remark::INCOMPLETE;
pub use sort::is_of_sort;
pub use title::title;

use crate::catalogue::Catalogue;
use crate::finding::Finding;
use crate::form::Form;
use crate::input::{Asker, Resolve, Tree};
use crate::path::Path;
use crate::rules::{self, Around, Facts};
use crate::state::State;
use crate::value::Value;

/// A record as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Its fields; one in conflict is absent, a group is an array of objects with `@row`.
    pub values: Map<String, Json>,
    /// The fields in conflict.
    pub conflicts: Vec<Conflict>,
    /// What people call it: the smallest of its references.
    pub reference: Option<String>,
    /// Why it is void.
    pub voided: Option<String>,
    /// Whether it goes ahead of others.
    pub urgent: bool,
    /// Its title in the language of the facts; [`title()`] gives it in another.
    pub title: String,
    /// Its own date.
    pub occurred_at: Option<String>,
    /// What there is to remark.
    pub findings: Vec<Finding>,
}

/// A field whose live values differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The field.
    pub path: Path,
    /// The values, each with the changes that wrote it.
    pub values: Vec<(Value, Vec<Dot>)>,
}

/// Returns the record as it is shown by the form it was written by, in the words of `facts`.
///
/// What it names is asked of `others`: a reference that was kept as written becomes the record's id
/// where that is known by now.
#[must_use]
pub fn show(state: &State, catalogue: &Catalogue, facts: &Facts, others: &dyn Resolve) -> Shown {
    let form = catalogue.edition(state);
    let language = facts.language;
    let asker = Asker { resolve: others, language };
    let (mut shown, tree) = outline(state, form.as_deref(), asker);
    if shown.occurred_at.is_none() {
        shown.occurred_at = facts.recorded.map(|day| day.to_string());
    }
    if let Some((form, tree)) = form.zip(tree) {
        let around = Around { facts, others, own: state.key.id };
        let remarks = rules::check(&form, &tree, around).remarks;
        shown.findings.extend(remarks.into_iter().map(|remark| remark.finding));
    }
    let unknown = state.form().filter(|form| !catalogue.knows(form));
    shown.findings.extend(unknown.map(|form| remark::unknown_form(form, language)));
    shown.findings.extend(remark::incomplete(state, language));
    shown.findings.extend(remark::void_unseen(state, language));
    shown
}

/// Returns what lists show of a record: all but the findings, which take as long again.
#[must_use]
pub fn summary(state: &State, catalogue: &Catalogue) -> Shown {
    let form = catalogue.edition(state);
    Shown { findings: Vec::new(), ..outline(state, form.as_deref(), Asker::NOBODY).0 }
}

/// What is shown before the rules are asked, and what to ask them about.
fn outline(state: &State, form: Option<&Form>, asker: Asker<'_>) -> (Shown, Option<Tree>) {
    let Draft { values, conflicts, findings, tree } = Draft::of(state, form, asker);
    let mut shown = Shown {
        values,
        conflicts,
        reference: smallest_text(state, Path::REF),
        voided: smallest_text(state, Path::VOID),
        findings,
        ..Shown::default()
    };
    let Some(form) = form else { return (shown, None) };
    shown.urgent = rules::is_urgent(form, &tree);
    let own_date = form.own_date.and_then(|place| tree.slot(place).value());
    shown.occurred_at = own_date.and_then(|date| date.to_json().as_str().map(str::to_owned));
    shown.title = title::of(form, &tree, asker);
    (shown, Some(tree))
}

/// Returns the smallest text that stands in one of the program's own fields, of those that differ.
fn smallest_text(state: &State, name: &str) -> Option<String> {
    let values: BTreeSet<&Value> = state.get(&Path::field(name)).live.values().collect();
    let text =
        |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    values.into_iter().find_map(text)
}

#[cfg(test)]
mod tests;
