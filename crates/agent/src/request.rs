//! What can be asked of a desk, and what it answers: the same over a function call and over HTTP.
//!
//! The command line makes a [`Request`] and does not care whether its own process or a running one
//! carries it out. Neither knows how anything is stored or printed.

use record::FieldError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// What is asked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Request {
    /// To make records of lines of JSON.
    Add(Batch),
    /// To change fields of a record.
    Amend(Amend),
    /// To declare a record void.
    Void {
        /// The record.
        id: String,
        /// Why.
        reason: String,
    },
    /// To list records.
    List(Filter),
    /// To show one record.
    Show {
        /// The record.
        id: String,
    },
    /// To show what became of one record, change by change.
    History {
        /// The record.
        id: String,
    },
    /// To say how things stand.
    Status,
    /// To check everything held.
    Verify,
    /// To exchange with the hub now.
    Sync,
}

/// Lines that are to become records of one form.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Batch {
    /// The form.
    pub form: String,
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// What to do with the good ones.
    pub then: Then,
}

/// What to do with a good line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Make a record of it.
    Save,
    /// Say that it is good.
    Check,
}

/// One line of input.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its text: one JSON object.
    pub text: LineText,
}

/// The text of a line, as far as there is one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineText {
    /// The text.
    Text(String),
    /// The bytes are no text.
    NotUtf8,
    /// The line is longer than it may be.
    TooLong,
}

/// Changed fields of one record.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Amend {
    /// The record.
    pub id: String,
    /// What the author saw, as `show` printed it; nothing is what stands there now.
    pub seen: Option<Vec<String>>,
    /// The fields.
    pub values: Map<String, Json>,
    /// Why.
    pub comment: Option<String>,
}

/// Which records to list; what isn't named does not matter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of this form.
    pub form: Option<String>,
    /// In this state of review.
    pub state: Option<String>,
    /// In this custody: saved, sent, held or reviewed.
    pub custody: Option<String>,
    /// Whose own date is this day or later.
    pub from: Option<String>,
    /// Whose own date is this day or earlier.
    pub to: Option<String>,
    /// Whose reference or title contains this.
    pub query: Option<String>,
}

/// What is answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "answer", content = "body", rename_all = "snake_case")]
pub enum Response {
    /// What became of each line.
    Added(Vec<Outcome>),
    /// A record was written and is durable.
    Saved(Saved),
    /// Records, one object each.
    Listed(Vec<Json>),
    /// One record.
    Shown(Json),
    /// Its changes.
    History(Vec<Json>),
    /// How things stand.
    Status(Json),
    /// What was checked, and what is wrong.
    Verified(Json),
    /// What was exchanged, and why it ended.
    Synced(Json),
}

/// What became of one line.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outcome {
    /// The line's number.
    pub line: u64,
    /// What became of it.
    #[serde(flatten)]
    pub result: LineResult,
}

/// What became of one line.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum LineResult {
    /// It is a record, and durable.
    Saved(Saved),
    /// It is refused.
    Refused {
        /// Why, by field.
        errors: Vec<FieldReason>,
    },
    /// It could become a record.
    Valid {
        /// Always true.
        valid: bool,
    },
}

/// A record that is durable.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Saved {
    /// Its id.
    pub id: String,
    /// What people call it by.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Nothing was written, since all of it stood there already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
}

/// Why a field is refused.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FieldReason {
    /// The field, such as `items[0].quantity`; empty for the line itself.
    pub field: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl FieldReason {
    /// Refuses a field with these words.
    #[must_use]
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

impl From<FieldError> for FieldReason {
    fn from(error: FieldError) -> Self {
        Self { field: error.field, reason: error.reason }
    }
}

impl std::fmt::Display for FieldReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            return f.write_str(&self.reason);
        }
        write!(f, "{}: {}", self.field, self.reason)
    }
}
