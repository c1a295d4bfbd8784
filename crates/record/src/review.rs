//! What is said about a record rather than in it: decisions of the centre, answers of its site.
//!
//! A [`ReviewEntry`] is the payload of one act; it names what its author saw and never changes a
//! field. What acts come to is [`review()`], what an act needs is [`may()`], where it leads is
//! [`ReviewState::after`]. This module does not know who a person is or how an entry got here.

mod fold;
mod need;
mod state;

use std::fmt;

use journal::codec::CodecError;
use journal::{Dot, Envelope, Kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use fold::{Act, Remarked, Review, ReviewRule, Side, review, side};
pub use need::{Circumstances, ReviewRefusal, may, may_change};
pub use state::{ReviewState, Step, UnknownState};

use crate::id::{PersonId, RecordKey};
use crate::kind;
use crate::value::dots::{Dots, DotsOut};
use crate::value::{Date, DateTime};

/// The layout of the payload.
const SCHEMA: u16 = 1;

/// What one person said about one record at once.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ReviewEntry {
    /// The record.
    pub record: RecordKey,
    /// Who said it.
    pub author: PersonId,
    /// What it does.
    pub action: Action,
    /// What the author saw: the record's live changes and the acts before this one.
    #[serde(serialize_with = "write_dots", deserialize_with = "read_dots")]
    pub seen: Vec<Dot>,
    /// What it answers: of the site's acts the last decision, of a granted recall the request.
    pub answers: Option<Dot>,
    /// What the author says of the whole record.
    pub remark: Option<String>,
    /// What the author says of its fields.
    pub fields: Vec<FieldRemark>,
}

/// A remark on one field.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct FieldRemark {
    /// The field's path, as in `title` or `items/<row>/quantity`.
    pub field: String,
    /// The remark.
    pub remark: String,
}

/// What an act does. New ones are added at the end.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// The centre has nothing to remark.
    Accept,
    /// The centre wants it corrected.
    Return {
        /// Until when.
        due: Due,
    },
    /// The centre waits for something.
    Hold,
    /// The centre has it already.
    Duplicate {
        /// The record that stays.
        of: RecordKey,
    },
    /// The centre does not count it.
    NotReportable,
    /// The centre takes its decision back.
    Reopen,
    /// Anybody says something.
    Comment,
    /// The site hands it in again.
    Resubmit,
    /// The site wants it back.
    AskRecall,
    /// The centre gives it back: nobody had opened it.
    GrantRecall,
    /// The site read the decision.
    Seen,
}

/// Until when a returned record is to be corrected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Due {
    /// So many days after the site had the decision.
    Days(u32),
    /// On that day.
    On(Date),
}

impl ReviewEntry {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::REVIEW;

    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`Self::KIND`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none; such an entry is held opaque.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }
}

impl Action {
    /// Returns the step it is in the table of states.
    #[must_use]
    pub const fn step(&self) -> Step {
        match self {
            Self::Accept => Step::Accept,
            Self::Return { .. } => Step::Return,
            Self::Hold => Step::Hold,
            Self::Duplicate { .. } => Step::Duplicate,
            Self::NotReportable => Step::NotReportable,
            Self::Reopen => Step::Reopen,
            Self::Comment => Step::Comment,
            Self::Resubmit => Step::Resubmit,
            Self::AskRecall => Step::AskRecall,
            Self::GrantRecall => Step::GrantRecall,
            Self::Seen => Step::Seen,
        }
    }
}

impl Due {
    /// Returns how many days there are, where they count from the delivery.
    #[must_use]
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Days(days) => Some(days),
            Self::On(_) => None,
        }
    }

    /// Returns the day, once it is known: days count from when the site had the decision.
    #[must_use]
    pub fn date(self, delivered: Option<DateTime>) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::Days(days) => {
                let Date(from) = delivered?.date()?;
                Some(Date(from.checked_add(i32::try_from(days).ok()?)?))
            }
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days} d"),
            Self::On(day) => day.fmt(f),
        }
    }
}

fn write_dots<S: Serializer>(dots: &[Dot], serializer: S) -> Result<S::Ok, S::Error> {
    DotsOut(dots).serialize(serializer)
}

fn read_dots<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Dot>, D::Error> {
    Dots::deserialize(deserializer).map(|dots| dots.0)
}

#[cfg(test)]
mod tests;
