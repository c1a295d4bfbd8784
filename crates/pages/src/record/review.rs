//! The review of a record: where it stands, what was said, and what may be decided now.

use record::{DecisionView, RemarkView, ReviewState, Step};
use serde_json::Value as Json;

use super::history::done;
use super::labels::{Labels, Shown};
use crate::dictionary::Dictionary;
use crate::records::Choice;

/// The review as the page shows it.
pub(super) struct Review {
    /// The state in words, with the class and sign that go with it.
    pub(super) state: Badge,
    /// Until when the site is to correct it.
    pub(super) due: Option<String>,
    /// The record that stays, where this one is a duplicate of it.
    pub(super) of: Option<Shown>,
    /// The decisions that stand against each other, where the centre decided twice.
    pub(super) twice: Vec<Decided>,
    pub(super) remarks: Vec<Said>,
    /// What may be decided in this state.
    pub(super) verdicts: Vec<Choice>,
    /// The fields a remark may be about.
    pub(super) fields: Vec<Choice>,
    pub(super) may_return: bool,
    pub(super) may_be_duplicate: bool,
}

/// A state of the review: words, a sign, and a colour that never stands alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Badge {
    pub(crate) words: String,
    pub(crate) class: &'static str,
    pub(crate) sign: &'static str,
}

/// One of several decisions that stand against each other.
pub(super) struct Decided {
    pub(super) what: String,
    pub(super) by: String,
    pub(super) at: String,
}

/// A remark with who made it.
pub(super) struct Said {
    /// The field's words; empty for the whole record.
    pub(super) field: String,
    pub(super) remark: String,
    pub(super) by: String,
    pub(super) at: String,
}

/// What the centre may do, in the order it is offered.
const VERDICTS: [(Step, &str); 7] = [
    (Step::Accept, "accept"),
    (Step::Return, "return"),
    (Step::Hold, "hold"),
    (Step::Duplicate, "duplicate"),
    (Step::NotReportable, "not_reportable"),
    (Step::Reopen, "reopen"),
    (Step::Comment, "comment"),
];

/// Returns the review of the record.
pub(super) fn review(labels: &Labels<'_>) -> Review {
    let view = &labels.view().review;
    let state = view.state.parse().ok();
    let may = |step: Step| state.is_some_and(|state: ReviewState| state.after(step).is_some());
    let verdict = |(_step, code): &(Step, &str)| Choice {
        code: (*code).to_owned(),
        label: verdict_words(labels.w, code),
    };
    let days = |days: u32| labels.w.n("review-due-days", u64::from(days));
    Review {
        state: badge(labels.w, &view.state),
        due: view.due.as_deref().map(|day| labels.w.time(day)).or_else(|| view.due_days.map(days)),
        of: view.of.as_deref().map(|of| labels.record(of)),
        twice: view.decided_twice.iter().map(|decision| decided(labels, decision)).collect(),
        remarks: view.remarks.iter().rev().map(|remark| said(labels, remark)).collect(),
        verdicts: VERDICTS.iter().filter(|(step, _code)| may(*step)).map(verdict).collect(),
        fields: fields(labels),
        may_return: may(Step::Return),
        may_be_duplicate: may(Step::Duplicate),
    }
}

/// Returns a state's words, class and sign; a word this software does not know stands as it is.
pub(crate) fn badge(w: &Dictionary, state: &str) -> Badge {
    let Ok(known) = state.parse::<ReviewState>() else {
        return Badge { words: state.to_owned(), class: "quiet", sign: "○" };
    };
    let (key, class, sign) = match known {
        ReviewState::Draft => ("review-draft", "quiet", "○"),
        ReviewState::Submitted => ("review-submitted", "quiet", "○"),
        ReviewState::Resubmitted => ("review-resubmitted", "warn", "↻"),
        ReviewState::ChangedAfterAcceptance => ("review-changed", "warn", "↻"),
        ReviewState::OnHold => ("review-on-hold", "warn", "‖"),
        ReviewState::Returned => ("review-returned", "bad", "↩"),
        ReviewState::Accepted => ("review-accepted", "good", "✓"),
        ReviewState::Duplicate => ("review-duplicate", "quiet", "≡"),
        ReviewState::NotReportable => ("review-not-reportable", "quiet", "–"),
        ReviewState::Recalled => ("review-recalled", "quiet", "↶"),
    };
    Badge { words: w.t(key), class, sign }
}

/// Returns every state with its words, for a filter.
pub(crate) fn states(w: &Dictionary) -> Vec<Choice> {
    let choice = |state: ReviewState| Choice {
        code: state.word().to_owned(),
        label: badge(w, state.word()).words,
    };
    let known = ReviewState::ALL.into_iter().filter(|state| *state != ReviewState::Draft);
    known.map(choice).collect()
}

fn verdict_words(w: &Dictionary, code: &str) -> String {
    w.t(match code {
        "accept" => "verdict-accept",
        "return" => "verdict-return",
        "hold" => "verdict-hold",
        "duplicate" => "verdict-duplicate",
        "not_reportable" => "verdict-not-reportable",
        "reopen" => "verdict-reopen",
        _comment => "verdict-comment",
    })
}

fn decided(labels: &Labels<'_>, decision: &DecisionView) -> Decided {
    let (by, at) = (decision.by.clone(), labels.w.time(&decision.at));
    Decided { what: done(labels.w, decision.kind), by, at }
}

fn said(labels: &Labels<'_>, remark: &RemarkView) -> Said {
    Said {
        field: remark.field.as_deref().map(|field| labels.path(field)).unwrap_or_default(),
        remark: remark.remark.clone(),
        by: remark.by.clone(),
        at: labels.w.time(&remark.at),
    }
}

/// Returns the fields of the form, and of each row that stands in the record, with their words.
fn fields(labels: &Labels<'_>) -> Vec<Choice> {
    let mut choices = Vec::new();
    let mut offer = |code: String| {
        let label = labels.path(&code);
        choices.push(Choice { code, label });
    };
    for field in labels.known().map(|form| form.fields.as_slice()).unwrap_or_default() {
        offer(field.id.clone());
        let rows = labels.view().values.get(&field.id).and_then(Json::as_array);
        let rows = rows.into_iter().flatten().filter(|_| !field.fields.is_empty());
        for row in rows.filter_map(|row| row.get("@row")?.as_str()) {
            field.fields.iter().for_each(|inner| offer(format!("{}/{row}/{}", field.id, inner.id)));
        }
    }
    choices
}
