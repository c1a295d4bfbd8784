//! How a record is shown: policies, conflicts and findings. It changes nothing that is kept.
//!
//! The fold decides what is live; here a form decides what that means to people. So two programs
//! with different forms show one record differently and still hold the same bytes.

mod draft;
mod remark;
mod title;

use std::collections::BTreeSet;

use journal::Dot;
use serde_json::{Map, Value as Json};

pub(crate) use draft::Draft;
pub use title::title;

use crate::catalogue::Catalogue;
use crate::finding::Finding;
use crate::form::Form;
use crate::input::Tree;
use crate::list::Language;
use crate::path::Path;
use crate::rules::{self, Facts};
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
    /// Its title in English; [`title()`] gives it in the reader's.
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

/// Returns the record as it is shown by the form it was written by.
#[must_use]
pub fn show(state: &State, catalogue: &Catalogue, facts: &Facts) -> Shown {
    let (mut shown, tree) = outline(state, catalogue);
    match form_of(state, catalogue).zip(tree) {
        Some((form, tree)) => {
            let remarks = rules::check(form, &tree, facts).remarks;
            shown.findings.extend(remarks.into_iter().map(|remark| remark.finding));
        }
        None => shown.findings.extend(state.form().map(remark::unknown_form)),
    }
    shown.findings.extend(remark::void_unseen(state));
    shown
}

/// Returns what lists show of a record: all but the findings, which take as long again.
#[must_use]
pub fn summary(state: &State, catalogue: &Catalogue) -> Shown {
    Shown { findings: Vec::new(), ..outline(state, catalogue).0 }
}

fn form_of<'a>(state: &State, catalogue: &'a Catalogue) -> Option<&'a Form> {
    catalogue.form(&state.form()?.id)
}

/// What is shown before the rules are asked, and what to ask them about.
fn outline(state: &State, catalogue: &Catalogue) -> (Shown, Option<Tree>) {
    let form = form_of(state, catalogue);
    let Draft { values, conflicts, findings, tree } = Draft::of(state, form);
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
    let own_date = tree.slot(form.own_date).value();
    shown.occurred_at = own_date.and_then(|date| date.to_json().as_str().map(str::to_owned));
    shown.title = title::of(form, &tree, Language::En);
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
