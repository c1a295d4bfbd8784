//! Two devices of one site change one record without seeing each other.

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub};

#[test]
fn one_field_changed_by_two_is_a_conflict_until_a_person_decides() {
    let (hub, [first, second], id) = two_devices_with_one_record();
    first.amend(&id, &json!({"title": "A drone from the river"}));
    second.amend(&id, &json!({"title": "A drone from the road"}));
    exchange(&first, &second);

    for shown in [hub.show(&id), first.show(&id), second.show(&id)] {
        assert!(shown["values"].get("title").is_none(), "a contested field has no value: {shown}");
        let conflicts = shown["conflicts"].as_array().unwrap();
        assert_eq!(conflicts.len(), 1, "{shown}");
        assert_eq!(conflicts[0]["field"], "title");
        let values = conflicts[0]["values"].as_array().unwrap();
        assert_eq!(said(values), ["A drone from the river", "A drone from the road"]);
        for value in values {
            let from_the_river = value["value"] == "A drone from the river";
            assert_eq!(value["author"], if from_the_river { "A. Asanova" } else { "B. Bekov" });
            assert!(value["claimed_at"].is_string(), "{value}");
            assert!(!value["dot"].as_str().unwrap().is_empty(), "{value}");
        }
        assert_ne!(values[0]["device"], values[1]["device"]);
    }
    for value in hub.show(&id)["conflicts"][0]["values"].as_array().unwrap() {
        assert_eq!(value["trusted"].as_array().unwrap().len(), 2, "the hub knows when: {value}");
    }
    let listed = hub.command(&["record", "list", "--conflict"]).done().array();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["conflict"], true);

    hub.command(&["resolve", &id, "title", "--value", "\"A drone from the road\""]).done();
    exchange(&first, &second);
    for shown in [hub.show(&id), first.show(&id), second.show(&id)] {
        assert_eq!(shown["values"]["title"], "A drone from the road");
        assert_eq!(shown["conflicts"], json!([]));
        assert_eq!(shown["state_hash"], hub.show(&id)["state_hash"]);
    }
    assert!(hub.command(&["record", "list", "--conflict"]).done().array().is_empty());
    let history = hub.command(&["record", "history", &id]).done().array();
    assert_eq!(history.len(), 4, "made, changed twice, decided: {history:?}");
    assert_sound(&hub, &[&first, &second]);
}

#[test]
fn an_edit_that_had_not_seen_the_decision_opens_the_conflict_again() {
    let (hub, [first, second], id) = two_devices_with_one_record();
    first.amend(&id, &json!({"title": "A drone from the river"}));
    second.amend(&id, &json!({"title": "A drone from the road"}));
    exchange(&first, &second);
    hub.command(&["resolve", &id, "title", "--value", "\"A drone\""]).done();
    first.amend(&id, &json!({"title": "A drone from the lake"}));
    exchange(&first, &second);
    let shown = hub.show(&id);
    let values = shown["conflicts"][0]["values"].as_array().unwrap();
    assert_eq!(said(values), ["A drone", "A drone from the lake"]);
    assert_eq!(second.show(&id)["state_hash"], shown["state_hash"]);
}

#[test]
fn different_fields_merge_without_a_conflict() {
    let (hub, [first, second], id) = two_devices_with_one_record();
    first.amend(&id, &json!({"title": "A drone from the river"}));
    second.amend(&id, &json!({"narrative": "It dropped nothing.", "severity": 3}));
    exchange(&first, &second);
    for shown in [hub.show(&id), first.show(&id), second.show(&id)] {
        assert_eq!(shown["conflicts"], json!([]));
        assert_eq!(shown["values"]["title"], "A drone from the river");
        assert_eq!(shown["values"]["narrative"], "It dropped nothing.");
        assert_eq!(shown["values"]["severity"], 3);
        assert_eq!(shown["state_hash"], hub.show(&id)["state_hash"]);
    }
    assert_sound(&hub, &[&first, &second]);
}

#[test]
fn the_same_change_by_two_is_no_conflict_and_severity_takes_the_higher() {
    let (hub, [first, second], id) = two_devices_with_one_record();
    first.amend(&id, &json!({"title": "A drone from the river", "severity": 3}));
    second.amend(&id, &json!({"title": "A drone from the river", "severity": 1}));
    exchange(&first, &second);
    for shown in [hub.show(&id), first.show(&id), second.show(&id)] {
        assert_eq!(shown["conflicts"], json!([]));
        assert_eq!(shown["values"]["title"], "A drone from the river");
        assert_eq!(shown["values"]["severity"], 3);
    }
}

#[test]
fn a_void_record_is_void_everywhere_and_still_there() {
    let (hub, [first, second], id) = two_devices_with_one_record();
    first.command(&["void", &id, "--reason", "entered twice"]).done();
    exchange(&first, &second);
    for shown in [hub.show(&id), first.show(&id), second.show(&id)] {
        assert!(shown["voided"].to_string().contains("entered twice"), "{shown}");
        assert_eq!(shown["values"]["title"], data::incident()["title"]);
    }
}

fn two_devices_with_one_record() -> (Hub, [Colony; 2], String) {
    let hub = Hub::start(&["INST-027"]);
    let officers = ["A. Asanova", "B. Bekov"];
    let [first, second] = officers.map(|officer| Colony::enrol_for(&hub, "INST-027", officer));
    let id = first.add_one("incident", &data::incident());
    exchange(&first, &second);
    assert_eq!(second.show(&id)["values"], first.show(&id)["values"]);
    (hub, [first, second], id)
}

/// Lets both devices know everything that either knows.
fn exchange(first: &Colony, second: &Colony) {
    for device in [first, second, first] {
        device.sync();
    }
}

fn said(values: &[Json]) -> Vec<&str> {
    let mut said: Vec<&str> = values.iter().map(|value| value["value"].as_str().unwrap()).collect();
    said.sort_unstable();
    said
}

fn assert_sound(hub: &Hub, colonies: &[&Colony]) {
    hub.assert_sound();
    colonies.iter().for_each(|colony| colony.assert_sound());
}
