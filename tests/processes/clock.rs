//! Clocks that are wrong for an hour: at the hub, at a colony, ahead and behind, by a jump or from the
//! start. Nothing that is false is certain, and one word of a person puts all of it right.

use serde_json::{Value as Json, json};

use crate::rig::{Bent, Colony, Hub, eventually};
use crate::server;

fn incident(title: &str) -> Json {
    json!({
        "kind": "DRONE_SIGHTING", "occurred_at": "2025-11-20T03:10:00+06:00", "severity": 2,
        "location_type": "reception", "title": title, "narrative": "It came over the river."
    })
}

/// Saves a record and brings it to the hub.
fn brings(colony: &Colony, title: &str) -> String {
    let id = colony.add_one("incident", &incident(title));
    colony.sync();
    id
}

fn first(hub: &Hub, id: &str) -> Json {
    hub.command(&["record", "history", id]).done().array()[0].clone()
}

/// Returns whether nothing certain about an entry is false: it was written just now.
fn tells_no_lie(step: &Json) -> bool {
    let Some(trusted) = step["trusted"].as_array() else { return step["trusted"].is_null() };
    trusted.iter().all(|at| (now_ms() - at_ms(at)).abs() < 10 * 60_000)
}

fn at_ms(at: &Json) -> i64 {
    at.as_str().unwrap().parse::<record::DateTime>().unwrap().utc_ms
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn doubts(hub: &Hub) -> Vec<Json> {
    hub.command(&["clock", "show"]).done().json()["in_doubt"].as_array().unwrap().clone()
}

fn look_of_doctor(hub: &Hub) -> Json {
    let checks = hub.command(&["doctor"]).array();
    checks.into_iter().find(|check| check["check"] == "clock").unwrap()
}

fn site(hub: &Hub) -> Json {
    hub.command(&["site", "show", "INST-027"]).done().json()
}

fn is_right_after_a_word(hub: &Hub, colony: &Colony, ids: &[String]) {
    hub.command(&["clock", "accept"]).done();
    for id in ids {
        let step = first(hub, id);
        assert!(tells_no_lie(&step), "{step}");
    }
    let check = look_of_doctor(hub);
    assert_ne!(check["state"], "fail", "{check}");
    let next = brings(colony, "Afterwards");
    let step = first(hub, &next);
    assert!(step["trusted"].is_array() && tells_no_lie(&step), "{step}");
    assert_eq!(step["clock_suspect"], false);
    assert!(tells_no_lie(&json!({"trusted": [site(hub)["last_contact"]]})), "{}", site(hub));
    assert_eq!(site(hub)["silent"], false);
    hub.assert_sound();
}

#[test]
fn an_hour_ahead_ended_by_a_restart_is_in_doubt_and_one_word_puts_it_right() {
    for off in ["+400d", "+10y"] {
        let Some(bent) = Bent::new() else { return };
        let mut hub = Hub::nowhere(&server::is_chosen().then(server::fresh).unwrap_or_default());
        hub.bends(&bent);
        hub.begins(&["INST-027"]);
        let colony = Colony::enrol(&hub, "INST-027");
        let before = brings(&colony, "Before");
        assert_eq!(first(&hub, &before)["trusted"].as_array().map(Vec::len), Some(2));
        bent.by(off);
        hub.restarts();
        let ahead = brings(&colony, "Ahead");
        bent.by("+0");
        hub.restarts();
        let after = brings(&colony, "After");
        for id in [&before, &ahead, &after] {
            assert!(tells_no_lie(&first(&hub, id)), "{}", first(&hub, id));
        }
        assert!(!doubts(&hub).is_empty());
        let check = look_of_doctor(&hub);
        assert_eq!(check["state"], "fail", "{check}");
        assert!(check["do"].as_str().unwrap().contains("clock accept"), "{check}");
        is_right_after_a_word(&hub, &colony, &[before, ahead, after]);
    }
}

#[test]
fn an_hour_ahead_by_a_jump_of_a_running_hub_is_never_certain() {
    let Some(bent) = Bent::new() else { return };
    let mut hub = Hub::nowhere(&server::is_chosen().then(server::fresh).unwrap_or_default());
    hub.bends(&bent);
    hub.begins(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let before = brings(&colony, "Before");
    bent.by("+400d");
    let ahead = brings(&colony, "Ahead");
    let steps = [first(&hub, &before), first(&hub, &ahead)];
    assert!(steps.iter().all(tells_no_lie), "{steps:?}");
    assert!(steps[0]["trusted"].is_array() && steps[1]["trusted"].is_null(), "{steps:?}");
    bent.by("+0");
    let after = brings(&colony, "After");
    assert_eq!(doubts(&hub).len(), 2, "the hour, and what began behind it");
    is_right_after_a_word(&hub, &colony, &[before, ahead, after]);
    assert_eq!(doubts(&hub).len(), 1, "the hour bounds nothing for ever");
}

#[test]
fn a_site_that_called_while_the_clock_was_ahead_and_not_since_falls_silent() {
    let Some(bent) = Bent::new() else { return };
    let mut hub = Hub::nowhere(&server::is_chosen().then(server::fresh).unwrap_or_default());
    hub.bends(&bent);
    hub.begins(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    brings(&colony, "Before");
    bent.by("+400d");
    brings(&colony, "Ahead");
    bent.by("+20d");
    assert_eq!(site(&hub)["silent"], true, "{}", site(&hub));
}

#[test]
fn a_colony_twenty_years_off_wears_the_badge_on_both_sides_and_nothing_else_changes() {
    for off in ["-20y", "+20y"] {
        let Some(bent) = Bent::new() else { return };
        let hub = Hub::start(&["INST-027"]);
        let mut colony = Colony::enrol(&hub, "INST-027");
        let right = brings(&colony, "Right");
        colony.bends(&bent);
        bent.by(off);
        let wrong = brings(&colony, "Wrong");
        for (id, is_suspect) in [(&right, false), (&wrong, true)] {
            let here = colony.command(&["history", id]).done().array();
            let step = first(&hub, id);
            assert_eq!(step["clock_suspect"], is_suspect, "{off}: {step}");
            assert!(step["trusted"].is_array() && tells_no_lie(&step), "{off}: {step}");
            assert_eq!(here[0]["clock_suspect"], is_suspect, "{off}: {here:?}");
        }
    }
}

#[test]
fn of_two_hubs_on_one_database_the_one_ahead_bounds_nothing_once_a_person_has_said_so() {
    if !server::is_chosen() {
        return; // A file has one hub.
    }
    let Some(bent) = Bent::new() else { return };
    let hub = Hub::start(&["INST-027"]);
    let mut ahead = hub.beside();
    ahead.bends(&bent);
    bent.by("+10m");
    ahead.restarts();
    let colony = Colony::enrol(&hub, "INST-027");
    let ours = brings(&colony, "Ours");
    colony.route(&ahead.sync_address());
    let theirs = brings(&colony, "Theirs");
    eventually("the hub that is behind says so", || (1 < doubts(&hub).len()).then_some(()));
    colony.route(&hub.sync_address());
    hub.command(&["clock", "accept"]).done();
    let last = brings(&colony, "Last");
    for id in [&ours, &theirs, &last] {
        let step = first(&hub, id);
        assert!(tells_no_lie(&step), "{step}");
        assert!(at_ms(&step["trusted"][1]) <= now_ms() + 1_000, "{step}");
    }
}
