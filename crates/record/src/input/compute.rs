//! Fields that are made from others when a record is read or shown. They are never written.

use super::{Resolve, Row, Slot, Tree};
use crate::condition::Asked;
use crate::form::{Compute, Form};
use crate::value::Value;

/// Puts what each computed field comes to into the tree; whatever else stood there goes.
pub(crate) fn compute(form: &Form, tree: &mut Tree, others: &dyn Resolve) {
    for (place, field) in form.fields.iter().enumerate() {
        if let Some(how) = &field.compute {
            let slot = made(how, (tree, None), others);
            if let Some(free) = tree.slots.get_mut(place) {
                *free = slot;
            }
        }
        for (inner, how) in field.fields.iter().enumerate() {
            let Some(how) = &how.compute else { continue };
            let rows = tree.slot(place).rows().iter();
            let slots: Vec<Slot> = rows.map(|row| made(how, (tree, Some(row)), others)).collect();
            let Some(Slot::Rows(rows)) = tree.slots.get_mut(place) else { continue };
            for (row, slot) in rows.iter_mut().zip(slots) {
                if let Some(free) = row.slots.get_mut(inner) {
                    *free = slot;
                }
            }
        }
    }
}

fn made(how: &Compute, (tree, row): (&Tree, Option<&Row>), others: &dyn Resolve) -> Slot {
    let value = |asked: &Asked| match asked {
        Asked::Own(place) => row.and_then(|row| row.slot(*place).value()),
        Asked::Record(place) => tree.slot(*place).value(),
    };
    let made = match how {
        Compute::Difference { of, less } => difference(value(of), value(less)),
        Compute::Expiry { from, reference, of, months, given } => {
            let validity = || {
                let Some(Value::Record(id)) = value(reference) else { return None };
                let Some(Value::Int(months)) = others.value(of, *id, months) else { return None };
                value(from)?.day()?.months_later(u32::try_from(months).ok()?)
            };
            value(given).and_then(|_given| validity()).map(Value::Date)
        }
    };
    made.map_or(Slot::Empty, Slot::Computed)
}

fn difference(of: Option<&Value>, less: Option<&Value>) -> Option<Value> {
    let (Some(Value::Decimal(of)), Some(Value::Decimal(less))) = (of, less) else { return None };
    Some(Value::Text(of.less(*less)))
}
