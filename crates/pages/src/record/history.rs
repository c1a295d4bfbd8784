//! The record's history as a timeline: who changed what from what to what.

use record::{Evidence, FieldChange, FieldRemark, HistoryItem, HistoryKind};
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
            HistoryKind::Accepted => "history-accepted",
            HistoryKind::Returned => "history-returned",
            HistoryKind::OnHold => "history-on-hold",
            HistoryKind::Duplicate => "history-duplicate",
            HistoryKind::NotReportable => "history-not-reportable",
            HistoryKind::Reopened => "history-reopened",
            HistoryKind::Commented => "history-commented",
            HistoryKind::Resubmitted => "history-resubmitted",
            HistoryKind::RecallAsked => "history-recall-asked",
            HistoryKind::Recalled => "history-recalled",
            HistoryKind::Seen => "history-seen",
        }),
        evidence: item.evidence.clone(),
        remark: remark(labels, item),
        moves: item.changes.iter().map(|change| moved(labels, change)).collect(),
    };
    history.iter().rev().map(step).collect()
}

/// Returns what was said: of the whole record, then of each field.
fn remark(labels: &Labels<'_>, item: &HistoryItem) -> Option<String> {
    let of_field = |of: &FieldRemark| format!("{}: {}", labels.path(&of.field), of.remark);
    let said = item.remark.iter().cloned().chain(item.fields.iter().map(of_field));
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(" · "))
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
