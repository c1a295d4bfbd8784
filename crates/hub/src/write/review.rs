//! Deciding on a record: an act in the hub's lane of the record's site, written in one transaction
//! with the check that it fits what stands there now.
//!
//! A decision names what whoever decides has seen. If anything newer was folded or has arrived it is
//! refused and nothing is written.

mod field;
mod recall;

use std::collections::BTreeSet;

use journal::{Dot, Lane};
use record::{
    Action, Circumstances, Date, Due, FieldError, FieldRemark, Language, PersonId, RecordKey,
    ReviewEntry, ReviewRefusal, ReviewState, State, may, message,
};

pub use recall::run as recalls;

use super::own_lane;
use crate::db::{self, Conn, Tx};
use crate::read::time::now;
use crate::read::{ViewError, find, show};
use crate::tables;
use crate::tables::acts::Acts;
use crate::truth::{Fault, Truth};

/// What somebody says about a record at the centre.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// What it does.
    pub verdict: Verdict,
    /// Who says it.
    pub author: PersonId,
    /// What that person has seen; none is what stands now.
    pub seen: Option<Vec<Dot>>,
    /// What is said of the whole record.
    pub remark: Option<String>,
    /// What is said of its fields.
    pub fields: Vec<FieldRemark>,
    /// Of a return, the day it is due; none is the usual number of days after delivery.
    pub due: Option<String>,
    /// Of a duplicate, the record that stays.
    pub of: Option<String>,
    /// The language in which what does not fit is refused.
    pub language: Language,
}

/// What the centre can do with a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// There is nothing to remark.
    Accept,
    /// The site is to correct it.
    Return,
    /// The centre waits for something.
    Hold,
    /// The centre has it already.
    Duplicate,
    /// It is not counted.
    NotReportable,
    /// The last decision is taken back.
    Reopen,
    /// Something is said, nothing decided.
    Comment,
}

/// The text is no verdict.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a decision is accept, return, hold, duplicate, not_reportable, reopen or comment")]
pub struct UnknownVerdict;

impl Verdict {
    const ALL: [(&str, Self); 7] = [
        ("accept", Self::Accept),
        ("return", Self::Return),
        ("hold", Self::Hold),
        ("duplicate", Self::Duplicate),
        ("not_reportable", Self::NotReportable),
        ("reopen", Self::Reopen),
        ("comment", Self::Comment),
    ];
}

impl std::str::FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        let found = Self::ALL.into_iter().find(|(word, _verdict)| *word == text);
        found.map(|(_word, verdict)| verdict).ok_or(UnknownVerdict)
    }
}

/// Says something about a record, folds it, and returns the entry's dot.
///
/// # Errors
///
/// Returns [`ViewError`] if the record changed since it was seen, its state does not allow it,
/// something is missing, or the database can't be written.
pub async fn decide(truth: &Truth, key: &RecordKey, decision: &Decision) -> Result<Dot, ViewError> {
    let mut tx = own_lane::begin(truth, key).await?;
    let entry = entry(&mut tx, truth, key, decision).await?;
    write(truth, tx, &entry).await
}

async fn write(truth: &Truth, tx: Tx, entry: &ReviewEntry) -> Result<Dot, ViewError> {
    let payload = (ReviewEntry::KIND, entry.to_payload().map_err(Fault::from)?);
    let lane = Lane::Site(entry.record.site.clone());
    own_lane::append(truth, tx, &lane, payload).await
}

/// Makes the entry of a decision, if it may be written.
async fn entry(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
    decision: &Decision,
) -> Result<ReviewEntry, ViewError> {
    let (state, _entries) = show::load(conn, key).await?;
    let acts = Acts::read(conn, &truth.key(), &state).await?;
    let review = acts.review();
    let now: Vec<Dot> = state.live_dots().into_iter().chain(review.to_see()).collect();
    if let Some(seen) = &decision.seen {
        let seen: BTreeSet<&Dot> = seen.iter().collect();
        if !now.iter().all(|dot| seen.contains(dot)) {
            return Err(ViewError::Stale(key.to_string()));
        }
    }
    let shown = show::shown(conn, &state, Language::En).await?;
    let catalogue = tables::catalogue(conn).await?;
    let form = catalogue.edition(&state);
    let names = field::Names { form: form.as_deref(), values: &shown.values };
    let entry = ReviewEntry {
        record: key.clone(),
        author: decision.author,
        action: action(conn, truth, key, decision).await?,
        seen: seen(&state, &acts),
        answers: review.decision.map(|act| act.dot),
        remark: decision
            .remark
            .as_deref()
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .map(str::to_owned),
        fields: names.of(&decision.fields, decision.language)?,
    };
    may(review.state, &entry, &Circumstances::of(&shown, &review))
        .map_err(|refusal| refused(&refusal, decision.language))?;
    Ok(entry)
}

