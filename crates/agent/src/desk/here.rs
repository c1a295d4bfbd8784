//! What records may ask of each other on this machine: those of its site, and those for everyone.

use std::collections::BTreeSet;

use record::{Catalogue, DateTime, RecordId, RecordKey, Resolve, Sought, Value, is_of_sort};
use store::{Fault, Lookup};

use crate::projector::Records;

/// Knows the records that are here, by the forms they are written by.
#[derive(Debug)]
pub(super) struct Here<'a, L: Lookup + ?Sized>(pub(super) &'a L, pub(super) &'a Catalogue);

impl<L: Lookup + ?Sized> Resolve for Here<'_, L> {
    fn record(&self, form: &str, text: &str) -> Option<RecordId> {
        told(self.named(form, text))
    }

    fn name(&self, form: &str, id: RecordId) -> Option<String> {
        told(self.called(form, id))
    }

    fn value(&self, form: &str, id: RecordId, field: &str) -> Option<Value> {
        told(self.standing(form, id, field))
    }

    fn holders(&self, form: &str, field: &str, text: &str) -> Vec<(RecordId, String)> {
        told(self.holding(form, field, text).map(Some)).unwrap_or_default()
    }

    fn any_within(&self, sought: &Sought<'_>, from: DateTime, to: DateTime) -> bool {
        told(self.within(sought, from, to).map(Some)).unwrap_or(false)
    }
}

/// Returns what was found. A record that can't be read now is not known now.
fn told<T>(found: Result<Option<T>, Fault>) -> Option<T> {
    found.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "another record can't be asked");
        None
    })
}

impl<L: Lookup + ?Sized> Here<'_, L> {
    /// Two records may bear a name; which one is meant is not ours to say.
    fn named(&self, form: &str, text: &str) -> Result<Option<RecordId>, Fault> {
        let records = Records(self.0);
        let mut found = BTreeSet::new();
        for key in records.with_reference(text)? {
            if self.is_of(&key, form)? {
                found.insert(key.id);
            }
        }
        let key = self.1.form(form).and_then(|form| form.key());
        if let Some(key) = key.filter(|_key| found.is_empty()) {
            let bearers = records.with_text(form, &key.id, text)?;
            found.extend(bearers.into_iter().map(|key| key.id));
        }
        Ok(found.pop_first().filter(|_one| found.is_empty()))
    }

    fn called(&self, form: &str, id: RecordId) -> Result<Option<String>, Fault> {
        let Some(key) = self.of_form(form, id)? else { return Ok(None) };
        let name = self.1.form(form).and_then(|form| form.key());
        let name = name.map(|name| self.text(&key, &name.id)).transpose()?.flatten();
        let reference = || Ok(Records(self.0).summary(&key)?.and_then(|found| found.reference));
        name.map_or_else(reference, |name| Ok(Some(name)))
    }

    fn text(&self, key: &RecordKey, field: &str) -> Result<Option<String>, Fault> {
        let value = self.value_of(key, field)?;
        Ok(value.and_then(|value| if let Value::Text(text) = value { Some(text) } else { None }))
    }

    fn standing(&self, form: &str, id: RecordId, field: &str) -> Result<Option<Value>, Fault> {
        let Some(key) = self.of_form(form, id)? else { return Ok(None) };
        self.value_of(&key, field)
    }

    /// Returns the one value that stands in a field; of several that differ none.
    fn value_of(&self, key: &RecordKey, field: &str) -> Result<Option<Value>, Fault> {
        let Some(state) = Records(self.0).state(key)? else { return Ok(None) };
        let mut values: BTreeSet<&Value> =
            state.get(&record::Path::field(field)).live.values().collect();
        let one = values.pop_first().filter(|value| **value != Value::Cleared);
        Ok(one.filter(|_one| values.is_empty()).cloned())
    }

    fn holding(
        &self,
        form: &str,
        field: &str,
        text: &str,
    ) -> Result<Vec<(RecordId, String)>, Fault> {
        let records = Records(self.0);
        let mut holders = Vec::new();
        for key in records.with_text(form, field, text)? {
            let reference = records.summary(&key)?.and_then(|summary| summary.reference);
            holders.push((key.id, reference.unwrap_or_else(|| key.to_string())));
        }
        Ok(holders)
    }

    fn within(&self, sought: &Sought<'_>, from: DateTime, to: DateTime) -> Result<bool, Fault> {
        let records = Records(self.0);
        for (key, summary) in records.summaries()? {
            let at = summary.occurred_at.as_deref().and_then(|at| at.parse::<DateTime>().ok());
            let inside = at.is_some_and(|at| from.utc_ms <= at.utc_ms && at.utc_ms < to.utc_ms);
            if summary.form == sought.form
                && inside
                && let Some(state) = records.state(&key)?
                && is_of_sort(&state, self.1, sought)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the record of the form with that id.
    fn of_form(&self, form: &str, id: RecordId) -> Result<Option<RecordKey>, Fault> {
        for key in Records(self.0).with_id(id)? {
            if self.is_of(&key, form)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn is_of(&self, key: &RecordKey, form: &str) -> Result<bool, Fault> {
        Ok(Records(self.0).summary(key)?.is_some_and(|summary| summary.form == form))
    }
}
