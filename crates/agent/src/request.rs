//! What can be asked of a desk, and what it answers: the same over a function call and over HTTP.
//!
//! The command line makes a [`Request`] and does not care whether its own process or a running one
//! carries it out. Neither knows how anything is stored or printed.

use std::path::PathBuf;

use record::FieldError;
use record::table::{Cells, Headers, Layout};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::backup::Passphrase;

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
    /// To hand a record in again after it was returned.
    Resubmit {
        /// The record.
        id: String,
        /// What to say with it; needed where nothing was changed.
        comment: Option<String>,
    },
    /// To ask for a record back before its review began.
    Recall {
        /// The record.
        id: String,
        /// Why.
        comment: String,
    },
    /// To say something about a record.
    Comment {
        /// The record.
        id: String,
        /// What is said.
        text: String,
    },
    /// To say what waits for a person here.
    Tasks,
    /// To answer another request in words, where there are any.
    InWords {
        /// The request.
        of: Box<Self>,
    },
    /// To name the forms of this machine.
    Forms,
    /// To show what a form asks.
    Form {
        /// Its id.
        id: String,
        /// Its version; the newest, where nothing is said.
        version: Option<u32>,
    },
    /// To list records.
    List(Filter),
    /// To give records away, some at a time.
    Export(Page),
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
    /// To look after what is kept.
    Keep(Upkeep),
}

/// How to look after what is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "upkeep", rename_all = "snake_case")]
pub enum Upkeep {
    /// Write a sealed copy of everything.
    Backup {
        /// Into this new file.
        file: PathBuf,
        /// What it is sealed with.
        passphrase: Passphrase,
    },
    /// Make the views anew from the journal.
    Rebuild,
    /// Look for what is amiss.
    Doctor {
        /// The hub's address, where the configuration names one.
        hub: Option<String>,
    },
}

impl Request {
    /// Returns whether the answer can be told in words.
    #[must_use]
    pub const fn has_words(&self) -> bool {
        matches!(
            self,
            Self::List(_)
                | Self::Show { .. }
                | Self::History { .. }
                | Self::Forms
                | Self::Form { .. }
                | Self::Tasks
        )
    }
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
    /// The columns they come from, where they stand in a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
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
    /// It stood in a table: its cells, and those of its rows.
    Cells(Cells),
    /// It stood in a table and can't be used.
    Wrong(FieldReason),
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

/// Which records to give away next.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Page {
    /// Which records at all; the form is named.
    pub filter: Filter,
    /// After this one, as the page before ended.
    pub after: Option<String>,
}

/// Records that are given away.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Exported {
    /// The columns of the form's files.
    pub layout: Layout,
    /// The records, flat.
    pub records: Vec<Map<String, Json>>,
    /// How many records were looked at, those that the filter held back included.
    pub seen: u64,
    /// Of how many; only the first page says it.
    pub all: u64,
    /// Where the next page begins; none is the end.
    pub next: Option<String>,
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
    /// Records to give away.
    Exported(Exported),
    /// One record.
    Shown(Json),
    /// Its changes.
    History(Vec<Json>),
    /// What waits for a person, one object each.
    Tasks(Vec<Json>),
    /// An answer in words.
    Words(Told),
    /// How things stand.
    Status(Json),
    /// What was checked, and what is wrong.
    Verified(Json),
    /// What was exchanged, and why it ended.
    Synced(Json),
    /// What was done or found while looking after what is kept.
    Kept(Json),
}

/// An answer in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Told {
    /// The answer, line by line.
    pub lines: Vec<String>,
    /// What is said beside it, such as how many there are.
    pub beside: Option<String>,
}

/// What became of one line.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outcome {
    /// The line's number in its file.
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
        /// It is one already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unchanged: bool,
    },
}

impl Outcome {
    /// Returns what would become of a line that is only checked.
    pub(crate) fn only_checked(self) -> Self {
        let result = match self.result {
            LineResult::Saved(saved) => {
                LineResult::Valid { valid: true, unchanged: saved.unchanged }
            }
            refused @ LineResult::Refused { .. } => refused,
            valid @ LineResult::Valid { .. } => valid,
        };
        Self { result, ..self }
    }
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
    /// The file that the row at fault stands in, where it is not that of the records; until the
    /// file's name is known, the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its line there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl FieldReason {
    /// Refuses a field with these words.
    #[must_use]
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into(), file: None, line: None }
    }
}

impl From<FieldError> for FieldReason {
    fn from(error: FieldError) -> Self {
        Self::new(&error.field, error.reason)
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
