//! A hub's database that is damaged, and copies that are made by themselves: noticed while it runs,
//! saved as far as it can be read, and made, kept and missed as they should be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub, Ran, eventually, within};

/// What seals the copies here.
const SECRET: &str = "correct horse battery staple\n";

/// Bytes of a page of the file.
const PAGE: usize = 4096;

/// How long a fault may go unnoticed.
const NOTICED: Duration = Duration::from_secs(26);

#[test]
fn a_page_that_is_damaged_under_a_running_hub_is_noticed() {
    let mut hub = Hub::start_on("", &["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 300)));
    colony.sync();
    hub.holds(300);
    hub.kill();
    into_one_file(&hub);
    hub.run();
    assert_eq!(hub.ask("/readyz", "").status, 200);
    let file = hub.data().join("hub.db");
    let mut bytes = fs::read(&file).unwrap();
    for page in bytes.chunks_mut(PAGE).skip(20).step_by(7) {
        page.fill(0);
    }
    overwrite(&file, &bytes);
    let said = within(NOTICED, || {
        let answer = hub.ask("/readyz", "");
        let says = answer.body.contains("the database is damaged");
        (answer.status == 503 && says).then_some(answer)
    });
    let said: Json = serde_json::from_str(&said.expect("nothing was noticed").body).unwrap();
    assert!(said["detail"].as_str().unwrap().contains("damaged"), "{said}");
    let checks = hub.command(&["doctor"]).ended(1);
    assert!(checks.stdout.contains("rebuild --from-truth"), "{}", checks.stdout);
}

#[test]
fn of_a_damaged_file_the_truth_is_saved_and_put_in_place() {
    let mut hub = Hub::start_on("", &["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 40)));
    colony.sync();
    let listed = data::ids(&hub.holds(40));
    hub.kill();
    into_one_file(&hub);
    let file = hub.data().join("hub.db");
    let sound = fs::read(&file).unwrap();
    let pages = sound.len() / PAGE;
    let (mut whole, mut lost) = (0, 0);
    for (number, page) in (1..pages).step_by(pages / 20).enumerate() {
        let mut bytes = sound.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        fs::write(&file, &bytes).unwrap();
        let to = hub.data().join(format!("saved{number}.db"));
        let ran = hub.command(&["rebuild", "--from-truth", "--to", to.to_str().unwrap()]);
        let told = ran.json();
        if ran.code == Some(0) {
            assert_eq!((&told["lost"], &told["ok"]), (&json!([]), &json!(true)));
            fs::rename(&to, &file).unwrap();
            hub.assert_sound();
            assert_eq!(data::ids(&hub.list()), listed, "page {page}");
            whole += 1;
        } else {
            assert_eq!(ran.code, Some(5), "page {page}: {} {}", ran.stdout, ran.stderr);
            assert!(!told["lost"].as_array().unwrap().is_empty(), "page {page}: {told}");
            lost += 1;
        }
        assert!(ran.stderr.contains("put it in place"), "{}", ran.stderr);
        for rest in ["hub.db-wal", "hub.db-shm"] {
            fs::remove_file(hub.data().join(rest)).ok();
        }
    }
    assert!(0 < whole, "{whole} whole, {lost} not");
    // What stands there is never written over, and a file that is no database is refused.
    fs::write(&file, &sound).unwrap();
    let here = file.to_str().unwrap();
    hub.command(&["rebuild", "--from-truth", "--to", here]).ended(1);
    assert_eq!(fs::read(&file).unwrap(), sound);
    fs::write(&file, [0; 3 * PAGE]).unwrap();
    let to = hub.data().join("never.db");
    let ran = hub.command(&["rebuild", "--from-truth", "--to", to.to_str().unwrap()]);
    assert!(ran.code != Some(0) && !to.exists(), "{ran:?}");
}

#[test]
fn copies_are_made_when_due_read_back_kept_in_number_and_made_up_for() {
    let mut hub = Hub::elsewhere();
    let folder = tempfile::tempdir().unwrap();
    let phrase = folder.path().join("phrase");
    let to = folder.path().join("copies");
    fs::create_dir(&to).unwrap();
    fs::write(&phrase, "too short\n").unwrap();
    let part = format!(
        "[backup]\nto = \"{}\"\ndaily = \"00:00\"\nkeep = 1\npassphrase_file = \"{}\"\n",
        to.display(),
        phrase.display()
    );
    hub.command(&["init"]).done();
    assert_eq!(state(&hub.command(&["doctor"]), "backup"), "warn", "none is configured");
    hub.configures(&part);
    hub.run();
    eventually("the failure to be noted", || {
        let said = hub.command(&["doctor"]).done();
        said.stdout.contains("passphrase is too short").then_some(())
    });
    assert_eq!(state(&hub.command(&["doctor"]), "backup"), "warn");
    assert_eq!(copies(&to), Vec::<PathBuf>::new());
    assert_eq!(hub.ask("/readyz", "").status, 200, "it receives all the same");

    hub.kill();
    fs::write(&phrase, SECRET).unwrap();
    fs::remove_file(hub.data().join("backups.json")).unwrap();
    hub.run();
    let first = eventually("a copy", || made(&hub, &to));
    assert_eq!(state(&hub.command(&["doctor"]), "backup"), "ok");
    let told = hub.typing(&["backup", "check", first.to_str().unwrap()], SECRET).done().json();
    assert_eq!((&told["ok"], &told["damage"]), (&json!(true), &json!([])));
    assert!(0 < told["tables"]["frame"].as_u64().unwrap(), "{told}");

    // It was made: a hub that starts again makes none, until the next day's time is past.
    hub.kill();
    hub.run();
    assert_eq!(hub.command(&["status"]).done().json()["backup"]["good"]["file"], shown(&first));
    assert_eq!(copies(&to), std::slice::from_ref(&first));
    hub.kill();
    let note = hub.data().join("backups.json");
    let mut noted: Json = serde_json::from_slice(&fs::read(&note).unwrap()).unwrap();
    let days = |count: i64| count * 24 * 60 * 60 * 1000;
    noted["good"]["at_ms"] = json!(noted["good"]["at_ms"].as_i64().unwrap() - days(4));
    fs::write(&note, noted.to_string()).unwrap();
    let checks = hub.command(&["doctor"]);
    assert_eq!(state(&checks, "backup"), "fail", "{}", checks.stdout);
    hub.run();
    let second = eventually("another copy", || made(&hub, &to).filter(|it| *it != first));
    eventually("the first one to go", || {
        (copies(&to) == std::slice::from_ref(&second)).then_some(())
    });

    // A copy that somebody altered is found out, and another passphrase is no damage.
    let mut bytes = fs::read(&second).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let altered = folder.path().join("altered");
    fs::write(&altered, &bytes).unwrap();
    let check = |secret| hub.typing(&["backup", "check", altered.to_str().unwrap()], secret);
    assert_eq!(check(SECRET).ended(5).json()["ok"], false);
    assert!(check("another passphrase\n").ended(1).stderr.contains("passphrase"));
}

#[test]
fn a_passphrase_that_can_be_guessed_seals_nothing() {
    let hub = Hub::elsewhere();
    hub.command(&["init"]).done();
    let file = hub.data().join("copy");
    let ran = hub.typing(&["backup", file.to_str().unwrap()], "1\n").ended(2);
    assert!(ran.stderr.contains("12 characters"), "{}", ran.stderr);
    assert!(!file.exists());
    hub.typing(&["backup", file.to_str().unwrap()], "twelve chars\n").done();
    assert!(file.exists());
}

/// Brings what a killed hub left beside its file into that.
fn into_one_file(hub: &Hub) {
    let (file, to) = (hub.data().join("hub.db"), hub.data().join("whole.db"));
    hub.command(&["rebuild", "--from-truth", "--to", to.to_str().unwrap()]).done();
    fs::rename(&to, &file).unwrap();
    for rest in ["hub.db-wal", "hub.db-shm"] {
        fs::remove_file(hub.data().join(rest)).ok();
    }
}

/// Writes into the file that is there, as a disk would that went bad.
fn overwrite(file: &Path, bytes: &[u8]) {
    use std::io::Write as _;

    let mut open = fs::OpenOptions::new().write(true).open(file).unwrap();
    open.write_all(bytes).unwrap();
    open.sync_all().unwrap();
}

/// Returns the copy that was noted as good.
fn made(hub: &Hub, to: &Path) -> Option<PathBuf> {
    let status = hub.command(&["status"]).done().json();
    let file = PathBuf::from(status["backup"]["good"]["file"].as_str()?);
    copies(to).contains(&file).then_some(file)
}

fn copies(to: &Path) -> Vec<PathBuf> {
    fs::read_dir(to).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

fn state(ran: &Ran, name: &str) -> String {
    let found = ran.array().into_iter().find(|check| check["check"] == name).unwrap();
    found["state"].as_str().unwrap().to_owned()
}
