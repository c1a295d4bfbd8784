//! The short path: a record is added, crosses the link, is receipted and listed.

use serde_json::json;

use crate::data;
use crate::rig::{Colony, Hub};

#[test]
fn a_record_goes_from_the_colony_to_the_hubs_list() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let id = colony.add_one("incident", &data::incident());
    let before = colony.show(&id);
    assert_eq!(before["custody"], "saved");
    assert!(before["ref"].as_str().unwrap().starts_with("INST-027/2025/"), "{before}");
    assert!(colony.status()["last_receipt"].is_null());

    let exchange = colony.sync();
    assert!(1 <= exchange["sent"].as_u64().unwrap(), "{exchange}");
    assert!(!exchange["receipt"].is_null(), "{exchange}");

    let listed = hub.list();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], json!(id));
    let (here, there) = (colony.show(&id), hub.show(&id));
    assert_eq!(here["custody"], "held");
    for key in ["id", "ref", "form", "site", "values", "conflicts", "entries", "state_hash"] {
        assert_eq!(here[key], there[key], "{key}");
    }
    data::assert_same(&data::incident(), &there);
    let status = colony.status();
    assert_eq!(status["last_receipt"]["number"], exchange["receipt"]);
    assert_eq!(status["site"], "INST-027");
    assert!(!status["last_contact"].is_null(), "{status}");
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_machine_that_was_not_let_in_says_so_with_exit_code_3() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::unenrolled(&hub.sync_address());
    let ran = colony.typing(&["add", "incident"], &data::incident().to_string()).ended(3);
    assert!(ran.stderr.contains("enrol"), "{}", ran.stderr);
}

#[test]
fn a_code_lets_one_machine_in_and_no_second() {
    let hub = Hub::start(&["INST-027"]);
    let code = hub.invite("INST-027");
    let (first, second) =
        (Colony::unenrolled(&hub.sync_address()), Colony::unenrolled(&hub.sync_address()));
    first.command(&["enrol", &code]).done();
    second.command(&["enrol", &code]).ended(4);
    assert_eq!(hub.devices().len(), 1, "{:?}", hub.devices());
}

#[test]
fn a_command_beside_a_running_agent_gives_the_same_result() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    let alone = colony.add_one("incident", &data::incident());
    colony.run();
    let beside = colony.add_one("incident", &data::incident());
    colony.settles();
    let listed = data::ids(&colony.list());
    assert_eq!(listed, data::ids(&hub.list()));
    assert!(listed.contains(&alone) && listed.contains(&beside));
    let over_http = colony.ask(&format!("/api/v1/records/{beside}"));
    let over_http: serde_json::Value = serde_json::from_str(&over_http.body).unwrap();
    assert_eq!(over_http, colony.show(&beside));
    colony.kill();
    assert_eq!(over_http["values"], colony.show(&beside)["values"]);
}
