//! What a form says about a record's values: what is missing, hidden, impossible, left to do.
//!
//! The same rules are asked of input and of folded records, on every side. They look at values
//! alone: the order of remarks is the form's, and no clock is asked.

mod codes;
mod fits;
mod others;
mod stars;
mod table;
mod times;

use serde_json::{Map, Value as Json};

pub(crate) use crate::form::Severity;

use crate::finding::{FieldError, Finding};
use crate::form::{Class, Field, Form};
use crate::id::RecordId;
use crate::input::{self, Asker, Place, Resolve, Row, Slot, Tree};
use crate::list::{Language, Validity};
use crate::path::Path;
use crate::value::{Date, DateTime, Value};

/// What is known beside the record, and in whose words it is told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The time by a trusted clock, if there is one.
    pub now: Option<DateTime>,
    /// When the record's site is valid, if that is known.
    pub site_valid: Option<Validity>,
    /// The day it was recorded: the own date of a record that has no other.
    pub recorded: Option<Date>,
    /// The language of whoever reads what is remarked.
    pub language: Language,
}

/// All that a record is judged by beside its values.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) others: &'a dyn Resolve,
    /// The record itself, which is not one of the others.
    pub(crate) own: RecordId,
}

/// Returns who may see a field (`items.unit` in a group) of a record with these shown values.
///
/// `None` where the form has no such field.
#[must_use]
pub fn class_in(form: &Form, values: &Map<String, Json>, name: &str) -> Option<Class> {
    let field = form.field(name)?;
    let tree = input::read(form, values, Asker::NOBODY).tree;
    let mut cases = form.class_when.iter().chain(&field.class_when);
    let case = cases.find(|(condition, _class)| condition.holds(&tree, None));
    Some(case.map_or(field.class, |(_condition, class)| *class))
}

/// Marks a value as one of several that nobody decided between yet.
pub(crate) fn contest(form: &Form, tree: &mut Tree, path: &Path) {
    let Some(place) = form.place(&path.field) else { return };
    let Some(slot) = tree.slots.get_mut(place) else { return };
    let Some(at) = &path.row else {
        *slot = Slot::Contested;
        return;
    };
    let inner = at.field.as_deref().and_then(|name| form.fields.get(place)?.place(name));
    let (Some(inner), Slot::Rows(rows)) = (inner, slot) else { return };
    let row = rows.iter_mut().find(|row| row.id == Some(at.row));
    if let Some(slot) = row.and_then(|row| row.slots.get_mut(inner)) {
        *slot = Slot::Contested;
    }
}

/// Returns whether the tree has a place for the path and nothing in it.
pub(crate) fn is_empty(form: &Form, tree: &Tree, path: &Path) -> bool {
    let Some(place) = form.place(&path.field) else { return false };
    let slot = tree.slot(place);
    let Some(at) = &path.row else { return slot.is_empty() };
    let inner = at.field.as_deref().and_then(|name| form.fields.get(place)?.place(name));
    let row = slot.rows().iter().find(|row| row.id == Some(at.row));
    inner.zip(row).is_some_and(|(inner, row)| row.slot(inner).is_empty())
}

/// A remark, and how grave it is.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    pub(crate) severity: Severity,
    pub(crate) finding: Finding,
}

/// What the rules made of a record.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) remarks: Vec<Remark>,
    pub(crate) urgent: bool,
    pub(crate) own_date: Option<Date>,
}

impl Verdict {
    /// Returns the remarks that refuse the record.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = FieldError> {
        let refusals = self.remarks.iter().filter(|remark| remark.severity == Severity::Refusal);
        refusals.map(|remark| FieldError {
            field: remark.finding.field.clone().unwrap_or_default(),
            reason: remark.finding.what.clone(),
        })
    }
}

/// Returns whether a record goes ahead of others.
pub(crate) fn is_urgent(form: &Form, tree: &Tree) -> bool {
    form.urgent_when.iter().any(|condition| condition.holds(tree, None))
}

