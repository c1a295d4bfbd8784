//! A story of one record, told from its changes.

use expect_test::expect;

use super::*;
use crate::change::FormVersion;
use crate::id::{PersonId, RecordId, RecordKey, RowId};
use crate::value::tests::dot;

fn change(seen: &[Dot], writes: &[(Path, Value)]) -> Change {
    let replaces: Vec<u32> = (0..).take(seen.len()).collect();
    let write = |(path, value): &(Path, Value)| Write {
        path: path.clone(),
        value: value.clone(),
        replaces: replaces.clone(),
    };
    Change {
        record: RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([1; 16]) },
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: Vec::new(),
        author: PersonId([3; 16]),
        reason: None,
        urgent: false,
        seen: seen.to_vec(),
        writes: writes.iter().map(write).collect(),
    }
}

fn told(entries: &[(Dot, Change)]) -> String {
    let evidence = |dot: &Dot| Evidence {
        author: format!("officer {}", dot.log.0[0]),
        device: "post".to_owned(),
        claimed_at: "2026-11-20T03:10:00Z".to_owned(),
        trusted: None,
        clock_suspect: false,
    };
    let mut story = String::new();
    let entries: Vec<(Dot, Told)> =
        entries.iter().map(|(dot, change)| (*dot, Told::Changed(change.clone()))).collect();
    for item in history(&entries, &evidence) {
        let remark = item.remark.map(|remark| format!(": {remark}")).unwrap_or_default();
        story += &format!("{} {:?}{remark}\n", item.evidence.author, item.kind);
        for FieldChange { field, from, to } in item.changes {
            story += &format!("  {field}: {from} -> {to}\n");
        }
    }
    story
}

#[test]
fn each_entry_says_what_its_author_replaced() {
    let severity = Path::field("severity");
    let row = RowId([7; 8]);
    let unit = Path::in_row("items", row, "unit");
    let (made, one, two, settled) = (dot(1, 1), dot(1, 2), dot(2, 1), dot(3, 1));
    let code = |code: &str| Value::Code(code.to_owned());
    let void = Value::Text("entered twice".to_owned());
    let entries = [
        (
            made,
            change(
                &[],
                &[
                    (Path::field(Path::REF), Value::Text("INST-027/2026/A-00001".to_owned())),
                    (severity.clone(), Value::Int(1)),
                    (unit.clone(), code("g")),
                    (Path::in_row("items", row, Path::ORDER), Value::Int(0)),
                ],
            ),
        ),
        (one, change(&[made], &[(severity.clone(), Value::Int(2))])),
        (two, change(&[made], &[(severity.clone(), Value::Int(3))])),
        (settled, change(&[one, two], &[(severity.clone(), Value::Int(3))])),
        (dot(1, 3), change(&[made], &[(Path::row("items", row), Value::Removed(vec![made]))])),
        (
            dot(1, 4),
            Change {
                reason: Some("entered twice".to_owned()),
                ..change(&[settled], &[(Path::field(Path::VOID), void)])
            },
        ),
        (dot(1, 5), change(&[dot(9, 9)], &[(severity, Value::Cleared)])),
    ];
    expect![[r#"
        officer 1 Created
          severity: null -> 1
          items/0707070707070707/unit: null -> "g"
        officer 1 Amended
          severity: 1 -> 2
        officer 2 Amended
          severity: 1 -> 3
        officer 3 Resolved
          severity: {"conflict":[2,3]} -> 3
        officer 1 Amended
          items/0707070707070707: {"unit":"g"} -> null
        officer 1 Voided: entered twice
          @void: null -> "entered twice"
        officer 1 Amended
          severity: null -> null
    "#]]
    .assert_eq(&told(&entries));
}

#[test]
fn a_value_that_was_replaced_before_did_not_stand_against_another() {
    let (title, place) = (Path::field("title"), Path::field("place"));
    let text = |text: &str| Value::Text(text.to_owned());
    let (made, first, second) = (dot(1, 1), dot(1, 2), dot(1, 3));
    let both = [(title.clone(), text("one")), (place, text("hall"))];
    let entries = [
        (made, change(&[], &both)),
        (first, change(&[made], &[(title.clone(), text("two"))])),
        (second, change(&[made, first], &[(title, text("three"))])),
    ];
    expect![[r#"
        officer 1 Created
          title: null -> "one"
          place: null -> "hall"
        officer 1 Amended
          title: "one" -> "two"
        officer 1 Amended
          title: "two" -> "three"
    "#]]
    .assert_eq(&told(&entries));
}
