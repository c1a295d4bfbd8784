//! What the centre decides reaches the site, and what the site answers.

use journal::{Dot, Kind};
use record::{Action, Due, FieldRemark, RecordKey, ReviewEntry};

use super::foreign::Foreign;
use super::*;

const WHEN: &str = "2026-11-20T03:10:00+06:00";

/// A machine with one search, and the centre.
fn world() -> (Machine, Foreign) {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), WHEN)]);
    let hub = Foreign::new(9, &machine, "CENTRE");
    (machine, hub)
}

fn key() -> RecordKey {
    RecordKey { site: "INST-027".parse().unwrap(), id: ID.parse().unwrap() }
}

/// Has the centre decide, having seen what stands at the machine.
fn decide(hub: &mut Foreign, machine: &Machine, action: Action, remark: &str) {
    let seen: Vec<Dot> = match machine.desk().execute(Request::Show { id: ID.to_owned() }) {
        Ok(Response::Shown(record)) => {
            let seen = record["seen"].as_array().unwrap().clone();
            seen.iter().map(|token| token.as_str().unwrap().parse().unwrap()).collect()
        }
        other => panic!("{other:?}"),
    };
    hub.send(machine, ReviewEntry::KIND, decision(action, remark, seen));
}

fn decision(action: Action, remark: &str, seen: Vec<Dot>) -> Vec<u8> {
    let entry = ReviewEntry {
        record: key(),
        author: PersonId([8; 16]),
        action,
        seen,
        answers: None,
        remark: Some(remark.to_owned()),
        fields: vec![FieldRemark { field: "count".to_owned(), remark: "who counted?".to_owned() }],
    };
    entry.to_payload().unwrap()
}

fn saved_by(machine: &Machine, request: Request) -> Saved {
    let answer = machine.desk().execute(request).unwrap();
    let Response::Saved(saved) = answer else { panic!("{answer:?}") };
    saved
}

fn resubmit(machine: &Machine, comment: Option<&str>) -> Result<Response, Problem> {
    let comment = comment.map(str::to_owned);
    machine.desk().execute(Request::Resubmit { id: ID.to_owned(), comment })
}

/// What waits, beside what the form itself still asks for.
fn tasks(machine: &Machine) -> Vec<serde_json::Value> {
    let Ok(Response::Tasks(mut tasks)) = machine.desk().execute(Request::Tasks) else {
        panic!("no tasks")
    };
    tasks.retain(|task| task["kind"] != "to_do");
    tasks
}

