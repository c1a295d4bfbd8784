//! A record goes to the centre, comes back with remarks, is corrected and accepted.

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub};

/// Four facts of an urgent incident: what a first notice needs.
fn first_notice() -> Json {
    json!({
        "kind": "RECORD_DEVICE_LOSS", "occurred_at": "2026-11-20T03:10:00+06:00",
        "severity": 4, "location_type": "staff_area"
    })
}

#[test]
fn an_urgent_first_notice_is_returned_corrected_and_accepted() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol_for(&hub, "INST-027", "A. Asanova");
    let id = colony.add_one("incident", &first_notice());
    assert_eq!(colony.show(&id)["custody"], "saved");
    colony.sync();
    let sent = hub.show(&id);
    assert_eq!((&sent["urgent"], &sent["review"]["state"]), (&json!(true), &json!("submitted")));
    let incomplete = hub.command(&["review", &id, "accept"]).ended(1);
    assert!(incomplete.stderr.contains("first notice"), "{}", incomplete.stderr);

    returned_with_remarks(&hub, &id);
    colony.sync();
    let task = returned_task(&colony, &id);
    assert_eq!((&task["due"], &task["overdue"]), (&json!("2036-12-01"), &json!(false)));
    assert_eq!(task["fields"].as_array().unwrap().len(), 2, "{task}");
    let shown = colony.show(&id);
    assert_eq!(shown["review"]["state"], "returned");
    assert!(shown["review"]["delivered_at"].is_string(), "{shown}");

    // The next exchange tells the centre that its decision came, and that it was read.
    colony.sync();
    let review = hub.show(&id)["review"].clone();
    assert!(review["delivered_at"].is_string() && review["seen_at"].is_string(), "{review}");

    colony.command(&["resubmit", &id]).ended(1);
    let whole = json!({"title": "A laptop is missing", "narrative": "It was not in the safe."});
    colony.amend(&id, &whole);
    colony.command(&["resubmit", &id, "--comment", "the title says it now"]).done();
    colony.sync();
    assert_eq!(hub.show(&id)["review"]["state"], "resubmitted");
    assert!(colony.command(&["task", "list"]).done().array().is_empty());
    hub.command(&["review", &id, "accept", "--remark", "thank you"]).done();
    colony.sync();
    for shown in [hub.show(&id), colony.show(&id)] {
        assert_eq!(shown["review"]["state"], "accepted", "{shown}");
        assert_eq!(shown["review"]["by"], "Administrator of the hub");
        assert_eq!(shown["custody"], "reviewed");
        assert_eq!(shown["state_hash"], hub.show(&id)["state_hash"]);
    }
    assert_eq!(hub.command(&["record", "list", "--state", "accepted"]).done().array().len(), 1);
    tells_it_in_order(&hub.command(&["record", "history", &id]).done().array(), true);
    tells_it_in_order(&colony.command(&["history", &id]).done().array(), false);
    hub.assert_sound();
    colony.assert_sound();
}

fn returned_with_remarks(hub: &Hub, id: &str) {
    let fields =
        ["--field", "title", "--field-remark", "name what was lost", "--field", "narrative"];
    let rest = ["--field-remark", "say how it was found out", "--due", "2036-12-01"];
    let mut command = vec!["review", id, "return", "--remark", "not complete"];
    command.extend(fields);
    command.extend(rest);
    let answer = hub.command(&command).done().json();
    assert_eq!(answer["review"]["state"], "returned");
    assert_eq!(answer["review"]["due"], "2036-12-01");
    let review = hub.show(id)["review"].clone();
    assert_eq!(review["delivered_at"], Json::Null, "nobody has it yet: {review}");
    assert_eq!(review["remarks"].as_array().unwrap().len(), 3, "{review}");
}

fn returned_task(colony: &Colony, id: &str) -> Json {
    let tasks = colony.command(&["task", "list"]).done().array();
    let task = tasks.iter().find(|task| task["kind"] == "returned" && task["id"] == *id);
    task.unwrap_or_else(|| panic!("{tasks:?}")).clone()
}

fn tells_it_in_order(history: &[Json], knows_when: bool) {
    let told: Vec<(&str, &str)> = history
        .iter()
        .map(|step| (step["kind"].as_str().unwrap(), step["author"].as_str().unwrap()))
        .collect();
    let site = "A. Asanova";
    let centre = "Administrator of the hub";
    assert_eq!(
        told,
        [
            ("created", site),
            ("returned", centre),
            ("seen", site),
            ("amended", site),
            ("resubmitted", site),
            ("accepted", centre)
        ]
    );
    for step in history {
        assert!(step["claimed_at"].is_string(), "{step}");
        assert!(!knows_when || step["trusted"].is_array(), "the hub knows when: {step}");
    }
    assert_eq!(history[1]["remark"], "not complete");
    assert_eq!(history[1]["fields"][1]["remark"], "say how it was found out");
    assert_eq!(history[4]["remark"], "the title says it now");
}

