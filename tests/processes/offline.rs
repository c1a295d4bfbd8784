//! A colony without a link works on; when the link comes back, everything crosses by itself.

use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::data::{self, COURSE, FORMS, SITES};
use crate::link::Link;
use crate::rig::{Colony, Hub, eventually, within};

/// Records that a narrow link carries.
const MANY: u32 = 3_000;

/// Bytes a second of it.
const NARROW: u64 = 30_000;

/// How long each connection over it lives.
const LIFE: Duration = Duration::from_secs(2);

/// How long it may take to carry all of them: ten times as long as without cuts.
const LONG: Duration = Duration::from_secs(120);

/// How soon after the link is back everything must be held.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn everything_recorded_while_the_hub_was_down_is_held_within_ten_seconds_of_its_return() {
    let mut hub = Hub::start(&SITES);
    let mut colonies = SITES.map(|site| (site, Colony::enrol(&hub, site)));
    // The colonies name courses they have not heard of yet.
    let courses = data::records("", COURSE);
    hub.typing(&["record", "add", COURSE], &data::lines(&courses)).done();
    hub.kill();
    for (_, colony) in &mut colonies {
        colony.run();
    }
    let mut count = 0;
    for (site, colony) in &colonies {
        count += record_everything(site, colony);
        let status = colony.status();
        assert_ne!(status["link"], "up", "{status}");
        assert!(status["waiting"]["routine"]["bytes"].as_u64().unwrap() > 0, "{status}");
        assert!(colony.list().iter().all(|item| item["custody"] == "saved"));
    }
    assert_eq!(hub.list().len(), courses.len(), "the hub was not down");

    hub.run();
    let all_held = || colonies.iter().all(|(_, colony)| colony.waiting() == 0).then_some(());
    within(SOON, all_held).expect("everything is held soon after the hub is back");

    let listed = hub.holds(count + courses.len());
    assert_eq!(data::ids(&listed).len(), listed.len());
    let token = hub.token();
    for (site, colony) in &colonies {
        assert_held_alike((&hub, &token), site, colony);
    }
    let nothing_waits = |device: &Json| device["waiting"]["routine"]["entries"] == 0;
    assert!(hub.devices().iter().all(nothing_waits), "{:?}", hub.devices());
    hub.assert_sound();
}

#[test]
fn a_cut_link_is_tried_again_until_it_holds() {
    let hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let mut colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    colony.run();
    link.cut();
    let id = colony.add_one("incident", &data::incident());
    colony.command(&["sync"]).ended(4);
    assert_eq!(colony.show(&id)["custody"], "saved");
    assert!(hub.list().is_empty());
    link.mend();
    within(SOON, || (colony.show(&id)["custody"] == "held").then_some(()))
        .expect("the record crosses without a command");
    assert_eq!(hub.show(&id)["state_hash"], colony.show(&id)["state_hash"]);
}

#[test]
fn a_link_that_is_cut_every_two_seconds_carries_everything_with_the_waits_that_are_shipped() {
    let hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let mut colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    colony.waits_as_shipped();
    let told: Vec<Json> = (0..MANY).map(told).collect();
    colony.add("incident", &data::lines(&told));
    link.throttle(NARROW);
    colony.run();
    let mut cuts = 0;
    within(LONG, || {
        thread::sleep(LIFE);
        link.cut();
        link.mend();
        cuts += 1;
        (colony.waiting() == 0).then_some(())
    })
    .expect("everything is held though no connection lives long");
    assert!(2 < cuts, "only {cuts} cuts");
    assert_eq!(hub.list().len(), MANY as usize);
}

/// Returns an incident of which a hundred bytes can't be compressed.
fn told(number: u32) -> Json {
    let mut state = u64::from(number);
    let mut word = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{state:016x}")
    };
    let mut incident = data::incident();
    incident["narrative"] = (0..12).map(|_| word()).collect::<String>().into();
    incident
}

/// Adds every sample file of the site; returns how many records these are.
fn record_everything(site: &str, colony: &Colony) -> usize {
    let mut count = 0;
    for form in FORMS.into_iter().filter(|form| *form != COURSE) {
        let file = data::file(site, form);
        let answers = colony.command(&["add", form, file.to_str().unwrap()]).done().lines();
        let given = data::records(site, form);
        assert_eq!(answers.len(), given.len(), "{form} of {site}");
        assert!(answers.iter().all(|answer| answer["id"].is_string() && answer["ref"].is_string()));
        count += given.len();
        assert!(given.len() as u64 <= colony.waiting(), "{form} of {site} waits");
    }
    assert_eq!(colony.list().len(), count);
    count
}

/// Fails unless hub and colony say the same of every record, and both what was put in.
fn assert_held_alike((hub, token): (&Hub, &str), site: &str, colony: &Colony) {
    let api = |answer: crate::rig::Answer| -> Json {
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    };
    let course = data::records(site, COURSE)[0]["@id"].as_str().unwrap().to_owned();
    eventually("the courses", || data::ids(&colony.list()).contains(&course).then_some(()));
    for form in FORMS {
        for (number, given) in data::records(site, form).iter().enumerate() {
            let id = given["@id"].as_str().unwrap();
            let path = format!("/api/v1/records/{id}");
            let (here, there) = (api(colony.ask(&path)), api(hub.ask(&path, token)));
            data::assert_same(given, &there);
            for key in ["ref", "form", "site", "values", "conflicts", "state_hash"] {
                assert_eq!(here[key], there[key], "{key} of {id}");
            }
            assert_eq!(here["custody"], "held", "{id}");
            // The command says what the API says; one in many is enough to see it.
            if number % 50 == 0 {
                assert_eq!(hub.show(id)["values"], there["values"]);
                assert_eq!(colony.show(id)["state_hash"], there["state_hash"]);
            }
        }
    }
    assert!(!colony.status()["last_receipt"].is_null());
    colony.assert_sound();
}
