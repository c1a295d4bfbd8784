//! What a record is called: its title, or what stands for an empty one. That is never stored.

use super::Draft;
use crate::card::Words;
use crate::catalogue::Catalogue;
use crate::form::{ByLanguage, Field, Form, Shape};
use crate::input::{Asker, NothingKnown, Tree};
use crate::list::Language;
use crate::state::State;
use crate::value::Value;

/// Returns the record's title in the reader's language.
#[must_use]
pub fn title(state: &State, catalogue: &Catalogue, language: Language) -> String {
    let form = catalogue.edition(state);
    let asker = Asker { resolve: &NothingKnown, language };
    form.map(|form| of(&form, &Draft::of(state, Some(&form), asker).tree, asker))
        .unwrap_or_default()
}

pub(super) fn of(form: &Form, tree: &Tree, asker: Asker<'_>) -> String {
    if let Some(Value::Text(title)) = form.title.field.and_then(|place| tree.slot(place).value()) {
        return title.clone();
    }
    let parts = form.title.from.iter().filter_map(|&place| {
        let (field, value) = (form.fields.get(place)?, tree.slot(place).value()?);
        words(field, value, asker)
    });
    let own = form.title.words.and_then(|words| in_language(words, tree, asker.language));
    let parts: Vec<String> = parts.chain(own).collect();
    if !parts.is_empty() {
        return parts.join(", ");
    }
    form.label.in_language(asker.language).map(|label| label.text.to_owned()).unwrap_or_default()
}

/// Returns the words of a record that has them in several languages.
fn in_language(fields: ByLanguage, tree: &Tree, language: Language) -> Option<String> {
    let text = |place: usize| match tree.slot(place).value() {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let words = Words { en: text(fields.en), ru: text(fields.ru), ky: text(fields.ky) };
    words.in_language(language).map(|label| label.text.to_owned())
}

/// Returns what people call a value; another record's id says nothing to them.
fn words(field: &Field, value: &Value, asker: Asker<'_>) -> Option<String> {
    match (&field.shape, value) {
        (Shape::Choice { list, .. }, Value::Code(code)) => {
            let known = list.code(code).and_then(|code| code.label.in_language(asker.language));
            Some(known.map_or_else(|| code.clone(), |label| label.text.to_owned()))
        }
        (Shape::Reference { form }, Value::Record(id)) => asker.resolve.name(form, *id),
        (_shape, Value::Text(text) | Value::Unresolved(text)) => Some(text.clone()),
        (_shape, _value) => None,
    }
}
