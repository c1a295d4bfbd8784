//! Finds a record by what a person calls it: its id, its reference, or its full name.

use record::{RecordId, RecordKey};
use store::Lookup;

use crate::problem::{Cause, Problem};
use crate::projector::Records;

/// Returns the one record that `text` names.
pub(super) fn record(view: &(impl Lookup + ?Sized), text: &str) -> Result<RecordKey, Problem> {
    let records = Records(view);
    let text = text.trim();
    let found = if let Ok(key) = text.parse::<RecordKey>() {
        records.summary(&key)?.map(|_summary| key).into_iter().collect()
    } else if let Ok(id) = text.parse::<RecordId>() {
        records.with_id(id)?
    } else {
        records.with_reference(text)?
    };
    match found.as_slice() {
        [key] => Ok(key.clone()),
        [] => {
            let words = format!(
                "there is no record {text} here: name it by its id, its reference or SITE:id, as `list` shows them"
            );
            Err(Problem::new(Cause::NotFound, words))
        }
        [..] => {
            let names: Vec<String> = found.iter().map(RecordKey::to_string).collect();
            let words = format!("{text} names {}: say which", names.join(" and "));
            Err(Problem::new(Cause::Ambiguous, words))
        }
    }
}
