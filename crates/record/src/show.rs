//! How a record is shown: policies, conflicts and findings. It changes nothing.

use journal::Dot;
use serde_json::{Map, Value as Json};

use crate::finding::Finding;
use crate::path::Path;
use crate::value::Value;

/// A record as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Its fields; one in conflict is absent, a group is an array of objects with `@row`.
    pub values: Map<String, Json>,
    /// The fields in conflict.
    pub conflicts: Vec<Conflict>,
    /// What people call it: the smallest of its references.
    pub reference: Option<String>,
    /// Why it is void.
    pub voided: Option<String>,
    /// Whether it goes ahead of others.
    pub urgent: bool,
    /// Its title; made from other fields where nobody gave one.
    pub title: String,
    /// Its own date.
    pub occurred_at: Option<String>,
    /// What there is to remark.
    pub findings: Vec<Finding>,
}

/// A field whose live values differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The field.
    pub path: Path,
    /// The values, each with the changes that wrote it.
    pub values: Vec<(Value, Vec<Dot>)>,
}
