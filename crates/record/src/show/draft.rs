//! From a fold to what stands in each field: as JSON for people, as a tree for rules.
//!
//! Fields come in the form's order; what the form does not know is kept and comes last.

use serde_json::{Map, Value as Json, json};

use super::{Conflict, remark};
use crate::finding::Finding;
use crate::form::{Field, Form, Policy};
use crate::input::{Row, Slot, Tree};
use crate::path::Path;
use crate::standing::{Part, Removal, RowState, Standing, parts};
use crate::state::{FieldState, State};
use crate::value::Value;

/// A record before its rules were asked.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) values: Map<String, Json>,
    pub(crate) conflicts: Vec<Conflict>,
    /// What the policies remark.
    pub(crate) findings: Vec<Finding>,
    /// The fields the form knows.
    pub(crate) tree: Tree,
}

impl Draft {
    /// Returns what stands in the record's fields.
    pub(crate) fn of(state: &State, form: Option<&Form>) -> Self {
        let mut draft = Self::default();
        let mut parts = parts(state);
        for field in form.map_or(&[][..], |form| &form.fields) {
            let part = parts.remove(field.id.as_str());
            let slot = part.map(|part| draft.part(&field.id, Some(field), &part));
            draft.tree.slots.push(slot.unwrap_or_default());
        }
        for (name, part) in parts.into_iter().filter(|(name, _)| !name.starts_with('@')) {
            if form.is_some() {
                draft.findings.push(remark::unknown_field(name));
            }
            draft.part(name, None, &part);
        }
        draft
    }

    fn part(&mut self, name: &str, field: Option<&Field>, part: &Part<'_>) -> Slot {
        let rows = part.rows();
        if rows.is_empty() {
            let Some(own) = part.own else { return Slot::Empty };
            let (json, slot) = self.field(Path::field(name), name, field, own);
            self.values.extend(json.map(|json| (name.to_owned(), json)));
            return slot;
        }
        let append = policy(field) == Policy::Append;
        let shown = rows.iter().filter(|row| append || row.removal != Removal::Removed);
        let (mut objects, mut slots) = (Vec::new(), Vec::new());
        for (place, row) in shown.enumerate() {
            let label = format!("{name}[{place}]");
            self.findings.extend(remark::removal(&label, row.removal, policy(field)));
            let (object, slot) = self.row(name, &label, field, row);
            objects.push(Json::Object(object));
            slots.push(slot);
        }
        if !objects.is_empty() {
            self.values.insert(name.to_owned(), Json::Array(objects));
        }
        Slot::Rows(slots)
    }

    fn row(
        &mut self,
        group: &str,
        label: &str,
        field: Option<&Field>,
        row: &RowState<'_>,
    ) -> (Map<String, Json>, Row) {
        let mut object = Map::new();
        object.insert("@row".to_owned(), json!(row.id.to_string()));
        let mut slots = Vec::new();
        let mut rest = row.fields.clone();
        for inner in field.map_or(&[][..], |group| &group.fields) {
            let Some(state) = rest.remove(inner.id.as_str()) else {
                slots.push(Slot::Empty);
                continue;
            };
            let (path, label) =
                (Path::in_row(group, row.id, &inner.id), format!("{label}.{}", inner.id));
            let (json, slot) = self.field(path, &label, Some(inner), state);
            object.extend(json.map(|json| (inner.id.clone(), json)));
            slots.push(slot);
        }
        for (name, state) in rest {
            let label = format!("{label}.{name}");
            if field.is_some() {
                self.findings.push(remark::unknown_field(&label));
            }
            let path = Path::in_row(group, row.id, name);
            let (json, _slot) = self.field(path, &label, None, state);
            object.extend(json.map(|json| (name.to_owned(), json)));
        }
        (object, Row { id: Some(row.id), slots })
    }

    /// Returns what stands in one field; `label` is how findings call it.
    fn field(
        &mut self,
        path: Path,
        label: &str,
        field: Option<&Field>,
        state: &FieldState,
    ) -> (Option<Json>, Slot) {
        self.findings.extend(remark::changed(label, state, policy(field)));
        match Standing::of(state, policy(field)) {
            Standing::Nothing => (None, Slot::Empty),
            Standing::One(value) => {
                if let Value::Opaque { .. } = value {
                    self.findings.push(remark::unknown_value(label));
                }
                (Some(value.to_json()), Slot::Given(value.clone()))
            }
            Standing::Conflict(values) => {
                let values = values.into_iter().map(|(value, dots)| (value.clone(), dots));
                self.conflicts.push(Conflict { path, values: values.collect() });
                (None, Slot::Contested)
            }
        }
    }
}

fn policy(field: Option<&Field>) -> Policy {
    field.map_or(Policy::Mv, |field| field.policy)
}
