//! The store of records is a view: whatever happens to it, the journal brings it back.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub};

#[test]
fn a_deleted_store_of_records_is_rebuilt_and_said_so() {
    rebuilds(|sled| fs::remove_dir_all(sled).unwrap());
}

#[test]
fn a_truncated_store_of_records_is_rebuilt_and_said_so() {
    rebuilds(|sled| {
        for file in files(sled) {
            let length = fs::metadata(&file).unwrap().len();
            OpenOptions::new().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
        }
    });
}

#[test]
fn a_store_of_records_with_flipped_bits_is_rebuilt_and_said_so() {
    rebuilds(|sled| {
        for file in files(sled) {
            flip(&file, 4_096);
        }
    });
}

#[test]
fn a_few_flipped_bits_anywhere_lose_nothing() {
    let (_hub, colony, before) = colony_with_records();
    for round in 0..10 {
        for file in files(&colony.data().join("sled")) {
            let length = fs::metadata(&file).unwrap().len();
            (1..4).filter(|part| part * 31 < length).for_each(|part| {
                flip_at(&file, (length * (round * 3 + part) / 37).min(length - 1));
            });
        }
        assert_unharmed(&colony, &before);
    }
}

#[test]
fn a_journal_that_lost_its_end_is_named_and_the_machine_goes_on_in_its_next_epoch() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 5)));
    colony.sync();
    colony.add("search", &data::lines(&data::searches(2, 5)));
    for file in files(&colony.data().join("journal")) {
        fs::remove_file(file).unwrap();
    }
    let ran = colony.command(&["status"]).done();
    assert!(ran.stderr.contains("next epoch"), "nothing was said: {:?}", ran.stderr);
    let lost = colony.command(&["verify"]).ended(5).json();
    // The logs stand in the order of their ids, which are drawn anew each time.
    let of_the_site = |fault: &&Json| fault["lane"] == "site/INST-027" && fault["seq"] == 1;
    let named = lost["faults"].as_array().unwrap().iter().find(of_the_site);
    let named = named.unwrap_or_else(|| panic!("not named: {lost}"));
    assert!(named["do"].as_str().unwrap().contains("administrator"), "{lost}");

    // Records are taken at once, under references that can't be taken for the lost ones.
    let made = colony.add("search", &data::lines(&data::searches(3, 2)));
    assert!(made[0]["ref"].as_str().unwrap().contains("/A2-"), "{made:?}");
    colony.command(&["sync"]);
    assert_eq!(hub.holds(7).len(), 7, "five that were held, and two that are new");
    hub.assert_sound();
}

/// Fills a store, lets `harm` at it, and fails unless all is there again and was said to be rebuilt.
fn rebuilds(harm: impl FnOnce(&Path)) {
    let (hub, mut colony, before) = colony_with_records();
    harm(&colony.data().join("sled"));
    let first = colony.command(&["status"]).done();
    assert!(first.stderr.contains("rebuil"), "nothing was said: {:?}", first.stderr);
    assert_unharmed(&colony, &before);

    // What is written afterwards stands beside it, and both cross.
    colony.run();
    colony.add("search", &data::lines(&data::searches(9, 3)));
    colony.settles();
    assert_eq!(data::ids(&hub.list()), data::ids(&colony.list()));
    colony.assert_sound();
    hub.assert_sound();
}

fn assert_unharmed(colony: &Colony, before: &[Json]) {
    assert_eq!(colony.list(), before);
    assert_eq!(colony.status()["store"], "ok");
    colony.assert_sound();
    for given in data::records("INST-027", "incident").iter().step_by(40) {
        data::assert_same(given, &colony.show(given["@id"].as_str().unwrap()));
    }
}

/// Returns a colony at rest, and its list.
fn colony_with_records() -> (Hub, Colony, Vec<Json>) {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let file = data::file("INST-027", "incident");
    colony.command(&["add", "incident", file.to_str().unwrap()]).done();
    colony.sync();
    let before = colony.list();
    (hub, colony, before)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Flips a bit every `step` bytes.
fn flip(file: &Path, step: usize) {
    let length = fs::metadata(file).unwrap().len();
    (0..length).step_by(step).for_each(|at| flip_at(file, at));
}

fn flip_at(file: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}
