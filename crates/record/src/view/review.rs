//! The review of a record as both binaries print it.
//!
//! When the site had a decision only the caller knows, and hands it in.

use journal::Dot;
use serde::Serialize;

use super::{Evidence, RecordView};
use crate::history::HistoryKind;
use crate::list::Language;
use crate::review::{Act, Action, FieldRemark, Remarked, Review, ReviewState};
use crate::value::DateTime;

/// What the centre decided on a record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ReviewView {
    /// The state of the review.
    pub state: String,
    /// Who decided.
    pub by: Option<String>,
    /// When, by the hub's clock.
    pub at: Option<String>,
    /// What was remarked with the decision and since, also on fields.
    pub remarks: Vec<RemarkView>,
    /// The decision's remarks on fields.
    pub fields: Vec<FieldRemark>,
    /// The day it is to be corrected by, once it is known.
    pub due: Option<String>,
    /// How many days the site has, where these count from the delivery.
    pub due_days: Option<u32>,
    /// Of a duplicate: the record that stays.
    pub of: Option<String>,
    /// When the site had the decision.
    pub delivered_at: Option<String>,
    /// When somebody at the site read it.
    pub seen_at: Option<String>,
    /// Whether the site changed the record since.
    pub changed_since: bool,
    /// The decision's entry.
    pub decision: Option<String>,
    /// Decisions that stand against each other, where the centre decided twice; then none holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decided_twice: Vec<DecisionView>,
}

/// One of several decisions that stand against each other.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DecisionView {
    /// What was decided: `accepted`, `returned` …
    pub kind: HistoryKind,
    /// Of a duplicate: the record that stays.
    pub of: Option<String>,
    /// Who decided.
    pub by: String,
    /// When, by the hub's clock.
    pub at: String,
    /// The decision's entry.
    pub decision: String,
}

/// A remark, with who made it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RemarkView {
    /// The field's path; none for the whole record.
    pub field: Option<String>,
    /// The remark.
    pub remark: String,
    /// What it came with: `returned`, `commented`, `resubmitted` …
    pub kind: HistoryKind,
    /// Who made it.
    pub by: String,
    /// When, by the author's clock.
    pub at: String,
}

/// When the site had a decision.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Delivery {
    /// When one of its devices first held it.
    pub delivered: Option<DateTime>,
}

impl ReviewView {
    /// Returns the review of a record that nobody has looked at.
    #[must_use]
    pub fn submitted() -> Self {
        Self {
            state: ReviewState::Submitted.to_string(),
            by: None,
            at: None,
            remarks: Vec::new(),
            fields: Vec::new(),
            due: None,
            due_days: None,
            of: None,
            delivered_at: None,
            seen_at: None,
            changed_since: false,
            decision: None,
            decided_twice: Vec::new(),
        }
    }

    /// Returns a review as it is printed; `evidence` says who stands behind a dot.
    #[must_use]
    pub fn of(
        review: &Review<'_>,
        delivery: Delivery,
        evidence: &dyn Fn(&Dot) -> Evidence,
    ) -> Self {
        let remarks = review.remarks.iter().map(|remarked| remark(remarked, evidence)).collect();
        let state = review.state.to_string();
        let Some(decision) = review.decision else {
            let against = review.decisions.iter().map(|act| decision_view(act, evidence));
            let decided_twice = against.collect();
            return Self { state, remarks, decided_twice, ..Self::submitted() };
        };
        let Evidence { author, claimed_at, .. } = evidence(&decision.dot);
        let action = &decision.entry.action;
        let due = if let Action::Return { due } = action { Some(*due) } else { None };
        Self {
            state,
            by: Some(author),
            at: Some(claimed_at),
            remarks,
            fields: decision.entry.fields.clone(),
            due: due.and_then(|due| due.date(delivery.delivered)).map(|day| day.to_string()),
            due_days: due.and_then(|due| due.days()),
            of: of(action),
            delivered_at: delivery.delivered.map(|at| at.to_string()),
            seen_at: review.seen.map(|act| evidence(&act.dot).claimed_at),
            changed_since: !review.unseen.is_empty(),
            decision: Some(decision.dot.to_string()),
            decided_twice: Vec::new(),
        }
    }
}

impl RecordView {
    /// Returns the record with what the centre decided on it.
    #[must_use]
    pub fn reviewed(
        mut self,
        review: &Review<'_>,
        delivery: Delivery,
        evidence: &dyn Fn(&Dot) -> Evidence,
        language: Language,
    ) -> Self {
        self.review = ReviewView::of(review, delivery, evidence);
        self.seen.extend(review.to_see().iter().map(Dot::to_string));
        self.findings.extend(review.remarked.iter().map(|rule| rule.finding(language)));
        self
    }
}

/// Returns the record that stays, of a duplicate.
fn of(action: &Action) -> Option<String> {
    if let Action::Duplicate { of } = action { Some(of.to_string()) } else { None }
}

fn decision_view(act: &Act, evidence: &dyn Fn(&Dot) -> Evidence) -> DecisionView {
    let Evidence { author, claimed_at, .. } = evidence(&act.dot);
    DecisionView {
        kind: HistoryKind::of(&act.entry.action),
        of: of(&act.entry.action),
        by: author,
        at: claimed_at,
        decision: act.dot.to_string(),
    }
}

fn remark(remarked: &Remarked<'_>, evidence: &dyn Fn(&Dot) -> Evidence) -> RemarkView {
    let Evidence { author, claimed_at, .. } = evidence(&remarked.act.dot);
    RemarkView {
        field: remarked.field.map(str::to_owned),
        remark: remarked.remark.to_owned(),
        kind: HistoryKind::of(&remarked.act.entry.action),
        by: author,
        at: claimed_at,
    }
}
