//! What a record may ask about other records, and those who can't answer at once.
//!
//! Reading and showing are pure: they ask through [`Resolve`]. A caller that has to wait for a
//! database hands an [`Inquiry`] in, answers what was asked, and reads or shows again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::id::RecordId;
use crate::value::{DateTime, Value};

/// Knows other records: those of the same site, and those that were sent to everyone.
///
/// Whoever can't answer says nothing; then a reference stays as it was written.
pub trait Resolve {
    /// Returns the record of the form that `text` names, if it is known here: a reference, a
    /// course's code, a service number.
    fn record(&self, form: &str, text: &str) -> Option<RecordId>;

    /// Returns what people call a record of the form: its key (a course's code, a service
    /// number), else its reference. Nothing, if it is not known here.
    fn name(&self, form: &str, id: RecordId) -> Option<String> {
        let _nobody = (form, id);
        None
    }

    /// Returns what stands in a field of a record of the form.
    fn value(&self, form: &str, id: RecordId, field: &str) -> Option<Value> {
        let _nobody = (form, id, field);
        None
    }

    /// Returns the records of the form in whose unique field `text` stands, and what people call
    /// them by their references.
    fn holders(&self, form: &str, field: &str, text: &str) -> Vec<(RecordId, String)> {
        let _nobody = (form, field, text);
        Vec::new()
    }

    /// Returns whether a record of the sort has its own date within the period, the end excluded.
    fn any_within(&self, sort: &Sought<'_>, from: DateTime, to: DateTime) -> bool {
        let _nobody = (sort, from, to);
        false
    }
}

/// Records of a form, or those of them in which a field holds something. Void ones, and those in
/// which nothing took place, are not among them: [`crate::is_of_sort`] says which are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sought<'a> {
    /// The form.
    pub form: &'a str,
    /// The field.
    pub field: Option<&'a str>,
}

/// Knows no record.
#[derive(Clone, Copy, Debug)]
pub struct NothingKnown;

impl Resolve for NothingKnown {
    fn record(&self, _form: &str, _text: &str) -> Option<RecordId> {
        None
    }
}

/// What was asked about other records: a question of [`Resolve`], one variant a method.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Question {
    /// Which record is called so.
    Record {
        /// The form.
        form: String,
        /// What it is called.
        text: String,
    },
    /// What a record is called.
    Name {
        /// The form.
        form: String,
        /// The record.
        id: RecordId,
    },
    /// What stands in its field.
    Value {
        /// The form.
        form: String,
        /// The record.
        id: RecordId,
        /// The field.
        field: String,
    },
    /// Who holds a text that none should share.
    Holders {
        /// The form.
        form: String,
        /// The unique field.
        field: String,
        /// The text.
        text: String,
    },
    /// Whether there is such a record in a period.
    Within {
        /// The form.
        form: String,
        /// The field that holds something.
        field: Option<String>,
        /// The first instant.
        from: DateTime,
        /// The instant after the last.
        to: DateTime,
    },
}

/// What is known of a question. One of another sort than the question's counts as nothing known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// A record.
    Record(Option<RecordId>),
    /// What it is called.
    Name(Option<String>),
    /// What stands in its field.
    Value(Option<Value>),
    /// Who holds it.
    Holders(Vec<(RecordId, String)>),
    /// Whether there is one.
    Within(bool),
}

/// Notes what is asked, and knows what it was told.
#[derive(Debug, Default)]
pub struct Inquiry {
    answers: BTreeMap<Question, Answer>,
    open: RefCell<BTreeSet<Question>>,
}

impl Inquiry {
    /// Returns what was asked and not answered yet; nothing, when all that was asked is known.
    #[must_use]
    pub fn take_open(&self) -> Vec<Question> {
        std::mem::take(&mut *self.open.borrow_mut()).into_iter().collect()
    }

    /// Learns an answer.
    pub fn answer(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, answer);
    }

    fn ask(&self, question: Question) -> Option<&Answer> {
        let known = self.answers.get(&question);
        if known.is_none() {
            self.open.borrow_mut().insert(question);
        }
        known
    }
}

impl Resolve for Inquiry {
    fn record(&self, form: &str, text: &str) -> Option<RecordId> {
        let question = Question::Record { form: form.to_owned(), text: text.to_owned() };
        if let Some(Answer::Record(found)) = self.ask(question) { *found } else { None }
    }

    fn name(&self, form: &str, id: RecordId) -> Option<String> {
        let question = Question::Name { form: form.to_owned(), id };
        if let Some(Answer::Name(found)) = self.ask(question) { found.clone() } else { None }
    }

    fn value(&self, form: &str, id: RecordId, field: &str) -> Option<Value> {
        let question = Question::Value { form: form.to_owned(), id, field: field.to_owned() };
        if let Some(Answer::Value(found)) = self.ask(question) { found.clone() } else { None }
    }

    fn holders(&self, form: &str, field: &str, text: &str) -> Vec<(RecordId, String)> {
        let (form, field, text) = (form.to_owned(), field.to_owned(), text.to_owned());
        let question = Question::Holders { form, field, text };
        if let Some(Answer::Holders(found)) = self.ask(question) {
            found.clone()
        } else {
            Vec::new()
        }
    }

    fn any_within(&self, sort: &Sought<'_>, from: DateTime, to: DateTime) -> bool {
        let (form, field) = (sort.form.to_owned(), sort.field.map(str::to_owned));
        let question = Question::Within { form, field, from, to };
        matches!(self.ask(question), Some(Answer::Within(true)))
    }
}
