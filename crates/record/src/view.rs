//! A record as both binaries print it: the JSON of `show`, `list` and `history`, key by key.
//!
//! What only the caller knows (custody, who stands behind a dot) is handed in.

mod review;

use std::collections::BTreeMap;

use journal::Dot;
use serde::Serialize;
use serde_json::{Map, Value as Json};

pub use review::{DecisionView, Delivery, RemarkView, ReviewView};

use crate::finding::Finding;
use crate::show::{Conflict, Shown};
use crate::state::State;
use crate::value::{Value, hex};

/// A whole record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RecordView {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The id of its form.
    pub form: String,
    /// The version of the form it was written by.
    pub form_version: u32,
    /// The versions of published vocabularies its codes are of.
    pub lists: BTreeMap<String, u32>,
    /// The site it was made at.
    pub site: String,
    /// Its title; made from other fields where nobody gave one.
    pub title: String,
    /// Its own date.
    pub occurred_at: Option<String>,
    /// Its fields; one in conflict is absent.
    pub values: Map<String, Json>,
    /// The fields in conflict.
    pub conflicts: Vec<ConflictView>,
    /// What the centre decided.
    pub review: ReviewView,
    /// Where it has got to.
    pub custody: Custody,
    /// What there is to remark.
    pub findings: Vec<Finding>,
    /// Why it is void.
    pub voided: Option<String>,
    /// Whether it goes ahead of others.
    pub urgent: bool,
    /// How many entries it consists of.
    pub entries: u64,
    /// What whoever reads this has seen: given back with the next change.
    pub seen: Vec<String>,
    /// The hash of its fold.
    pub state_hash: String,
}

/// A field in conflict.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ConflictView {
    /// The field's path.
    pub field: String,
    /// The values that stand against each other.
    pub values: Vec<ConflictValue>,
}

/// One of the values that stand against each other.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ConflictValue {
    /// The value.
    pub value: Json,
    /// Who wrote it, where and when; of several who wrote the same, the first by dot.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// That writer's change.
    pub dot: String,
    /// The changes of all who wrote it.
    pub dots: Vec<String>,
}

/// What is known of the change behind a dot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Evidence {
    /// Who wrote it.
    pub author: String,
    /// On which device.
    pub device: String,
    /// When, by that device's clock.
    pub claimed_at: String,
    /// Between which instants, where known.
    pub trusted: Option<[String; 2]>,
    /// Whether the device's clock was outside of these.
    pub clock_suspect: bool,
}

/// Where a record has got to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Custody {
    /// On this device's disk.
    Saved,
    /// On its way.
    Sent,
    /// Covered by a receipt of the hub.
    Held,
    /// Decided on.
    Reviewed,
}

/// A record in a list.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ListRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The id of its form.
    pub form: String,
    /// The site it was made at.
    pub site: String,
    /// Where it has got to.
    pub custody: Custody,
    /// Whether it goes ahead of others.
    pub urgent: bool,
    /// Whether any field is in conflict.
    pub conflict: bool,
    /// What the centre decided.
    pub review_state: String,
    /// Its own date.
    pub occurred_at: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether it was signed at its site later than its severity allows; none where nobody asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// Whether it reached the centre later than that: transport is not the site's fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_late: Option<bool>,
}

/// Returns the whole record; `evidence` says who stands behind a dot.
#[must_use]
pub fn record_view(
    state: &State,
    shown: Shown,
    custody: Custody,
    entries: u64,
    evidence: &dyn Fn(&Dot) -> Evidence,
) -> RecordView {
    let conflict = |conflict: &Conflict| ConflictView {
        field: conflict.path.to_string(),
        values: conflict_values(conflict, evidence),
    };
    RecordView {
        id: state.key.id.to_string(),
        reference: shown.reference,
        form: state.form().map(|form| form.id.clone()).unwrap_or_default(),
        form_version: state.form().map_or(0, |form| form.version),
        lists: state.vocabularies().clone(),
        site: state.key.site.to_string(),
        title: shown.title,
        occurred_at: shown.occurred_at,
        conflicts: shown.conflicts.iter().map(conflict).collect(),
        values: shown.values,
        review: ReviewView::submitted(),
        custody,
        findings: shown.findings,
        voided: shown.voided,
        urgent: shown.urgent,
        entries,
        seen: state.live_dots().iter().map(Dot::to_string).collect(),
        state_hash: hex(&state.hash()),
    }
}

fn conflict_values(conflict: &Conflict, evidence: &dyn Fn(&Dot) -> Evidence) -> Vec<ConflictValue> {
    let value = |(value, dots): &(Value, Vec<Dot>)| {
        let first = dots.first()?;
        Some(ConflictValue {
            value: value.to_json(),
            evidence: evidence(first),
            dot: first.to_string(),
            dots: dots.iter().map(Dot::to_string).collect(),
        })
    };
    conflict.values.iter().filter_map(value).collect()
}

/// Returns the record as a row of a list.
#[must_use]
pub fn list_row(state: &State, shown: &Shown, custody: Custody) -> ListRow {
    ListRow {
        id: state.key.id.to_string(),
        reference: shown.reference.clone(),
        form: state.form().map(|form| form.id.clone()).unwrap_or_default(),
        site: state.key.site.to_string(),
        custody,
        urgent: shown.urgent,
        conflict: !shown.conflicts.is_empty(),
        review_state: ReviewView::submitted().state,
        occurred_at: shown.occurred_at.clone(),
        title: shown.title.clone(),
        late: None,
        arrived_late: None,
    }
}
