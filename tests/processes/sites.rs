//! Sites and their devices as an administrator runs them: several devices at one site, one that is
//! revoked, replaced or moved, sites that merge.

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub};

#[test]
fn three_devices_at_one_site_see_each_others_records() {
    let hub = Hub::start(&["INST-027"]);
    let devices: Vec<Colony> = ["A. Asanova", "B. Bekov", "C. Dootov"]
        .map(|officer| Colony::enrol_for(&hub, "INST-027", officer))
        .into();
    let letters: Vec<Json> = hub.devices().iter().map(|one| one["letter"].clone()).collect();
    assert_eq!(letters, ["A", "B", "C"]);
    let ids: Vec<String> =
        devices.iter().map(|device| device.add_one("incident", &data::incident())).collect();
    for device in devices.iter().chain(&devices) {
        device.sync();
    }
    for device in &devices {
        assert_eq!(device.list().len(), 3);
        for id in &ids {
            assert_eq!(device.show(id)["state_hash"], hub.show(id)["state_hash"]);
        }
        device.assert_sound();
    }
    let settled = devices[0].sync();
    assert_eq!((&settled["sent"], &settled["received"]), (&json!(0), &json!(0)));
    hub.assert_sound();
}

#[test]
fn what_a_revoked_device_brings_is_set_aside_until_somebody_releases_it() {
    let hub = Hub::start(&["INST-027"]);
    let [lost, sibling] =
        ["A. Asanova", "B. Bekov"].map(|name| Colony::enrol_for(&hub, "INST-027", name));
    let before = lost.add_one("incident", &data::incident());
    lost.sync();
    let after = lost.add_one("incident", &data::incident());
    let name = lost.status()["device"].as_str().unwrap().to_owned();
    hub.command(&["device", "revoke", &name, "--reason", "the bag was stolen"]).done();

    let refused = lost.command(&["sync"]).ended(4);
    assert!(refused.stdout.contains("the bag was stolen"), "{refused:?}");
    assert_eq!(lost.list().len(), 2, "its records stay with it");
    assert_eq!(hub.list().len(), 1);
    let items = hub.command(&["quarantine", "list"]).done().array();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((&items[0]["state"], &items[0]["entries"]), (&json!("held"), &json!(1)));
    let number = items[0]["id"].to_string();
    let shown = hub.command(&["quarantine", "show", &number]).done().json();
    assert_eq!(shown["content"][0]["record"], after);
    let listed = device(&hub, &name);
    assert_eq!((&listed["state"], &listed["quarantined"]), (&json!("revoked"), &json!(1)));
    lost.command(&["sync"]).ended(4);
    assert_eq!(hub.command(&["quarantine", "list"]).done().array().len(), 1, "held once");

    hub.command(&["quarantine", "release", "77"]).ended(1);
    let released = hub.command(&["quarantine", "release", &number]).done().json();
    assert_eq!(released["state"], "released");
    assert!(released["released_by"].is_string() && released["released_at"].is_string());
    hub.command(&["quarantine", "release", &number]).ended(1);
    assert_eq!(hub.list().len(), 2);
    sibling.sync();
    for id in [&before, &after] {
        assert_eq!(sibling.show(id)["state_hash"], lost.show(id)["state_hash"]);
    }
    hub.assert_sound();
}

/// An exchange goes up in steps; refused ones too.
#[test]
fn all_that_a_revoked_device_has_written_is_set_aside_however_much_it_is() {
    let hub = Hub::start(&["INST-027"]);
    let lost = Colony::enrol(&hub, "INST-027");
    let searches = data::searches(0, 6000);
    lost.add("search", &data::lines(&searches));
    let name = lost.status()["device"].as_str().unwrap().to_owned();
    hub.command(&["device", "revoke", &name, "--reason", "the bag was stolen"]).done();
    lost.command(&["sync"]).ended(4);
    let items = hub.command(&["quarantine", "list"]).done().array();
    assert_eq!(items.len(), 1, "{items:?}");
    // Two entries begin the log.
    assert_eq!(items[0]["entries"], json!(searches.len() + 2));
    hub.command(&["quarantine", "release", &items[0]["id"].to_string()]).done();
    assert_eq!(hub.list().len(), searches.len());
    hub.assert_sound();
}

