//! Codes that are closed, and references that name no record known here.

use std::cmp::Ordering;

use super::{Checking, Severity};
use crate::form::{Field, Shape};
use crate::input::{Place, Slot, each};
use crate::list::List;
use crate::value::{Date, Value};

impl Checking<'_> {
    pub(super) fn codes(&mut self) {
        if let Some(day) = self.own_date {
            self.each_value(|checking, field, value, place| {
                if let Shape::Choice { list, .. } = &field.shape
                    && list.is_dated()
                {
                    checking.open_codes(list, value, (&place, day));
                }
            });
        }
        self.unresolved();
    }

    fn open_codes(&mut self, list: &List, value: &Value, (place, day): (&Place<'_>, Date)) {
        for code in each(value) {
            let Value::Code(code) = code else { continue };
            let Some(known) = list.code(code) else { continue };
            let (when, edge) = match known.validity.place_of(day) {
                Ordering::Equal => continue,
                Ordering::Less => ("is valid from", known.validity.from),
                Ordering::Greater => ("was closed after", known.validity.to),
            };
            let edge = edge.map_or_else(String::new, |edge| edge.to_string());
            let what = format!("the code `{code}` {when} {edge}: choose one valid on {day}");
            self.remark(Severity::Refusal, "closed_code", Some(place.to_string()), what);
        }
    }

    /// Warns once a field, not once a row: a class of thirty is one remark.
    fn unresolved(&mut self) {
        let (form, tree) = (self.form, self.tree);
        for (field, slot) in form.fields.iter().zip(&tree.slots) {
            self.unresolved_at(&Place::of(field), field, std::iter::once(slot));
            for (inner, one) in field.fields.iter().enumerate() {
                let place = Place::of(field).column(one);
                self.unresolved_at(&place, one, slot.rows().iter().map(|row| row.slot(inner)));
            }
        }
    }

    fn unresolved_at<'s>(
        &mut self,
        place: &Place<'_>,
        field: &Field,
        slots: impl Iterator<Item = &'s Slot>,
    ) {
        let Shape::Reference { form } = &field.shape else { return };
        let count: usize = slots.filter_map(Slot::value).map(unknown).sum();
        if 0 < count {
            let what = format!(
                "{count} not known here as `{form}`: kept as written until the record arrives"
            );
            self.remark(Severity::Warning, "unresolved", Some(place.to_string()), what);
        }
    }
}

fn unknown(value: &Value) -> usize {
    each(value).iter().filter(|value| matches!(value, Value::Unresolved(_))).count()
}
