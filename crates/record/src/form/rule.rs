//! A rule that crosses fields, as it stands in a form.

use serde::Deserialize;

use crate::card::Words;
use crate::condition::Condition;

/// What a broken rule does.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The record is refused.
    #[default]
    Refusal,
    /// A remark beside the field.
    Warning,
    /// Something is left to do.
    Task,
}

/// A rule that crosses fields.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, which findings bear.
    pub id: String,
    /// What a broken rule does.
    pub severity: Severity,
    /// What to do when it is broken.
    pub say: Words,
    /// Where it applies.
    pub(crate) when: Condition,
    pub(crate) target: Target,
    pub(crate) check: Check,
}

/// The field a rule's remark stands at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// A field of the record.
    Record(usize),
    /// A field of each row of a group.
    Rows { group: usize, field: usize },
}

/// What a rule looks at.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// Broken where `when` holds and `need`, if there is one, does not.
    Condition { need: Option<Condition> },
    /// A quantity is a whole number.
    Whole,
    /// A list that has values has so many that differ.
    AtLeast { count: usize },
    /// One of these has a value somewhere.
    AnyOf { fields: Vec<Target> },
    /// The value stands in one row of the group only.
    Distinct,
    /// Broken where the field is empty so many hours after the record's own date.
    Missing { after_hours: u32 },
}
