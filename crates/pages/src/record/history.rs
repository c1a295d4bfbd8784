//! The record's history as a timeline: who changed what from what to what.

use record::{Evidence, FieldChange, HistoryItem, HistoryKind};
use serde_json::Value as Json;

use super::labels::{Labels, Shown};
use crate::written::count;

/// One change.
pub(super) struct Step {
    pub(super) what: String,
    pub(super) evidence: Evidence,
    pub(super) remark: Option<String>,
    pub(super) moves: Vec<Move>,
}

/// One field that changed.
pub(super) struct Move {
    pub(super) label: String,
    pub(super) from: Vec<Shown>,
    pub(super) to: Vec<Shown>,
    pub(super) disputed: bool,
}

impl Step {
    pub(super) fn count(&self) -> u64 {
        count(self.moves.len())
    }
}

/// Returns the steps, the newest first; the first one's many fields stand in the record already.
pub(super) fn steps(labels: &Labels<'_>, history: &[HistoryItem]) -> Vec<Step> {
    let step = |item: &HistoryItem| Step {
        what: labels.w.t(match item.kind {
            HistoryKind::Created => "history-created",
            HistoryKind::Amended => "history-amended",
            HistoryKind::Resolved => "history-resolved",
            HistoryKind::Voided => "history-voided",
        }),
        evidence: item.evidence.clone(),
        remark: item.remark.clone(),
        moves: item.changes.iter().map(|change| moved(labels, change)).collect(),
    };
    history.iter().rev().map(step).collect()
}

fn moved(labels: &Labels<'_>, change: &FieldChange) -> Move {
    let disputed = matches!(&change.from, Json::Object(from) if from.contains_key("conflict"));
    Move {
        label: labels.path(&change.field),
        from: labels.at(&change.field, &change.from),
        to: labels.at(&change.field, &change.to),
        disputed,
    }
}
