//! The values of a record by the places of their fields in the form.

use std::borrow::Cow;

use crate::id::RowId;
use crate::value::Value;

/// A record's values; a place without a slot is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) slots: Vec<Slot>,
}

/// What stands in a field.
#[derive(Clone, Debug, Default)]
pub(crate) enum Slot {
    /// Nothing.
    #[default]
    Empty,
    /// Something, but nobody knows which of several or what: never missing, equal to nothing.
    Contested,
    /// A value.
    Given(Value),
    /// A value made from others; it is never written.
    Computed(Value),
    /// The rows of a group.
    Rows(Vec<Row>),
}

/// A row of a group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: Option<RowId>,
    pub(crate) slots: Vec<Slot>,
}

impl Tree {
    pub(crate) fn with_places(places: usize) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(places, Slot::default);
        Self { slots }
    }

    pub(crate) fn slot(&self, place: usize) -> &Slot {
        self.slots.get(place).unwrap_or(&Slot::Empty)
    }
}

impl Row {
    pub(crate) fn slot(&self, place: usize) -> &Slot {
        self.slots.get(place).unwrap_or(&Slot::Empty)
    }
}

/// Returns the values of a list, or the one value.
pub(crate) fn each(value: &Value) -> &[Value] {
    if let Value::List(values) = value { values } else { std::slice::from_ref(value) }
}

/// Returns the code as its list has it, also where it is a number.
pub(crate) fn code(value: &Value) -> Option<Cow<'_, str>> {
    if let Value::Code(code) = value {
        Some(Cow::Borrowed(code))
    } else if let Value::Int(number) = value {
        Some(Cow::Owned(number.to_string()))
    } else {
        None
    }
}

impl Slot {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Rows(rows) => rows.is_empty(),
            Self::Contested | Self::Given(_) | Self::Computed(_) => false,
        }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Self::Given(value) | Self::Computed(value) => Some(value),
            Self::Empty | Self::Contested | Self::Rows(_) => None,
        }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        match self {
            Self::Rows(rows) => rows,
            Self::Empty | Self::Contested | Self::Given(_) | Self::Computed(_) => &[],
        }
    }
}
