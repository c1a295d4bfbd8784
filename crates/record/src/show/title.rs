//! What a record is called: its title, or what stands for an empty one. That is never stored.

use super::Draft;
use crate::catalogue::Catalogue;
use crate::form::{Field, Form, Shape};
use crate::input::Tree;
use crate::list::Language;
use crate::state::State;
use crate::value::Value;

/// Returns the record's title in the reader's language.
#[must_use]
pub fn title(state: &State, catalogue: &Catalogue, language: Language) -> String {
    let form = state.form().and_then(|used| catalogue.form(&used.id));
    form.map(|form| of(form, &Draft::of(state, Some(form)).tree, language)).unwrap_or_default()
}

pub(super) fn of(form: &Form, tree: &Tree, language: Language) -> String {
    if let Some(Value::Text(title)) = form.title.field.and_then(|place| tree.slot(place).value()) {
        return title.clone();
    }
    let parts = form.title.from.iter().filter_map(|&place| {
        let (field, value) = (form.fields.get(place)?, tree.slot(place).value()?);
        words(field, value, language)
    });
    let parts: Vec<&str> = parts.collect();
    if !parts.is_empty() {
        return parts.join(", ");
    }
    form.label.in_language(language).map(|label| label.text.to_owned()).unwrap_or_default()
}

/// Returns what people call a value; another record's id says nothing to them.
fn words<'a>(field: &'a Field, value: &'a Value, language: Language) -> Option<&'a str> {
    if let (Shape::Choice { list, .. }, Value::Code(code)) = (&field.shape, value) {
        let label = list.code(code).and_then(|known| known.label.in_language(language));
        return Some(label.map_or(code, |label| label.text));
    }
    if let Value::Text(text) | Value::Unresolved(text) = value { Some(text) } else { None }
}
