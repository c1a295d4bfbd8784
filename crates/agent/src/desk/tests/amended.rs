//! What becomes of changes to a record that stands.

use super::*;

fn machine() -> Machine {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    machine
}

#[test]
fn an_amended_field_shows_its_new_value_and_history_both() {
    let machine = machine();
    let saved = machine.amend(ID, json!({"count": 5}), None);
    assert!(!saved.unchanged);
    let record = machine.show(ID);
    assert_eq!(record["values"]["count"], 5);
    assert_eq!(record["conflicts"], json!([]));
    let history = machine.history(ID);
    assert_eq!(history.len(), 2);
    assert_eq!(history[1]["changes"], json!([{"field": "count", "from": 3, "to": 5}]));
    assert_eq!(history[1]["remark"], "why");
}

#[test]
fn the_same_value_again_writes_nothing() {
    let machine = machine();
    assert!(machine.amend(ID, json!({"count": 3}), None).unchanged);
    assert_eq!(machine.history(ID).len(), 1);
}

#[test]
fn an_author_who_had_not_seen_a_change_makes_a_conflict() {
    let machine = machine();
    let seen = machine.show(ID)["seen"].as_array().unwrap().clone();
    let seen: Vec<String> = seen.iter().map(|token| token.as_str().unwrap().to_owned()).collect();
    machine.amend(ID, json!({"count": 5}), None);
    machine.amend(ID, json!({"count": 7}), Some(seen));
    let record = machine.show(ID);
    assert_eq!(record["values"].get("count"), None);
    assert_eq!(record["conflicts"][0]["field"], "count");
    assert_eq!(record["conflicts"][0]["values"].as_array().unwrap().len(), 2);
    assert_eq!(record["conflicts"][0]["values"][0]["author"], "Аида");
    assert_eq!(machine.list(Filter::default())[0]["conflict"], true);
}

#[test]
fn an_amendment_that_breaks_a_rule_is_refused_by_field() {
    let machine = machine();
    let problem = machine.try_amend(ID, json!({"count": "many"}), None).unwrap_err();
    assert_eq!(problem.cause, Cause::Refused);
    assert_eq!(problem.errors[0].field, "count");
    let problem =
        machine.try_amend(ID, json!({"count": 4}), Some(vec!["token".to_owned()])).unwrap_err();
    assert_eq!(problem.errors[0].field, "seen");
}

#[test]
fn a_void_record_stays_and_says_why() {
    let machine = machine();
    let void = Request::Void { id: ID.to_owned(), reason: "entered twice".to_owned() };
    machine.desk().execute(void).unwrap();
    assert_eq!(machine.show(ID)["voided"], "entered twice");
    assert_eq!(machine.history(ID)[1]["kind"], "voided");
}

#[test]
fn lists_are_filtered_by_form_custody_date_and_words() {
    let machine = machine();
    machine.add("search", &[&search(None, "2026-10-01T03:10:00+06:00")]);
    let count = |filter: Filter| machine.list(filter).len();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(count(Filter { form: some("incident"), ..Filter::default() }), 0);
    assert_eq!(count(Filter { custody: some("saved"), ..Filter::default() }), 2);
    assert_eq!(count(Filter { custody: some("held"), ..Filter::default() }), 0);
    assert_eq!(count(Filter { from: some("2026-11-01"), ..Filter::default() }), 1);
    assert_eq!(count(Filter { to: some("2026-11-01"), ..Filter::default() }), 1);
    assert_eq!(count(Filter { query: some("a-00002"), ..Filter::default() }), 1);
    let wrong = Request::List(Filter { from: some("soon"), ..Filter::default() });
    assert_eq!(machine.desk().execute(wrong).unwrap_err().cause, Cause::Usage);
}

#[test]
fn a_name_that_fits_nothing_is_not_found() {
    let machine = machine();
    let show = Request::Show { id: "INST-027/2026/B-00001".to_owned() };
    assert_eq!(machine.desk().execute(show).unwrap_err().cause, Cause::NotFound);
}
