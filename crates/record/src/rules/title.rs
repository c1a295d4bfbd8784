//! The title of a record. An empty one reads kind and place, and is not stored.

use crate::form::{Field, Form, Shape};
use crate::input::Tree;
use crate::list::Language;
use crate::value::Value;

pub(super) fn title(form: &Form, tree: &Tree, language: Language) -> String {
    if let Some(Value::Text(title)) = form.title.field.and_then(|place| tree.slot(place).value()) {
        return title.clone();
    }
    let parts = form.title.from.iter().filter_map(|&place| {
        let field = form.fields.get(place)?;
        words(field, tree.slot(place).value()?, language)
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn words(field: &Field, value: &Value, language: Language) -> Option<String> {
    if let (Shape::Choice { list, .. }, Value::Code(code)) = (&field.shape, value) {
        let label = list.code(code).and_then(|code| code.label.in_language(language));
        return Some(label.map_or_else(|| code.clone(), |label| label.text.to_owned()));
    }
    value.to_json().as_str().map(str::to_owned)
}
