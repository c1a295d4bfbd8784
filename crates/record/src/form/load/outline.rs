//! The names and types of a form's fields.

use toml::Spanned;

use super::{Lists, Mistake, at, name};
use crate::form::raw::{RawField, RawSection};
use crate::form::{Outline, Shape};
use crate::value::Decimal;

/// Forms whose records are codes of a list.
const CODED_FORMS: [&str; 2] = ["agency", "institution"];

pub(super) fn outline(sections: &[RawSection], lists: &Lists) -> Result<Outline, Mistake> {
    let mut outline = Outline::default();
    for section in sections {
        for raw in &section.field {
            name(&raw.id, ".")?;
            let shape = shape(raw, lists)?;
            match raw.id.get_ref().split_once('.') {
                None => own(&mut outline, raw, shape)?,
                Some((group, id)) => inner(&mut outline, raw, shape, (group, id))?,
            }
        }
    }
    Ok(outline)
}

fn own(outline: &mut Outline, raw: &RawField, shape: Shape) -> Result<(), Mistake> {
    let place = outline.fields.len();
    if outline.index.insert(raw.id.get_ref().clone(), place).is_some() {
        return Err(twice(&raw.id));
    }
    if shape == Shape::Group && !raw.many {
        return Err(at(&raw.id, "a group has `many = true`".to_owned()));
    }
    outline.fields.push((shape, Vec::new()));
    Ok(())
}

fn inner(
    outline: &mut Outline,
    raw: &RawField,
    shape: Shape,
    (group, id): (&str, &str),
) -> Result<(), Mistake> {
    // A group's fields follow it, so that the page has one order.
    let last = outline.fields.len().checked_sub(1);
    let known = outline.index.get(group).copied();
    let (Some(group), true) = (known, known == last) else {
        return Err(at(&raw.id, format!("the group `{group}` does not stand right before it")));
    };
    if shape == Shape::Group || raw.many {
        return Err(at(
            &raw.id,
            "a field of a group has one value: no group, no `many`".to_owned(),
        ));
    }
    if outline.inner(group, id).is_some() {
        return Err(twice(&raw.id));
    }
    match outline.fields.get_mut(group) {
        Some((Shape::Group, fields)) => fields.push((id.to_owned(), shape)),
        _ => return Err(at(&raw.id, "it stands in a field that is no group".to_owned())),
    }
    Ok(())
}

fn twice(id: &Spanned<String>) -> Mistake {
    at(id, format!("the field `{}` stands twice", id.get_ref()))
}

fn shape(raw: &RawField, lists: &Lists) -> Result<Shape, Mistake> {
    let text = raw.shape.get_ref().as_str();
    let unknown = || {
        at(
            &raw.shape,
            format!(
                "`{text}` is no type: use text(MAX), bool, int(MIN..MAX), decimal, date, datetime, \
                 choice:LIST, ref:FORM, group or computed"
            ),
        )
    };
    let shape = if let Some(max) = argument(text, "text") {
        Shape::Text { max: max.parse().map_err(|_no_number| unknown())? }
    } else if let Some(bounds) = argument(text, "int") {
        let (min, max) = bounds.split_once("..").ok_or_else(unknown)?;
        let bound = |text: &str| text.parse().map_err(|_no_number| unknown());
        Shape::Int { min: bound(min)?, max: bound(max)? }
    } else if let Some(list) = text.strip_prefix("choice:") {
        choice(raw, list, lists)?
    } else if let Some(form) = text.strip_prefix("ref:") {
        reference(raw, form, lists)?
    } else {
        match text {
            "bool" => Shape::Bool,
            "decimal" => Shape::Decimal {
                above: bound(raw.above.as_ref())?,
                at_most: bound(raw.at_most.as_ref())?,
            },
            "date" => Shape::Date,
            "datetime" => Shape::DateTime,
            "group" => Shape::Group,
            "computed" => Shape::Computed,
            _ => return Err(unknown()),
        }
    };
    suits(raw, &shape)?;
    Ok(shape)
}

fn argument<'a>(text: &'a str, of: &str) -> Option<&'a str> {
    text.strip_prefix(of)?.strip_prefix('(')?.strip_suffix(')')
}

fn choice(raw: &RawField, list: &str, lists: &Lists) -> Result<Shape, Mistake> {
    let Some(list) = lists.get(list) else {
        return Err(at(&raw.shape, format!("there is no list `{list}`")));
    };
    if raw.number && list.codes.iter().any(|code| code.code.parse::<i64>().is_err()) {
        return Err(at(&raw.shape, format!("the codes of `{}` are no numbers", list.name)));
    }
    Ok(Shape::Choice { list: list.clone(), number: raw.number })
}

fn reference(raw: &RawField, form: &str, lists: &Lists) -> Result<Shape, Mistake> {
    if CODED_FORMS.contains(&form) {
        return choice(raw, form, lists);
    }
    let plain = |c: u8| c.is_ascii_lowercase() || c == b'_';
    if form.is_empty() || !form.bytes().all(plain) {
        return Err(at(&raw.shape, format!("`{form}` is no form")));
    }
    Ok(Shape::Reference { form: form.to_owned() })
}

fn bound(text: Option<&Spanned<String>>) -> Result<Option<Decimal>, Mistake> {
    let parse = |text: &Spanned<String>| {
        text.get_ref().parse().map_err(|malformed| at(text, format!("{malformed}")))
    };
    text.map(|text| parse(text).map_err(|mistake: Mistake| mistake)).transpose()
}

/// Refuses keys that mean nothing for the type.
fn suits(raw: &RawField, shape: &Shape) -> Result<(), Mistake> {
    let wrong = |key: &str| Err(at(&raw.id, format!("`{key}` means nothing for this type")));
    let decimal = matches!(shape, Shape::Decimal { .. });
    if !decimal && (raw.above.is_some() || raw.at_most.is_some()) {
        return wrong("above` or `at_most");
    }
    if raw.warn_under.is_some() && !matches!(shape, Shape::Text { .. }) {
        return wrong("warn_under");
    }
    if raw.number && !matches!(shape, Shape::Choice { .. }) {
        return wrong("number");
    }
    if raw.starred && *shape == Shape::Computed {
        return wrong("starred");
    }
    if raw.compute.is_some() != (*shape == Shape::Computed) {
        return Err(at(&raw.id, "`computed` and `compute` belong together".to_owned()));
    }
    let text = matches!(shape, Shape::Text { .. }) && !raw.many;
    if !text && (raw.unique.is_some() || raw.codes.is_some()) {
        return wrong("unique` or `codes");
    }
    match shape {
        Shape::Text { .. } | Shape::Choice { .. } | Shape::Reference { .. } | Shape::Group => {
            Ok(())
        }
        Shape::Bool
        | Shape::Int { .. }
        | Shape::Decimal { .. }
        | Shape::Date
        | Shape::DateTime
        | Shape::Computed => {
            if raw.many {
                wrong("many")
            } else {
                Ok(())
            }
        }
    }
}
