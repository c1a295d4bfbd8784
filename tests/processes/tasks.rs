//! An urgent first notice, returned with remarks, corrected, handed in again, accepted: by commands
//! only, at both sides.

use serde_json::{Value as Json, json};

use crate::data;
use crate::link::Link;
use crate::rig::{Colony, Hub, eventually};

/// An escape, with the four facts that a first notice needs.
fn first_notice() -> Json {
    json!({
        "kind": "ESCAPE", "occurred_at": "2026-11-20T03:10:00+06:00", "severity": 4,
        "location_type": "perimeter_inside", "title": "An escape over the wall"
    })
}

fn kinds(items: &[Json]) -> Vec<&str> {
    items.iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_first_notice_goes_the_whole_way_and_both_sides_tell_it_in_order() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let id = colony.add_one("incident", &first_notice());
    let tasks = colony.command(&["task", "list"]).done().array();
    assert!(tasks.iter().any(|task| task["kind"] == "to_complete"), "{tasks:?}");
    colony.sync();

    let early = hub.command(&["review", &id, "accept"]);
    assert_eq!(early.code, Some(1), "what is to be completed can't be accepted: {early:?}");
    hub.command(&[
        "review",
        &id,
        "return",
        "--remark",
        "who is it, and where?",
        "--field",
        "title",
        "--field-remark",
        "name the wall",
        "--field",
        "severity",
        "--field-remark",
        "is it 4?",
    ])
    .done();
    colony.sync();
    let tasks = colony.command(&["task", "list"]).done().array();
    assert!(tasks[0]["overdue"] == true && tasks[0]["kind"] == "to_complete", "{tasks:?}");
    let task = tasks.iter().find(|task| task["kind"] == "returned").unwrap();
    assert_eq!(task["id"], id.as_str());
    assert_eq!(task["what"], "who is it, and where?");
    assert_eq!(task["fields"].as_array().unwrap().len(), 2);
    assert!(task["due"].is_string(), "{task}");
    let shown = colony.show(&id);
    assert_eq!(shown["review"]["state"], "returned");
    assert!(shown["review"]["delivered_at"].is_string(), "{shown}");
    let words = colony.in_words(&["show", &id, "--lang", "ru"], "").done().stdout;
    assert!(words.contains("возвращена на исправление"), "{words}");
    assert!(words.contains("! name the wall"), "{words}");
    assert!(!words.contains("returned"), "{words}");

    assert_eq!(colony.command(&["resubmit", &id]).code, Some(1), "nothing was corrected or said");
    colony.amend(&id, &completed());
    colony.command(&["resubmit", &id, "--comment", "it was the north wall"]).done();
    assert_eq!(colony.list()[0]["review_state"], "resubmitted");
    colony.sync();
    assert_eq!(hub.show(&id)["review"]["state"], "resubmitted");
    hub.command(&["review", &id, "accept"]).done();
    colony.sync();

    let shown = colony.show(&id);
    assert_eq!(
        (&shown["review"]["state"], &shown["custody"]),
        (&json!("accepted"), &json!("reviewed"))
    );
    assert_eq!(shown["state_hash"], hub.show(&id)["state_hash"]);
    both_tell_it_in_order(&hub, &colony, &id);
    let refused = colony.typing(&["amend", &id], "{\"title\":\"again\"}");
    assert_eq!(refused.code, Some(1), "a change after acceptance needs a reason");
    colony
        .typing(&["amend", &id, "--comment", "the name of the wall"], "{\"title\":\"again\"}")
        .done();
    assert_eq!(colony.show(&id)["review"]["state"], "changed_after_acceptance");
    colony.sync();
    assert_eq!(hub.show(&id)["review"]["state"], "changed_after_acceptance");
    hub.assert_sound();
    colony.assert_sound();
}

