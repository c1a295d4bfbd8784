//! What a form says about a record's values: what is missing, hidden, impossible, left to do.
//!
//! The same rules are asked of input and of folded records, on every side. They look at values
//! alone: the order of remarks is the form's, and no clock is asked.

mod codes;
mod fits;
mod stars;
mod table;
mod times;

use serde_json::{Map, Value as Json};

pub(crate) use crate::form::Severity;

use crate::finding::{FieldError, Finding};
use crate::form::{Class, Field, Form};
use crate::input::{self, NothingKnown, Place, Row, Slot, Tree};
use crate::list::Validity;
use crate::path::Path;
use crate::value::{Date, DateTime, Value};

/// What is known beside the record.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The time by a trusted clock, if there is one.
    pub now: Option<DateTime>,
    /// When the record's site is valid, if that is known.
    pub site_valid: Option<Validity>,
}

/// Returns who may see a field (`items.unit` in a group) of a record with these shown values.
///
/// `None` where the form has no such field.
#[must_use]
pub fn class_in(form: &Form, values: &Map<String, Json>, name: &str) -> Option<Class> {
    let field = form.field(name)?;
    let tree = input::read(form, values, &NothingKnown).tree;
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
pub(crate) fn check(form: &Form, tree: &Tree, facts: &Facts) -> Verdict {
    let mut checking = Checking::new(form, tree, facts);
    checking.fits();
    checking.stars();
    checking.table();
    checking.first_notice();
    checking.times();
    checking.codes();
    Verdict { urgent: checking.urgent, own_date: checking.own_date, remarks: checking.remarks }
}

/// A record while its rules are asked.
struct Checking<'a> {
    form: &'a Form,
    tree: &'a Tree,
    facts: &'a Facts,
    urgent: bool,
    own_date: Option<Date>,
    /// Whether each field of the record is shown.
    shown: Vec<bool>,
    /// Fields without which the record is not complete.
    missing: Vec<stars::Missing>,
    remarks: Vec<Remark>,
}

impl<'a> Checking<'a> {
    fn new(form: &'a Form, tree: &'a Tree, facts: &'a Facts) -> Self {
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
            urgent: is_urgent(form, tree),
            own_date: own_date(form, tree),
            shown: shown.collect(),
            missing: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn is_shown(&self, place: usize) -> bool {
        self.shown.get(place).copied().unwrap_or(true)
    }

    fn remark(&mut self, severity: Severity, rule: &str, field: Option<String>, what: String) {
        let finding = Finding { rule: rule.to_owned(), field, what };
        self.remarks.push(Remark { severity, finding });
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
    let value = tree.slot(form.own_date).value()?;
    if let Value::DateTime(time) = value {
        time.date()
    } else if let Value::Date(date) = value {
        Some(*date)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
