//! What a record says that only other records can confirm: whom it names, what no other may have,
//! that nothing took place.

use super::{Checking, Severity};
use crate::form::{Field, Rule, Shape, Sort};
use crate::input::{Place, Row, Slot, Sought, code, each};
use crate::message;
use crate::value::Value;

impl Checking<'_> {
    /// Asks whom the record names, and who else has what none should share.
    pub(super) fn unique(&mut self) {
        self.unresolved();
        let (form, tree) = (self.form, self.tree);
        for (field, slot) in form.fields.iter().zip(&tree.slots) {
            if field.unique.is_some() {
                self.shared(&field.id, slot, Place::of(field));
            }
            for (number, row) in slot.rows().iter().enumerate() {
                self.shared_in_row((field, number), row);
            }
        }
    }

    fn shared_in_row(&mut self, (group, number): (&Field, usize), row: &Row) {
        let unique = group.fields.iter().zip(&row.slots);
        for (field, slot) in unique.filter(|(field, _slot)| field.unique.is_some()) {
            let name = format!("{}.{}", group.id, field.id);
            self.shared(&name, slot, Place::of(group).in_row(number, field));
        }
    }

    fn shared(&mut self, name: &str, slot: &Slot, place: Place<'_>) {
        let Some(Value::Text(text)) = slot.value() else { return };
        let holders = self.others.holders(&self.form.id, name, text).into_iter();
        let others: Vec<String> =
            holders.filter(|(id, _name)| *id != self.own).map(|(_id, name)| name).collect();
        if !others.is_empty() {
            let what = message::not_unique(self.language, others.join(", "));
            self.remark(Severity::Warning, "not_unique", Some(place.to_string()), what);
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
        let named = slots.filter_map(Slot::value).flat_map(each);
        let is_unknown = |value: &&Value| {
            if let Value::Record(id) = value {
                return self.others.name(form, *id).is_none();
            }
            matches!(value, Value::Unresolved(_))
        };
        let count = named.filter(is_unknown).count();
        if 0 < count {
            let what = message::unresolved(self.language, count, form);
            self.remark(Severity::Warning, "unresolved", Some(place.to_string()), what);
        }
    }

    /// Returns whether a record stands in the period that should not, going by the field's code.
    pub(super) fn is_contradicted(&self, rule: &Rule, place: usize) -> bool {
        let crate::form::Check::NothingWithin { from, to, records } = &rule.check else {
            return false;
        };
        let end = |place: usize| match self.tree.slot(place).value() {
            Some(Value::DateTime(time)) => Some(*time),
            _ => None,
        };
        let (Some(from), Some(to)) = (end(*from), end(*to)) else { return false };
        let code = self.tree.slot(place).value().and_then(code);
        let sorts = code.and_then(|code| records.get(code.as_ref()));
        sorts.into_iter().flatten().any(|Sort { form, field }| {
            let sought = Sought { form, field: field.as_deref() };
            self.others.any_within(&sought, from, to)
        })
    }
}
