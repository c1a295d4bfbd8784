//! The record's history as a timeline: who changed what from what to what.

use record::{Evidence, FieldChange, HistoryItem, HistoryKind};
use serde_json::Value as Json;

use super::labels::{Labels, Shown};
use crate::dictionary::Dictionary;
use crate::written::count;

/// One change.
pub(super) struct Step {
    pub(super) what: String,
    /// The entry it stands in: its name in full, and without the log, which its device tells.
    pub(super) entry: (String, String),
    pub(super) evidence: Evidence,
    pub(super) remark: Option<String>,
    /// What was said of single fields: the field's words and the remark.
    pub(super) fields: Vec<(String, String)>,
    /// Until when it is to be corrected.
    pub(super) due: Option<String>,
    /// The record that stays, where this one is a duplicate of it.
    pub(super) of: Option<Shown>,
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

/// Returns what an act or a change did, in words.
pub(super) fn done(w: &Dictionary, kind: HistoryKind) -> String {
    w.t(match kind {
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
    })
}

/// Returns the steps, the newest first; the first one's many fields stand in the record already.
pub(super) fn steps(labels: &Labels<'_>, history: &[HistoryItem]) -> Vec<Step> {
    let step = |item: &HistoryItem| Step {
        what: done(labels.w, item.kind),
        entry: (item.dot.clone(), short(&item.dot)),
        evidence: labels.evidence(&item.evidence),
        remark: item.remark.clone(),
        fields: item.fields.iter().map(|of| (labels.path(&of.field), of.remark.clone())).collect(),
        due: item.due.as_deref().map(|due| written_due(labels, due)),
        of: item.of.as_deref().map(|of| labels.record(of)),
        moves: item.changes.iter().map(|change| moved(labels, change)).collect(),
    };
    history.iter().rev().map(step).collect()
}

/// Returns the number and the hash of an entry that goes by `log-number-hash`.
fn short(dot: &str) -> String {
    let mut parts = dot.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(hash), Some(number), Some(_log)) => format!("№ {number}, {hash}"),
        _ => dot.to_owned(),
    }
}

/// Returns a due date as a person reads it: a day, or days after the delivery, such as `7 d`.
fn written_due(labels: &Labels<'_>, due: &str) -> String {
    let days = due.strip_suffix(" d").and_then(|days| days.parse::<u64>().ok());
    days.map_or_else(|| labels.w.time(due), |days| labels.w.n("review-due-days", days))
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
