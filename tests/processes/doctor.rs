//! `doctor` on both sides: well where all is well, and where something is amiss it says what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub, Ran};

#[test]
fn a_machine_in_order_has_nothing_that_fails() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 3)));
    colony.sync();
    let checks = colony.command(&["doctor"]).done();
    for name in ["permissions", "format", "disk", "clock", "link", "store", "epoch", "waiting"] {
        assert_eq!(state(&checks, name), "ok", "{}", checks.stdout);
    }
    colony.run();
    assert_eq!(state(&colony.command(&["doctor"]).done(), "link"), "ok");
    let checks = hub.command(&["doctor"]).done();
    for name in ["permissions", "format", "key", "database", "fold", "clock", "sync port"] {
        assert_eq!(state(&checks, name), "ok", "{}", checks.stdout);
    }
}

#[test]
fn a_key_that_others_may_read_fails_with_the_command_that_mends_it() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    open_to_others(&colony.data().join("local/device.key"));
    let checks = colony.command(&["doctor"]).ended(1);
    assert!(remedy(&checks, "permissions").starts_with("chmod 600 "), "{}", checks.stdout);
    open_to_others(&hub.data().join("hub.key"));
    let checks = hub.command(&["doctor"]).ended(1);
    assert!(remedy(&checks, "permissions").starts_with("chmod 600 "), "{}", checks.stdout);
}

#[test]
fn a_hub_that_does_not_answer_is_a_warning_that_says_records_are_kept() {
    let mut hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    hub.kill();
    let checks = colony.command(&["doctor"]).done();
    assert_eq!(state(&checks, "link"), "warn", "{}", checks.stdout);
    assert!(remedy(&checks, "link").contains("records are kept"), "{}", checks.stdout);
    let checks = hub.command(&["doctor"]).ended(1);
    assert_eq!(state(&checks, "sync port"), "fail", "{}", checks.stdout);
}

#[test]
fn views_that_were_set_aside_are_named() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 3)));
    fs::write(colony.data().join("sled/conf"), "no configuration of sled").unwrap();
    assert_eq!(colony.list().len(), 3);
    let checks = colony.command(&["doctor"]).done();
    assert_eq!(state(&checks, "views"), "warn", "{}", checks.stdout);
    assert!(checks.stdout.contains("quarantine-1"), "{}", checks.stdout);
}

#[test]
fn a_machine_that_is_nobodys_is_told_what_to_do() {
    let colony = Colony::unenrolled("127.0.0.1:1");
    let checks = colony.command(&["doctor"]).ended(1);
    assert!(remedy(&checks, "store").contains("ashuu-agent enrol"), "{}", checks.stdout);
    let hub = Hub::elsewhere();
    let checks = hub.command(&["doctor"]).ended(1);
    assert!(remedy(&checks, "database").contains("ashuu-hub init"), "{}", checks.stdout);
}

#[test]
fn data_of_a_newer_program_are_refused_in_words() {
    let mut hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    fs::write(colony.data().join("format"), "9\n").unwrap();
    assert!(colony.command(&["status"]).ended(75).stderr.contains("install the newer one"));
    hub.kill();
    fs::write(hub.data().join("format"), "9\n").unwrap();
    assert!(hub.command(&["status"]).ended(75).stderr.contains("install the newer one"));
}

#[test]
fn views_made_anew_on_both_sides_are_the_same_as_before() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 6)));
    colony.sync();
    hub.holds(6);
    let rebuilt = colony.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["before"], rebuilt["after"]);
    let before = colony.list();
    colony.run();
    let rebuilt = colony.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["before"], rebuilt["after"]);
    assert_eq!(colony.list(), before);
    let rebuilt = hub.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"]);
    colony.assert_sound();
    hub.assert_sound();
}

fn check(ran: &Ran, name: &str) -> Json {
    let found = ran.array().into_iter().find(|check| check["check"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {}", ran.stdout))
}

fn state(ran: &Ran, name: &str) -> String {
    check(ran, name)["state"].as_str().unwrap().to_owned()
}

fn remedy(ran: &Ran, name: &str) -> String {
    check(ran, name)["do"].as_str().unwrap().to_owned()
}

fn open_to_others(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}
