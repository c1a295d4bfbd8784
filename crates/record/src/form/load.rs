//! From a form's file to a [`Form`]. A file with any mistake is refused with its line.
//!
//! First the outline, names and types, then everything that names a field.

mod fields;
mod outline;
mod rules;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::raw::{RawClass, RawForm, RawLimit, RawSection, RawTitle};
use super::{ByLanguage, Class, Form, Limit, Outline, Section, Shape, Title};
use crate::catalogue::CatalogueError;
use crate::condition::Condition;
use crate::list::List;

/// What is wrong, and where in the text.
struct Mistake {
    span: Range<usize>,
    reason: String,
}

/// The lists forms may use.
pub(crate) type Lists = BTreeMap<String, Arc<List>>;

/// Reads a form.
///
/// # Errors
///
/// The first mistake, with its line.
pub(crate) fn load(file: &str, text: &str, lists: &Lists) -> Result<Form, CatalogueError> {
    let raw: Result<RawForm, Mistake> = toml::from_str(text).map_err(|error| Mistake {
        span: error.span().unwrap_or_default(),
        reason: error.message().trim().replace('\n', ", "),
    });
    raw.and_then(|raw| build(raw, lists)).map_err(|mistake| CatalogueError {
        file: file.to_owned(),
        line: line_of(text, mistake.span.start),
        reason: mistake.reason,
    })
}

fn line_of(text: &str, place: usize) -> u64 {
    let breaks = text.bytes().take(place).filter(|&c| c == b'\n').count();
    u64::try_from(breaks).map_or(u64::MAX, |breaks| breaks + 1)
}

fn build(raw: RawForm, lists: &Lists) -> Result<Form, Mistake> {
    name(&raw.id, "")?;
    if *raw.version.get_ref() == 0 {
        return Err(at(&raw.version, "versions count from 1".to_owned()));
    }
    let outline = outline::outline(&raw.section, lists)?;
    let own_date = raw.own_date.as_ref().map(|name| match find(name, &outline)? {
        (own_date, Shape::Date | Shape::DateTime) => Ok(own_date),
        _ => Err(at(name, "a record's own date is a date or a datetime".to_owned())),
    });
    let key = raw.key.as_ref().map(|name| match find(name, &outline)? {
        (key, Shape::Text { .. }) => Ok(key),
        _ => Err(at(name, "a record's key is a text".to_owned())),
    });
    let sections = raw.section.iter().map(|section| build_section(section, &outline));
    let sections: Vec<Section> = sections.collect::<Result<_, _>>()?;
    let rules = raw.rule.into_iter().map(|rule| rules::rule(rule.into_inner(), &outline));
    let rules = rules.collect::<Result<_, _>>()?;
    let urgent_when = raw.urgent_when.iter().map(|text| condition(text, &outline, None));
    Ok(Form {
        rules,
        own_date: own_date.transpose()?,
        key: key.transpose()?,
        happened_when: optional(raw.happened_when.as_ref(), &outline, None)?.unwrap_or_default(),
        title: title(&raw.title, &outline)?,
        urgent_when: urgent_when.collect::<Result<_, _>>()?,
        future_when: optional(raw.future_when.as_ref(), &outline, None)?,
        complete_within: raw
            .complete_within
            .map(|limit| build_limit(limit, &outline))
            .transpose()?,
        class_when: classes(&raw.class_when, &outline, None)?,
        id: raw.id.into_inner(),
        version: raw.version.into_inner(),
        label: raw.label.into(),
        reach: raw.reach,
        fields: fields::fields(raw.section, &sections, &outline, lists)?,
        sections,
        index: outline.index,
    })
}

fn build_section(raw: &RawSection, outline: &Outline) -> Result<Section, Mistake> {
    name(&raw.id, "")?;
    let stars_with = raw.stars_with.as_ref().map(|text| match find(text, outline)? {
        (group, Shape::Group) => Ok(group),
        _ => Err(at(text, "`stars_with` names a group".to_owned())),
    });
    Ok(Section {
        id: raw.id.get_ref().clone(),
        label: raw.label.clone().into(),
        when: optional(raw.when.as_ref(), outline, None)?.unwrap_or_default(),
        stars_when: optional(raw.stars_when.as_ref(), outline, None)?,
        stars_with: stars_with.transpose()?,
    })
}

fn title(raw: &RawTitle, outline: &Outline) -> Result<Title, Mistake> {
    let field = raw.field.as_ref().map(|text| find(text, outline).map(|(field, _shape)| field));
    let from = raw.from.iter().map(|text| find(text, outline).map(|(field, _shape)| field));
    let text = |name| match find(name, outline)? {
        (place, Shape::Text { .. }) => Ok(place),
        _ => Err(at(name, "a title's words are a text".to_owned())),
    };
    let words = raw.words.as_ref().map(|words| {
        Ok(ByLanguage { ky: text(&words.ky)?, ru: text(&words.ru)?, en: text(&words.en)? })
    });
    Ok(Title {
        field: field.transpose()?,
        from: from.collect::<Result<_, _>>()?,
        words: words.transpose()?,
    })
}

fn build_limit(raw: RawLimit, outline: &Outline) -> Result<Limit, Mistake> {
    let (by, shape) = find(&raw.by, outline)?;
    let Shape::Choice { list, .. } = shape else {
        return Err(at(&raw.by, "`by` names a choice".to_owned()));
    };
    if let Some(code) = raw.hours.keys().find(|code| list.code(code).is_none()) {
        return Err(at(&raw.by, format!("the list `{}` has no code `{code}`", list.name)));
    }
    Ok(Limit { by, hours: raw.hours })
}

fn classes(
    raw: &[RawClass],
    outline: &Outline,
    group: Option<usize>,
) -> Result<Vec<(Condition, Class)>, Mistake> {
    let built = raw.iter().map(|raw| Ok((condition(&raw.when, outline, group)?, raw.class)));
    built.collect()
}

fn condition(
    text: &Spanned<String>,
    outline: &Outline,
    group: Option<usize>,
) -> Result<Condition, Mistake> {
    Condition::parse(text.get_ref(), outline, group).map_err(|reason| at(text, reason))
}

fn optional(
    text: Option<&Spanned<String>>,
    outline: &Outline,
    group: Option<usize>,
) -> Result<Option<Condition>, Mistake> {
    text.map(|text| condition(text, outline, group)).transpose()
}

/// Finds a field of the record itself.
fn find<'a>(name: &Spanned<String>, outline: &'a Outline) -> Result<(usize, &'a Shape), Mistake> {
    outline.field(name.get_ref()).ok_or_else(|| unknown(name))
}

fn unknown(name: &Spanned<String>) -> Mistake {
    at(name, format!("there is no field `{}` in this form", name.get_ref()))
}

/// Refuses what a path could not hold; `allowed` may stand in it besides.
fn name(id: &Spanned<String>, allowed: &str) -> Result<(), Mistake> {
    let text = id.get_ref();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = !text.is_empty() && text.len() <= 64;
    if fits && text.chars().all(|c| plain(c) || allowed.contains(c)) {
        return Ok(());
    }
    Err(at(id, format!("`{text}` is no id: use up to 64 of a-z, 0-9 and `_`")))
}

fn at<T>(place: &Spanned<T>, reason: String) -> Mistake {
    Mistake { span: place.span(), reason }
}
