//! What policies and removals make of live values.

use journal::Dot;

use super::*;
use crate::change::{Change, FormVersion, Write};
use crate::id::{PersonId, RecordId, RecordKey};
use crate::value::tests::dot;

fn field(values: &[(Dot, Value)]) -> FieldState {
    FieldState { live: values.iter().cloned().collect(), ..FieldState::default() }
}

fn state(writes: &[(Dot, Path, Value)]) -> State {
    let record = RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([1; 16]) };
    let mut state = State::new(record.clone());
    for (dot, path, value) in writes {
        let write = Write { path: path.clone(), value: value.clone(), replaces: Vec::new() };
        let change = Change {
            record: record.clone(),
            form: FormVersion { id: "incident".to_owned(), version: 1 },
            lists: Vec::new(),
            author: PersonId([1; 16]),
            reason: None,
            urgent: false,
            seen: Vec::new(),
            writes: vec![write],
        };
        state.apply(*dot, &change);
    }
    state
}

#[test]
fn equal_values_count_once() {
    let field = field(&[(dot(1, 1), Value::Int(3)), (dot(2, 1), Value::Int(3))]);
    assert_eq!(Standing::of(&field, Policy::Mv), Standing::One(&Value::Int(3)));
}

#[test]
fn values_that_differ_are_a_conflict() {
    let field = field(&[
        (dot(1, 1), Value::Int(3)),
        (dot(2, 1), Value::Int(2)),
        (dot(3, 1), Value::Int(3)),
    ]);
    let conflict = Standing::Conflict(vec![
        (&Value::Int(2), vec![dot(2, 1)]),
        (&Value::Int(3), vec![dot(1, 1), dot(3, 1)]),
    ]);
    assert_eq!(Standing::of(&field, Policy::Mv), conflict);
    assert_eq!(Standing::of(&field, Policy::Immutable), conflict);
}

#[test]
fn the_largest_stands_where_the_policy_says_so() {
    let some = field(&[
        (dot(1, 1), Value::Int(2)),
        (dot(2, 1), Value::Int(4)),
        (dot(3, 1), Value::Cleared),
    ]);
    assert_eq!(Standing::of(&some, Policy::Max), Standing::One(&Value::Int(4)));
    assert_eq!(Standing::of(&field(&[]), Policy::Max), Standing::Nothing);
}

#[test]
fn an_emptied_field_is_empty_unless_somebody_filled_it() {
    let emptied = field(&[(dot(1, 1), Value::Cleared)]);
    assert_eq!(Standing::of(&emptied, Policy::Mv), Standing::Nothing);
    let both = field(&[(dot(1, 1), Value::Cleared), (dot(2, 1), Value::Int(2))]);
    assert!(matches!(Standing::of(&both, Policy::Mv), Standing::Conflict(_)));
}

#[test]
fn rows_stand_in_their_order_then_by_id() {
    let rows = [(3, None), (1, Some(2)), (2, Some(1)), (9, Some(1))];
    let writes: Vec<_> = rows
        .iter()
        .flat_map(|&(id, order)| {
            let id = RowId([id; 8]);
            let order = order.map(|order| (Path::in_row("items", id, Path::ORDER), order));
            let unit = (Path::in_row("items", id, "quantity"), 5);
            order.into_iter().chain([unit])
        })
        .map(|(path, number)| (dot(1, 1), path, Value::Int(number)))
        .collect();
    let state = state(&writes);
    let order: Vec<RowId> = parts(&state)["items"].rows().iter().map(|row| row.id).collect();
    assert_eq!(order, [RowId([3; 8]), RowId([2; 8]), RowId([9; 8]), RowId([1; 8])]);
}

#[test]
fn a_row_is_removed_while_whoever_removed_it_had_seen_all_of_it() {
    let row = RowId([7; 8]);
    let (made, other, removing) = (dot(1, 1), dot(2, 1), dot(1, 2));
    let made_unit = (made, Path::in_row("items", row, "unit"), Value::Code("g".to_owned()));
    let removed = (removing, Path::row("items", row), Value::Removed(vec![made]));
    let amended = (other, Path::in_row("items", row, "quantity"), Value::Int(5));
    let removal = |writes: &[(Dot, Path, Value)]| {
        let state = state(writes);
        let rows = parts(&state)["items"].rows();
        rows[0].removal
    };
    assert_eq!(removal(std::slice::from_ref(&made_unit)), Removal::Kept);
    assert_eq!(removal(&[made_unit.clone(), removed.clone()]), Removal::Removed);
    assert_eq!(removal(&[made_unit.clone(), removed.clone(), amended.clone()]), Removal::Doubtful);
    let again = (dot(3, 1), Path::row("items", row), Value::Removed(vec![other]));
    assert_eq!(removal(&[made_unit, removed, amended, again]), Removal::Removed);
}