/// Returns what an act written now has seen: each live change and each act before it.
fn seen(state: &State, acts: &Acts) -> Vec<Dot> {
    let seen: BTreeSet<Dot> = state.live_dots().into_iter().chain(acts.dots()).collect();
    seen.into_iter().collect()
}

async fn action(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
    decision: &Decision,
) -> Result<Action, ViewError> {
    if decision.due.is_some() && decision.verdict != Verdict::Return {
        return Err(ViewError::refused("due", &message::review_due_only(decision.language)));
    }
    if decision.of.is_some() && decision.verdict != Verdict::Duplicate {
        return Err(ViewError::refused("of", &message::review_of_only(decision.language)));
    }
    Ok(match decision.verdict {
        Verdict::Accept => Action::Accept,
        Verdict::Return => Action::Return { due: due(truth, decision)? },
        Verdict::Hold => Action::Hold,
        Verdict::Duplicate => Action::Duplicate { of: original(conn, key, decision).await? },
        Verdict::NotReportable => Action::NotReportable,
        Verdict::Reopen => Action::Reopen,
        Verdict::Comment => Action::Comment,
    })
}

fn due(truth: &Truth, decision: &Decision) -> Result<Due, ViewError> {
    let language = decision.language;
    let Some(text) = &decision.due else { return Ok(Due::Days(truth.review.due_days)) };
    let day: Date = text
        .trim()
        .parse()
        .map_err(|_no_day| ViewError::refused("due", &message::review_due_day(language)))?;
    if now().date().is_some_and(|today| day < today) {
        return Err(ViewError::refused("due", &message::review_due_over(language)));
    }
    Ok(Due::On(day))
}

/// Returns the record that stays in place of a duplicate.
async fn original(
    conn: &mut Conn,
    key: &RecordKey,
    decision: &Decision,
) -> Result<RecordKey, ViewError> {
    let language = decision.language;
    let missing = || ViewError::refused("of", &message::review_of_missing(language));
    let of = decision.of.as_deref().ok_or_else(missing)?;
    let original = find(conn, of).await?;
    let select = "SELECT review_state FROM record WHERE site = $1 AND id = $2";
    let state: Option<String> = db::query_scalar(select)
        .bind(original.site.as_str())
        .bind(original.id.0.as_slice())
        .fetch_optional(conn)
        .await?;
    if original != *key && state.as_deref() == Some(ReviewState::Duplicate.word()) {
        let reason = message::review_of_duplicate(language, &original);
        return Err(ViewError::refused("of", &reason));
    }
    Ok(original)
}

/// Sorts what the state does not allow from what was not given.
fn refused(refusal: &ReviewRefusal, language: Language) -> ViewError {
    let field = match refusal {
        ReviewRefusal::NotNow { .. }
        | ReviewRefusal::OpenConflict
        | ReviewRefusal::ToComplete
        | ReviewRefusal::FirstMissing => {
            return ViewError::NotNow(refusal.words(language));
        }
        ReviewRefusal::OfItself => "of",
        ReviewRefusal::TooMany => "fields",
        ReviewRefusal::EmptyRemark(field) => field,
        ReviewRefusal::NoRemark
        | ReviewRefusal::NoReason
        | ReviewRefusal::NothingNew
        | ReviewRefusal::TooLong => "remark",
    };
    let error = FieldError { field: field.to_owned(), reason: refusal.words(language) };
    ViewError::Refused(vec![error])
}

#[cfg(test)]
mod tests;
