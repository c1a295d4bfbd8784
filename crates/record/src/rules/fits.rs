//! Whether each value is one its field may hold. Input was read so; a folded record may come from
//! a program with other forms and lists, or from one that asked nothing.

use super::{Checking, Severity};
use crate::form::{Field, Shape};
use crate::list::List;
use crate::value::Value;

impl Checking<'_> {
    pub(super) fn fits(&mut self) {
        self.each_value(|checking, field, value, place| {
            if let Some(what) = misfit(field, value) {
                checking.remark(
                    Severity::Refusal,
                    "value",
                    Some(place.to_string()),
                    what.to_owned(),
                );
            }
        });
    }
}

fn misfit(field: &Field, value: &Value) -> Option<&'static str> {
    match value {
        Value::List(values) if field.many => {
            let repeated = (1..values.len()).any(|place| {
                let (earlier, later) = values.split_at(place);
                later.first().is_some_and(|value| earlier.contains(value))
            });
            if repeated {
                return Some("a value stands there twice: leave one out");
            }
            values.iter().find_map(|value| misfit_one(&field.shape, value))
        }
        // What this program does not understand is remarked on where it is shown.
        Value::Opaque { .. } => None,
        _ if field.many => Some("it may have many values: give a list"),
        one => misfit_one(&field.shape, one),
    }
}

fn misfit_one(shape: &Shape, value: &Value) -> Option<&'static str> {
    let (fits, what) = match (shape, value) {
        (Shape::Text { max }, Value::Text(text)) => {
            let short = text.len() <= *max || text.chars().count() <= *max;
            (short, "the text is too long: shorten it")
        }
        (Shape::Int { min, max }, Value::Int(number)) => {
            ((min..=max).contains(&number), "the number is out of bounds: correct it")
        }
        (Shape::Decimal { above, at_most }, Value::Decimal(quantity)) => {
            let fits = above.is_none_or(|above| above < *quantity)
                && at_most.is_none_or(|at_most| *quantity <= at_most);
            (fits, "the quantity is out of bounds: correct it")
        }
        (Shape::Choice { list, number }, value) => {
            (is_code(list, *number, value), "no code of the list known here: choose another one")
        }
        (Shape::Bool, Value::Bool(_))
        | (Shape::Date, Value::Date(_))
        | (Shape::DateTime, Value::DateTime(_))
        | (Shape::Reference { .. }, Value::Record(_) | Value::Unresolved(_)) => return None,
        _ => (false, "the value is of another type than the field: write it again"),
    };
    (!fits).then_some(what)
}

fn is_code(list: &List, number: bool, value: &Value) -> bool {
    match value {
        Value::Code(code) => !number && list.code(code).is_some(),
        Value::Int(code) => number && list.code(&code.to_string()).is_some(),
        _ => false,
    }
}
