//! The keys of a line that belong to the program, not to the form.
//!
//! `@id` makes an import repeatable, `@author` names who recorded it, `@voided` keeps void what was
//! void. What only says where a record is from is passed over.

use serde_json::Value as Json;

use super::{Object, Reading};
use crate::id::RecordId;
use crate::list::Language;
use crate::message;
use crate::table::{AUTHOR, CONFLICT, ID, IGNORED_KEYS, VOIDED};

/// The version of UUID that ids have.
const ID_VERSION: usize = 7;

/// What the program's own keys say.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) id: Option<RecordId>,
    pub(super) author: Option<String>,
    pub(super) voided: Option<String>,
}

/// Reads the keys that belong to the program.
pub(super) fn keys(object: &Object, reading: &mut Reading, language: Language) -> Keys {
    let mut keys = Keys::default();
    for (name, json) in object.iter().filter(|(name, _json)| name.starts_with('@')) {
        match name.as_str() {
            ID => {
                keys.id = json.as_str().and_then(import_id);
                if keys.id.is_none() {
                    reading.refuse(name.clone(), message::bad_id(language));
                }
            }
            AUTHOR => keys.author = text((name, json), reading, || message::bad_author(language)),
            VOIDED => keys.voided = text((name, json), reading, || message::bad_void(language)),
            CONFLICT => contested(json, reading, language),
            ignored if IGNORED_KEYS.contains(&ignored) => {}
            _ => reading.refuse(name.clone(), message::no_key(language)),
        }
    }
    keys
}

fn text(
    (name, json): (&str, &Json),
    reading: &mut Reading,
    wanted: impl FnOnce() -> String,
) -> Option<String> {
    match json {
        Json::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            reading.refuse(name.to_owned(), wanted());
            None
        }
    }
}

/// A record that was exported in conflict lacks fields; taking it as whole would lose them.
fn contested(json: &Json, reading: &mut Reading, language: Language) {
    let fields: Vec<&str> =
        json.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    if json.is_null() || json.as_array().is_some_and(Vec::is_empty) {
        return;
    }
    let fields = fields.join(", ");
    reading.refuse(CONFLICT.to_owned(), message::line_in_conflict(language, fields, CONFLICT));
}

/// Returns the id, if it is spelled as ids of imports are.
fn import_id(text: &str) -> Option<RecordId> {
    let id: RecordId = text.parse().ok()?;
    let uuid = uuid::Uuid::from_bytes(id.0);
    let fits = uuid.get_version_num() == ID_VERSION
        && uuid.get_variant() == uuid::Variant::RFC4122
        && text == id.to_string();
    fits.then_some(id)
}
