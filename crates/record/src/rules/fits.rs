//! Whether each value is one its field may hold. Input was read so; a folded record may come from
//! a program with other forms and lists, or from one that asked nothing.

use super::{Checking, Severity};
use crate::form::{Field, Shape};
use crate::input::{code, each};
use crate::list::Language;
use crate::message;
use crate::value::Value;

/// What is said of a value, once the language is known.
type Say = fn(Language) -> String;

impl Checking<'_> {
    pub(super) fn fits(&mut self) {
        self.each_value(|checking, field, value, place| {
            if let Some(what) = misfit(field, value) {
                let what = what(checking.language);
                checking.remark(Severity::Refusal, "value", Some(place.to_string()), what);
            }
        });
    }
}

fn misfit(field: &Field, value: &Value) -> Option<Say> {
    // What this program does not understand is remarked on where it is shown.
    if matches!(value, Value::Opaque { .. }) {
        return None;
    }
    if field.many != matches!(value, Value::List(_)) {
        return Some(message::one_or_many);
    }
    let values = each(value);
    let repeated = (1..values.len()).any(|place| {
        let (earlier, later) = values.split_at(place);
        later.first().is_some_and(|value| earlier.contains(value))
    });
    if repeated {
        return Some(message::twice);
    }
    values.iter().find_map(|value| misfit_one(&field.shape, value))
}

fn misfit_one(shape: &Shape, value: &Value) -> Option<Say> {
    let fits = match shape {
        Shape::Text { max } => matches!(value, Value::Text(text)
            if text.len() <= *max || text.chars().count() <= *max),
        Shape::Bool => matches!(value, Value::Bool(_)),
        Shape::Int { min, max } => {
            matches!(value, Value::Int(number) if (min..=max).contains(&number))
        }
        Shape::Decimal { above, at_most } => matches!(value, Value::Decimal(quantity)
            if above.is_none_or(|above| above < *quantity)
                && at_most.is_none_or(|at_most| *quantity <= at_most)),
        Shape::Date => matches!(value, Value::Date(_)),
        Shape::DateTime => matches!(value, Value::DateTime(_)),
        Shape::Choice { list, number } => {
            *number == matches!(value, Value::Int(_))
                && code(value).is_some_and(|code| list.code(&code).is_some())
        }
        Shape::Reference { .. } => matches!(value, Value::Record(_) | Value::Unresolved(_)),
        Shape::Group | Shape::Computed => false,
    };
    let what: Say = match shape {
        Shape::Text { .. } => message::no_text,
        Shape::Int { .. } | Shape::Decimal { .. } => message::no_number,
        Shape::Choice { .. } => message::no_code,
        Shape::Bool | Shape::Date | Shape::DateTime | Shape::Reference { .. } => {
            message::other_type
        }
        Shape::Group | Shape::Computed => message::not_stored,
    };
    (!fits).then_some(what)
}
