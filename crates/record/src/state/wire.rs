//! A state's only encoding: its key, its forms, a table of dots, what each change had seen, each
//! path with its values, and where there are any the published vocabularies its changes name.
//!
//! Most dots of a record stand in most of its fields, so fields name them by their place in the
//! table, which is sorted and holds no other dots.

use std::collections::{BTreeMap, BTreeSet};

use journal::Dot;
use journal::codec::{self, CodecError};
use serde::{Deserialize, Serialize, Serializer};

use super::{FieldState, State};
use crate::change::FormVersion;
use crate::id::RecordKey;
use crate::path::Path;
use crate::value::Value;
use crate::value::dots::{Dots, DotsOut};

#[derive(Serialize)]
struct StateOut<'a> {
    key: &'a RecordKey,
    forms: &'a BTreeSet<FormVersion>,
    dots: DotsOut<'a>,
    seen: SeenOut<'a>,
    fields: FieldsOut<'a>,
}

struct SeenOut<'a>(&'a State, &'a [Dot]);

struct FieldsOut<'a>(&'a State, &'a [Dot]);

#[derive(Serialize)]
struct FieldOut<'a>(&'a Path, LiveOut<'a>, PlacesOut<'a>);

struct LiveOut<'a>(&'a FieldState, &'a [Dot]);

struct PlacesOut<'a>(&'a BTreeSet<Dot>, &'a [Dot]);

#[derive(Deserialize)]
struct StateIn {
    key: RecordKey,
    forms: Vec<FormVersion>,
    dots: Dots,
    seen: Vec<(u32, Vec<u32>)>,
    fields: Vec<FieldIn>,
}

#[derive(Deserialize)]
struct FieldIn(Path, Vec<(u32, Value)>, Vec<u32>);

/// A state whose changes name published vocabularies: these follow it.
#[derive(Serialize)]
struct NamingOut<'a>(StateOut<'a>, &'a BTreeMap<String, u32>);

#[derive(Deserialize)]
struct NamingIn(StateIn, BTreeMap<String, u32>);

pub(super) fn encode(state: &State) -> Vec<u8> {
    let table = table(state);
    let (dots, seen, fields) = (DotsOut(&table), SeenOut(state, &table), FieldsOut(state, &table));
    let out = StateOut { key: &state.key, forms: &state.forms, dots, seen, fields };
    let encoded = if state.vocabularies.is_empty() {
        codec::encode(&out, usize::MAX)
    } else {
        codec::encode(&NamingOut(out, &state.vocabularies), usize::MAX)
    };
    match encoded {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("no limit, and every value has an encoding: {error}"),
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<State, CodecError> {
    let plain: Result<StateIn, CodecError> = codec::decode(bytes, bytes.len());
    let NamingIn(state, vocabularies) = match plain {
        Ok(state) => NamingIn(state, BTreeMap::new()),
        Err(error) => codec::decode(bytes, bytes.len()).map_err(|_neither| error)?,
    };
    let StateIn { key, forms, dots, seen, fields } = state;
    let forms = forms.into_iter().collect();
    let mut state = State { forms, vocabularies, ..State::new(key) };
    for (author, seen) in seen {
        let seen = named(&dots.0, author).zip(all_named(&dots.0, seen));
        let (dot, seen) = seen.filter(|(_, seen)| !seen.is_empty()).ok_or_else(misnamed)?;
        state.seen.insert(dot, seen);
    }
    for FieldIn(path, live, replaced) in fields {
        let field = field(&dots.0, live, replaced).ok_or_else(misnamed)?;
        state.fields.insert(path, field);
    }
    if encode(&state) != bytes {
        return Err(CodecError::NotCanonical);
    }
    Ok(state)
}

/// Returns every dot of the state, sorted.
fn table(state: &State) -> Vec<Dot> {
    let mut dots: Vec<Dot> = Vec::new();
    let seen = state.seen.iter().flat_map(|(dot, seen)| std::iter::once(dot).chain(seen));
    let standing = state.fields.values().flat_map(|field| field.live.keys().chain(&field.replaced));
    for dot in seen.chain(standing) {
        // Fields of one change repeat its dot: looking at the last one spares most of the sorting.
        if dots.last() != Some(dot) {
            dots.push(*dot);
        }
    }
    dots.sort_unstable();
    dots.dedup();
    dots
}

fn field(dots: &[Dot], live: Vec<(u32, Value)>, replaced: Vec<u32>) -> Option<FieldState> {
    let live = live.into_iter().map(|(place, value)| Some((named(dots, place)?, value)));
    let live: BTreeMap<Dot, Value> = live.collect::<Option<_>>()?;
    let replaced = all_named(dots, replaced)?;
    let written = !live.is_empty() || !replaced.is_empty();
    let apart = live.keys().all(|dot| !replaced.contains(dot));
    (written && apart).then_some(FieldState { live, replaced })
}

fn all_named(dots: &[Dot], places: Vec<u32>) -> Option<BTreeSet<Dot>> {
    places.into_iter().map(|place| named(dots, place)).collect()
}

fn named(dots: &[Dot], place: u32) -> Option<Dot> {
    dots.get(usize::try_from(place).ok()?).copied()
}

fn misnamed() -> CodecError {
    CodecError::Malformed(
        "a dot is not in the state's table, or live and replaced at once".to_owned(),
    )
}

/// Returns the place of a dot in the table, which holds every dot of the state.
fn place(dots: &[Dot], dot: &Dot) -> u32 {
    u32::try_from(dots.partition_point(|other| other < dot)).unwrap_or(u32::MAX)
}

impl Serialize for SeenOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(state, dots) = self;
        let seen = state.seen.iter();
        serializer.collect_seq(seen.map(|(dot, seen)| (place(dots, dot), PlacesOut(seen, dots))))
    }
}

impl Serialize for FieldsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(state, dots) = self;
        serializer.collect_seq(state.fields.iter().map(|(path, field)| {
            FieldOut(path, LiveOut(field, dots), PlacesOut(&field.replaced, dots))
        }))
    }
}

impl Serialize for LiveOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(FieldState { live, .. }, dots) = self;
        serializer.collect_seq(live.iter().map(|(dot, value)| (place(dots, dot), value)))
    }
}

impl Serialize for PlacesOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(set, dots) = self;
        serializer.collect_seq(set.iter().map(|dot| place(dots, dot)))
    }
}
