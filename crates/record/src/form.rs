//! Forms as data: fields with their types, conditions, policies and labels, and the rules that
//! cross fields.
//!
//! A form is whole once it is loaded: every name in it was found, every condition is compiled. It
//! does not know any record.

mod load;
mod raw;
mod rule;
mod unique;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use load::load;
pub(crate) use rule::{Check, Sort, Target};
pub use rule::{Rule, Severity};
pub(crate) use unique::is_void;
pub use unique::{Unique, named};

use crate::card::Words;
use crate::condition::{Asked, Condition};
use crate::list::List;
use crate::path::Path;
use crate::value::Decimal;

/// What is asked about one sort of record.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its id, such as `incident`.
    pub id: String,
    /// Its version; versions are never removed.
    pub version: u32,
    /// What it is called.
    pub label: Words,
    /// Who its records are sent to.
    pub reach: Reach,
    /// The parts of its page.
    pub sections: Vec<Section>,
    /// Its fields, in the order of the page.
    pub fields: Vec<Field>,
    /// The rules that cross fields.
    pub rules: Vec<Rule>,
    /// The fields an empty title is made of, and the title's own field.
    pub(crate) title: Title,
    /// Any of these makes a record urgent.
    pub(crate) urgent_when: Vec<Condition>,
    /// When its times may lie ahead.
    pub(crate) future_when: Option<Condition>,
    /// Within how many hours a first notice is to be completed.
    pub(crate) complete_within: Option<Limit>,
    /// When every field has another class.
    pub(crate) class_when: Vec<(Condition, Class)>,
    /// The field with the record's own date; without one it is the day it was recorded.
    pub(crate) own_date: Option<usize>,
    /// The field by which people name a record in others.
    pub(crate) key: Option<usize>,
    /// When a record tells of something that took place; without a condition it always does.
    pub(crate) happened_when: Condition,
    pub(crate) index: BTreeMap<String, usize>,
}

/// A part of a form's page.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Words,
    /// When it is shown.
    pub(crate) when: Condition,
    /// When the stars of its fields count; without either they always do.
    pub(crate) stars_when: Option<Condition>,
    /// The group whose rows make the stars count.
    pub(crate) stars_with: Option<usize>,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its id; of a field in a group the part after the point.
    pub id: String,
    /// Its section's place in the form.
    pub section: usize,
    /// What it is called.
    pub label: Words,
    /// How to answer.
    pub hint: Option<Words>,
    /// What an answer is.
    pub shape: Shape,
    /// Whether there may be many answers.
    pub many: bool,
    /// Whether an answer is required to submit.
    pub starred: bool,
    /// Whether even a first notice needs it.
    pub first_notice: bool,
    /// Who may see it.
    pub class: Class,
    /// What becomes of concurrent answers.
    pub policy: Policy,
    /// What the page offers; it is never stored by itself.
    pub default: Option<serde_json::Value>,
    /// The fields of a group.
    pub fields: Vec<Self>,
    /// When it is shown: where what it hangs on is shown and holds.
    pub(crate) when: Condition,
    /// When an answer is required although there is no star.
    pub(crate) required_when: Option<Condition>,
    /// When it has another class.
    pub(crate) class_when: Vec<(Condition, Class)>,
    /// Below how many characters it is remarked on.
    pub(crate) warn_under: usize,
    /// What it must not be earlier than.
    pub(crate) order: Option<Order>,
    /// Among which records no other has the same answer.
    pub unique: Option<Unique>,
    /// The list whose codes are shown by their labels where an answer is one.
    pub codes: Option<Arc<List>>,
    /// How it is made from other fields.
    pub(crate) compute: Option<Compute>,
    index: BTreeMap<String, usize>,
}

/// How a computed field is made.
#[derive(Clone, Debug)]
pub(crate) enum Compute {
    /// One quantity less another.
    Difference { of: Asked, less: Asked },
    /// A day so many months later, as many as a field of another record says.
    Expiry { from: Asked, reference: Asked, of: String, months: String, given: Asked },
}

