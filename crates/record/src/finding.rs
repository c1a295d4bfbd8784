//! What is said about a record or a line of input: findings stay with the record, field errors
//! refuse a line.
//!
//! Neither carries what a person is called or what was told about anyone: both may be printed.

use serde::Serialize;

use crate::form::Severity;

/// A rule's remark on a record. It never changes an exit code.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    /// The field it is about, such as `items[0].quantity`.
    pub field: Option<String>,
    /// What to do.
    pub what: String,
    /// How grave it is: a broken rule, a warning, or something left to do.
    pub severity: Severity,
    /// Until when it is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

impl Finding {
    /// Makes a warning.
    #[must_use]
    pub fn new(rule: &str, field: Option<&str>, what: impl Into<String>) -> Self {
        let field = field.map(str::to_owned);
        let severity = Severity::Warning;
        Self { rule: rule.to_owned(), field, what: what.into(), severity, due: None }
    }
}

/// Why a line is refused, by field.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FieldError {
    /// The field, such as `items[0].quantity`.
    pub field: String,
    /// What is wrong and what to do.
    pub reason: String,
}
