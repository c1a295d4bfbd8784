//! Changes merged into the records they are of, and what lists ask of the result.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

use record::{Catalogue, Change, Path, RecordKey, Shown, State, Value, summary};

use super::search;
use super::weigh::{Batch, Sighting};
use crate::truth::Fault;
use crate::truth::fault::damaged;

/// Records below which another thread costs more than it saves.
const SHARE_MIN: usize = 32;

/// A record as it stood before: its state and how many entries had been folded.
pub(super) struct Known {
    pub(super) state: Vec<u8>,
    pub(super) entries: u64,
}

/// What a batch came to.
pub(super) struct Merged {
    pub(super) batch: Batch,
    pub(super) records: Vec<Record>,
    pub(super) references: Vec<(String, RecordKey)>,
    pub(super) entries: u64,
}

/// A record, as its row has it.
pub(super) struct Record {
    pub(super) key: RecordKey,
    pub(super) form: String,
    pub(super) state: Vec<u8>,
    pub(super) hash: [u8; 32],
    pub(super) entries: u64,
    pub(super) occurred_ms: i64,
    pub(super) search: String,
    pub(super) shown: Shown,
}

/// Merges a batch into the records `known`.
pub(super) fn merge(
    mut batch: Batch,
    known: BTreeMap<RecordKey, Known>,
    catalogue: &Catalogue,
) -> Result<Merged, Fault> {
    let mut touched: BTreeMap<RecordKey, (State, u64)> = BTreeMap::new();
    for (key, before) in known {
        let state = State::from_bytes(&before.state)
            .map_err(|_not_a_state| damaged("a record's fold: run `ashuu-hub rebuild`; it"))?;
        touched.insert(key, (state, before.entries));
    }
    let mut references = Vec::new();
    for Sighting { key, dot, change, .. } in &mut batch.sightings {
        let Some(change) = change.take() else { continue };
        references.extend(named(&change).map(|name| (name, key.clone())));
        let (state, entries) =
            touched.entry(key.clone()).or_insert_with(|| (State::new(key.clone()), 0));
        state.apply(*dot, &change);
        *entries += 1;
    }
    let records = rows(&touched.into_iter().collect::<Vec<_>>(), catalogue)?;
    let entries = batch.cursors.iter().map(|cursor| cursor.to - cursor.from).sum();
    Ok(Merged { batch, records, references, entries })
}

/// Returns the references that a change gives its record.
fn named(change: &Change) -> impl Iterator<Item = String> + '_ {
    let path = Path::field(Path::REF);
    let name = |value: &Value| {
        if let Value::Text(name) = value { Some(name.clone()) } else { None }
    };
    let writes = change.writes.iter().filter(move |write| write.path == path);
    writes.filter_map(move |write| name(&write.value))
}

/// Makes the rows on as many processors as there are: each row is of one record only.
fn rows(
    touched: &[(RecordKey, (State, u64))],
    catalogue: &Catalogue,
) -> Result<Vec<Record>, Fault> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let share = touched.len().div_ceil(workers).max(SHARE_MIN);
    let work = |part: &[(RecordKey, (State, u64))]| -> Vec<Record> {
        part.iter().map(|(key, (state, entries))| row(key, state, *entries, catalogue)).collect()
    };
    thread::scope(|scope| {
        let parts: Vec<_> =
            touched.chunks(share).map(|part| scope.spawn(move || work(part))).collect();
        let mut records = Vec::with_capacity(touched.len());
        for part in parts {
            records
                .extend(part.join().map_err(|_panic| damaged("a record that stopped the fold"))?);
        }
        Ok(records)
    })
}

fn row(key: &RecordKey, state: &State, entries: u64, catalogue: &Catalogue) -> Record {
    let shown = summary(state, catalogue);
    let own_date = shown.occurred_at.as_deref();
    let bytes = state.to_bytes();
    Record {
        form: state.form().map(|form| form.id.clone()).unwrap_or_default(),
        hash: State::hash_of(&bytes),
        state: bytes,
        entries,
        occurred_ms: own_date.and_then(search::instant_ms).unwrap_or(0),
        search: search::text_of(key, &shown),
        key: key.clone(),
        shown,
    }
}
