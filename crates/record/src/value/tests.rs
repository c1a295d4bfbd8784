//! Each pair of tag and bytes is one value, and each value one pair.

use journal::{LogId, ShortId, codec};
use proptest::prelude::*;

use super::*;

fn round_trip(value: &Value) -> Value {
    let bytes = codec::encode(value, 1 << 20).unwrap();
    codec::decode_canonical(&bytes, 1 << 20).unwrap()
}

pub(crate) fn dot(log: u8, seq: u64) -> Dot {
    Dot { log: LogId([log; 32]), seq, id: ShortId([log ^ 1; 8]) }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Cleared),
        ".{0,9}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (0..10_u64.pow(15)).prop_map(|n| Value::Decimal(Decimal::from_thousandths(n).unwrap())),
        any::<i32>().prop_map(|days| Value::Date(Date(days))),
        (any::<i64>(), any::<i16>()).prop_map(|(utc_ms, offset_minutes)| Value::DateTime(
            DateTime { utc_ms, offset_minutes }
        )),
        "[A-Z_]{1,9}".prop_map(Value::Code),
        any::<[u8; 16]>().prop_map(|id| Value::Record(RecordId(id))),
        "[A-Z0-9/-]{1,9}".prop_map(Value::Unresolved),
        any::<[u8; 8]>().prop_map(|bytes| Value::Bytes(bytes.to_vec())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let dots = prop::collection::vec((0..3_u8, 0..9_u64), 0..5);
    prop_oneof![
        4 => scalar(),
        1 => prop::collection::vec(scalar(), 0..4).prop_map(Value::List),
        1 => dots.prop_map(|dots| {
            Value::Removed(dots.into_iter().map(|(log, seq)| dot(log, seq)).collect())
        }),
    ]
}

proptest! {
    #[test]
    fn a_value_reads_back_as_it_was_written(value in value()) {
        prop_assert_eq!(round_trip(&value), value);
    }

    #[test]
    fn any_tag_and_bytes_are_a_value_that_writes_them_again(
        tag in 0..16_u8,
        bytes in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let wire = codec::encode(&(tag, serde_bytes::Bytes::new(&bytes)), 99).unwrap();
        prop_assert!(codec::decode_canonical::<Value>(&wire, 99).is_ok());
    }
}

#[test]
fn what_is_not_understood_is_kept() {
    let unknown = Value::Opaque { tag: 200, bytes: vec![1, 2, 3] };
    assert_eq!(round_trip(&unknown), unknown);
    for bytes in [vec![10, 1, 0], vec![10, 3, 1, 10, 0]] {
        let wire = codec::encode(&(10_u8, serde_bytes::Bytes::new(&bytes)), 99).unwrap();
        let value: Value = codec::decode(&wire, 99).unwrap();
        assert!(matches!(value, Value::Opaque { tag: 10, .. }), "{value:?}");
    }
}

#[test]
fn common_values_are_short() {
    let size = |value: &Value| codec::encode(value, 99).unwrap().len();
    let time = "2026-11-20T03:10:00+06:00".parse().unwrap();
    assert_eq!(size(&Value::DateTime(time)), 11);
    assert_eq!(size(&Value::Decimal("12.4".parse().unwrap())), 5);
    assert_eq!(size(&Value::Code("g".to_owned())), 3);
    assert_eq!(size(&Value::Int(3)), 3);
}

#[test]
fn values_stand_in_json_as_people_write_them() {
    let time = "2026-11-20T03:10:00+06:00".parse().unwrap();
    let list = Value::List(vec![
        Value::Cleared,
        Value::Text("Свёрток".to_owned()),
        Value::Bool(true),
        Value::Int(-3),
        Value::Decimal("12,40".parse().unwrap()),
        Value::Date("2026-11-20".parse().unwrap()),
        Value::DateTime(time),
        Value::Bytes(vec![0, 255]),
        Value::Opaque { tag: 99, bytes: vec![7] },
    ]);
    let expected = serde_json::json!([
        null, "Свёрток", true, -3, "12.4", "2026-11-20", "2026-11-20T03:10:00+06:00", "00ff",
        {"@tag": 99, "@bytes": "07"}
    ]);
    assert_eq!(list.to_json(), expected);
}
