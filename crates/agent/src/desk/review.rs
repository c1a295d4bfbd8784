//! What the site says about a record: it hands it in again, wants it back, comments, has read.
//!
//! What an act needs is decided by `record`; it is asked on the storage thread, beside the fold the
//! act is about. An act names the decision it answers, so one that crosses a newer decision is
//! seen to.

use std::collections::BTreeSet;

use journal::{Dot, Draft};
use pages::Lang;
use record::{
    Act, Action, Circumstances, RecordKey, Review, ReviewEntry, ReviewRefusal, ReviewState, Side,
    State,
};
use store::Lookup;

use super::{Desk, change, find};
use crate::clock;
use crate::problem::{Cause, Problem};
use crate::projector::Records;
use crate::request::{FieldReason, Saved};
use crate::words;

/// What the site has to say.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    /// What it does.
    pub(super) action: Action,
    /// The words with it.
    pub(super) remark: Option<String>,
    /// What it answers, where that is not the last decision.
    pub(super) answers: Option<Dot>,
}

impl Saying {
    /// Says this to the last decision.
    pub(super) const fn new(action: Action, remark: Option<String>) -> Self {
        Self { action, remark, answers: None }
    }
}

impl Desk {
    /// Writes an act about a record; when this returns it is durable.
    pub(super) fn say(&self, id: &str, saying: Saying, lang: Lang) -> Result<Saved, Problem> {
        let key = find::record(&self.reader, id)?;
        let Saying { action, remark, answers } = saying;
        let remark = remark.map(|remark| remark.trim().to_owned());
        let remark = remark.filter(|remark| !remark.is_empty());
        let (hub, author) =
            (self.identity().enrolment.hub, self.identity().enrolment.administrator);
        let (stamp, receipt) = (clock::stamp(), self.ledger.receipt_number());
        let log = self.log().clone();
        self.append(move |view| {
            let records = Records(view);
            let start = records.log(log.id())?.map(|(_name, start)| start);
            if record::side(&log, &hub, start.as_ref(), &key.site) == Side::Stranger {
                let words = words::words(lang).with("refused-site", key.site.as_str());
                return Err(Problem::new(Cause::Refused, words));
            }
            let state = change::state(view, &key)?;
            let acts = records.acts(&key)?;
            let review = records.review(&hub, &acts, &state)?;
            if answers.is_none() && is_said(&review, &action) {
                return Ok((Vec::new(), change::saved(view, &key, true)?));
            }
            let entry = ReviewEntry {
                record: key.clone(),
                author,
                action,
                seen: seen(&state, &acts),
                answers: answers.or_else(|| review.decision.map(|decision| decision.dot)),
                remark,
                fields: Vec::new(),
            };
            let changed = !review.unseen.is_empty();
            let around = Circumstances { changed, ..Circumstances::default() };
            record::may(review.state, &entry, &around)
                .map_err(|refusal| refused(lang, &refusal))?;
            let payload = payload(&entry)?;
            let draft = Draft { kind: ReviewEntry::KIND, payload, stamp, receipt };
            Ok((vec![draft], change::saved(view, &key, false)?))
        })
    }

    /// Says once that a person here read what the centre wants of the site.
    ///
    /// What can't be written now is said another time: reading goes on.
    pub(super) fn has_read(&self, key: &RecordKey) {
        if let Err(problem) = self.say_read(key) {
            tracing::warn!(%problem, "that a decision was read can't be noted");
        }
    }

    fn say_read(&self, key: &RecordKey) -> Result<(), Problem> {
        let records = Records(&self.reader);
        for (dot, _task) in self.lost(key, &self.summary(key)?)? {
            let answers = Some(dot);
            self.say(
                &key.to_string(),
                Saying { answers, ..Saying::new(Action::Seen, None) },
                Lang::En,
            )?;
        }
        let acts = records.acts(key)?;
        let Some(state) = records.state(key)?.filter(|_state| !acts.is_empty()) else {
            return Ok(());
        };
        let review = records.review(&self.identity().enrolment.hub, &acts, &state)?;
        if review.seen.is_none() && wants_reading(&review) {
            self.say(&key.to_string(), Saying::new(Action::Seen, None), Lang::En)?;
        }
        Ok(())
    }
}

/// Refuses an act or a change, in words of the author.
pub(super) fn refused(lang: Lang, refusal: &ReviewRefusal) -> Problem {
    Problem::refused(vec![FieldReason::new("comment", words::refusal(lang, refusal))])
}

/// Returns the state of a record's review.
pub(super) fn review_state(
    view: &dyn Lookup,
    hub: &journal::DeviceKey,
    key: &RecordKey,
    state: &State,
) -> Result<ReviewState, Problem> {
    let records = Records(view);
    let acts = records.acts(key)?;
    Ok(records.review(hub, &acts, state)?.state)
}

/// Whether the decision asks something of the site, or tells it something it should know.
fn wants_reading(review: &Review<'_>) -> bool {
    match review.state {
        ReviewState::Returned
        | ReviewState::OnHold
        | ReviewState::Duplicate
        | ReviewState::NotReportable
        | ReviewState::Recalled => true,
        ReviewState::Draft
        | ReviewState::Submitted
        | ReviewState::Resubmitted
        | ReviewState::ChangedAfterAcceptance
        | ReviewState::Accepted => false,
    }
}

/// Whether the same was said already and nobody has answered it yet.
fn is_said(review: &Review<'_>, action: &Action) -> bool {
    let said = match action {
        Action::Seen => review.seen,
        Action::AskRecall => review.answer.filter(|act| act.entry.action == Action::AskRecall),
        Action::Accept
        | Action::Return { .. }
        | Action::Hold
        | Action::Duplicate { .. }
        | Action::NotReportable
        | Action::Reopen
        | Action::Comment
        | Action::Resubmit
        | Action::GrantRecall => None,
    };
    said.is_some()
}

fn seen(state: &State, acts: &[Act]) -> Vec<Dot> {
    let acts = acts.iter().map(|act| act.dot);
    let seen: BTreeSet<Dot> = state.live_dots().into_iter().chain(acts).collect();
    seen.into_iter().collect()
}

fn payload(entry: &ReviewEntry) -> Result<Vec<u8>, Problem> {
    entry.to_payload().map_err(|error| {
        Problem::new(Cause::TooLarge, format!("the comment can't be written: {error}"))
    })
}
