//! A machine that was restored is the machine that was copied, in its next life.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::desk::Desk;
use crate::desk::tests::Machine;
use crate::request::{Filter, Request, Response, Upkeep};

const LINE: &str = r#"{"occurred_at":"2026-11-20T03:10:00+06:00","severity":2,"kind":"OTHER","location_type":"cell","narrative":"What happened."}"#;

#[test]
fn a_restored_machine_has_the_same_records_and_goes_on_in_its_next_epoch() {
    let machine = Machine::new();
    machine.add_some(3);
    let (_dir, file) = backed_up(&machine, "secret enough");
    let target = tempfile::tempdir().unwrap();
    let restored = restored(target.path(), &file, "secret enough").unwrap();
    assert_eq!((restored.epoch_count, restored.tally.entries), (2, 5));
    let desk = Desk::open(target.path()).unwrap();
    assert_eq!(desk.identity().device(), machine.shared().identity().device());
    assert_ne!(desk.identity().epoch, machine.shared().identity().epoch);
    assert_eq!(listed(&desk), listed(&machine.shared()));
    let verdict = desk.execute(Request::Verify).unwrap();
    assert!(matches!(verdict, Response::Verified(report) if report["ok"] == true));
}

#[test]
fn a_wrong_passphrase_a_cut_file_and_a_flipped_bit_are_refused_and_leave_nothing() {
    let machine = Machine::new();
    machine.add_some(40);
    let (dir, file) = backed_up(&machine, "secret enough");
    let whole = fs::read(&file).unwrap();
    let bad = dir.path().join("bad");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 4;
    for (bytes, passphrase, words) in [
        (whole.clone(), "Secret", "passphrase"),
        (whole[..whole.len() - 1].to_vec(), "secret enough", "cut off"),
        (flipped, "secret enough", "altered"),
        (b"no backup at all".to_vec(), "secret enough", "no sealed file"),
    ] {
        fs::write(&bad, bytes).unwrap();
        let target = tempfile::tempdir().unwrap();
        let problem = restored(target.path(), &bad, passphrase).unwrap_err();
        assert_eq!(problem.cause, Cause::Refused);
        assert!(problem.detail.contains(words), "{}", problem.detail);
        assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "something was left");
    }
}

#[test]
fn a_directory_that_holds_anything_is_not_restored_into() {
    let machine = Machine::new();
    let (dir, file) = backed_up(&machine, "secret enough");
    let problem = restored(dir.path(), &file, "secret enough").unwrap_err();
    assert!(problem.detail.contains("not empty"), "{}", problem.detail);
    assert!(file.exists());
}

#[test]
fn a_restore_that_did_not_end_is_no_machine() {
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("restoring"), "").unwrap();
    let problem = Desk::open(target.path()).unwrap_err();
    assert!(problem.detail.contains("did not finish"), "{}", problem.detail);
}

#[test]
fn a_file_that_exists_is_not_written_over() {
    let machine = Machine::new();
    let (_dir, file) = backed_up(&machine, "secret enough");
    let problem = back_up(&machine, &file, "secret enough").unwrap_err();
    assert_eq!(problem.cause, Cause::Refused);
}

#[test]
fn a_passphrase_never_shows() {
    let request = Request::Keep(Upkeep::Backup {
        file: "file".into(),
        passphrase: Passphrase("hunter2 and others".to_owned()),
    });
    assert!(!format!("{request:?}").contains("hunter2"));
}

fn backed_up(machine: &Machine, passphrase: &str) -> (TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("office.backup");
    back_up(machine, &file, passphrase).unwrap();
    (dir, file)
}

fn back_up(machine: &Machine, file: &Path, passphrase: &str) -> Result<Tally, Problem> {
    let passphrase = Passphrase(passphrase.to_owned());
    machine.shared().backup(file, &passphrase, &mut |_done, _total| ())
}

fn restored(data: &Path, file: &Path, passphrase: &str) -> Result<restore::Restored, Problem> {
    restore(data, file, &Passphrase(passphrase.to_owned()), &mut |_done, _total| ())
}

fn listed(desk: &Desk) -> Vec<serde_json::Value> {
    let answer = desk.execute(Request::List(Filter::default())).unwrap();
    let Response::Listed(rows) = answer else { panic!("{answer:?}") };
    rows
}

impl Machine {
    fn add_some(&self, count: usize) {
        let lines = vec![LINE; count];
        let done = self.add("incident", &lines);
        assert!(done.iter().all(|outcome| format!("{outcome:?}").contains("Saved")), "{done:?}");
    }
}
