//! The rules of a form that cross fields.

use toml::Spanned;

use super::{Mistake, at, find, optional, unknown};
use crate::form::raw::{RawCheck, RawRule};
use crate::form::rule::Target;
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
        RawCheck::AtLeast => return wrong("a field of the record"),
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

/// Refuses keys that mean nothing for the check, and asks for those it needs.
fn keys(raw: &RawRule) -> Result<(), Mistake> {
    let given = [
        ("need", raw.need.is_some(), raw.check == RawCheck::Condition),
        ("fields", !raw.fields.is_empty(), raw.check == RawCheck::AnyOf),
        ("count", raw.count.is_some(), raw.check == RawCheck::AtLeast),
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
        RawCheck::AtLeast => raw.count.is_none(),
        RawCheck::Whole | RawCheck::Distinct | RawCheck::Missing => false,
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