/// What an answer is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A text of at most so many characters.
    Text {
        /// Characters, not bytes.
        max: usize,
    },
    /// Yes or no.
    Bool,
    /// A whole number within bounds.
    Int {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A quantity within bounds.
    Decimal {
        /// It is larger than this.
        above: Option<Decimal>,
        /// It is at most this.
        at_most: Option<Decimal>,
    },
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// A code of a list.
    Choice {
        /// The list.
        list: Arc<List>,
        /// Whether the codes are JSON numbers.
        number: bool,
    },
    /// A record of that form.
    Reference {
        /// The form's id.
        form: String,
    },
    /// Rows of fields.
    Group,
    /// Made from other fields when shown; refused on input.
    Computed,
}

/// Who a form's records are sent to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// The devices of the record's site.
    Site,
    /// Every device.
    Everyone,
}

/// Who may see a field.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Site and centre, and a share whose profile names it.
    Open,
    /// Site and centre, never a share.
    Restricted,
    /// The medical part.
    Medical,
    /// Past the head of the site.
    Complaint,
}

/// What becomes of concurrent writes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Both are kept; a person decides.
    #[default]
    Mv,
    /// The highest of the live values.
    Max,
    /// Set once; a later change is a finding.
    Immutable,
    /// Rows are added, never changed.
    Append,
}

/// A field that must not be earlier than another.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The earlier one.
    pub(crate) other: usize,
    /// Whether it must be later, not just as late.
    pub(crate) strictly: bool,
    /// When the order does not matter.
    pub(crate) unless: Option<Condition>,
}

/// What an empty title is made of.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    pub(crate) field: Option<usize>,
    pub(crate) from: Vec<usize>,
    /// The fields that hold it in each language.
    pub(crate) words: Option<ByLanguage>,
}

/// A field for each language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByLanguage {
    pub(crate) ky: usize,
    pub(crate) ru: usize,
    pub(crate) en: usize,
}

/// Hours, by the code of a field.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) by: usize,
    pub(crate) hours: BTreeMap<String, u32>,
}

/// The names and types of a form's fields, before its conditions are read.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) fields: Vec<(Shape, Vec<(String, Shape)>)>,
    pub(crate) index: BTreeMap<String, usize>,
}

impl Outline {
    pub(crate) fn field(&self, name: &str) -> Option<(usize, &Shape)> {
        let place = *self.index.get(name)?;
        self.fields.get(place).map(|(shape, _inner)| (place, shape))
    }

    pub(crate) fn inner(&self, group: usize, name: &str) -> Option<(usize, &Shape)> {
        let (_group, fields) = self.fields.get(group)?;
        let place = fields.iter().position(|(id, _shape)| id == name)?;
        fields.get(place).map(|(_id, shape)| (place, shape))
    }
}

impl Form {
    /// Returns the field of that name; a field of a group is written `items.quantity`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        let (head, tail) = name.split_once('.').map_or((name, None), |(a, b)| (a, Some(b)));
        let field = self.fields.get(self.place(head)?)?;
        tail.map_or(Some(field), |tail| field.inner(tail))
    }

    /// Returns the field at a path; of a row's own path its group.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Field> {
        let field = self.fields.get(self.place(&path.field)?)?;
        match path.row.as_ref().and_then(|row| row.field.as_deref()) {
            Some(inner) => field.inner(inner),
            None => Some(field),
        }
    }

    /// Returns the field by which people name a record of this form in others: a course's code.
    #[must_use]
    pub fn key(&self) -> Option<&Field> {
        self.fields.get(self.key?)
    }

    /// Returns whether any field holds what no two records should share.
    #[must_use]
    pub fn has_unique(&self) -> bool {
        let mut all = self.fields.iter().flat_map(|field| field.fields.iter().chain([field]));
        all.any(|field| field.unique.is_some())
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

impl Field {
    /// Returns the field of that name in a group.
    #[must_use]
    pub fn inner(&self, name: &str) -> Option<&Self> {
        self.fields.get(self.place(name)?)
    }

    /// Returns the list that its answers are codes of, or may be.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        match &self.shape {
            Shape::Choice { list, .. } => Some(list),
            Shape::Text { .. }
            | Shape::Bool
            | Shape::Int { .. }
            | Shape::Decimal { .. }
            | Shape::Date
            | Shape::DateTime
            | Shape::Reference { .. }
            | Shape::Group
            | Shape::Computed => self.codes.as_deref(),
        }
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

#[cfg(test)]
mod tests;
