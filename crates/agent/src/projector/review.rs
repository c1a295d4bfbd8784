//! What is said about records: the acts of each, as they came, and what they come to in a list.
//!
//! An act may come before the record it is about, and in any order: all of them are kept, and what
//! they come to is made anew from them. An act of a log that has no say is not kept here.

use journal::{DeviceKey, Dot, Entry};
use record::{Act, Action, RecordKey, Review, ReviewEntry, ReviewState, Side, State};
use serde::{Deserialize, Serialize};
use store::{Fault, Lookup, View};

use super::rows::{self, Summary};

/// What a list shows of a review.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Reviewed {
    /// The word for its state.
    pub state: String,
    /// Whether a decision stands.
    pub decided: bool,
    /// The acts that are more than the word that something was read, sorted.
    pub acts: Vec<Dot>,
}

/// An act as its row keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    dot: Dot,
    /// The hub's epoch; of an act of the site none.
    epoch: Option<u32>,
    claimed_ms: i64,
    entry: ReviewEntry,
}

impl Reviewed {
    /// Returns what stands where nobody said anything.
    pub(super) fn nothing() -> Self {
        let state = ReviewState::Submitted.word().to_owned();
        Self { state, decided: false, acts: Vec::new() }
    }

    /// Returns what `acts` come to beside the record's fold.
    pub(super) fn of(
        view: &(impl Lookup + ?Sized),
        hub: &DeviceKey,
        acts: &[Act],
        state: &State,
    ) -> Result<Self, Fault> {
        if acts.is_empty() {
            return Ok(Self::nothing());
        }
        let review = review(view, hub, acts, state)?;
        let says = |act: &&Act| act.entry.action != Action::Seen;
        Ok(Self {
            state: review.state.word().to_owned(),
            decided: review.is_decided(),
            acts: acts.iter().filter(says).map(|act| act.dot).collect(),
        })
    }

    /// Keeps whether the site has to answer the centre.
    pub(super) fn index(&self, view: &mut dyn View, key: &[u8]) {
        let waiting = [ReviewState::Returned, ReviewState::Recalled];
        if waiting.iter().any(|state| state.word() == self.state) {
            view.put(rows::TO_ANSWER, key.to_vec(), Vec::new());
        } else if !self.acts.is_empty() {
            view.delete(rows::TO_ANSWER, key.to_vec());
        }
    }
}

/// Keeps an act of a log that has a say about the record.
pub(super) fn keep(
    view: &mut dyn View,
    hub: &DeviceKey,
    (entry, side): (&Entry, Side),
    act: ReviewEntry,
) -> Result<(), Fault> {
    let (record, dot) = (act.record.clone(), entry.dot());
    let claimed_ms = entry.header.stamp.claimed_ms;
    let row = Row { dot, epoch: epoch(side), claimed_ms, entry: act };
    let key = rows::record_key(&record);
    put(view, rows::ACTS, rows::act_key(&key, &dot), &row)?;
    view.put(rows::REVIEWS, key.clone(), Vec::new());
    let Some(mut summary) = rows::get::<Summary>(view, rows::SUMMARIES, &key)? else {
        return Ok(());
    };
    let acts = acts(view, &record)?;
    summary.review = Reviewed::of(view, hub, &acts, &super::fold::state(view, &key)?)?;
    summary.review.index(view, &key);
    put(view, rows::SUMMARIES, key, &summary)
}

/// Returns the acts about a record, sorted by dot.
pub(super) fn acts(view: &(impl Lookup + ?Sized), record: &RecordKey) -> Result<Vec<Act>, Fault> {
    let key = rows::record_key(record);
    // Most records have none, and asking for one row is cheaper than looking through many.
    if view.get(rows::REVIEWS, &key)?.is_none() {
        return Ok(Vec::new());
    }
    let kept: Vec<(Vec<u8>, Row)> = rows::scan(view, rows::ACTS, &rows::act_prefix(&key))?;
    let mut acts: Vec<Act> = kept.into_iter().map(|(_key, row)| act_of(row)).collect();
    acts.sort_by_key(|act| act.dot);
    Ok(acts)
}

/// Returns what acts come to beside the record's fold.
pub(super) fn review<'a>(
    view: &(impl Lookup + ?Sized),
    hub: &DeviceKey,
    acts: &'a [Act],
    state: &State,
) -> Result<Review<'a>, Fault> {
    let mut of_site = state.content_dots();
    // Most records have one or two writers.
    let mut of_hub = Vec::new();
    let mut logs: Vec<_> = of_site.iter().map(|dot| dot.log).collect();
    logs.dedup();
    for log in logs {
        if rows::log(view, log)?.is_some_and(|(name, _start)| name.device == *hub) {
            of_hub.push(log);
        }
    }
    of_site.retain(|dot| !of_hub.contains(&dot.log));
    Ok(record::review(acts, of_site))
}

const fn epoch(side: Side) -> Option<u32> {
    match side {
        Side::Centre { epoch } => Some(epoch),
        Side::Site | Side::Stranger => None,
    }
}

fn act_of(row: Row) -> Act {
    let Row { dot, epoch, claimed_ms, entry } = row;
    let side = epoch.map_or(Side::Site, |epoch| Side::Centre { epoch });
    Act { dot, side, claimed_ms, entry }
}

fn put<T: Serialize>(view: &mut dyn View, table: u8, key: Vec<u8>, value: &T) -> Result<(), Fault> {
    rows::put(view, table, key, value)
        .ok_or_else(|| Fault::Views("a record has too many acts of review to list".to_owned()))
}
