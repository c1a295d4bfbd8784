//! What happens to the truth itself: a log written twice, a damaged journal, views made anew.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub, eventually};

#[test]
fn every_branch_of_a_log_written_twice_is_listed_and_the_fork_is_named() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 2)));
    colony.sync();
    let double = colony.cloned();
    colony.add("search", &data::lines(&data::searches(2, 2)));
    double.add("search", &data::lines(&data::searches(3, 3)));
    let before = entries(&hub);
    colony.sync();
    double.sync();
    assert_eq!(colony.sync()["healed"], true, "neither goes on in the log that both wrote");

    let device = colony.status()["device_key"].clone();
    let forks = hub.command(&["status"]).done().json()["forks"].clone();
    assert_eq!(forks.as_array().unwrap().len(), 1, "{forks}");
    assert_eq!((&forks[0]["device"], &forks[0]["lane"]), (&device, &"site/INST-027".into()));
    // The start, the administrator's card and two searches stand before it.
    assert_eq!(forks[0]["seq"], 5, "{forks}");
    let verified = hub.command(&["verify"]).done().json();
    assert_eq!(verified["forks"], forks);
    assert_eq!(verified["ok"], true, "both branches are sound: {verified}");
    // Each machine went on in its next epoch, whose first entry says so.
    assert_eq!(entries(&hub), before + 2 + 3 + 2, "both branches and two epochs");
    assert_eq!(hub.list().len(), 7);

    for machine in [&colony, &double] {
        assert!(!machine.status()["forks"].as_array().unwrap().is_empty());
        let found = machine.command(&["verify"]).ended(5).json();
        assert!(names(&found, &device, 5..=7), "{found}");
    }
    assert_eq!((colony.list().len(), double.list().len()), (7, 7), "nobody loses anything");
}

#[test]
fn a_disk_set_back_goes_on_in_its_next_epoch_as_soon_as_the_hub_says_so() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 2)));
    colony.sync();
    let [mut old, talkative, quiet] = [(); 3].map(|()| colony.cloned());
    colony.add("search", &data::lines(&data::searches(2, 3)));
    colony.sync();
    let epoch = colony.status()["epoch"].clone();

    // It wrote above the place to which it was set back, before it heard of that.
    old.add("search", &data::lines(&data::searches(3, 2)));
    old.run();
    eventually("the next epoch", || (old.status()["epoch"] != epoch).then_some(()));
    let after = old.post("search", &data::searches(4, 1)[0]);
    assert!(after.body.contains("/A2-"), "{}", after.body);
    old.settles();
    assert_eq!(old.sync()["healed"], false, "once is enough");

    // It wrote nothing since.
    let words = talkative.in_words(&["sync"], "").done();
    assert!(words.stdout.contains("next epoch"), "{}", words.stdout);
    let told = quiet.sync();
    assert_eq!((&told["healed"], &told["settled"]), (&true.into(), &true.into()), "{told}");
    assert_ne!(quiet.status()["epoch"], epoch);
    // Whatever branch it was written on.
    assert_eq!(data::ids(&hub.holds(8)).len(), 8);
    hub.assert_sound();
}

#[test]
fn what_a_copy_of_a_disk_had_not_sent_yet_is_held_once_the_hub_has_it_from_elsewhere() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 2)));
    // The image has the entries; they are sent, and more is written, before it is put back.
    let image = colony.cloned();
    colony.sync();
    colony.add("search", &data::lines(&data::searches(2, 3)));
    colony.sync();

    assert_eq!(image.sync()["healed"], true);
    assert_eq!(image.waiting(), 0);
    assert!(image.list().iter().all(|item| item["custody"] == "held"), "{:?}", image.list());
    hub.assert_sound();
}

#[test]
fn an_entry_in_whose_place_the_hub_holds_another_is_not_called_held() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 1)));
    colony.sync();
    let old = colony.cloned();
    colony.add("search", &data::lines(&data::searches(2, 3)));
    colony.sync();
    let epoch = colony.status()["epoch"].clone();

    // The journal is of an old copy of the disk, what the hub said of it of a new one.
    let other = data::searches(3, 3);
    old.add("search", &data::lines(&other));
    fs::copy(colony.data().join("local/proved"), old.data().join("local/proved")).unwrap();
    let custody = |machine: &Colony| {
        let of = |record: &Json| machine.show(record["@id"].as_str().unwrap())["custody"].clone();
        other.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(custody(&old), ["saved", "saved", "saved"]);
    assert_ne!(old.status()["epoch"], epoch, "its log is not continued");
    assert_eq!(old.sync()["settled"], true);
    assert_eq!((custody(&old), old.waiting()), (vec!["held".into(); 3], 0));
}

#[test]
fn a_flipped_bit_in_the_journal_is_named_by_device_epoch_lane_and_number() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    for series in 1..=3 {
        colony.add("search", &data::lines(&data::searches(series, 1)));
    }
    let hurt = data::searches(2, 1)[0]["@id"].as_str().unwrap().to_owned();
    let status = colony.status();
    flip_in_journal(&colony.data(), &data::id_bytes(&hurt));

    let ran = colony.command(&["verify"]).ended(5);
    let found = ran.json();
    assert_eq!(found["ok"], false);
    // The start, the administrator's card and one search stand before it.
    assert!(names(&found, &status["device_key"], 4..=4), "{found}");
    let fault = &found["faults"][0];
    assert_eq!((&fault["epoch"], &fault["lane"]), (&status["epoch"], &"site/INST-027".into()));
    let listed = data::ids(&colony.list());
    assert_eq!(listed.len(), 2, "the others are there");
    assert!(!listed.contains(&hurt));
}

