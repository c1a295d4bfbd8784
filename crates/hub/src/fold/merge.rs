//! Changes merged into the records they are of, and what lists ask of the result.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

use record::{Catalogue, Change, Path, RecordKey, Shown, State, Value, Wanted, summary};
use serde_json::Value as Json;

use super::weigh::{Batch, Sighting};
use crate::limits::FOUND_BY_BYTES_MAX;
use crate::tables::search;
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
    /// The first signing by corrected time, and the first arrival; 0 is unknown.
    pub(super) times: Times,
    /// How grave it is; 0 where its form does not ask.
    pub(super) severity: i64,
    /// What it names that is not here.
    pub(super) wanted: Vec<Wanted>,
    /// The texts it is found by, with their fields; none where its form has no such field.
    pub(super) named: Option<Vec<(String, String)>>,
}

/// When a record was first signed and when it first arrived.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) signed_ms: i64,
    pub(super) arrived_ms: i64,
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
    let mut times: BTreeMap<RecordKey, Times> = BTreeMap::new();
    for Sighting { key, dot, change, claimed_ms, trusted, .. } in &mut batch.sightings {
        let Some(change) = change.take() else { continue };
        times.entry(key.clone()).or_default().note(*claimed_ms, *trusted);
        references.extend(named(&change).map(|name| (name, key.clone())));
        let (state, entries) =
            touched.entry(key.clone()).or_insert_with(|| (State::new(key.clone()), 0));
        state.apply(*dot, &change);
        *entries += 1;
    }
    let mut records = rows(&touched.into_iter().collect::<Vec<_>>(), catalogue)?;
    for record in &mut records {
        record.times = times.get(&record.key).copied().unwrap_or_default();
    }
    let entries = batch.cursors.iter().map(|cursor| cursor.to - cursor.from).sum();
    Ok(Merged { batch, records, references, entries })
}

impl Times {
    /// Notes an entry. A clock outside of what the hub knows is put right by as much as is known.
    fn note(&mut self, claimed_ms: i64, (lower, upper): (Option<i64>, Option<i64>)) {
        let signed_ms = claimed_ms.max(lower.unwrap_or(claimed_ms));
        let signed_ms = signed_ms.min(upper.unwrap_or(signed_ms));
        let earlier = |known: i64, new: i64| if known == 0 { new } else { known.min(new) };
        self.signed_ms = earlier(self.signed_ms, signed_ms);
        self.arrived_ms = earlier(self.arrived_ms, upper.unwrap_or(self.arrived_ms));
    }
}

/// Returns the references that a change gives its record.
fn named(change: &Change) -> impl Iterator<Item = String> + '_ {
    let path = Path::field(Path::REF);
    let name = |value: &Value| {
        if let Value::Text(name) = value {
            Some(name).filter(|name| fits(name)).cloned()
        } else {
            None
        }
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

fn texts(state: &State, catalogue: &Catalogue) -> Option<Vec<(String, String)>> {
    let form = catalogue.form(&state.form()?.id)?;
    let found_by =
        || record::named(form, state).into_iter().filter(|(_, text)| fits(text)).collect();
    form.has_unique().then(found_by)
}

const fn fits(found_by: &str) -> bool {
    found_by.len() <= FOUND_BY_BYTES_MAX
}

fn row(key: &RecordKey, state: &State, entries: u64, catalogue: &Catalogue) -> Record {
    let shown = summary(state, catalogue);
    let own_date = shown.occurred_at.as_deref();
    let bytes = state.to_bytes();
    Record {
        form: state.form().map(|form| form.id.clone()).filter(|id| fits(id)).unwrap_or_default(),
        hash: State::hash_of(&bytes),
        state: bytes,
        entries,
        occurred_ms: own_date.and_then(search::instant_ms).unwrap_or(0),
        search: search::text_of(key, &shown),
        times: Times::default(),
        severity: shown.values.get("severity").and_then(Json::as_i64).unwrap_or(0),
        wanted: catalogue.missing(state).into_iter().filter(|wanted| fits(&wanted.name)).collect(),
        named: texts(state, catalogue),
        key: key.clone(),
        shown,
    }
}
