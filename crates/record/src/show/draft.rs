//! From a fold to what stands in each field: as JSON for people, as a tree for rules.
//!
//! Fields come in the form's order; what the form does not know is kept and comes last, and so is
//! what is computed. A reference that was kept as written becomes the id of its record here.

use journal::Dot;
use serde_json::{Map, Value as Json, json};

use super::{Conflict, remark};
use crate::finding::Finding;
use crate::form::{Field, Form, Policy, Shape};
use crate::input::{Asker, Row, Slot, Tree, compute};
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

/// A draft while it is made, and who is asked about what it names.
struct Drafting<'a> {
    asker: Asker<'a>,
    draft: Draft,
}

impl Draft {
    /// Returns what stands in the record's fields.
    pub(crate) fn of(state: &State, form: Option<&Form>, asker: Asker<'_>) -> Self {
        let mut drafting = Drafting { asker, draft: Self::default() };
        let mut parts = parts(state);
        for field in form.map_or(&[][..], |form| &form.fields) {
            let part = parts.remove(field.id.as_str());
            let slot = part.map(|part| drafting.part(&field.id, Some(field), &part));
            drafting.draft.tree.slots.push(slot.unwrap_or_default());
        }
        for (name, part) in parts.into_iter().filter(|(name, _)| !name.starts_with('@')) {
            if form.is_some() {
                let remark = remark::unknown_field(name, asker.language);
                drafting.draft.findings.push(remark);
            }
            drafting.part(name, None, &part);
        }
        let mut draft = drafting.draft;
        if let Some(form) = form {
            compute(form, &mut draft.tree, asker.resolve);
            draft.show_computed(form);
        }
        draft
    }

    /// Puts the computed values beside those that were written.
    fn show_computed(&mut self, form: &Form) {
        let Self { values, tree, .. } = self;
        for (field, slot) in form.fields.iter().zip(&tree.slots) {
            if let Slot::Computed(value) = slot {
                values.insert(field.id.clone(), value.to_json());
            }
            let shown = values.get_mut(&field.id).and_then(Json::as_array_mut);
            let rows = shown.into_iter().flatten().filter_map(Json::as_object_mut);
            for (object, row) in rows.zip(slot.rows()) {
                let inner = field.fields.iter().zip(&row.slots);
                let computed = inner.filter_map(|(field, slot)| match slot {
                    Slot::Computed(value) => Some((field.id.clone(), value.to_json())),
                    Slot::Empty | Slot::Contested | Slot::Given(_) | Slot::Rows(_) => None,
                });
                object.extend(computed);
            }
        }
    }
}

impl Drafting<'_> {
    fn part(&mut self, name: &str, field: Option<&Field>, part: &Part<'_>) -> Slot {
        let rows = part.rows();
        if rows.is_empty() {
            let Some(own) = part.own else { return Slot::Empty };
            let (json, slot) = self.field(Path::field(name), name, field, own);
            self.draft.values.extend(json.map(|json| (name.to_owned(), json)));
            return slot;
        }
        let append = policy(field) == Policy::Append;
        let shown = rows.iter().filter(|row| append || row.removal != Removal::Removed);
        let (mut objects, mut slots) = (Vec::new(), Vec::new());
        for (place, row) in shown.enumerate() {
            let label = format!("{name}[{place}]");
            self.draft.findings.extend(remark::removal(
                &label,
                row.removal,
                (policy(field), self.asker.language),
            ));
            let (object, slot) = self.row(name, &label, field, row);
            objects.push(Json::Object(object));
            slots.push(slot);
        }
        if !objects.is_empty() {
            self.draft.values.insert(name.to_owned(), Json::Array(objects));
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
                let remark = remark::unknown_field(&label, self.asker.language);
                self.draft.findings.push(remark);
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
        let language = self.asker.language;
        self.draft.findings.extend(remark::changed(label, state, (policy(field), language)));
        if field.is_some_and(|field| field.shape == Shape::Computed) {
            self.draft.findings.push(remark::not_stored(label, language));
            return (None, Slot::Empty);
        }
        match Standing::of(state, policy(field)) {
            Standing::Nothing => (None, Slot::Empty),
            Standing::One(value) => self.one(label, resolved(field, value, self.asker)),
            Standing::Conflict(values) => {
                let mut differing: Vec<(Value, Vec<Dot>)> = Vec::new();
                for (value, dots) in values {
                    let value = resolved(field, value, self.asker);
                    match differing.iter_mut().find(|(known, _dots)| *known == value) {
                        Some((_known, all)) => all.extend(dots),
                        None => differing.push((value, dots)),
                    }
                }
                if let [(value, _dots)] = differing.as_slice() {
                    return self.one(label, value.clone());
                }
                self.draft.conflicts.push(Conflict { path, values: differing });
                (None, Slot::Contested)
            }
        }
    }

    fn one(&mut self, label: &str, value: Value) -> (Option<Json>, Slot) {
        if let Value::Opaque { .. } = value {
            self.draft.findings.push(remark::unknown_value(label, self.asker.language));
        }
        (Some(value.to_json()), Slot::Given(value))
    }
}

/// Returns the value with the ids of the records it names, as far as they are known by now.
fn resolved(field: Option<&Field>, value: &Value, asker: Asker<'_>) -> Value {
    let Some(Shape::Reference { form }) = field.map(|field| &field.shape) else {
        return value.clone();
    };
    let one = |value: &Value| {
        let Value::Unresolved(text) = value else { return value.clone() };
        let record = asker.resolve.record(form, text);
        record.map_or_else(|| value.clone(), Value::Record)
    };
    if let Value::List(values) = value {
        Value::List(values.iter().map(one).collect())
    } else {
        one(value)
    }
}

fn policy(field: Option<&Field>) -> Policy {
    field.map_or(Policy::Mv, |field| field.policy)
}