#[test]
fn a_new_machine_takes_over_name_and_site_of_the_old_one() {
    let hub = Hub::start(&["INST-027"]);
    let old = Colony::enrol_for(&hub, "INST-027", "A. Asanova");
    let id = old.add_one("incident", &data::incident());
    old.sync();
    let name = old.status()["device"].as_str().unwrap().to_owned();
    let code = hub.command(&["device", "replace", &name]).done().json();
    assert_eq!((&code["site"], &code["name"]), (&json!("INST-027"), &json!(name)));
    old.command(&["sync"]).ended(4);

    let new = Colony::unenrolled(&hub.sync_address());
    let code = code["code"].as_str().unwrap();
    new.command(&["enrol", code, "--administrator", "A. Asanova"]).done();
    assert_eq!(new.status()["device"], json!(name));
    new.sync();
    assert_eq!(new.show(&id)["values"], old.show(&id)["values"]);
    new.amend(&id, &json!({ "title": "Corrected on the new machine" }));
    new.sync();
    assert_eq!(hub.show(&id)["values"]["title"], "Corrected on the new machine");
    assert!(
        hub.show(&id)["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["rule"] != "does_not_count")
    );
    let shown = hub.command(&["device", "show", &name]).done().json();
    assert_eq!(shown["state"], "active", "a name that went over is that of the new machine");
    let letters: Vec<Json> = hub.devices().iter().map(|one| one["letter"].clone()).collect();
    assert_eq!(letters, ["A", "B"], "a letter is never given twice");
    hub.assert_sound();
}

#[test]
fn a_device_that_moves_writes_for_its_new_site_and_what_it_wrote_before_still_arrives() {
    let hub = Hub::start(&["INST-001", "INST-002"]);
    let [moving, stays] =
        ["A. Asanova", "B. Bekov"].map(|name| Colony::enrol_for(&hub, "INST-001", name));
    let there = Colony::enrol_for(&hub, "INST-002", "C. Dootov");
    let name = moving.status()["device"].as_str().unwrap().to_owned();
    // It never spoke to the hub before it was moved, and does not know yet.
    let old = moving.add_one("incident", &data::incident());
    hub.command(&["device", "move", &name, "INST-009"]).ended(1);
    let moved = hub.command(&["device", "move", &name, "INST-002"]).done().json();
    assert_eq!((&moved["site"], &moved["letter"]), (&json!("INST-002"), &json!("B")));

    let synced = moving.sync();
    assert_eq!((&synced["settled"], &synced["moved_to"]), (&json!(true), &json!("INST-002")));
    let status = moving.status();
    assert_eq!((&status["site"], moving.waiting()), (&json!("INST-002"), 0));
    assert_eq!(hub.show(&old)["site"], "INST-001");
    let new = moving.add_one("incident", &data::incident());
    moving.sync();
    let shown = hub.show(&new);
    assert_eq!(shown["site"], "INST-002");
    let reference = shown["ref"].as_str().unwrap();
    assert!(reference.contains("/B2-"), "the epoch adds its number to the letter: {reference}");
    assert_eq!(moving.show(&old)["values"], hub.show(&old)["values"], "still readable here");
    moving.typing(&["amend", &old], &json!({ "title": "From afar" }).to_string()).ended(1);

    for device in [&stays, &there] {
        device.sync();
    }
    assert_eq!(stays.list().len(), 1);
    assert_eq!(stays.show(&old)["state_hash"], hub.show(&old)["state_hash"]);
    assert_eq!(there.list().len(), 1);
    assert_eq!(there.show(&new)["state_hash"], hub.show(&new)["state_hash"]);
    stays.amend(&old, &json!({ "title": "Taken over" }));
    stays.sync();
    assert_eq!(hub.show(&old)["values"]["title"], "Taken over");
    let posts = hub.command(&["device", "show", &name]).done().json();
    let sites: Vec<&Json> =
        posts["posts"].as_array().unwrap().iter().map(|post| &post["site"]).collect();
    assert_eq!(sites, ["INST-002", "INST-001"]);

    hub.command(&["device", "move", &name, "INST-001"]).done();
    assert_eq!(moving.sync()["settled"], true);
    assert_eq!(moving.status()["site"], "INST-001");
    assert_eq!(moving.show(&old)["values"]["title"], "Taken over");
    let again = moving.add_one("incident", &data::incident());
    moving.sync();
    assert!(hub.show(&again)["ref"].as_str().unwrap().contains("/A3-"));
    for device in [&moving, &stays, &there] {
        device.assert_sound();
    }
    hub.assert_sound();
}

#[test]
fn a_running_agent_moves_without_being_restarted() {
    let hub = Hub::start(&["INST-001", "INST-002"]);
    let mut moving = Colony::enrol_for(&hub, "INST-001", "A. Asanova");
    moving.run();
    let name = moving.status()["device"].as_str().unwrap().to_owned();
    hub.command(&["device", "move", &name, "INST-002"]).done();
    moving.sync();
    assert_eq!(moving.status()["site"], "INST-002");
    let answer = moving.post("incident", &data::incident());
    assert_eq!(answer.status, 201, "{answer:?}");
    moving.settles();
    assert_eq!(hub.holds(1)[0]["site"], "INST-002");
}

#[test]
fn when_two_sites_merge_the_new_one_carries_on_their_records() {
    let hub = Hub::start(&["INST-001", "INST-002"]);
    let [one, two] =
        ["INST-001", "INST-002"].map(|site| Colony::enrol_for(&hub, site, "A. Asanova"));
    let [first, second] = [&one, &two].map(|device| {
        let id = device.add_one("incident", &data::incident());
        device.sync();
        id
    });
    let merged = ["site", "add", "INST-003", "--name-en", "United", "--valid-from", "2026-12"];
    let from = ["--successor-of", "INST-001", "--successor-of", "INST-002", "--move-devices"];
    hub.command(&[&merged[..], &from].concat()).done();
    for site in ["INST-001", "INST-002"] {
        hub.command(&["site", "edit", site, "--valid-to", "2026-11"]).done();
    }
    let fresh = Colony::enrol_for(&hub, "INST-003", "D. Fresh");
    for device in [&one, &two, &fresh, &one, &two] {
        device.sync();
    }
    for device in [&one, &two, &fresh] {
        assert_eq!(device.status()["site"], "INST-003");
        assert_eq!(device.list().len(), 2);
    }
    fresh.amend(&first, &json!({ "title": "Amended by the new site" }));
    two.amend(&first, &json!({ "narrative": "Amended by the other one" }));
    one.amend(&second, &json!({ "severity": 4 }));
    for device in [&one, &two, &fresh, &one, &two, &fresh] {
        device.sync();
    }
    assert_eq!(hub.findings(), Vec::<Json>::new());
    for shown in [hub.show(&first), one.show(&first), two.show(&first), fresh.show(&first)] {
        assert_eq!(shown["site"], "INST-001", "a record keeps the site it was made at");
        assert_eq!(shown["values"]["title"], "Amended by the new site");
        assert_eq!(shown["values"]["narrative"], "Amended by the other one");
        assert_eq!(shown["state_hash"], hub.show(&first)["state_hash"]);
    }
    assert_eq!(hub.show(&second)["values"]["severity"], 4);
    let history = hub.command(&["site", "show", "INST-001"]).done().json();
    assert_eq!(history["history"].as_array().unwrap().len(), 2, "no card is ever changed");

    hub.command(&["site", "edit", "INST-003", "--no-predecessors"]).done();
    fresh.sync();
    fresh.typing(&["amend", &first], &json!({ "title": "Too late" }).to_string()).ended(1);
    assert_eq!(hub.show(&first)["values"]["title"], "Amended by the new site");
    hub.assert_sound();
}

#[test]
fn both_branches_of_a_copied_machine_reach_its_siblings_and_then_nothing_moves() {
    let hub = Hub::start(&["INST-027"]);
    let [first, sibling] =
        ["A. Asanova", "B. Bekov"].map(|name| Colony::enrol_for(&hub, "INST-027", name));
    first.add_one("incident", &data::incident());
    first.sync();
    let double = first.cloned();
    first.add_one("incident", &data::incident());
    first.sync();
    double.add("incident", &format!("{0}\n{0}", data::incident()));
    double.command(&["sync"]);
    let came = sibling.sync();
    assert_eq!(came["settled"], true, "{came}");
    let again = sibling.sync();
    assert_eq!((&again["settled"], &again["received"]), (&json!(true), &json!(0)), "{again}");
    assert_eq!(sibling.status()["forks"].as_array().unwrap().len(), 1);
    assert_eq!(device(&hub, first.status()["device"].as_str().unwrap())["forks"], 1);
    hub.assert_sound();
}

#[test]
fn sites_say_when_they_were_heard_and_what_waits_there() {
    let hub = Hub::start(&["INST-001", "INST-002"]);
    let colony = Colony::enrol_for(&hub, "INST-001", "A. Asanova");
    colony.add_one("incident", &data::incident());
    colony.sync();
    let listed = hub.command(&["site", "list"]).done().array();
    let asked = hub.ask("/api/v1/sites", &hub.token());
    let asked: Vec<Json> = serde_json::from_str(&asked.body).unwrap();
    for sites in [listed, asked] {
        let (heard, never) = (&sites[0], &sites[1]);
        assert!(heard["last_contact"].is_string() && never["last_contact"].is_null());
        assert_eq!(heard["waiting"]["routine"], json!({ "entries": 0, "bytes": 0 }));
        assert_eq!(heard["devices"][0]["waiting"]["urgent"]["entries"], 0);
        assert_eq!(heard["version"], env!("CARGO_PKG_VERSION"));
        assert!(heard["clock_skew_ms"].as_i64().unwrap().abs() < 60_000);
        for count in ["gaps", "forks", "quarantined"] {
            assert_eq!(heard[count], 0, "{count}");
        }
        assert_eq!((&heard["silent"], &heard["silent_days"]), (&json!(false), &json!(0)));
        assert!(never["silent_days"].is_null(), "nobody is there to be heard");
    }
    let status = hub.command(&["status"]).done().json();
    let heard = status["heard"].as_array().unwrap();
    assert_eq!((heard.len(), &heard[0]["site"]), (1, &json!("INST-001")));
    for key in ["last_contact", "waiting", "gaps", "clock_skew_ms", "version"] {
        assert!(!heard[0][key].is_null(), "{key}");
    }
}

#[test]
fn a_site_that_was_closed_is_opened_again() {
    let hub = Hub::start(&["INST-001"]);
    let is_closed = || hub.command(&["site", "show", "INST-001"]).done().json()["closed"].clone();
    hub.command(&["site", "edit", "INST-001", "--valid-to", "2020"]).done();
    assert_eq!(is_closed(), true);
    hub.command(&["site", "edit", "INST-001", "--valid-to", ""]).done();
    assert_eq!(is_closed(), false);
    let backwards = ["site", "edit", "INST-001", "--valid-from", "2026", "--valid-to", "2020"];
    assert!(hub.command(&backwards).ended(2).stderr.contains("before it opens"));
}

fn device(hub: &Hub, name: &str) -> Json {
    hub.devices().into_iter().find(|device| device["name"] == name).unwrap()
}
