//! The states of a review, and which step leads from which to which. The table is the contract
//! with people: every pair is named, so a new state or step will not compile until it is decided.

use std::fmt;
use std::str::FromStr;

use ReviewState::{
    Accepted, ChangedAfterAcceptance, Draft, Duplicate, NotReportable, OnHold, Recalled,
    Resubmitted, Returned, Submitted,
};

use crate::list::Language;
use crate::message;

/// How far the review of a record is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ReviewState {
    /// It was not handed in yet; the centre knows nothing of it.
    Draft,
    /// It waits for a decision.
    Submitted,
    /// It was corrected and waits again.
    Resubmitted,
    /// It was accepted, and changed after that.
    ChangedAfterAcceptance,
    /// The centre waits for something.
    OnHold,
    /// The site is to correct it.
    Returned,
    /// The centre has nothing to remark.
    Accepted,
    /// The centre has it under another id.
    Duplicate,
    /// The centre does not count it.
    NotReportable,
    /// The site has it back.
    Recalled,
}

/// Something that happens to a record in review.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// The site hands it in.
    Submit,
    /// The site changes it.
    Change,
    /// The centre accepts it.
    Accept,
    /// The centre returns it.
    Return,
    /// The centre puts it on hold.
    Hold,
    /// The centre calls it a duplicate.
    Duplicate,
    /// The centre calls it not reportable.
    NotReportable,
    /// The centre takes its decision back.
    Reopen,
    /// Anybody says something.
    Comment,
    /// The site hands it in again.
    Resubmit,
    /// The site wants it back.
    AskRecall,
    /// The centre gives it back.
    GrantRecall,
    /// The site read the decision.
    Seen,
}

impl ReviewState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Submitted,
        Self::Resubmitted,
        Self::ChangedAfterAcceptance,
        Self::OnHold,
        Self::Returned,
        Self::Accepted,
        Self::Duplicate,
        Self::NotReportable,
        Self::Recalled,
    ];

    /// Returns the state that `step` leads to; `None` where it may not be taken.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        use Step as S;

        match (self, step) {
            (Draft, S::Change) => Some(Draft),
            (Draft, S::Submit) | (Submitted, S::Change | S::Comment | S::Seen | S::AskRecall) => {
                Some(Submitted)
            }
            (Resubmitted, S::Change | S::Comment | S::Seen) | (Returned, S::Resubmit) => {
                Some(Resubmitted)
            }
            (Accepted, S::Change) | (ChangedAfterAcceptance, S::Change | S::Comment | S::Seen) => {
                Some(ChangedAfterAcceptance)
            }
            (OnHold, S::Change | S::Comment | S::Seen)
            | (Submitted | Resubmitted | ChangedAfterAcceptance, S::Hold) => Some(OnHold),
            (Returned, S::Change | S::Comment | S::Seen)
            | (Submitted | Resubmitted | ChangedAfterAcceptance | OnHold, S::Return) => {
                Some(Returned)
            }
            (Accepted, S::Comment | S::Seen)
            | (Submitted | Resubmitted | ChangedAfterAcceptance, S::Accept) => Some(Accepted),
            (Duplicate, S::Change | S::Comment | S::Seen)
            | (
                Submitted | Resubmitted | ChangedAfterAcceptance | OnHold | Returned,
                S::Duplicate,
            ) => Some(Duplicate),
            (NotReportable, S::Change | S::Comment | S::Seen)
            | (
                Submitted | Resubmitted | ChangedAfterAcceptance | OnHold | Returned,
                S::NotReportable,
            ) => Some(NotReportable),
            (Accepted | Duplicate | NotReportable, S::Reopen) | (Recalled, S::Resubmit) => {
                Some(Submitted)
            }
            (Recalled, S::Change | S::Comment | S::Seen) | (Submitted, S::GrantRecall) => {
                Some(Recalled)
            }
            (Draft, S::Accept | S::Return | S::Hold | S::Duplicate | S::NotReportable)
            | (Draft, S::Reopen | S::Comment | S::Resubmit | S::AskRecall | S::GrantRecall)
            | (Draft, S::Seen)
            | (Submitted, S::Submit | S::Reopen | S::Resubmit)
            | (
                Resubmitted | ChangedAfterAcceptance,
                S::Submit | S::Reopen | S::Resubmit | S::AskRecall | S::GrantRecall,
            )
            | (OnHold, S::Submit | S::Accept | S::Hold | S::Reopen)
            | (OnHold, S::Resubmit | S::AskRecall | S::GrantRecall)
            | (Returned, S::Submit | S::Accept | S::Return | S::Hold | S::Reopen)
            | (Returned, S::AskRecall | S::GrantRecall)
            | (
                Accepted | Duplicate | NotReportable,
                S::Submit | S::Accept | S::Return | S::Hold | S::Duplicate | S::NotReportable,
            )
            | (Accepted | Duplicate | NotReportable, S::Resubmit | S::AskRecall | S::GrantRecall)
            | (Recalled, S::Submit | S::Accept | S::Return | S::Hold | S::Duplicate)
            | (Recalled, S::NotReportable | S::Reopen | S::AskRecall | S::GrantRecall) => None,
        }
    }

    /// Returns the word for it, the same everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Resubmitted => "resubmitted",
            Self::ChangedAfterAcceptance => "changed_after_acceptance",
            Self::OnHold => "on_hold",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::NotReportable => "not_reportable",
            Self::Recalled => "recalled",
        }
    }

    /// Returns what people call it.
    #[must_use]
    pub fn words(self, language: Language) -> String {
        match self {
            Draft => message::review_draft(language),
            Submitted => message::review_submitted(language),
            Resubmitted => message::review_resubmitted(language),
            ChangedAfterAcceptance => message::review_changed(language),
            OnHold => message::review_on_hold(language),
            Returned => message::review_returned(language),
            Accepted => message::review_accepted(language),
            Duplicate => message::review_duplicate(language),
            NotReportable => message::review_not_reportable(language),
            Recalled => message::review_recalled(language),
        }
    }

    /// Returns whether a record in this state is among what statistics count.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        match self {
            Submitted
            | Resubmitted
            | ChangedAfterAcceptance
            | OnHold
            | Returned
            | Accepted
            | Recalled => true,
            Draft | Duplicate | NotReportable => false,
        }
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 13] = [
        Self::Submit,
        Self::Change,
        Self::Accept,
        Self::Return,
        Self::Hold,
        Self::Duplicate,
        Self::NotReportable,
        Self::Reopen,
        Self::Comment,
        Self::Resubmit,
        Self::AskRecall,
        Self::GrantRecall,
        Self::Seen,
    ];
}

impl fmt::Display for ReviewState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The text is no state of a review.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a review is submitted, resubmitted, changed_after_acceptance, on_hold, returned, accepted, \
     duplicate, not_reportable or recalled"
)]
pub struct UnknownState;

impl FromStr for ReviewState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(UnknownState)
    }
}
