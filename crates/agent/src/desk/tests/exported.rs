//! What is given away, page by page, and what becomes of it where it is taken in.

use std::collections::BTreeSet;

use super::foreign::Foreign;
use super::*;
use crate::limits::EXPORT_RECORDS;
use crate::request::{Exported, Page};

fn page(machine: &Machine, filter: Filter, after: Option<String>) -> Exported {
    let filter = Filter { form: Some("search".to_owned()), ..filter };
    let answer = machine.desk().execute(Request::Export(Page { filter, after })).unwrap();
    let Response::Exported(page) = answer else { panic!("{answer:?}") };
    page
}

/// Returns every record that is given away, and how many pages that took.
fn export(machine: &Machine, filter: &Filter) -> (Vec<Map<String, Json>>, usize) {
    let (mut records, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let mut next = page(machine, filter.clone(), after);
        assert!(next.records.len() <= EXPORT_RECORDS);
        records.append(&mut next.records);
        pages += 1;
        after = next.next;
        if after.is_none() {
            return (records, pages);
        }
    }
}

fn added(machine: &Machine, record: &Map<String, Json>) -> Outcome {
    machine.add("search", &[&Json::Object(record.clone()).to_string()]).remove(0)
}

#[test]
fn every_record_is_on_one_page_and_on_no_other() {
    let machine = Machine::new();
    let day = |number: usize| format!("2026-11-{:02}T03:10:00+06:00", 1 + number % 20);
    let lines: Vec<String> = (0..1_203).map(|number| search(None, &day(number))).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    machine.add("search", &lines);
    let (records, pages) = export(&machine, &Filter::default());
    let ids: BTreeSet<&str> = records.iter().filter_map(|record| record["@id"].as_str()).collect();
    assert_eq!((records.len(), ids.len(), pages), (1_203, 1_203, 3));
    let first = Filter { to: Some("2026-11-01".to_owned()), ..Filter::default() };
    assert_eq!(export(&machine, &first).0.len(), 61);
    let none = Filter { custody: Some("held".to_owned()), ..Filter::default() };
    assert!(export(&machine, &none).0.is_empty());
}

#[test]
fn a_field_in_conflict_is_left_out_and_such_a_line_is_not_taken_as_whole() {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    Foreign::new(2, &machine, "INST-027").write(&machine, 9);
    let (records, _pages) = export(&machine, &Filter::default());
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(record["@conflict"], json!(["count"]));
    assert_eq!(record.get("count"), None);
    let elsewhere = Machine::new();
    let refused = reasons(&added(&elsewhere, record)).join("; ");
    assert!(refused.contains("@conflict: ") && refused.contains("count"), "{refused}");
}

#[test]
fn what_is_void_stays_void_where_it_is_taken_in() {
    let (machine, elsewhere) = (Machine::new(), Machine::new());
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    let void = Request::Void { id: ID.to_owned(), reason: "entered twice".to_owned() };
    machine.desk().execute(void).unwrap();
    let (records, _pages) = export(&machine, &Filter::default());
    assert_eq!(records[0]["@voided"], "entered twice");
    added(&elsewhere, &records[0]);
    assert_eq!(elsewhere.show(ID)["voided"], "entered twice");
    assert_eq!(export(&elsewhere, &Filter::default()).0, records);
}

#[test]
fn a_check_says_what_would_become_of_a_line_and_writes_nothing() {
    let machine = Machine::new();
    let [one, other] =
        ["2026-11-20", "2026-11-21"].map(|day| search(Some(ID), &format!("{day}T03:10:00+06:00")));
    machine.add("search", &[&one]);
    let fresh = search(None, "2026-11-22T03:10:00+06:00");
    let lines = [one, other, fresh].map(LineText::Text).into_iter();
    let lines = (1..).zip(lines).map(|(number, text)| Line { number, text }).collect();
    let form = "search".to_owned();
    let batch = Batch { form, lines, then: Then::Check, headers: None };
    let answer = machine.desk().execute(Request::Add(batch)).unwrap();
    let Response::Added(outcomes) = answer else { panic!("{answer:?}") };
    let told = serde_json::to_value(&outcomes).unwrap();
    assert_eq!(told[0], json!({"line": 1, "valid": true, "unchanged": true}));
    assert!(reasons(&outcomes[1])[0].starts_with("@id: "), "{told}");
    assert_eq!(told[2], json!({"line": 3, "valid": true}));
    assert_eq!(machine.list(Filter::default()).len(), 1);
}
