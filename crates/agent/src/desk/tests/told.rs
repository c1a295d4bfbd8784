//! What a person reads: the same answers, in words of their language.

use pages::Lang;

use super::*;

fn told(machine: &Machine, of: Request, lang: Lang) -> String {
    let request = Request::InWords { of: Box::new(of) };
    let answer = machine.desk().execute_in(request, lang).unwrap();
    let Response::Words(told) = answer else { panic!("{answer:?}") };
    told.lines.join("\n")
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    machine
}

#[test]
fn a_record_is_told_in_labels_and_never_in_ids() {
    let machine = machine();
    let show = || Request::Show { id: ID.to_owned() };
    let said = told(&machine, show(), Lang::Ru);
    assert!(said.contains("Обыск (досмотр)"), "{said}");
    assert!(said.contains("сохранено здесь"), "{said}");
    for id in ["routine", "count", "submitted"] {
        assert!(!said.contains(id), "{id} in {said}");
    }
    assert!(told(&machine, show(), Lang::Ky).contains("ушул жерде сакталды"));
    assert!(told(&machine, show(), Lang::En).contains("saved here"));
}

#[test]
fn a_history_is_told_from_what_to_what() {
    let machine = machine();
    machine.amend(ID, json!({"count": 5}), None);
    let said = told(&machine, Request::History { id: ID.to_owned() }, Lang::En);
    assert!(said.contains("recorded — Аида, office"), "{said}");
    assert!(said.contains("3 → 5"), "{said}");
    assert!(said.contains("«why»"), "{said}");
}

#[test]
fn a_list_has_a_head_and_a_line_for_each() {
    let machine = machine();
    let said = told(&machine, Request::List(Filter::default()), Lang::Ru);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("Номер"), "{said}");
    assert!(lines[1].contains("представлена"), "{said}");
}

#[test]
fn two_values_of_one_field_stand_under_each_other_with_their_authors() {
    let machine = machine();
    let seen = machine.show(ID)["seen"].as_array().unwrap().clone();
    let seen: Vec<String> = seen.iter().map(|token| token.as_str().unwrap().to_owned()).collect();
    machine.amend(ID, json!({"count": 5}), None);
    machine.amend(ID, json!({"count": 7}), Some(seen));
    let said = told(&machine, Request::Show { id: ID.to_owned() }, Lang::En);
    assert!(said.contains("1)  5  Аида") && said.contains("2)  7  Аида"), "{said}");
    let said = told(&machine, Request::Tasks, Lang::En);
    assert!(said.contains("Conflict to look at"), "{said}");
}
