//! An amendment: changed fields as one object, judged as the whole record they make.
//!
//! A write replaces what its author had seen in the field and nothing else, so it is built from
//! `seen`, not from what stands there now.

mod plan;

use std::collections::BTreeSet;

use journal::Dot;

use super::{Object, Reader, compute, new, read};
use crate::change::Write;
use crate::finding::{FieldError, Finding};
use crate::id::{RecordId, RowId};
use crate::path::Path;
use crate::rules::{self, Around, Severity, Verdict};
use crate::show::{Shown, show};
use crate::state::{FieldState, State};
use crate::value::Value;
use plan::Plan;

/// What to write for an amendment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Amendment {
    /// What the author had seen, sorted.
    pub seen: Vec<Dot>,
    /// The writes; none, where nothing differs.
    pub writes: Vec<Write>,
    /// Whether the record is urgent as amended.
    pub urgent: bool,
    /// Warnings and tasks of the record as amended.
    pub findings: Vec<Finding>,
    /// The vocabularies the record's codes are of, with their versions.
    pub lists: Vec<(String, u32)>,
}

impl Reader<'_> {
    /// Reads an amendment of a record whose author had seen the changes `seen`.
    ///
    /// A row with `@row` changes, one without is added with the id `new_rows` gives, `@remove`
    /// removes; rows not named stay; `null` empties.
    ///
    /// # Errors
    ///
    /// Every mistake, by field; also those the record as amended would have and has not already.
    pub fn read_amendment(
        &self,
        state: &State,
        seen: &[Dot],
        object: &Object,
        new_rows: &mut dyn FnMut() -> RowId,
    ) -> Result<Amendment, Vec<FieldError>> {
        let seen: BTreeSet<Dot> = seen.iter().copied().collect();
        let shown = show(state, self.catalogue, &self.facts, self.resolve);
        let mut plan = Plan::new((state, &seen), &shown.values, self.facts.language);
        plan.read(self, object, new_rows);
        let Plan { values, merged, mut errors, .. } = plan;
        let (verdict, lists) = self.as_amended(&shown, (state, &merged), &values);
        errors.extend(self.brought(&shown, state, &verdict));
        if !errors.is_empty() {
            return Err(errors);
        }
        let remarks = verdict.remarks.into_iter();
        let remarks = remarks.filter(|remark| remark.severity != Severity::Refusal);
        let writes = values.into_iter().filter(|(path, value)| differs(state, &seen, path, value));
        Ok(Amendment {
            writes: writes.map(|(path, value)| write(state, &seen, path, value)).collect(),
            seen: seen.into_iter().collect(),
            urgent: verdict.urgent,
            findings: remarks.map(|remark| remark.finding).collect(),
            lists,
        })
    }

    /// Returns the refusals that the record did not have already.
    ///
    /// It may have some: it was written by an earlier version of the form, which asked for less, or
    /// two who had not seen each other made it so. That must not keep anybody from correcting it.
    fn brought(&self, shown: &Shown, state: &State, verdict: &Verdict) -> Vec<FieldError> {
        let mut refusals: Vec<FieldError> = verdict.refusals().collect();
        if !refusals.is_empty() {
            let (before, _lists) = self.as_amended(shown, (state, &shown.values), &[]);
            let before: Vec<FieldError> = before.refusals().collect();
            refusals.retain(|refusal| !before.contains(refusal));
        }
        refusals
    }

    /// Judges the record as it would be. A conflict the amendment does not touch stays one, and
    /// what this software can't read stays something.
    fn as_amended(
        &self,
        shown: &Shown,
        (state, merged): (&State, &Object),
        values: &[(Path, Value)],
    ) -> (Verdict, Vec<(String, u32)>) {
        let id: RecordId = state.key.id;
        let mut tree = read(self.form, merged, self.asker()).tree;
        let touched = |path: &Path| values.iter().any(|(other, _value)| other == path);
        let stands = |field: &FieldState| field.live.values().any(|it| *it != Value::Cleared);
        for conflict in shown.conflicts.iter().filter(|conflict| !touched(&conflict.path)) {
            rules::contest(self.form, &mut tree, &conflict.path);
        }
        for (path, _) in state.fields().filter(|(path, field)| stands(field) && !touched(path)) {
            if rules::is_empty(self.form, &tree, path) {
                rules::contest(self.form, &mut tree, path);
            }
        }
        compute(self.form, &mut tree, self.resolve);
        let around = Around { facts: &self.facts, others: self.resolve, own: id };
        (rules::check(self.form, &tree, around), new::vocabularies(self.form, &tree))
    }
}

/// Returns what settles a conflict: a write that replaces every live value of the path.
///
/// `None` where there is nothing to settle.
#[must_use]
pub fn resolution(state: &State, path: &Path, value: Value) -> Option<Amendment> {
    if state.get(path).live.is_empty() {
        return None;
    }
    // All of the record, not this path alone: a void that was seen must not look unseen later.
    let seen: BTreeSet<Dot> = state.live_dots().into_iter().collect();
    let writes = vec![write(state, &seen, path.clone(), value)];
    Some(Amendment { seen: seen.into_iter().collect(), writes, ..Amendment::default() })
}

/// Returns whether writing the value would say anything new.
fn differs(state: &State, seen: &BTreeSet<Dot>, path: &Path, value: &Value) -> bool {
    let field = state.get(path);
    if *value == Value::Cleared {
        let stood = field.live.keys().chain(&field.replaced).any(|dot| seen.contains(dot));
        let cleared = field.live.values().all(|live| *live == Value::Cleared);
        return stood && !(cleared && field.live.keys().all(|dot| seen.contains(dot)));
    }
    let same = |(dot, live): (&Dot, &Value)| live == value && seen.contains(dot);
    field.live.is_empty() || !field.live.iter().all(same)
}

fn write(state: &State, seen: &BTreeSet<Dot>, path: Path, value: Value) -> Write {
    let field = state.get(&path);
    let stood = |dot: &Dot| field.live.contains_key(dot) || field.replaced.contains(dot);
    let replaces = (0_u32..).zip(seen).filter(|(_, dot)| stood(dot)).map(|(index, _)| index);
    Write { replaces: replaces.collect(), path, value }
}

#[cfg(test)]
mod tests;
