//! Conditions on a record's values: `a = x and b in p, q and kind.urgent = yes`.
//!
//! A name is looked for in the row first, then in the record. An empty field equals nothing, so
//! `!=` holds for it. `kind.x` is column x of the code in `kind`; `items.unit` is the field of any
//! row of the group. Everything is looked up when the form is loaded; judging a record only compares.

use crate::form::{Outline, Shape};
use crate::input::{Row, Slot, Tree};
use crate::list::List;
use crate::value::{Decimal, Value};

/// What must hold, all of it; without any clause it always holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Condition {
    clauses: Vec<Clause>,
}

/// A field a condition asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    /// Of the same row.
    Own(usize),
    /// Of the record.
    Record(usize),
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Clause {
    place: Place,
    negated: bool,
    /// Any of these; a column's text is kept as [`Value::Text`].
    values: Vec<Value>,
}

/// Where a name points to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    /// A field of the same row.
    Own(usize),
    /// A field of the record.
    Record(usize),
    /// A column of the code in a field of the record.
    Column { field: usize, list: std::sync::Arc<List>, column: usize },
    /// A field of any row of a group.
    AnyRow { group: usize, field: usize },
}

impl Condition {
    /// Reads a condition for a place in the form: `group` is the one whose rows it looks at.
    pub(crate) fn parse(
        text: &str,
        outline: &Outline,
        group: Option<usize>,
    ) -> Result<Self, String> {
        let clauses = text.split(" and ").map(|clause| Clause::parse(clause, outline, group));
        Ok(Self { clauses: clauses.collect::<Result<_, _>>()? })
    }

    /// Returns the fields it asks to hold something.
    pub(crate) fn asked(&self) -> impl Iterator<Item = Asked> {
        let asked = self.clauses.iter().filter(|clause| !clause.negated);
        asked.filter_map(|clause| match clause.place {
            Place::Own(field) => Some(Asked::Own(field)),
            Place::Record(field) | Place::Column { field, .. } => Some(Asked::Record(field)),
            Place::AnyRow { .. } => None,
        })
    }

    /// Returns the condition that both hold.
    #[must_use]
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for clause in &other.clauses {
            if !self.clauses.contains(clause) {
                self.clauses.push(clause.clone());
            }
        }
        self
    }

    /// Returns whether it holds in the row of the record, or in the record where there is no row.
    pub(crate) fn holds(&self, tree: &Tree, row: Option<&Row>) -> bool {
        self.clauses.iter().all(|clause| clause.holds(tree, row))
    }
}

impl Clause {
    fn parse(text: &str, outline: &Outline, group: Option<usize>) -> Result<Self, String> {
        let (name, negated, values) = split(text.trim()).ok_or_else(|| {
            format!("`{text}` is no condition: write `a = x`, `a != x` or `a in x, y`")
        })?;
        let (place, shape) = find(name, outline, group)?;
        let values = values.iter().map(|value| literal(name, shape, &place, value));
        Ok(Self { negated, values: values.collect::<Result<_, _>>()?, place })
    }

    fn holds(&self, tree: &Tree, row: Option<&Row>) -> bool {
        let found = match &self.place {
            Place::Own(field) => row.is_some_and(|row| self.meets(row.slot(*field))),
            Place::Record(field) => self.meets(tree.slot(*field)),
            Place::Column { field, list, column } => match tree.slot(*field) {
                Slot::Given(Value::Code(code)) => {
                    let cell = list.cell(code, *column);
                    cell.is_some_and(|cell| self.values.iter().any(|value| is_text(value, cell)))
                }
                Slot::Given(_)
                | Slot::Computed(_)
                | Slot::Empty
                | Slot::Contested
                | Slot::Rows(_) => false,
            },
            Place::AnyRow { group, field } => {
                tree.slot(*group).rows().iter().any(|row| self.meets(row.slot(*field)))
            }
        };
        found != self.negated
    }

    fn meets(&self, slot: &Slot) -> bool {
        match slot {
            Slot::Given(Value::List(given)) => {
                given.iter().any(|value| self.values.contains(value))
            }
            Slot::Given(value) | Slot::Computed(value) => self.values.contains(value),
            Slot::Empty | Slot::Contested | Slot::Rows(_) => false,
        }
    }
}

fn is_text(value: &Value, cell: &str) -> bool {
    matches!(value, Value::Text(text) if text == cell)
}

/// Splits a clause into its name, whether it is negated, and its values.
fn split(text: &str) -> Option<(&str, bool, Vec<&str>)> {
    let plain = |value: &str| {
        !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "=!,".contains(c))
    };
    let (name, negated, values) = if let Some((name, value)) = text.split_once(" != ") {
        (name, true, vec![value.trim()])
    } else if let Some((name, value)) = text.split_once(" = ") {
        (name, false, vec![value.trim()])
    } else {
        let (name, values) = text.split_once(" in ")?;
        (name, false, values.split(',').map(str::trim).collect())
    };
    let name = name.trim();
    (plain(name) && values.iter().all(|value| plain(value))).then_some((name, negated, values))
}

fn find<'a>(
    name: &str,
    outline: &'a Outline,
    group: Option<usize>,
) -> Result<(Place, &'a Shape), String> {
    if let Some((field, shape)) = group.and_then(|group| outline.inner(group, name)) {
        return Ok((Place::Own(field), shape));
    }
    if let Some((field, shape)) = outline.field(name) {
        return Ok((Place::Record(field), shape));
    }
    let unknown = || format!("there is no field `{name}` to look at");
    let (head, tail) = name.split_once('.').ok_or_else(unknown)?;
    let (field, shape) = outline.field(head).ok_or_else(unknown)?;
    if let Shape::Choice { list, .. } = shape {
        let column = list.column_place(tail);
        let column =
            column.ok_or_else(|| format!("the list `{}` has no column `{tail}`", list.name))?;
        return Ok((Place::Column { field, list: list.clone(), column }, shape));
    }
    let (inner, shape) = outline.inner(field, tail).ok_or_else(unknown)?;
    Ok((Place::AnyRow { group: field, field: inner }, shape))
}

fn literal(name: &str, shape: &Shape, place: &Place, text: &str) -> Result<Value, String> {
    if matches!(place, Place::Column { .. }) {
        return Ok(Value::Text(text.to_owned()));
    }
    match shape {
        Shape::Choice { list, number } => {
            let Some(code) = list.code(text) else {
                return Err(format!("the list `{}` has no code `{text}`", list.name));
            };
            let code = &code.code;
            if *number { int(name, code) } else { Ok(Value::Code(code.clone())) }
        }
        Shape::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(format!("`{name}` is true or false, not `{text}`")),
        },
        Shape::Int { .. } => int(name, text),
        Shape::Computed => match text.parse::<Decimal>() {
            Ok(number) => Ok(Value::Text(number.to_string())),
            Err(_no_number) => Err(format!("`{name}` is a number, not `{text}`")),
        },
        Shape::Text { .. }
        | Shape::Decimal { .. }
        | Shape::Date
        | Shape::DateTime
        | Shape::Reference { .. }
        | Shape::Group => Err(format!(
            "a condition can look at a choice, a bool or an int, and `{name}` is none of them"
        )),
    }
}

fn int(name: &str, text: &str) -> Result<Value, String> {
    let number = text.parse().map_err(|_no_number| format!("`{name}` is a number, not `{text}`"));
    number.map(Value::Int)
}

#[cfg(test)]
mod tests;
