//! A rule that crosses fields, as it stands in a form.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::card::Words;
use crate::condition::Condition;
use crate::list::List;

/// What a broken rule does.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
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
    /// A list has at most so many values.
    AtMost { count: usize },
    /// The code is the one that a column of another field's code names, if it names one.
    Column { field: usize, list: Arc<List>, column: usize },
    /// No record of the sorts that belong to the code has its own date in the period.
    NothingWithin { from: usize, to: usize, records: BTreeMap<String, Vec<Sort>> },
    /// One of these has a value somewhere.
    AnyOf { fields: Vec<Target> },
    /// The value stands in one row of the group only.
    Distinct,
    /// Broken where the field is empty so many hours after the record's own date.
    Missing { after_hours: u32 },
}

/// Records of a form, or those of them in which a field holds something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sort {
    pub(crate) form: String,
    pub(crate) field: Option<String>,
}
