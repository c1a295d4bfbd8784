//! Folds a change into its record and keeps what finds the record.

use journal::{DeviceKey, Dot, Entry};
use record::{Catalogue, Change, Form, Path, Shown, State, Value};
use store::{Fault, View};

use super::named;
use super::publications;
use super::review::{self, Reviewed};
use super::rows::{self, Summary};

/// Notes how large an urgent entry is, for what waits.
pub(super) fn urgent(view: &mut dyn View, entry: &Entry, change: &Change) {
    if change.urgent {
        let key = rows::dot_key(&entry.dot());
        let written = rows::put(view, rows::URGENT, key, &entry.header.payload_len);
        debug_assert!(written.is_some(), "a number is small");
    }
}

/// Folds a change that counts.
pub(super) fn change(
    view: &mut dyn View,
    (hub, catalogue): (&DeviceKey, &Catalogue),
    dot: Dot,
    change: &Change,
) -> Result<(), Fault> {
    let key = rows::record_key(&change.record);
    // Most changes make a record, so the small row is asked first whether there is one.
    let before: Option<Summary> = rows::get(view, rows::SUMMARIES, &key)?;
    let mut state = match &before {
        Some(_summary) => state(view, &key)?,
        None => State::new(change.record.clone()),
    };
    let wanted = catalogue.missing(&state);
    let named = named::prefixes(form_of(&state, catalogue), &state);
    state.apply(dot, change);
    let names = named::prefixes(form_of(&state, catalogue), &state);
    named::index(view, &key, &named, &names);
    publications::note(view, &key, wanted, catalogue.missing(&state));
    index_reference(view, &key, dot, change)?;
    let mut dots = before.map(|before| before.dots).unwrap_or_default();
    if let Err(place) = dots.binary_search(&dot) {
        dots.insert(place, dot);
    }
    let shown = record::summary(&state, catalogue);
    view.put(rows::RECORDS, key.clone(), state.to_bytes());
    let acts = review::acts(view, &change.record)?;
    let review = Reviewed::of(view, hub, &acts, &state)?;
    review.index(view, &key);
    let summary = Summary { review, ..summary(&state, shown, dots) };
    if rows::put(view, rows::SUMMARIES, key, &summary).is_none() {
        return Err(Fault::Views("a record has too many entries to list".to_owned()));
    }
    Ok(())
}

/// Sums a record up by other forms and lists than before.
pub(super) fn sum_up(
    view: &mut dyn View,
    (old, new): (&Catalogue, &Catalogue),
    key: Vec<u8>,
) -> Result<(), Fault> {
    let before: Option<Summary> = rows::get(view, rows::SUMMARIES, &key)?;
    let Some(Summary { dots, review, .. }) = before else { return Ok(()) };
    let state = state(view, &key)?;
    publications::note(view, &key, old.missing(&state), new.missing(&state));
    let named = named::prefixes(form_of(&state, old), &state);
    let names = named::prefixes(form_of(&state, new), &state);
    named::index(view, &key, &named, &names);
    let shown = record::summary(&state, new);
    let summary = Summary { review, ..summary(&state, shown, dots) };
    if rows::put(view, rows::SUMMARIES, key, &summary).is_none() {
        return Err(Fault::Views("a record has too many entries to list".to_owned()));
    }
    Ok(())
}

fn form_of<'a>(state: &State, catalogue: &'a Catalogue) -> Option<&'a Form> {
    catalogue.form(&state.form()?.id)
}

/// Returns the fold of a record that has a summary.
pub(super) fn state(view: &dyn View, key: &[u8]) -> Result<State, Fault> {
    let damaged = |why: &str| Fault::Damaged(format!("a record of the views ({why})"));
    let bytes = view.get(rows::RECORDS, key)?.ok_or_else(|| damaged("it is missing"))?;
    State::from_bytes(&bytes).map_err(|error| damaged(&error.to_string()))
}

fn summary(state: &State, shown: Shown, dots: Vec<Dot>) -> Summary {
    let imports = state.get(&Path::field(Path::IMPORT)).live.values();
    let bytes =
        |value: &Value| if let Value::Bytes(hash) = value { Some(hash.clone()) } else { None };
    let mut imports: Vec<Vec<u8>> = imports.filter_map(bytes).collect();
    imports.sort_unstable();
    imports.dedup();
    Summary {
        form: state.form().map(|form| form.id.clone()).unwrap_or_default(),
        reference: shown.reference,
        urgent: shown.urgent,
        conflict: !shown.conflicts.is_empty(),
        occurred_at: shown.occurred_at,
        title: shown.title,
        imports,
        dots,
        review: Reviewed::nothing(),
    }
}

/// Every reference ever given is found, also one that a later change replaced.
fn index_reference(
    view: &mut dyn View,
    key: &[u8],
    dot: Dot,
    change: &Change,
) -> Result<(), Fault> {
    let written = change.writes.iter().find(|write| write.path == Path::field(Path::REF));
    let Some(Value::Text(reference)) = written.map(|write| &write.value) else { return Ok(()) };
    let row = [rows::reference_prefix(reference).as_slice(), key].concat();
    view.put(rows::REFERENCES, row, Vec::new());
    let given: u64 = rows::get(view, rows::COUNTERS, &dot.log.0)?.unwrap_or(0);
    // The number itself, not a count: an entry that was lost must not free its number.
    let number = reference.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    let counted = rows::put(view, rows::COUNTERS, dot.log.0.to_vec(), &given.max(number));
    debug_assert!(counted.is_some(), "a number is small");
    Ok(())
}
