//! Whether what was written by one version keeps its meaning under the next.
//!
//! Fields, codes and columns are only added: agents that have not got the new version yet go on
//! writing by the old one.

use std::sync::Arc;

use super::Objection;
use crate::catalogue::view;
use crate::form::{Field, Form, Shape};
use crate::list::List;
use crate::value::Decimal;

/// Objects to what a form must not change.
pub(super) fn form(old: &Form, new: &Form, objections: &mut Vec<Objection>) {
    if old.reach != new.reach {
        let reason = "who its records are sent to can't change, since records stay where they were \
                      written: make a new form";
        objections.push(Objection::new("reach", reason));
    }
    for field in &old.fields {
        let now = new.field(&field.id);
        compare(&field.id, field, now, objections);
        for inner in &field.fields {
            let now = now.and_then(|group| group.inner(&inner.id));
            compare(&format!("{}.{}", field.id, inner.id), inner, now, objections);
        }
    }
}

fn compare(name: &str, old: &Field, new: Option<&Field>, objections: &mut Vec<Objection>) {
    let Some(new) = new else {
        let reason = "the field is gone, and records have it: put it back; to stop asking for it \
                      take its star away and put it into a section that comes last";
        objections.push(Objection::new(name, reason));
        return;
    };
    if let Err(reason) = shape(&old.shape, &new.shape) {
        objections.push(Objection::new(name, reason));
    }
    if old.unique.is_none() && new.unique.is_some() {
        let reason = "what stands in records was never compared: take `unique` away, and ask for it \
                      in a field under another id";
        objections.push(Objection::new(name, reason));
    }
    if old.many != new.many {
        let reason = "one answer can't become many, nor many one: leave `many` as it was and add a \
                      field under another id";
        objections.push(Objection::new(name, reason));
    }
}

fn shape(old: &Shape, new: &Shape) -> Result<(), String> {
    match (old, new) {
        (Shape::Text { max: old }, Shape::Text { max: new }) => {
            narrowed(new < old, || format!("text({old})"))
        }
        (Shape::Int { min, max }, Shape::Int { min: low, max: high }) => {
            narrowed(min < low || high < max, || format!("int({min}..{max})"))
        }
        (Shape::Decimal { above, at_most }, Shape::Decimal { above: low, at_most: high }) => {
            narrowed(raised(*above, *low) || lowered(*at_most, *high), || {
                "bounds no narrower than before".to_owned()
            })
        }
        (Shape::Choice { list: old, number }, Shape::Choice { list: new, number: now }) => {
            choice(old, new, number == now)
        }
        (Shape::Reference { form: old }, Shape::Reference { form: new }) => {
            changed(old == new, || format!("`ref:{old}`"))
        }
        (Shape::Bool, Shape::Bool)
        | (Shape::Date, Shape::Date)
        | (Shape::DateTime, Shape::DateTime)
        | (Shape::Group, Shape::Group)
        | (Shape::Computed, Shape::Computed) => Ok(()),
        (old, _) => changed(false, || format!("`{}`", view::shape(old))),
    }
}

fn choice(old: &Arc<List>, new: &Arc<List>, same_kind: bool) -> Result<(), String> {
    changed(same_kind, || "`number` as it was".to_owned())?;
    let lost = old.codes.iter().find(|code| new.code(&code.code).is_none());
    match lost.filter(|_code| old.name != new.name) {
        None => Ok(()),
        Some(code) => Err(format!(
            "the list `{}` has no code `{}`, which records may have: take a list with all codes of \
             `{}`, or add a field under another id",
            new.name, code.code, old.name
        )),
    }
}

fn narrowed(narrower: bool, was: impl Fn() -> String) -> Result<(), String> {
    if !narrower {
        return Ok(());
    }
    Err(format!("answers that were allowed would not be: keep {}, or make it wider", was()))
}

fn changed(same: bool, was: impl Fn() -> String) -> Result<(), String> {
    if same {
        return Ok(());
    }
    Err(format!(
        "its type is another, and records have answers of the old one: keep {}, and add a field \
         under another id",
        was()
    ))
}

fn raised(old: Option<Decimal>, new: Option<Decimal>) -> bool {
    new.is_some_and(|new| old.is_none_or(|old| old < new))
}

fn lowered(old: Option<Decimal>, new: Option<Decimal>) -> bool {
    new.is_some_and(|new| old.is_none_or(|old| new < old))
}

/// Objects to what a vocabulary must not change.
pub(super) fn lists(old: &[Arc<List>], new: &[List], objections: &mut Vec<Objection>) {
    for list in old {
        let Some(now) = new.iter().find(|now| now.name == list.name) else {
            let reason = "the list is gone, and records have its codes: put its rows back";
            objections.push(Objection::new(&list.name, reason));
            continue;
        };
        for column in list.columns().filter(|column| now.column_place(column).is_none()) {
            let reason =
                format!("the column `{column}` is gone, and forms may ask for it: put it back");
            objections.push(Objection::new(&list.name, reason));
        }
        let gone = list.codes.iter().filter(|code| now.code(&code.code).is_none());
        for code in gone {
            let reason = "the code is gone, and records have it: put its row back; to offer it no \
                          longer give its last day in a column `valid_to`";
            objections.push(Objection::new(format!("{}/{}", list.name, code.code), reason));
        }
    }
}
