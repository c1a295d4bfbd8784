//! Answers that no two records may share, and so what one record can be found by from another.

use serde::Deserialize;

use super::Form;
use crate::path::Path;
use crate::state::State;
use crate::value::Value;

/// Among which records an answer stands once.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Unique {
    /// Among those of its site.
    Site,
    /// Among all.
    Everywhere,
}

/// Returns each text that stands in a unique field of the record, with the field's name, sorted.
///
/// A field of a group is named as `attendance.certificate_no`. Values in conflict all count; of a
/// record that is void none does.
///
/// An index of these answers [`crate::Resolve::record`] for keys, and [`crate::Resolve::holders`].
#[must_use]
pub fn named(form: &Form, state: &State) -> Vec<(String, String)> {
    let mut named = Vec::new();
    if is_void(state) {
        return named;
    }
    for field in &form.fields {
        if field.unique.is_some() {
            named.extend(texts(&field.id, state.get(&Path::field(&field.id)).live.values()));
        }
        for inner in field.fields.iter().filter(|inner| inner.unique.is_some()) {
            let of_field = |path: &Path| {
                path.row.as_ref().is_some_and(|row| row.field.as_deref() == Some(&inner.id))
            };
            let name = format!("{}.{}", field.id, inner.id);
            for (_path, standing) in state.within(&field.id).filter(|(path, _)| of_field(path)) {
                named.extend(texts(&name, standing.live.values()));
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    named
}

/// Returns whether somebody declared the record void.
pub(crate) fn is_void(state: &State) -> bool {
    let mut reasons = state.get(&Path::field(Path::VOID)).live.values();
    reasons.any(|reason| matches!(reason, Value::Text(_)))
}

fn texts<'a>(
    name: &str,
    values: impl Iterator<Item = &'a Value>,
) -> impl Iterator<Item = (String, String)> {
    let text =
        |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    let found: Vec<String> = values.filter_map(text).collect();
    let name = name.to_owned();
    found.into_iter().map(move |text| (name.clone(), text))
}
