//! Finds a record by what a person calls it: its id, its reference, or its full name.

use record::{RecordId, RecordKey, Resolve};
use store::{Fault, Lookup};

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

/// Knows the records that are here.
#[derive(Debug)]
pub(super) struct Here<'a, L: Lookup + ?Sized>(pub(super) &'a L);

impl<L: Lookup + ?Sized> Resolve for Here<'_, L> {
    fn record(&self, form: &str, text: &str) -> Option<RecordId> {
        let found = self.named(form, text);
        found.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "a reference is kept as it was written");
            None
        })
    }
}

impl<L: Lookup + ?Sized> Here<'_, L> {
    fn named(&self, form: &str, text: &str) -> Result<Option<RecordId>, Fault> {
        let records = Records(self.0);
        let mut named = None;
        for key in records.with_reference(text)? {
            let of_form = records.summary(&key)?.is_some_and(|summary| summary.form == form);
            if of_form && named.is_some_and(|id| id != key.id) {
                return Ok(None); // Two records bear it; which one is meant is not ours to say.
            }
            if of_form {
                named = Some(key.id);
            }
        }
        Ok(named)
    }
}