/// Asks every rule.
pub(crate) fn check(form: &Form, tree: &Tree, around: Around<'_>) -> Verdict {
    let mut checking = Checking::new(form, tree, around);
    checking.fits();
    checking.stars();
    checking.table();
    checking.first_notice();
    checking.times();
    checking.codes();
    checking.unique();
    Verdict { urgent: checking.urgent, own_date: checking.own_date, remarks: checking.remarks }
}

/// A record while its rules are asked.
struct Checking<'a> {
    form: &'a Form,
    tree: &'a Tree,
    facts: &'a Facts,
    others: &'a dyn Resolve,
    own: RecordId,
    language: Language,
    urgent: bool,
    own_date: Option<Date>,
    /// Whether each field of the record is shown.
    shown: Vec<bool>,
    /// Fields without which the record is not complete.
    missing: Vec<stars::Missing>,
    remarks: Vec<Remark>,
}

impl<'a> Checking<'a> {
    fn new(form: &'a Form, tree: &'a Tree, around: Around<'a>) -> Self {
        let Around { facts, others, own } = around;
        let sections = form.sections.iter().map(|section| section.when.holds(tree, None));
        let sections: Vec<bool> = sections.collect();
        let shown = form.fields.iter().map(|field| {
            let section = sections.get(field.section).copied().unwrap_or(true);
            section && field.when.holds(tree, None)
        });
        Self {
            form,
            tree,
            facts,
            others,
            own,
            language: facts.language,
            urgent: is_urgent(form, tree),
            own_date: own_date(form, tree).or(facts.recorded),
            shown: shown.collect(),
            missing: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn is_shown(&self, place: usize) -> bool {
        self.shown.get(place).copied().unwrap_or(true)
    }

    fn remark(&mut self, severity: Severity, rule: &str, field: Option<String>, what: String) {
        let finding = Finding { severity, ..Finding::new(rule, field.as_deref(), what) };
        self.remarks.push(Remark { severity, finding });
    }

    /// Remarks on something that is left to do, until so many hours after the record's own date.
    fn task(&mut self, rule: &str, field: Option<String>, (what, hours): (String, Option<u32>)) {
        let own = self.form.own_date.and_then(|place| self.tree.slot(place).value());
        let due = hours.filter(|hours| 0 < *hours).zip(own).and_then(|(hours, own)| {
            if let Value::DateTime(own) = own { Some(own.hours_later(hours)) } else { None }
        });
        let due = due.map(|due| due.to_string());
        let severity = Severity::Task;
        let finding = Finding { severity, due, ..Finding::new(rule, field.as_deref(), what) };
        self.remarks.push(Remark { severity, finding });
    }

    /// Returns what people call a field, with its id, which is what input calls it.
    fn called(&self, place: &str) -> String {
        let (head, tail) = place.split_once('.').unwrap_or((place, ""));
        let head = head.split('[').next().unwrap_or(head);
        let group = self.form.field(head);
        let field = group.and_then(|group| group.inner(tail)).or(group);
        let label = field.and_then(|field| field.label.in_language(self.language));
        label.map_or_else(|| place.to_owned(), |label| format!("{} ({place})", label.text))
    }

    /// Calls `look` with every value of the record and where it stands.
    fn each_value(&mut self, look: impl Fn(&mut Self, &Field, &Value, Place<'_>)) {
        let (form, tree) = (self.form, self.tree);
        for (field, slot) in form.fields.iter().zip(&tree.slots) {
            if let Slot::Given(value) = slot {
                look(self, field, value, Place::of(field));
            }
            for (number, row) in slot.rows().iter().enumerate() {
                self.each_of_row((field, number), row, &look);
            }
        }
    }

    fn each_of_row(
        &mut self,
        (group, number): (&Field, usize),
        row: &Row,
        look: &impl Fn(&mut Self, &Field, &Value, Place<'_>),
    ) {
        for (field, slot) in group.fields.iter().zip(&row.slots) {
            if let Slot::Given(value) = slot {
                look(self, field, value, Place::of(group).in_row(number, field));
            }
        }
    }
}

fn own_date(form: &Form, tree: &Tree) -> Option<Date> {
    tree.slot(form.own_date?).value()?.day()
}

#[cfg(test)]
mod tests;