fn kinds(machine: &Machine) -> Vec<String> {
    machine.history(ID).iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

fn waiting(machine: &Machine) -> u64 {
    let status = machine.status();
    status["waiting"]["routine"]["entries"].as_u64().unwrap()
}

const RETURN: Action = Action::Return { due: Due::Days(7) };

#[test]
fn a_returned_record_is_a_task_until_it_is_handed_in_again() {
    let (machine, mut hub) = world();
    assert_eq!(tasks(&machine).len(), 0);
    decide(&mut hub, &machine, RETURN, "count again");
    let waits = tasks(&machine);
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(waits[0]["kind"], "returned");
    assert_eq!(waits[0]["what"], "count again");
    assert_eq!(waits[0]["fields"], json!([{"field": "count", "remark": "who counted?"}]));
    assert_eq!(waits[0]["overdue"], false);
    let record = machine.show(ID);
    assert_eq!(record["review"]["state"], "returned");
    assert!(record["review"]["delivered_at"].is_string(), "{record}");
    assert_eq!(waits[0]["due"], record["review"]["due"]);
    assert_eq!(machine.status()["returned"], 1);
    machine.amend(ID, json!({"count": 4}), None);
    assert_eq!(machine.show(ID)["review"]["state"], "returned");
    resubmit(&machine, None).unwrap();
    assert_eq!(machine.show(ID)["review"]["state"], "resubmitted");
    assert_eq!(tasks(&machine).len(), 0);
    assert_eq!(machine.status()["returned"], 0);
    assert_eq!(kinds(&machine), ["created", "returned", "seen", "amended", "resubmitted"]);
    assert_eq!(machine.show(ID)["custody"], "saved", "what waits for the hub is not decided on");
}

#[test]
fn handing_in_again_needs_a_change_or_a_comment_and_a_return() {
    let (machine, mut hub) = world();
    let early = resubmit(&machine, Some("done")).unwrap_err();
    assert_eq!(early.cause, Cause::Refused, "{early}");
    decide(&mut hub, &machine, RETURN, "count again");
    let empty = resubmit(&machine, Some("  ")).unwrap_err();
    assert_eq!(empty.errors[0].field, "comment");
    resubmit(&machine, Some("it was counted twice")).unwrap();
    assert_eq!(machine.show(ID)["review"]["state"], "resubmitted");
}

#[test]
fn that_a_return_was_read_is_said_once_however_often_it_is_shown() {
    let (mut machine, mut hub) = world();
    decide(&mut hub, &machine, RETURN, "count again");
    let before = waiting(&machine);
    machine.list(Filter::default());
    machine.history(ID);
    assert_eq!(waiting(&machine), before, "a list is no reading");
    machine.show(ID);
    machine.restart();
    machine.show(ID);
    tasks(&machine);
    assert_eq!(waiting(&machine), before + 1);
    assert!(machine.show(ID)["review"]["seen_at"].is_string());
}

#[test]
fn what_the_centre_has_accepted_takes_no_entry_to_be_read() {
    let (machine, mut hub) = world();
    decide(&mut hub, &machine, Action::Accept, "good");
    let before = waiting(&machine);
    assert_eq!(machine.show(ID)["review"]["state"], "accepted");
    assert_eq!(waiting(&machine), before);
}

#[test]
fn an_accepted_record_is_changed_only_with_a_reason() {
    let (machine, mut hub) = world();
    decide(&mut hub, &machine, Action::Accept, "good");
    let values = json!({"count": 4}).as_object().unwrap().clone();
    let amend = Amend { id: ID.to_owned(), seen: None, values, comment: None };
    let refused = machine.desk().execute(Request::Amend(amend)).unwrap_err();
    assert_eq!((refused.cause, refused.errors[0].field.as_str()), (Cause::Refused, "comment"));
    machine.amend(ID, json!({"count": 4}), None);
    assert_eq!(machine.show(ID)["review"]["state"], "changed_after_acceptance");
}

#[test]
fn a_recall_is_asked_once_and_shows_what_became_of_it() {
    let (machine, mut hub) = world();
    let recall = || Request::Recall { id: ID.to_owned(), comment: "wrong day".to_owned() };
    assert!(!saved_by(&machine, recall()).unchanged);
    assert!(saved_by(&machine, recall()).unchanged, "it was asked already");
    assert_eq!(machine.show(ID)["review"]["state"], "submitted");
    assert_eq!(machine.show(ID)["review"]["remarks"][0]["kind"], "recall_asked");
    decide(&mut hub, &machine, Action::GrantRecall, "here it is");
    assert_eq!(machine.show(ID)["review"]["state"], "recalled");
    assert_eq!(tasks(&machine)[0]["kind"], "recalled");
    machine.amend(ID, json!({"count": 4}), None);
    resubmit(&machine, None).unwrap();
    assert_eq!(machine.show(ID)["review"]["state"], "submitted");
    decide(&mut hub, &machine, Action::Accept, "good");
    let late = machine.desk().execute(recall()).unwrap_err();
    assert_eq!(late.cause, Cause::Refused, "{late}");
}

#[test]
fn a_comment_stands_in_the_history_and_changes_no_state() {
    let (machine, _hub) = world();
    let text = "the bag is at the court".to_owned();
    saved_by(&machine, Request::Comment { id: ID.to_owned(), text });
    let items = machine.history(ID);
    assert_eq!(items[1]["kind"], "commented");
    assert_eq!(items[1]["remark"], "the bag is at the court");
    assert_eq!(machine.show(ID)["review"]["state"], "submitted");
}

#[test]
fn lists_find_records_by_review_and_custody() {
    let (machine, mut hub) = world();
    let by = |state: &str| Filter { state: Some(state.to_owned()), ..Filter::default() };
    assert_eq!(machine.list(by("submitted")).len(), 1);
    decide(&mut hub, &machine, Action::Accept, "good");
    assert_eq!(machine.list(by("accepted")).len(), 1);
    assert_eq!(machine.list(by("submitted")).len(), 0);
    let unknown = machine.desk().execute(Request::List(by("maybe"))).unwrap_err();
    assert_eq!(unknown.cause, Cause::Usage);
}

#[test]
fn what_was_said_before_the_record_came_counts_when_it_comes() {
    let machine = Machine::new();
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    hub.send(&machine, ReviewEntry::KIND, decision(RETURN, "count again", Vec::new()));
    assert_eq!(tasks(&machine).len(), 0);
    machine.add("search", &[&search(Some(ID), WHEN)]);
    assert_eq!(machine.show(ID)["review"]["state"], "returned");
    assert_eq!(tasks(&machine).len(), 1);
}

#[test]
fn views_that_were_made_again_hold_the_same_reviews() {
    let (mut machine, mut hub) = world();
    decide(&mut hub, &machine, RETURN, "count again");
    machine.amend(ID, json!({"count": 4}), None);
    resubmit(&machine, Some("counted")).unwrap();
    let before = (machine.show(ID), machine.history(ID), tasks(&machine));
    machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
    machine.desk().store().settled().unwrap();
    assert_eq!((machine.show(ID), machine.history(ID), tasks(&machine)), before);
}

#[test]
fn an_act_of_a_stranger_is_kept_with_a_finding_and_counts_for_nothing() {
    let (machine, _hub) = world();
    let mut other = Foreign::new(4, &machine, "INST-001");
    other.send(&machine, ReviewEntry::KIND, decision(Action::Accept, "good", Vec::new()));
    other.send(&machine, ReviewEntry::KIND, vec![1, 2, 3]);
    other.send(&machine, Kind(999), vec![1]);
    assert_eq!(machine.show(ID)["review"]["state"], "submitted");
    let status = machine.status();
    let findings = status["findings"].as_array().unwrap();
    let mut rules: Vec<&str> = findings.iter().map(|one| one["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["does_not_count", "unknown_kind", "unreadable"]);
}