#[test]
fn a_decision_on_what_was_changed_meanwhile_is_refused() {
    let (hub, colony, id) = one_record();
    let seen = tokens(&hub.show(&id));
    colony.amend(&id, &json!({"title": "Two drones"}));
    colony.sync();
    let stale = hub.command(&["review", &id, "accept", "--seen", &seen]).ended(1);
    assert!(stale.stderr.contains("changed"), "{}", stale.stderr);
    assert_eq!(hub.show(&id)["review"]["state"], "submitted");
    hub.command(&["review", &id, "accept", "--seen", &tokens(&hub.show(&id))]).done();
}

#[test]
fn a_record_in_conflict_is_accepted_once_a_person_decided() {
    let (hub, first, id) = one_record();
    let second = Colony::enrol_for(&hub, "INST-027", "B. Bekov");
    second.sync();
    first.amend(&id, &json!({"title": "A drone from the river"}));
    second.amend(&id, &json!({"title": "A drone from the road"}));
    first.sync();
    second.sync();
    hub.command(&["review", &id, "accept"]).ended(1);
    hub.command(&["resolve", &id, "title", "--value", "\"A drone\""]).done();
    hub.command(&["review", &id, "accept"]).done();
    for colony in [&first, &second] {
        colony.sync();
        assert_eq!(colony.show(&id)["review"]["state"], "accepted");
    }
}

#[test]
fn a_change_after_acceptance_needs_a_reason_and_shows_everywhere() {
    let (hub, colony, id) = one_record();
    hub.command(&["review", &id, "accept"]).done();
    colony.sync();
    colony.typing(&["amend", &id], "{\"title\": \"Two drones\"}").ended(1);
    let comment = "the camera shows two";
    colony.typing(&["amend", &id, "--comment", comment], "{\"title\": \"Two drones\"}").done();
    assert_eq!(colony.show(&id)["review"]["state"], "changed_after_acceptance");
    colony.sync();
    assert_eq!(hub.show(&id)["review"]["state"], "changed_after_acceptance");
    hub.command(&["review", &id, "accept"]).done();
    colony.sync();
    assert_eq!(colony.show(&id)["review"]["state"], "accepted");
}

#[test]
fn a_record_declared_void_stays_reviewed_as_it_was() {
    let (hub, colony, id) = one_record();
    hub.command(&["review", &id, "accept"]).done();
    colony.sync();
    colony.command(&["void", &id, "--reason", "entered twice"]).done();
    colony.sync();
    for shown in [colony.show(&id), hub.show(&id)] {
        assert_eq!(shown["review"]["state"], "accepted");
        assert_eq!(shown["voided"], "entered twice");
    }
    hub.assert_sound();
}

#[test]
fn a_duplicate_names_the_record_that_stays_and_can_be_reopened() {
    let (hub, colony, id) = one_record();
    let second = colony.add_one("incident", &data::incident());
    colony.sync();
    hub.command(&["review", &second, "duplicate"]).ended(1);
    hub.command(&["review", &second, "duplicate", "--of", &second]).ended(1);
    let original = hub.show(&id)["ref"].as_str().unwrap().to_owned();
    hub.command(&["review", &second, "duplicate", "--of", &original]).done();
    colony.sync();
    let review = colony.show(&second)["review"].clone();
    assert_eq!(
        (&review["state"], &review["of"]),
        (&json!("duplicate"), &json!(format!("INST-027:{id}")))
    );
    hub.command(&["review", &second, "reopen", "--remark", "they are two"]).done();
    colony.sync();
    assert_eq!(colony.show(&second)["review"]["state"], "submitted");
}

#[test]
fn a_record_is_given_back_unless_a_reviewer_has_opened_it() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol_for(&hub, "INST-027", "A. Asanova");
    let [unread, read] = [(); 2].map(|()| colony.add_one("incident", &data::incident()));
    colony.sync();
    hub.show(&read);
    for id in [&unread, &read] {
        colony.command(&["recall", id, "--comment", "the wrong day"]).done();
    }
    colony.sync();
    let state = |id: &str| {
        let rows = hub.list();
        let row = rows.iter().find(|row| row["id"] == *id).unwrap();
        row["review_state"].as_str().unwrap().to_owned()
    };
    crate::rig::eventually("the record given back", || {
        Some(()).filter(|()| state(&unread) == "recalled")
    });
    assert_eq!(state(&read), "submitted");
    colony.sync();
    assert_eq!(colony.show(&unread)["review"]["state"], "recalled");
    colony.amend(&unread, &json!({"occurred_at": "2025-08-22T01:27:49+06:00"}));
    colony.command(&["resubmit", &unread, "--comment", "the right day"]).done();
    colony.sync();
    assert_eq!(state(&unread), "submitted");
}

fn one_record() -> (Hub, Colony, String) {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol_for(&hub, "INST-027", "A. Asanova");
    let id = colony.add_one("incident", &data::incident());
    colony.sync();
    (hub, colony, id)
}

fn tokens(shown: &Json) -> String {
    let seen: Vec<&str> =
        shown["seen"].as_array().unwrap().iter().map(|token| token.as_str().unwrap()).collect();
    seen.join(",")
}
