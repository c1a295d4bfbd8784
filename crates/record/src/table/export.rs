//! A record as it is given away: the flat object that `add` takes, with what else people ask for.
//!
//! A reference is written as people know it where its form has such a name. A field in conflict is
//! left out and named under `@conflict`: which value is right is for people to say first.

use serde_json::{Map, Value as Json, json};

use super::layout::is_written;
use super::{CONFLICT, ID, VOIDED};
use crate::form::{Field, Form, Shape};
use crate::id::{RecordId, RecordKey};
use crate::path::Path;
use crate::show::Shown;

/// The keys of an exported record that say where it is from; `add` gives them anew.
pub const IGNORED_KEYS: [&str; 2] = ["@site", "@ref"];

/// Writes records of one form.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    /// The form.
    pub form: &'a Form,
    /// Returns what people call another record wherever they are, if its form has such a name: a
    /// course's code, a service number.
    pub name: &'a dyn Fn(&str, RecordId) -> Option<String>,
}

impl std::fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("form", &self.form.id).finish_non_exhaustive()
    }
}

impl Export<'_> {
    /// Returns a record as one flat object.
    #[must_use]
    pub fn flat(&self, key: &RecordKey, shown: &Shown) -> Map<String, Json> {
        let mut flat = Map::new();
        flat.insert(ID.to_owned(), json!(key.id.to_string()));
        for (name, json) in &shown.values {
            let field = self.form.field(name);
            if field.is_none_or(is_written) {
                flat.insert(name.clone(), self.field(field, json));
            }
        }
        flat.insert("@site".to_owned(), json!(key.site.as_str()));
        flat.extend(shown.reference.iter().map(|text| ("@ref".to_owned(), json!(text))));
        flat.extend(shown.voided.iter().map(|text| (VOIDED.to_owned(), json!(text))));
        if !shown.conflicts.is_empty() {
            let named = shown.conflicts.iter().map(|conflict| named(&conflict.path, shown));
            flat.insert(CONFLICT.to_owned(), named.collect());
        }
        flat
    }

    fn field(&self, field: Option<&Field>, json: &Json) -> Json {
        match field.map(|field| (field, &field.shape)) {
            Some((group, Shape::Group)) => {
                let rows = json.as_array().map(Vec::as_slice).unwrap_or_default();
                rows.iter().map(|row| self.row(group, row)).collect()
            }
            Some((_field, Shape::Reference { form })) => self.reference(form, json),
            Some(_) | None => json.clone(),
        }
    }

    fn row(&self, group: &Field, row: &Json) -> Json {
        let fields = row.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _json)| !name.starts_with('@'));
        let inner = fields.filter_map(|(name, json)| {
            let field = group.inner(name);
            field.is_none_or(is_written).then(|| (name.clone(), self.field(field, json)))
        });
        Json::Object(inner.collect())
    }

    fn reference(&self, form: &str, json: &Json) -> Json {
        if let Json::Array(values) = json {
            return values.iter().map(|json| self.reference(form, json)).collect();
        }
        let id: Option<RecordId> = json.as_str().and_then(|text| text.parse().ok());
        let name = id.and_then(|id| (self.name)(form, id));
        name.map_or_else(|| json.clone(), Json::String)
    }
}

/// Names a field as refusals do: by the row's place, since the ids of rows don't travel.
fn named(path: &Path, shown: &Shown) -> String {
    let Some(row) = &path.row else { return path.field.clone() };
    let rows = shown.values.get(&path.field).and_then(Json::as_array).map(Vec::as_slice);
    let id = row.row.to_string();
    let is_it = |row: &Json| row.get("@row").and_then(Json::as_str) == Some(id.as_str());
    let Some(place) = rows.unwrap_or_default().iter().position(is_it) else {
        return path.to_string();
    };
    let inner = row.field.as_ref().map(|field| format!(".{field}")).unwrap_or_default();
    format!("{}[{place}]{inner}", path.field)
}
