//! The rules that a form brings along as data.

use super::stars::Missing;
use super::{Checking, Severity};
use crate::form::{Check, Rule, Target};
use crate::input::{Place, Row, Slot, code, each};
use crate::value::Value;

const MS_OF_HOUR: i64 = 3_600_000;

impl Checking<'_> {
    /// Asks each rule of the form, at its field or in each row of its group.
    pub(super) fn table(&mut self) {
        let form = self.form;
        for rule in &form.rules {
            match rule.target {
                Target::Record(place) => self.of_record(rule, place),
                Target::Rows { group, field } => self.of_rows(rule, group, field),
            }
        }
    }

    fn of_record(&mut self, rule: &Rule, place: usize) {
        let Some(field) = self.form.fields.get(place) else { return };
        if !self.is_shown(place) || !rule.when.holds(self.tree, None) {
            return;
        }
        let slot = self.tree.slot(place);
        let broken = match &rule.check {
            Check::Condition { need } => {
                need.as_ref().is_none_or(|need| !need.holds(self.tree, None))
            }
            Check::Whole => is_fraction(slot),
            Check::AtLeast { count } => (1..*count).contains(&differing(slot)),
            Check::AtMost { count } => slot.value().is_some_and(|value| *count < each(value).len()),
            Check::Column { field, list, column } => {
                let named = self.tree.slot(*field).value().and_then(code);
                let cell = named.and_then(|code| list.cell(&code, *column));
                cell.zip(slot.value().and_then(code)).is_some_and(|(cell, code)| cell != code)
            }
            Check::NothingWithin { .. } => self.is_contradicted(rule, place),
            Check::Missing { after_hours } => slot.is_empty() && self.is_due(*after_hours),
            Check::AnyOf { fields } => {
                self.any_of(rule, fields);
                false
            }
            Check::Distinct => false,
        };
        if broken {
            self.broken(rule, &Place::of(field));
        }
    }

    fn of_rows(&mut self, rule: &Rule, place: usize, inner: usize) {
        let (form, tree) = (self.form, self.tree);
        let Some(group) = form.fields.get(place).filter(|_group| self.is_shown(place)) else {
            return;
        };
        let Some(field) = group.fields.get(inner) else { return };
        let rows = tree.slot(place).rows();
        for (number, row) in rows.iter().enumerate() {
            if !field.when.holds(tree, Some(row)) || !rule.when.holds(tree, Some(row)) {
                continue;
            }
            let broken = match &rule.check {
                Check::Condition { need } => {
                    need.as_ref().is_none_or(|need| !need.holds(tree, Some(row)))
                }
                Check::Whole => is_fraction(row.slot(inner)),
                Check::Distinct => repeats(rows.get(..number).unwrap_or_default(), row, inner),
                Check::AtLeast { .. }
                | Check::AtMost { .. }
                | Check::Column { .. }
                | Check::NothingWithin { .. }
                | Check::Missing { .. }
                | Check::AnyOf { .. } => false,
            };
            if broken {
                self.broken(rule, &Place::of(group).in_row(number, field));
            }
        }
    }

    fn broken(&mut self, rule: &Rule, place: &Place<'_>) {
        let (field, what) = (Some(place.to_string()), self.said(rule));
        match (rule.severity, &rule.check) {
            (Severity::Task, Check::Missing { after_hours }) => {
                self.task(&rule.id, field, (what, Some(*after_hours)));
            }
            (severity, _check) => self.remark(severity, &rule.id, field, what),
        }
    }

    fn said(&self, rule: &Rule) -> String {
        rule.say.in_language(self.language).map(|words| words.text.to_owned()).unwrap_or_default()
    }

    /// Notes as missing what is nowhere, at the first field that could hold it.
    fn any_of(&mut self, rule: &Rule, fields: &[Target]) {
        let holds = |target: &Target| match *target {
            Target::Record(place) => !self.tree.slot(place).is_empty(),
            Target::Rows { group, field } => {
                let rows = self.tree.slot(group).rows();
                rows.iter().any(|row| !row.slot(field).is_empty())
            }
        };
        if fields.iter().any(holds) {
            return;
        }
        let places = fields.iter().map(|target| match *target {
            Target::Record(place) | Target::Rows { group: place, .. } => place,
        });
        let place = places.into_iter().find(|&place| self.is_shown(place));
        let field = place.and_then(|place| self.form.fields.get(place));
        let Some(field) = field.map(|field| field.id.clone()) else { return };
        if !self.missing.iter().any(|missing| missing.field == field) {
            self.missing.push(Missing { field, reason: self.said(rule), first_notice: false });
        }
    }

    /// Returns whether so many hours passed since the record's own date, by a trusted clock.
    fn is_due(&self, after_hours: u32) -> bool {
        if after_hours == 0 {
            return true;
        }
        let Some(Value::DateTime(own)) =
            self.form.own_date.and_then(|place| self.tree.slot(place).value())
        else {
            return false;
        };
        let due = own.utc_ms.saturating_add(i64::from(after_hours) * MS_OF_HOUR);
        self.facts.now.is_some_and(|now| due <= now.utc_ms)
    }
}

fn is_fraction(slot: &Slot) -> bool {
    matches!(slot.value(), Some(Value::Decimal(quantity)) if !quantity.is_whole())
}

/// Counts the values of a list; texts that differ in case or spaces alone are the same.
fn differing(slot: &Slot) -> usize {
    let Some(Value::List(values)) = slot.value() else { return slot.rows().len() };
    let mut seen: Vec<String> = Vec::new();
    for value in values {
        let text = value.to_json().to_string().to_lowercase();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.len()
}

fn repeats(earlier: &[Row], row: &Row, field: usize) -> bool {
    let value = row.slot(field).value();
    value.is_some() && earlier.iter().any(|row| row.slot(field).value() == value)
}
