//! What each act needs before it may be written: the state it starts from, and what comes with it.

use std::fmt;

use super::{Action, ReviewEntry, ReviewState, Step};
use crate::limits::{FIELD_REMARKS_MAX, REMARK_CHARS_MAX};
use crate::list::Language;
use crate::message;
use crate::review::Review;
use crate::show::{INCOMPLETE, Shown};

/// The remark on a first notice that lacks answers.
const TO_COMPLETE: &str = "to_complete";

/// What stands around an act.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Circumstances {
    /// Values stand against each other.
    pub conflict: bool,
    /// A first notice was not completed.
    pub to_complete: bool,
    /// The entry that made the record has not come.
    pub incomplete: bool,
    /// The site changed the record and the last decision had not seen it.
    pub changed: bool,
}

/// Why an act may not be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReviewRefusal {
    /// Not from this state.
    NotNow {
        /// The state it is in.
        state: ReviewState,
        /// What was to be done.
        step: Step,
    },
    /// There is nothing that says why.
    NoRemark,
    /// A change of an accepted record must say why.
    NoReason,
    /// The record would stand for itself.
    OfItself,
    /// Values stand against each other.
    OpenConflict,
    /// A first notice was not completed.
    ToComplete,
    /// The entry that made the record has not come.
    FirstMissing,
    /// Nothing was corrected or said.
    NothingNew,
    /// A remark is too long.
    TooLong,
    /// There are too many remarks.
    TooMany,
    /// A field is named and nothing is said of it.
    EmptyRemark(String),
}

impl ReviewRefusal {
    /// Returns what to do about it, in the reader's language.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        match self {
            Self::NotNow { state, step: _ } => {
                message::review_not_now(language, state.words(language))
            }
            Self::NoRemark => message::review_no_remark(language),
            Self::NoReason => message::review_no_reason(language),
            Self::OfItself => message::review_of_itself(language),
            Self::OpenConflict => message::review_conflict(language),
            Self::ToComplete => message::review_incomplete(language),
            Self::FirstMissing => message::review_first_missing(language),
            Self::NothingNew => message::review_nothing_new(language),
            Self::TooLong => message::review_too_long(language, REMARK_CHARS_MAX),
            Self::TooMany => message::review_too_many(language, FIELD_REMARKS_MAX),
            Self::EmptyRemark(field) => message::review_empty_remark(language, field),
        }
    }
}

impl fmt::Display for ReviewRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Language::En))
    }
}

impl std::error::Error for ReviewRefusal {}

impl Circumstances {
    /// Returns what stands around the next act on a record.
    #[must_use]
    pub fn of(shown: &Shown, review: &Review<'_>) -> Self {
        let finds = |rule: &str| shown.findings.iter().any(|finding| finding.rule == rule);
        Self {
            conflict: !shown.conflicts.is_empty(),
            to_complete: finds(TO_COMPLETE),
            incomplete: finds(INCOMPLETE),
            changed: !review.unseen.is_empty(),
        }
    }
}

/// Returns whether `entry` may be written about a record in that state.
///
/// # Errors
///
/// Returns [`ReviewRefusal`] with what is missing.
pub fn may(
    state: ReviewState,
    entry: &ReviewEntry,
    around: &Circumstances,
) -> Result<(), ReviewRefusal> {
    let step = entry.action.step();
    state.after(step).ok_or(ReviewRefusal::NotNow { state, step })?;
    fits(entry)?;
    let says = |needed: bool| if needed { Ok(()) } else { Err(ReviewRefusal::NoRemark) };
    let remark = entry.remark.as_deref().is_some_and(|remark| !remark.trim().is_empty());
    match &entry.action {
        Action::Accept if around.conflict => Err(ReviewRefusal::OpenConflict),
        Action::Accept if around.incomplete => Err(ReviewRefusal::FirstMissing),
        Action::Accept if around.to_complete => Err(ReviewRefusal::ToComplete),
        Action::Return { .. } | Action::Comment => says(remark || !entry.fields.is_empty()),
        Action::Hold | Action::NotReportable | Action::Reopen | Action::AskRecall => says(remark),
        Action::Duplicate { of } if *of == entry.record => Err(ReviewRefusal::OfItself),
        Action::Resubmit if !remark && !around.changed => Err(ReviewRefusal::NothingNew),
        Action::Accept
        | Action::Duplicate { .. }
        | Action::Resubmit
        | Action::GrantRecall
        | Action::Seen => Ok(()),
    }
}

/// Returns whether the site may change a record in that state, for that reason.
///
/// # Errors
///
/// Returns [`ReviewRefusal::NoReason`] if the centre had accepted it and no reason is given.
pub fn may_change(state: ReviewState, reason: Option<&str>) -> Result<(), ReviewRefusal> {
    let after = state.after(Step::Change);
    let given = reason.is_some_and(|reason| !reason.trim().is_empty());
    if after == Some(ReviewState::ChangedAfterAcceptance) && !given {
        return Err(ReviewRefusal::NoReason);
    }
    Ok(())
}

/// Checks sizes: what is foreign is bounded by its payload, what is written here by these.
fn fits(entry: &ReviewEntry) -> Result<(), ReviewRefusal> {
    let short = |remark: &str| remark.chars().count() <= REMARK_CHARS_MAX;
    if FIELD_REMARKS_MAX < entry.fields.len() {
        return Err(ReviewRefusal::TooMany);
    }
    if let Some(empty) = entry.fields.iter().find(|field| field.remark.trim().is_empty()) {
        return Err(ReviewRefusal::EmptyRemark(empty.field.clone()));
    }
    let mut fields = entry.fields.iter().map(|field| field.remark.as_str());
    if entry.remark.as_deref().is_none_or(short) && fields.all(short) {
        Ok(())
    } else {
        Err(ReviewRefusal::TooLong)
    }
}
