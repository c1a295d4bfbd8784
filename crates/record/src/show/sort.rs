//! Whether a record tells that something took place, for whoever states that nothing did.

use super::Draft;
use crate::catalogue::Catalogue;
use crate::form::is_void;
use crate::input::{Asker, Sought};
use crate::state::State;

/// Returns whether the record is of the sort: of the form, not void, something took place, and
/// where a field is named something stands in it.
#[must_use]
pub fn is_of_sort(state: &State, catalogue: &Catalogue, sought: &Sought<'_>) -> bool {
    let form = catalogue.edition(state).filter(|form| form.id == sought.form);
    let Some(form) = form.filter(|_form| !is_void(state)) else { return false };
    let tree = Draft::of(state, Some(&form), Asker::NOBODY).tree;
    let holds = |name: &str| form.place(name).is_some_and(|place| !tree.slot(place).is_empty());
    form.happened_when.holds(&tree, None) && sought.field.is_none_or(holds)
}
