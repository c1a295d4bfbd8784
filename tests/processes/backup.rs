//! Copies taken while the programs are at work, and machines made of them again: nothing is lost,
//! nothing comes twice, and whoever was restored says that it lives on in its next epoch.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::data;
use crate::rig::{Colony, Hub};

const SECRET: &str = "correct horse battery staple\n";

#[test]
fn an_agent_restored_from_a_copy_taken_while_it_wrote_goes_on_in_its_next_epoch() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 20)));
    colony.run();
    let (_dir, file) = nowhere("office.backup");
    while_writing(&colony, || back_up_agent(&colony, &file));
    colony.settles();
    let held = data::ids(&hub.list());
    colony.kill();

    let again = restored_agent(&hub, &file);
    assert_eq!(again["epoch_count"], 2, "{again}");
    let (machine, _) = &again_machine(&hub, &file);
    assert_eq!(machine.status()["device_key"], colony.status()["device_key"]);
    machine.assert_sound();
    let before = machine.list().len();
    assert!(20 <= before && before <= held.len());

    // What it wrote after the copy is at the hub; what it writes now stands beside it.
    let made = machine.add("search", &data::lines(&data::searches(7, 5)));
    let reference = made[0]["ref"].as_str().unwrap();
    assert!(reference.contains("/A2-"), "a later epoch adds its number: {reference}");
    machine.command(&["sync"]);
    let all = data::ids(&hub.holds(held.len() + 5));
    assert!(held.iter().all(|id| all.contains(id)), "something is lost at the hub");
    hub.assert_sound();
    assert_eq!(hub.command(&["status"]).done().json()["forks"], serde_json::json!([]));
}

#[test]
fn a_backup_of_a_stopped_agent_holds_everything() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 12)));
    let (_dir, file) = nowhere("office.backup");
    back_up_agent(&colony, &file);
    let (machine, _) = again_machine(&hub, &file);
    assert_eq!(machine.list(), colony.list());
    machine.sync();
    assert_eq!(data::ids(&hub.holds(12)), data::ids(&colony.list()));
    machine.assert_sound();
    hub.assert_sound();
}

#[test]
fn an_agents_backup_that_is_not_whole_or_sealed_otherwise_is_refused_in_words() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 12)));
    let (dir, file) = nowhere("office.backup");
    back_up_agent(&colony, &file);
    for (bad, secret, words) in damaged(&dir, &file) {
        let machine = Colony::unenrolled(&hub.sync_address());
        let ran = machine.typing(&["restore", bad.to_str().unwrap()], secret).ended(1);
        assert!(ran.stderr.contains(words), "{words:?} in {:?}", ran.stderr);
        assert_eq!(entries(&machine.data()), 0, "a refused restore leaves something");
    }
    let ran = colony.typing(&["restore", file.to_str().unwrap()], SECRET).ended(1);
    assert!(ran.stderr.contains("not empty"), "{:?}", ran.stderr);
    let ran = colony.typing(&["backup", file.to_str().unwrap()], SECRET).ended(1);
    assert!(ran.stderr.contains("exists already"), "{:?}", ran.stderr);
}

#[test]
fn a_hub_restored_from_a_copy_taken_while_it_received_goes_on_with_its_devices() {
    let mut hub = Hub::start(&["INST-027", "INST-016"]);
    let colonies: Vec<Colony> =
        ["INST-027", "INST-016"].iter().map(|site| Colony::enrol(&hub, site)).collect();
    for (colony, series) in colonies.iter().zip([1, 2]) {
        colony.add("search", &data::lines(&data::searches(series, 15)));
        colony.sync();
    }
    hub.holds(30);
    let (_dir, file) = nowhere("hub.backup");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for series in 10..40 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                colonies[0].add("search", &data::lines(&data::searches(series, 2)));
                colonies[0].sync();
            }
        });
        back_up_hub(&hub, &file);
        done.store(true, Ordering::Relaxed);
    });
    let held = data::ids(&hub.list());
    let key = hub.key();
    hub.kill();

    let (mut again, told) = restored_hub(&hub, &file);
    // Those of its two sites, of everyone, and of its own site, in which it says what its clock shows.
    assert_eq!((&told["epoch_count"], &told["lanes"]), (&2.into(), &4.into()), "{told}");
    again.run();
    assert_eq!(again.key(), key);
    again.assert_sound();
    // Each colony finds the hub where it was, and brings what the copy lacks.
    for (colony, series) in colonies.iter().zip([3, 4]) {
        colony.add("search", &data::lines(&data::searches(series, 5)));
        colony.command(&["sync"]);
        colony.command(&["sync"]);
    }
    let all = data::ids(&again.holds(held.len() + 10));
    assert!(held.iter().all(|id| all.contains(id)), "something is lost");
    again.assert_sound();
    for colony in &colonies {
        assert_eq!(colony.waiting(), 0);
        colony.assert_sound();
    }
}

