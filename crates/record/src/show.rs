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
    let form = state.form().and_then(|used| catalogue.form(&used.id));
    let Draft { values, conflicts, mut findings, tree } = Draft::of(state, form);
    let mut shown = Shown {
        values,
        conflicts,
        reference: smallest_text(state, Path::REF),
        voided: smallest_text(state, Path::VOID),
        ..Shown::default()
    };
    match form {
        Some(form) => {
            let verdict = rules::check(form, &tree, facts);
            findings.extend(verdict.remarks.into_iter().map(|remark| remark.finding));
            shown.urgent = verdict.urgent;
            let own_date = tree.slot(form.own_date).value();
            shown.occurred_at =
                own_date.and_then(|date| date.to_json().as_str().map(str::to_owned));
            shown.title = title::of(form, &tree, Language::En);
        }
        None => findings.extend(state.form().map(remark::unknown_form)),
    }
    findings.extend(remark::void_unseen(state));
    shown.findings = findings;
    shown
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
