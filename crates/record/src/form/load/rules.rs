//! The rules of a form that cross fields.

use toml::Spanned;

use super::{Mistake, at, find, optional, unknown};
use crate::form::raw::{RawCheck, RawRule};
use crate::form::rule::{Sort, Target};
use crate::form::{Check, Outline, Rule, Shape};

pub(super) fn rule(raw: RawRule, outline: &Outline) -> Result<Rule, Mistake> {
    let (target, shape) = target(&raw.field, outline)?;
    let group = match target {
        Target::Rows { group, .. } => Some(group),
        Target::Record(_) => None,
    };
    keys(&raw)?;
    let wrong = |what: &str| Err(at(&raw.field, format!("this check wants {what}")));
    let check = match raw.check {
        RawCheck::Condition => {
            Check::Condition { need: optional(raw.need.as_ref(), outline, group)? }
        }
        RawCheck::Whole if matches!(shape, Shape::Decimal { .. }) => Check::Whole,
        RawCheck::Whole => return wrong("a decimal"),
        RawCheck::AtLeast if group.is_none() => {
            Check::AtLeast { count: raw.count.unwrap_or_default() }
        }
        RawCheck::AtMost if group.is_none() => {
            Check::AtMost { count: raw.count.unwrap_or_default() }
        }
        RawCheck::AtLeast | RawCheck::AtMost => return wrong("a field of the record"),
        RawCheck::Column if group.is_none() => column(&raw, outline)?,
        RawCheck::Column => return wrong("a field of the record"),
        RawCheck::NothingWithin if group.is_none() => nothing_within(&raw, outline)?,
        RawCheck::NothingWithin => return wrong("a field of the record"),
        RawCheck::AnyOf => {
            let fields = raw.fields.iter().map(|name| self::target(name, outline));
            let fields = fields.map(|found| found.map(|(target, _shape)| target));
            Check::AnyOf { fields: fields.collect::<Result<_, _>>()? }
        }
        RawCheck::Distinct if group.is_some() => Check::Distinct,
        RawCheck::Distinct => return wrong("a field of a group"),
        RawCheck::Missing if group.is_none() => {
            Check::Missing { after_hours: raw.after_hours.unwrap_or_default() }
        }
        RawCheck::Missing => return wrong("a field of the record"),
    };
    Ok(Rule {
        when: optional(raw.when.as_ref(), outline, group)?.unwrap_or_default(),
        id: raw.id,
        severity: raw.severity,
        say: raw.say.into(),
        target,
        check,
    })
}

fn column(raw: &RawRule, outline: &Outline) -> Result<Check, Mistake> {
    let Some(name) = &raw.column else {
        return Err(at(&raw.field, "this check lacks `column`".to_owned()));
    };
    let wanted = || at(name, "`column` is written as `substance.unit`".to_owned());
    let (head, tail) = name.get_ref().split_once('.').ok_or_else(wanted)?;
    let (field, shape) = outline.field(head).ok_or_else(wanted)?;
    let Shape::Choice { list, .. } = shape else { return Err(wanted()) };
    let column = list.column_place(tail).ok_or_else(wanted)?;
    Ok(Check::Column { field, list: list.clone(), column })
}

fn nothing_within(raw: &RawRule, outline: &Outline) -> Result<Check, Mistake> {
    let end = |name: Option<&Spanned<String>>| {
        let Some(name) = name else {
            return Err(at(&raw.field, "this check lacks `from` or `to`".to_owned()));
        };
        match find(name, outline)? {
            (place, Shape::DateTime) => Ok(place),
            _ => Err(at(name, "a period goes from one datetime to another".to_owned())),
        }
    };
    let (_place, Shape::Choice { list, .. }) = find(&raw.field, outline)? else {
        return Err(at(&raw.field, "this check wants a choice".to_owned()));
    };
    if let Some(code) = raw.records.keys().find(|code| list.code(code).is_none()) {
        return Err(at(&raw.field, format!("the list `{}` has no code `{code}`", list.name)));
    }
    let sort = |text: &String| match text.split_once('.') {
        Some((form, field)) => Sort { form: form.to_owned(), field: Some(field.to_owned()) },
        None => Sort { form: text.clone(), field: None },
    };
    let records = raw.records.iter();
    let records = records.map(|(code, sorts)| (code.clone(), sorts.iter().map(sort).collect()));
    Ok(Check::NothingWithin {
        from: end(raw.from.as_ref())?,
        to: end(raw.to.as_ref())?,
        records: records.collect(),
    })
}

/// Refuses keys that mean nothing for the check, and asks for those it needs.
fn keys(raw: &RawRule) -> Result<(), Mistake> {
    let within = raw.check == RawCheck::NothingWithin;
    let given = [
        ("need", raw.need.is_some(), raw.check == RawCheck::Condition),
        ("fields", !raw.fields.is_empty(), raw.check == RawCheck::AnyOf),
        ("count", raw.count.is_some(), matches!(raw.check, RawCheck::AtLeast | RawCheck::AtMost)),
        ("column", raw.column.is_some(), raw.check == RawCheck::Column),
        ("from` or `to", raw.from.is_some() || raw.to.is_some(), within),
        ("records", !raw.records.is_empty(), within),
        ("after_hours", raw.after_hours.is_some(), raw.check == RawCheck::Missing),
    ];
    for (key, given, allowed) in given {
        if given && !allowed {
            return Err(at(&raw.field, format!("`{key}` means nothing for this check")));
        }
    }
    let lacks = match raw.check {
        RawCheck::Condition => raw.when.is_none() && raw.need.is_none(),
        RawCheck::AnyOf => raw.fields.is_empty(),
        RawCheck::AtLeast | RawCheck::AtMost => raw.count.is_none(),
        RawCheck::Whole
        | RawCheck::Column
        | RawCheck::Distinct
        | RawCheck::Missing
        | RawCheck::NothingWithin => false,
    };
    if lacks {
        return Err(at(&raw.field, "this check lacks `when`, `fields` or `count`".to_owned()));
    }
    Ok(())
}

fn target<'a>(
    name: &Spanned<String>,
    outline: &'a Outline,
) -> Result<(Target, &'a Shape), Mistake> {
    let Some((group, field)) = name.get_ref().split_once('.') else {
        return find(name, outline).map(|(field, shape)| (Target::Record(field), shape));
    };
    let (group, _shape) = outline.field(group).ok_or_else(|| unknown(name))?;
    let (field, shape) = outline.inner(group, field).ok_or_else(|| unknown(name))?;
    Ok((Target::Rows { group, field }, shape))
}
