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
        0101fbfd0008494e53542d303237010101010101010101010101010101010869
        6e636964656e74010104756e6974020303030303030303030303030303030300
        0002010101010101010101010101010101010101010101010101010101010101
        0101020100000000000000000200000000000000000202020202020202020202
        0202020202020202020202020202020202020202020107030303030303030302
        000001046b696e64070c445255475f5345495a555245020002056974656d7301
        01070707070707070702000c2b01010101010101010101010101010101010101
        0101010101010101010101010101010100000000000000000004756e69740701
        6700
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

#[test]
fn the_rows_of_an_import_travel_as_numbers() {
    let id = change().record.id;
    let write = |row: RowId, field: &str| Write {
        path: Path::in_row("items", row, field),
        value: Value::Int(1),
        replaces: Vec::new(),
    };
    let mut change = change();
    change.seen.clear();
    let size = |writes: Vec<Write>| {
        let change = Change { writes, ..change.clone() };
        let payload = change.to_payload().unwrap();
        assert_eq!(Change::from_payload(&payload), Ok(change));
        payload.len()
    };
    let rows = |count: u32| (0..count).map(|n| RowId::imported(id, "items", n));
    let imported = size(rows(2).flat_map(|row| [write(row, "a"), write(row, "b")]).collect());
    let named = [RowId([1; 8]), RowId([2; 8])];
    let named =
        size(named.into_iter().flat_map(|row| [write(row, "a"), write(row, "b")]).collect());
    assert_eq!(named - imported, 14);

    let many = size(rows(200).map(|row| write(row, "a")).collect());
    let fewer = size(rows(100).map(|row| write(row, "a")).collect());
    assert_eq!(many - fewer, 100 * 16);
    // A row far behind that is amended alone is found by its id.
    assert_eq!(
        size(vec![write(RowId::imported(id, "items", 99), "a")])
            - size(vec![write(RowId::imported(id, "items", 9), "a")]),
        7
    );
}

#[test]
fn writes_keep_their_order() {
    let row = RowId([7; 8]);
    let paths = [
        Path::in_row("items", row, "a"),
        Path::field("z"),
        Path::field("a"),
        Path::row("items", row),
        Path::in_row("items", row, "b"),
        Path::in_row("other", row, "b"),
        Path::field("items"),
    ];
    let write = |path| Write { path, value: Value::Bool(true), replaces: vec![0] };
    let change = Change { writes: paths.into_iter().map(write).collect(), ..change() };
    assert_eq!(Change::from_payload(&change.to_payload().unwrap()), Ok(change));
}
