//! The layout of a change, and what is none.

use expect_test::expect;

use super::*;
use crate::id::{RecordId, RowId};
use crate::value::tests::dot;

fn change() -> Change {
    let row = RowId([7; 8]);
    let write = |path, value, replaces: &[u32]| Write { path, value, replaces: replaces.to_vec() };
    Change {
        record: RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([1; 16]) },
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: vec![("unit".to_owned(), 2)],
        author: PersonId([3; 16]),
        reason: None,
        urgent: false,
        seen: vec![dot(1, 1), dot(1, 2), dot(2, 7)],
        writes: vec![
            write(Path::field("kind"), Value::Code("DRUG_SEIZURE".to_owned()), &[0, 2]),
            write(Path::row("items", row), Value::Removed(vec![dot(1, 1)]), &[]),
            write(Path::in_row("items", row, "unit"), Value::Code("g".to_owned()), &[]),
        ],
    }
}

#[test]
fn a_change_reads_back_as_it_was_written() {
    let payload = change().to_payload().unwrap();
    assert_eq!(Change::from_payload(&payload), Ok(change()));
}

#[test]
fn the_layout_of_a_change_is_frozen() {
    let payload = change().to_payload().unwrap();
    let rows = payload.chunks(32).map(|row| {
        let digits: String = row.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}\n")
    });
    expect![[r#"
        0101fb090108494e53542d303237010101010101010101010101010101010869
        6e636964656e74010104756e6974020303030303030303030303030303030300
        0002010101010101010101010101010101010101010101010101010101010101
        0101020100000000000000000200000000000000000202020202020202020202
        0202020202020202020202020202020202020202020107030303030303030303
        046b696e6400070c445255475f5345495a555245020002056974656d73010707
        070707070707000c2b0101010101010101010101010101010101010101010101
        010101010101010101010101000000000000000000056974656d730107070707
        070707070104756e697407016700
    "#]]
    .assert_eq(&rows.collect::<String>());
}

#[test]
fn a_path_occurs_once() {
    let mut change = change();
    change.writes.push(change.writes[0].clone());
    assert!(matches!(change.to_payload(), Err(CodecError::Malformed(_))));
    let payload = Envelope::pack(SCHEMA, &change).unwrap();
    assert!(matches!(Change::from_payload(&payload), Err(CodecError::Malformed(_))));
}

#[test]
fn only_what_was_seen_is_replaced() {
    let mut change = change();
    change.writes[1].replaces.push(3);
    assert!(matches!(change.to_payload(), Err(CodecError::Malformed(_))));
    let payload = Envelope::pack(SCHEMA, &change).unwrap();
    assert!(matches!(Change::from_payload(&payload), Err(CodecError::Malformed(_))));
}

#[test]
fn a_path_that_could_not_be_read_back_is_not_written() {
    let mut change = change();
    change.writes[0].path.field = "a/b".to_owned();
    assert!(matches!(change.to_payload(), Err(CodecError::Malformed(_))));
}

#[test]
fn a_change_with_an_unknown_sort_of_value_is_one() {
    let mut change = change();
    change.writes[0].value = Value::Opaque { tag: 200, bytes: vec![1, 2] };
    let payload = change.to_payload().unwrap();
    assert_eq!(Change::from_payload(&payload), Ok(change));
}

#[test]
fn another_layout_is_no_change() {
    let payload = Envelope::pack(SCHEMA + 1, &change()).unwrap();
    assert!(Change::from_payload(&payload).is_err());
}
