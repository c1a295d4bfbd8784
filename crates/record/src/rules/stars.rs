//! What must be there, what is hidden, and what a first notice may leave for later.

use super::{Checking, Severity};
use crate::form::{Field, Form, Section};
use crate::input::{Place, Row, Slot, code};
use crate::message;
use crate::value::Value;

/// Something that is not there.
pub(super) struct Missing {
    pub(super) field: String,
    pub(super) reason: String,
    /// Whether not even a first notice may lack it.
    pub(super) first_notice: bool,
}

impl Checking<'_> {
    /// Looks at every field: is it shown, is it needed, is it there.
    pub(super) fn stars(&mut self) {
        let (form, tree) = (self.form, self.tree);
        let counting = form.sections.iter().map(|section| self.stars_count(section));
        let counting: Vec<bool> = counting.collect();
        for (place, (field, slot)) in form.fields.iter().zip(&tree.slots).enumerate() {
            if !self.is_shown(place) {
                if is_kept(slot) {
                    self.hidden(&Place::of(field));
                }
                continue;
            }
            let counts = counting.get(field.section).copied().unwrap_or(true);
            let wanted = field.required_when.as_ref().is_some_and(|when| when.holds(tree, None));
            if slot.is_empty() && ((field.starred && counts) || wanted) {
                self.lacks(field, &Place::of(field));
            }
            self.short(field, slot);
            for (number, row) in slot.rows().iter().enumerate() {
                self.row_stars((field, number), row);
            }
        }
    }

    fn stars_count(&self, section: &Section) -> bool {
        let with = section.stars_with.map(|group| !self.tree.slot(group).is_empty());
        let when = section.stars_when.as_ref().map(|when| when.holds(self.tree, None));
        match (when, with) {
            (None, None) => true,
            (when, with) => when == Some(true) || with == Some(true),
        }
    }

    fn row_stars(&mut self, (group, number): (&Field, usize), row: &Row) {
        for (field, slot) in group.fields.iter().zip(&row.slots) {
            let place = Place::of(group).in_row(number, field);
            let shown = field.when.holds(self.tree, Some(row));
            if !shown && is_kept(slot) {
                self.hidden(&place);
            }
            if shown && field.starred && slot.is_empty() {
                self.lacks(field, &place);
            }
        }
    }

    fn lacks(&mut self, field: &Field, place: &Place<'_>) {
        let reason = if field.fields.is_empty() {
            message::required(self.language)
        } else {
            message::row_required(self.language)
        };
        self.missing.push(Missing {
            field: place.to_string(),
            reason,
            first_notice: field.first_notice,
        });
    }

    fn hidden(&mut self, place: &Place<'_>) {
        let what = message::hidden(self.language);
        self.remark(Severity::Warning, "hidden", Some(place.to_string()), what);
    }

    fn short(&mut self, field: &Field, slot: &Slot) {
        let Slot::Given(Value::Text(text)) = slot else { return };
        if text.chars().take(field.warn_under).count() < field.warn_under {
            let what = message::short(self.language, field.warn_under);
            self.remark(Severity::Warning, "short", Some(field.id.clone()), what);
        }
    }

    /// Turns what is missing into refusals, or where a first notice will do into one task.
    pub(super) fn first_notice(&mut self) {
        let mut left = Vec::new();
        for missing in std::mem::take(&mut self.missing) {
            if self.urgent && !missing.first_notice {
                left.push(missing.field);
            } else {
                self.remark(Severity::Refusal, "required", Some(missing.field), missing.reason);
            }
        }
        if left.is_empty() {
            return;
        }
        let left = left.iter().map(|place| self.called(place)).collect::<Vec<_>>().join(", ");
        let within = self.hours_to_complete(self.form);
        let what = match within {
            Some(hours) => message::to_complete_within(self.language, hours, left),
            None => message::to_complete(self.language, left),
        };
        self.task("to_complete", None, (what, within));
    }

    fn hours_to_complete(&self, form: &Form) -> Option<u32> {
        let limit = form.complete_within.as_ref()?;
        let code = code(self.tree.slot(limit.by).value()?)?;
        limit.hours.get(code.as_ref()).copied()
    }
}

/// Returns whether somebody gave the value; one that is computed is nobody's mistake.
fn is_kept(slot: &Slot) -> bool {
    !slot.is_empty() && !matches!(slot, Slot::Computed(_))
}
