//! A new record: one object, all its mistakes at once, or the values to write.

use super::{Object, Reader, Reading, Row, Slot, Tree, line, own, read};
use crate::change::{Change, FormVersion, Write};
use crate::finding::{FieldError, Finding};
use crate::form::{Field, Form, Shape};
use crate::id::{PersonId, RecordId, RecordKey, RowId};
use crate::list::Language;
use crate::message;
use crate::path::Path;
use crate::rules::{self, Around, Severity};
use crate::value::{Date, Value};

/// What an object says, ready to be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewRecord {
    /// The id it asked for by `@id`.
    pub id: Option<RecordId>,
    /// Whom `@author` names.
    pub author: Option<String>,
    /// The hash of the normalised line, where `@id` was given.
    pub import: Option<[u8; 8]>,
    /// Why it is void, where `@voided` says that it was so where it comes from.
    pub voided: Option<String>,
    /// Its values, in the order of the form. The first row of a group has no `@order`: it is 0.
    pub values: Vec<(Path, Value)>,
    /// Whether it is to be sent before others.
    pub urgent: bool,
    /// The record's own date.
    pub own_date: Option<Date>,
    /// Warnings and tasks.
    pub findings: Vec<Finding>,
    /// The vocabularies its codes are of, with their versions.
    pub lists: Vec<(String, u32)>,
}

impl NewRecord {
    /// Returns the change that writes it, with what `@voided` and `@id` leave behind.
    #[must_use]
    pub fn into_change(self, record: RecordKey, form: &Form, author: PersonId) -> Change {
        let write = |(path, value)| Write { path, value, replaces: Vec::new() };
        let mut writes: Vec<Write> = self.values.into_iter().map(write).collect();
        if let Some(reason) = self.voided {
            writes.push(write((Path::field(Path::VOID), Value::Text(reason))));
        }
        if let Some(hash) = self.import {
            writes.push(write((Path::field(Path::IMPORT), Value::Bytes(hash.to_vec()))));
        }
        Change {
            record,
            form: FormVersion { id: form.id.clone(), version: form.version },
            lists: self.lists,
            author,
            reason: None,
            urgent: self.urgent,
            seen: Vec::new(),
            writes,
        }
    }
}

impl Reader<'_> {
    /// Reads a new record; `fresh` is its id unless it brings one.
    ///
    /// # Errors
    ///
    /// Every mistake, by field.
    pub fn read_new(&self, object: &Object, fresh: RecordId) -> Result<NewRecord, Vec<FieldError>> {
        let mut reading = read(self.form, object, self.asker());
        let language = self.facts.language;
        let own::Keys { id, author, voided } = own::keys(object, &mut reading, language);
        refuse_row_ids(self.form, &mut reading, language);
        let Reading { tree, mut errors } = reading;
        let own = id.unwrap_or(fresh);
        let around = Around { facts: &self.facts, others: self.resolve, own };
        let verdict = rules::check(self.form, &tree, around);
        errors.extend(verdict.refusals());
        if !errors.is_empty() {
            return Err(errors);
        }
        let remarks = verdict.remarks.into_iter();
        let remarks = remarks.filter(|remark| remark.severity != Severity::Refusal);
        Ok(NewRecord {
            id,
            author,
            voided,
            import: id.map(|_id| line::hash(object)),
            lists: vocabularies(self.form, &tree),
            values: values(self.form, tree, own),
            urgent: verdict.urgent,
            own_date: verdict.own_date,
            findings: remarks.map(|remark| remark.finding).collect(),
        })
    }
}

fn refuse_row_ids(form: &Form, reading: &mut Reading, language: Language) {
    let groups = form.fields.iter().zip(&reading.tree.slots);
    let named = groups.filter(|(_group, slot)| slot.rows().iter().any(|row| row.id.is_some()));
    let named: Vec<String> = named.map(|(group, _slot)| group.id.clone()).collect();
    for group in named {
        reading.refuse(group, message::row_id_in_new(language));
    }
}

/// The values of a tree as paths; rows are named by record, group and place.
fn values(form: &Form, tree: Tree, record: RecordId) -> Vec<(Path, Value)> {
    let mut values = Vec::new();
    for (field, slot) in form.fields.iter().zip(tree.slots) {
        match slot {
            Slot::Given(value) => values.push((Path::field(&field.id), value)),
            Slot::Rows(rows) => {
                for (ordinal, row) in (0_u32..).zip(rows) {
                    let id = RowId::imported(record, &field.id, ordinal);
                    row_values(&mut values, field, row, (id, ordinal));
                }
            }
            Slot::Empty | Slot::Computed(_) | Slot::Contested => {}
        }
    }
    values
}

fn row_values(
    values: &mut Vec<(Path, Value)>,
    group: &Field,
    row: Row,
    (id, ordinal): (RowId, u32),
) {
    if 0 < ordinal {
        let path = Path::in_row(&group.id, id, Path::ORDER);
        values.push((path, Value::Int(i64::from(ordinal))));
    }
    for (field, slot) in group.fields.iter().zip(row.slots) {
        if let Slot::Given(value) = slot {
            values.push((Path::in_row(&group.id, id, &field.id), value));
        }
    }
}

/// The vocabularies whose codes the tree uses, so that their labels can always be shown.
pub(super) fn vocabularies(form: &Form, tree: &Tree) -> Vec<(String, u32)> {
    let mut used: Vec<(&str, u32)> = Vec::new();
    for (field, slot) in form.fields.iter().zip(&tree.slots) {
        note(&mut used, field, slot);
        for row in slot.rows() {
            for (field, slot) in field.fields.iter().zip(&row.slots) {
                note(&mut used, field, slot);
            }
        }
    }
    used.sort_unstable();
    used.into_iter().map(|(name, version)| (name.to_owned(), version)).collect()
}

fn note<'a>(used: &mut Vec<(&'a str, u32)>, field: &'a Field, slot: &Slot) {
    if let (Shape::Choice { list, .. }, false) = (&field.shape, slot.is_empty()) {
        let vocabulary = (list.source.as_str(), list.version);
        if !used.contains(&vocabulary) {
            used.push(vocabulary);
        }
    }
}
