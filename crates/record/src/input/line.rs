//! The hash of an imported line: the same for the same content, however it is spelled.
//!
//! The order of keys, the spacing, outer spaces of texts and their Unicode form do not matter;
//! everything else does, the author included. Where an exported line is from does not matter either.

use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use super::Object;
use crate::table::IGNORED_KEYS;

/// Returns the first eight bytes of the hash of the normalised line.
pub(super) fn hash(object: &Object) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 imported line v1");
    feed_entries(
        &mut hasher,
        object.iter().filter(|(key, _json)| !IGNORED_KEYS.contains(&key.as_str())).collect(),
    );
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    [a, b, c, d, e, f, g, h]
}

fn feed_entries(hasher: &mut blake3::Hasher, mut entries: Vec<(&String, &Json)>) {
    entries.sort_by_key(|(key, _json)| *key);
    feed(hasher, b'{', &entries.len().to_le_bytes());
    for (key, json) in entries {
        feed(hasher, b'"', key.as_bytes());
        feed_json(hasher, json);
    }
}

/// JSON readers limit how deep a line nests, so this ends soon.
fn feed_json(hasher: &mut blake3::Hasher, json: &Json) {
    match json {
        Json::Null => feed(hasher, b'0', &[]),
        Json::Bool(yes) => feed(hasher, b'?', &[u8::from(*yes)]),
        Json::Number(number) => feed(hasher, b'#', number.to_string().as_bytes()),
        Json::String(text) => {
            let text = text.trim();
            if text.is_ascii() {
                feed(hasher, b'"', text.as_bytes());
            } else {
                feed(hasher, b'"', text.nfc().collect::<String>().as_bytes());
            }
        }
        Json::Array(values) => {
            feed(hasher, b'[', &values.len().to_le_bytes());
            values.iter().for_each(|json| feed_json(hasher, json));
        }
        Json::Object(object) => feed_entries(hasher, object.iter().collect()),
    }
}

/// Each piece goes in with its sort and length, so that no two lines feed the same bytes.
fn feed(hasher: &mut blake3::Hasher, sort: u8, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    hasher.update(&[sort]).update(&length.to_le_bytes()).update(bytes);
}