#[test]
fn a_bad_place_that_was_not_sent_yet_holds_up_nothing_written_later() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    for series in 1..=3 {
        colony.add("search", &data::lines(&data::searches(series, 1)));
    }
    let hurt = data::searches(2, 1)[0]["@id"].as_str().unwrap().to_owned();
    flip_in_journal(&colony.data(), &data::id_bytes(&hurt));
    colony.run();
    let after = colony.post("search", &data::searches(4, 1)[0]);
    assert!(after.body.contains("/A2-"), "{}", after.body);
    hub.holds(2);
    let told = colony.command(&["sync"]).ended(4).json();
    assert_eq!(out_of_reach(&told), (false, 1, 1), "{told}");
    assert!(told["words"].as_str().unwrap().contains("never held by the hub: 1, and 1"), "{told}");

    // What stands behind the bad place is named, with what to do.
    let stranded = colony.status()["stranded"].clone();
    assert_eq!((stranded.as_array().unwrap().len(), &stranded[0]["seq"]), (1, &5.into()));
    let found = colony.command(&["verify"]).ended(5).json();
    let faults = found["faults"].as_array().unwrap();
    let remedy = |fault: &Json| fault["do"].as_str().unwrap().contains("export");
    assert!(faults.iter().any(|fault| fault["seq"] == 5 && remedy(fault)), "{found}");
    hub.assert_sound();
}

#[test]
fn views_made_anew_have_the_same_state_hash() {
    let hub = Hub::start(&["INST-027"]);
    let devices = [Colony::enrol(&hub, "INST-027"), Colony::enrol(&hub, "INST-027")];
    let incidents = data::lines(&data::records("INST-027", "incident"));
    devices[0].add("incident", &incidents);
    for device in devices.iter().chain(&devices) {
        device.sync();
    }
    let id = data::records("INST-027", "incident")[0]["@id"].as_str().unwrap().to_owned();
    for (device, title) in devices.iter().zip(["one title", "another title"]) {
        device.amend(&id, &serde_json::json!({"title": title}));
    }
    for device in devices.iter().chain(&devices) {
        device.sync();
    }
    let before = (hub.list(), hub.show(&id));
    let rebuilt = hub.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"]);
    assert!(rebuilt["old"].as_str().unwrap().len() == 64, "{rebuilt}");
    assert_eq!((hub.list(), hub.show(&id)), before);
    hub.assert_sound();
}

#[test]
fn a_bad_place_behind_which_nothing_stands_is_not_called_held() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    for series in 1..=3 {
        colony.add("search", &data::lines(&data::searches(series, 1)));
    }
    let hurt = data::searches(3, 1)[0]["@id"].as_str().unwrap().to_owned();
    flip_in_journal(&colony.data(), &data::id_bytes(&hurt));
    for _again in 0..2 {
        let told = colony.command(&["sync"]).ended(4).json();
        assert_eq!(out_of_reach(&told), (false, 1, 0), "{told}");
    }
    assert_eq!(hub.holds(2).len(), colony.list().len());

    // What was at the hub before its place went bad is not lost.
    let held = Colony::enrol(&hub, "INST-027");
    held.add("search", &data::lines(&data::searches(4, 1)));
    held.sync();
    let hurt = data::searches(4, 1)[0]["@id"].as_str().unwrap().to_owned();
    flip_in_journal(&held.data(), &data::id_bytes(&hurt));
    held.command(&["sync"]);
    assert_eq!(out_of_reach(&held.sync()), (true, 0, 0));
}

/// Returns whether an exchange was settled, and what it says is lost and stranded.
fn out_of_reach(told: &Json) -> (bool, u64, u64) {
    let count = |key: &str| told[key].as_u64().unwrap();
    (told["settled"].as_bool().unwrap(), count("lost"), count("stranded"))
}

/// Whether a fault of this device and one of these numbers is among those found.
fn names(found: &Json, device: &Json, numbers: std::ops::RangeInclusive<u64>) -> bool {
    let faults = found["faults"].as_array().unwrap();
    faults.iter().any(|fault| {
        fault["device"] == *device && numbers.contains(&fault["seq"].as_u64().unwrap())
    })
}

fn entries(hub: &Hub) -> u64 {
    hub.command(&["status"]).done().json()["entries"].as_u64().unwrap()
}

/// Flips a bit where `bytes` stand in a segment.
fn flip_in_journal(data: &Path, bytes: &[u8]) {
    let segments = fs::read_dir(data.join("journal")).unwrap();
    let segments: Vec<PathBuf> = segments.map(|entry| entry.unwrap().path()).collect();
    let place = segments.iter().find_map(|path| {
        let held = fs::read(path).unwrap();
        let at = held.windows(bytes.len()).position(|window| window == bytes)?;
        Some((OpenOptions::new().write(true).open(path).unwrap(), at))
    });
    let (file, at): (File, usize) = place.unwrap();
    file.write_all_at(&[bytes[0] ^ 1], at as u64).unwrap();
}