#[test]
fn a_hubs_backup_that_is_not_whole_or_sealed_otherwise_is_refused_in_words() {
    let hub = Hub::start(&["INST-027"]);
    let (dir, file) = nowhere("hub.backup");
    back_up_hub(&hub, &file);
    for (bad, secret, words) in damaged(&dir, &file) {
        let empty = Hub::elsewhere();
        let ran = empty.typing(&["restore", bad.to_str().unwrap()], secret).ended(1);
        assert!(ran.stderr.contains(words), "{words:?} in {:?}", ran.stderr);
        assert!(!empty.data().join("hub.key").exists(), "a refused restore leaves a key");
    }
    let ran = hub.typing(&["restore", file.to_str().unwrap()], SECRET).ended(1);
    assert!(ran.stderr.contains("holds a hub already"), "{:?}", ran.stderr);
}

#[test]
fn a_hub_restored_twice_counts_its_epochs_on() {
    let mut hub = Hub::start(&["INST-027"]);
    let (_dir, file) = nowhere("hub.backup");
    back_up_hub(&hub, &file);
    hub.kill();
    let (again, _) = restored_hub(&hub, &file);
    let second = file.with_extension("second");
    back_up_hub(&again, &second);
    let (third, told) = restored_hub(&again, &second);
    assert_eq!(told["epoch_count"], 3, "{told}");
    third.assert_sound();
}

/// Saves records until `work` is done.
fn while_writing(colony: &Colony, work: impl FnOnce()) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for series in 20..250 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                for search in data::searches(series, 2) {
                    colony.post("search", &search);
                }
            }
        });
        work();
        done.store(true, Ordering::Relaxed);
    });
}

/// Returns the file, damaged in each way, with a passphrase and what must be said.
fn damaged(dir: &TempDir, file: &Path) -> Vec<(PathBuf, &'static str, &'static str)> {
    let whole = fs::read(file).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 16;
    let kinds = [
        ("wrong", whole.clone(), "another passphrase\n", "passphrase is wrong"),
        ("cut", whole[..whole.len() - 9].to_vec(), SECRET, "cut off"),
        ("flipped", flipped, SECRET, "altered"),
        ("other", b"this is a letter to my aunt".to_vec(), SECRET, "no sealed file"),
        ("empty", Vec::new(), SECRET, "no sealed file"),
    ];
    let write = |(name, bytes, secret, words): (&str, Vec<u8>, _, _)| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        (path, secret, words)
    };
    kinds.into_iter().map(write).collect()
}

fn nowhere(name: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    (dir, file)
}

fn back_up_agent(colony: &Colony, file: &Path) {
    let told = colony.typing(&["backup", file.to_str().unwrap()], SECRET).done().json();
    assert_eq!(told["bytes"], fs::metadata(file).unwrap().len());
    assert_sealed(file);
}

fn back_up_hub(hub: &Hub, file: &Path) {
    let told = hub.typing(&["backup", file.to_str().unwrap()], SECRET).done().json();
    assert_eq!(told["bytes"], fs::metadata(file).unwrap().len());
    assert_sealed(file);
}

/// Nothing that was recorded can be read in the file, and nobody else may try.
fn assert_sealed(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    let bytes = fs::read(file).unwrap();
    let shows = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    assert!(!shows(b"INST-027") && !shows(b"A. Officer"));
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

fn restored_agent(hub: &Hub, file: &Path) -> Json {
    again_machine(hub, file).1
}

fn again_machine(hub: &Hub, file: &Path) -> (Colony, Json) {
    let machine = Colony::unenrolled(&hub.sync_address());
    let told = machine.typing(&["restore", file.to_str().unwrap()], SECRET).done().json();
    (machine, told)
}

/// Makes a hub of a copy, at the address of the one that is gone.
fn restored_hub(gone: &Hub, file: &Path) -> (Hub, Json) {
    let mut hub = Hub::elsewhere();
    hub.takes_the_place_of(gone);
    let told = hub.typing(&["restore", file.to_str().unwrap()], SECRET).done().json();
    (hub, told)
}

fn entries(dir: &Path) -> usize {
    fs::read_dir(dir).map_or(0, Iterator::count)
}
