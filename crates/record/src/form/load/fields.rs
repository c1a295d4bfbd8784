//! The fields of a form, with everything in them that names another field.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{Lists, Mistake, at, classes, find, optional};
use crate::condition::{Asked, Condition};
use crate::form::raw::{RawCompute, RawField, RawSection};
use crate::form::{Compute, Field, Order, Outline, Policy, Section, Shape};
use crate::input;

pub(super) fn fields(
    raw: Vec<RawSection>,
    sections: &[Section],
    outline: &Outline,
    lists: &Lists,
) -> Result<Vec<Field>, Mistake> {
    let mut fields: Vec<Field> = Vec::new();
    for (section, raw) in raw.into_iter().enumerate() {
        for raw in raw.field {
            let id = raw.id.clone();
            let when = raw.when.clone();
            let of_group = id.get_ref().split_once('.').map(|(_group, inner)| inner.to_owned());
            let group = fields.last().filter(|_last| of_group.is_some());
            let codes = raw.codes.as_ref().map(|name| {
                let list = lists.get(name.get_ref()).cloned();
                list.ok_or_else(|| at(name, format!("there is no list `{}`", name.get_ref())))
            });
            let codes = codes.transpose()?;
            let mut field = field(raw, section, outline, group)?;
            field.codes = codes;
            let when = when.as_ref().unwrap_or(&id);
            field.when = (Earlier { fields: &fields, sections, group })
                .shown(field.when, section)
                .map_err(|reason| at(when, reason))?;
            match (of_group, fields.last_mut()) {
                (Some(id), Some(group)) => {
                    field.id = id;
                    group.index.insert(field.id.clone(), group.fields.len());
                    group.fields.push(field);
                }
                (_, _) => fields.push(field),
            }
        }
    }
    Ok(fields)
}

/// What stands before a field.
struct Earlier<'a> {
    fields: &'a [Field],
    sections: &'a [Section],
    group: Option<&'a Field>,
}

impl Earlier<'_> {
    /// Adds to `when` that the fields it asks for are themselves shown.
    fn shown(&self, when: Condition, section: usize) -> Result<Condition, String> {
        let mut shown = Vec::new();
        for asked in when.asked() {
            let field = match asked {
                Asked::Own(place) => self.group.and_then(|group| group.fields.get(place)),
                Asked::Record(place) => self.fields.get(place),
            };
            let field = field.ok_or("a field's `when` looks at fields that stand before it")?;
            shown.push(&field.when);
            let other = self.sections.get(field.section).filter(|_other| field.section != section);
            shown.extend(other.map(|other| &other.when));
        }
        Ok(shown.into_iter().fold(when.clone(), Condition::and))
    }
}

fn field(
    raw: RawField,
    section: usize,
    outline: &Outline,
    parent: Option<&Field>,
) -> Result<Field, Mistake> {
    let group = parent.and_then(|parent| outline.field(&parent.id)).map(|(place, _shape)| place);
    let shape = match group {
        None => find(&raw.id, outline)?.1.clone(),
        Some(group) => {
            let id = raw.id.get_ref().split_once('.').map_or("", |(_group, id)| id);
            let inner = outline.inner(group, id).map(|(_place, shape)| shape.clone());
            inner.ok_or_else(|| super::unknown(&raw.id))?
        }
    };
    if raw.first_notice && (group.is_some() || !raw.starred) {
        return Err(at(&raw.id, "a first notice needs starred fields of the record".to_owned()));
    }
    let order = order(&raw, outline, group)?;
    let compute = raw.compute.as_ref().map(|raw| compute(raw, outline, group)).transpose()?;
    let default = raw.default.map(|default| checked_default(default, &shape)).transpose()?;
    // A group's policy holds for its fields unless they say otherwise.
    let inherited = parent.map_or(Policy::Mv, |parent| parent.policy);
    Ok(Field {
        section,
        order,
        default,
        when: optional(raw.when.as_ref(), outline, group)?.unwrap_or_default(),
        required_when: optional(raw.required_when.as_ref(), outline, group)?,
        class_when: classes(&raw.class_when, outline, group)?,
        id: raw.id.into_inner(),
        label: raw.label.into(),
        hint: raw.hint.map(Into::into),
        shape,
        many: raw.many,
        starred: raw.starred,
        first_notice: raw.first_notice,
        class: raw.class,
        policy: raw.policy.unwrap_or(inherited),
        fields: Vec::new(),
        warn_under: raw.warn_under.unwrap_or(0),
        unique: raw.unique,
        codes: None,
        compute,
        index: BTreeMap::new(),
    })
}

fn compute(raw: &RawCompute, outline: &Outline, group: Option<usize>) -> Result<Compute, Mistake> {
    let named = |name: &Spanned<String>| -> Result<(Asked, Shape), Mistake> {
        let own = group.and_then(|group| outline.inner(group, name.get_ref()));
        if let Some((place, shape)) = own {
            return Ok((Asked::Own(place), shape.clone()));
        }
        find(name, outline).map(|(place, shape)| (Asked::Record(place), shape.clone()))
    };
    let quantity = |name: &Spanned<String>| match named(name)? {
        (place, Shape::Decimal { .. }) => Ok(place),
        _ => Err(at(name, "a difference is one of two decimals".to_owned())),
    };
    match raw {
        RawCompute::Difference { of, less } => {
            Ok(Compute::Difference { of: quantity(of)?, less: quantity(less)? })
        }
        RawCompute::Expiry { from, months, given } => {
            let (from, Shape::Date | Shape::DateTime) = named(from)? else {
                return Err(at(from, "`from` names a date or a datetime".to_owned()));
            };
            let wanted =
                || at(months, "`months` is written as `course.validity_months`".to_owned());
            let (head, field) = months.get_ref().split_once('.').ok_or_else(wanted)?;
            let head = Spanned::new(months.span(), head.to_owned());
            let (reference, Shape::Reference { form: of }) = named(&head)? else {
                return Err(wanted());
            };
            let months = field.to_owned();
            Ok(Compute::Expiry { from, reference, of, months, given: named(given)?.0 })
        }
    }
}

fn order(
    raw: &RawField,
    outline: &Outline,
    group: Option<usize>,
) -> Result<Option<Order>, Mistake> {
    let (other, strictly) = match (&raw.not_before, &raw.after) {
        (None, None) => return Ok(None),
        (Some(other), None) => (other, false),
        (None, Some(other)) => (other, true),
        (Some(_), Some(other)) => {
            return Err(at(other, "give `after` or `not_before`, not both".to_owned()));
        }
    };
    let (place, shape) = find(other, outline)?;
    let own = outline.field(raw.id.get_ref()).map(|(_place, shape)| shape);
    if group.is_some() || own != Some(shape) || !matches!(shape, Shape::Date | Shape::DateTime) {
        return Err(at(
            other,
            "only two dates or two datetimes of the record have an order".to_owned(),
        ));
    }
    let unless = optional(raw.order_unless.as_ref(), outline, group)?;
    Ok(Some(Order { other: place, strictly, unless }))
}

fn checked_default(
    default: Spanned<serde_json::Value>,
    shape: &Shape,
) -> Result<serde_json::Value, Mistake> {
    match input::scalar(shape, default.get_ref(), input::Asker::NOBODY) {
        Ok(_value) => Ok(default.into_inner()),
        Err(reason) => Err(at(&default, format!("the default does not fit: {reason}"))),
    }
}