/// Looks at the history of the record at both sides.
fn both_tell_it_in_order(hub: &Hub, colony: &Colony, id: &str) {
    let here = colony.command(&["history", id]).done().array();
    let there = hub.command(&["record", "history", id]).done().array();
    let told = ["created", "returned", "seen", "amended", "resubmitted", "accepted"];
    assert_eq!(kinds(&here), told);
    assert_eq!(kinds(&there), told);
    for item in [&here[0], &here[3]] {
        assert_eq!(item["trusted"].as_array().map(Vec::len), Some(2), "ours, and held: {item}");
        assert_eq!(item["clock_suspect"], false);
    }
    assert_eq!(here[1]["trusted"], json!(null), "what others wrote has its bounds at the hub");
}

/// What the notice lacked.
fn completed() -> Json {
    json!({
        "title": "An escape over the north wall",
        "narrative": "One prisoner climbed the north wall with a rope of sheets at ten past three.",
        "persons": [{ "role": "escapee", "register_no": "2214" }]
    })
}

#[test]
fn a_record_asked_back_before_its_review_is_given_back() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let id = colony.add_one("incident", &data::incident());
    colony.command(&["recall", &id, "--comment", "the wrong day"]).done();
    colony.sync();
    // To look at the record would be to open it; the list opens none.
    eventually("the request to be granted", || {
        (hub.list()[0]["review_state"] == "recalled").then_some(())
    });
    colony.sync();
    assert_eq!(colony.show(&id)["review"]["state"], "recalled");
    colony.amend(&id, &json!({"occurred_at": "2025-08-20T01:27:49+06:00"}));
    colony.command(&["resubmit", &id]).done();
    colony.sync();
    assert_eq!(hub.show(&id)["review"]["state"], "submitted");
}

#[test]
fn whoever_lost_a_conflict_is_told_once() {
    let hub = Hub::start(&["INST-027"]);
    let officers = ["A. Asanova", "B. Bekov"];
    let [first, second] = officers.map(|officer| Colony::enrol_for(&hub, "INST-027", officer));
    let id = first.add_one("incident", &data::incident());
    for device in [&first, &second] {
        device.sync();
    }
    first.amend(&id, &json!({"title": "A drone from the river"}));
    second.amend(&id, &json!({"title": "A drone from the road"}));
    for device in [&first, &second, &first] {
        device.sync();
    }
    let kinds = |colony: &Colony| -> Vec<String> {
        let tasks = colony.command(&["task", "list"]).done().array();
        tasks.iter().map(|task| task["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&first), ["conflict"]);
    hub.command(&["resolve", &id, "title", "--value", "\"A drone from the road\""]).done();
    first.sync();
    second.sync();
    assert_eq!(kinds(&second), Vec::<String>::new(), "his value was kept");
    let task = first.command(&["task", "list"]).done().array().remove(0);
    assert_eq!(task["kind"], "lost_value");
    assert_eq!(task["lost"]["yours"], "A drone from the river");
    assert_eq!(task["lost"]["kept"], "A drone from the road");
    first.show(&id);
    assert_eq!(kinds(&first), Vec::<String>::new(), "it was shown");
}

#[test]
fn what_was_sent_without_an_answer_is_on_its_way() {
    let hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let mut colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    colony.run();
    let custody = |id: &str| colony.show(id)["custody"].as_str().unwrap().to_owned();
    let first = colony.add_one("incident", &data::incident());
    eventually("the first receipt", || (custody(&first) == "held").then_some(()));
    // It goes on a moment after the receipt: when this one returns, none is under way.
    colony.sync();
    link.swallow_answers();
    let second = colony.add_one("incident", &data::incident());
    hub.holds(2);
    link.cut();
    eventually("the answer to be missed", || (custody(&second) == "sent").then_some(()));
    assert_eq!(custody(&first), "held");
    let third = colony.add_one("incident", &data::incident());
    assert_eq!(custody(&third), "saved", "this one never left");
    link.mend();
    eventually("a receipt for all", || (custody(&third) == "held").then_some(()));
    assert_eq!(custody(&second), "held");
}
