//! Databases and data directories of an older version, opened by today's programs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use super::{Before, Older};
use crate::data;
use crate::rig::{Colony, Hub, copy, older_programs_are_here};
use crate::server;

/// How hard an archive is compressed: it stays in the history for ever.
const LEVEL: i32 = 19;

/// Bytes of all fixtures at the most.
const BYTES_MAX: u64 = 1024 * 1024;

#[test]
fn an_older_database_is_brought_up_with_everything_on_every_branch() {
    let engine = if server::is_chosen() { "postgres" } else { "sqlite" };
    let (files, before) = unpacked(&format!("hub-{engine}"));
    let database = files.path().join("dump.sql");
    let database = database.exists().then(|| server::loaded(&fs::read(&database).unwrap()));
    let mut hub = Hub::nowhere(&database.unwrap_or_default());
    copy(&files.path().join("data"), &hub.data());
    hub.run();
    before.assert_whole_at(&hub);
    let rebuilt = hub.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"], "what was brought up is what the logs say");
}

#[test]
fn an_older_agents_data_is_brought_up_with_everything_on_every_branch() {
    let (files, before) = unpacked("agents");
    let machine = |name: &str| {
        let machine = Colony::unenrolled("127.0.0.1:1");
        copy(&files.path().join(name), &machine.data());
        machine
    };
    // It followed all branches, and listed the first of each log.
    before.assert_whole_on(&machine("sibling"));
    for name in ["author", "double"] {
        let machine = machine(name);
        let listed = data::ids(&machine.list());
        let shown: Vec<String> = serde_json::from_str(&read(&files, name)).unwrap();
        assert!(shown.iter().all(|id| listed.contains(id)), "{name} lost something");
        assert_eq!(machine.status()["store"], "ok");
        assert_eq!(machine.waiting(), 0);
    }
}

#[test]
fn an_older_site_and_its_hub_that_are_both_updated_hold_the_same() {
    let (files, before) = unpacked("hub-sqlite");
    let (agents, _) = unpacked("agents");
    let mut hub = Hub::nowhere("");
    copy(&files.path().join("data"), &hub.data());
    hub.run();
    let machines = ["author", "double", "sibling"].map(|name| {
        let machine = Colony::unenrolled(&hub.sync_address());
        copy(&agents.path().join(name), &machine.data());
        machine
    });
    for machine in machines.iter().chain(&machines) {
        machine.sync();
    }
    before.assert_whole_at(&hub);
    for machine in &machines {
        before.assert_whole_on(machine);
        for id in &before.written {
            assert_eq!(machine.show(id)["state_hash"], hub.show(id)["state_hash"], "{id}");
        }
    }
}

#[test]
fn the_fixtures_are_small() {
    let files = fs::read_dir(folder()).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
}

/// Makes the fixtures anew; see `tests/fixtures/README.md`.
#[test]
#[ignore = "makes files that are kept; it needs the older version's programs"]
fn fixtures_are_made() {
    assert!(older_programs_are_here(), "nothing to make them with");
    let mut older = Older::on("");
    older.hub.kill();
    pack("hub-sqlite", &older.before, |dir| stopped(&older.hub.data(), &dir.join("data")));
    pack("agents", &older.before, |dir| {
        let Older { author, double, sibling, .. } = &older;
        for (name, machine) in [("author", author), ("double", double), ("sibling", sibling)] {
            let listed = data::ids(&machine.list());
            fs::write(dir.join(format!("{name}.json")), serde_json::to_vec(&listed).unwrap())
                .unwrap();
            stopped(&machine.data(), &dir.join(name));
        }
    });

    let database = server::fresh();
    let mut older = Older::on(&database);
    older.hub.kill();
    pack("hub-postgres", &older.before, |dir| {
        stopped(&older.hub.data(), &dir.join("data"));
        fs::write(dir.join("dump.sql"), server::dumped(&database)).unwrap();
    });
}

/// Copies the data of a machine that is stopped, without what only a running one needs.
fn stopped(from: &Path, to: &Path) {
    copy(from, to);
    let run = to.join("run.json");
    if run.exists() {
        fs::remove_file(run).unwrap();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Makes an archive of what `fill` puts into a directory, and of what was told before.
fn pack(name: &str, before: &Before, fill: impl FnOnce(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    fs::write(dir.path().join("before.json"), before.to_json().to_string()).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["--sparse", "--sort=name", "--owner=0", "--group=0", "-cf", "-", "-C"]);
    let made = tar.arg(dir.path()).arg(".").stderr(Stdio::inherit()).output().unwrap();
    assert!(made.status.success());
    let packed = zstd::bulk::compress(&made.stdout, LEVEL).unwrap();
    fs::write(folder().join(format!("{name}.tar.zst")), packed).unwrap();
}

/// Unpacks an archive, and returns what was told before it was made.
fn unpacked(name: &str) -> (TempDir, Before) {
    let dir = tempfile::tempdir().unwrap();
    let file = File::open(folder().join(format!("{name}.tar.zst"))).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-xf", "-", "-C"]).arg(dir.path()).stdin(Stdio::piped());
    let mut running = tar.spawn().unwrap();
    zstd::stream::copy_decode(file, running.stdin.take().unwrap()).unwrap();
    assert!(running.wait().unwrap().success());
    let before: Json = serde_json::from_str(&read(&dir, "before")).unwrap();
    (dir, Before::from_json(&before))
}

fn read(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(format!("{name}.json"))).unwrap()
}
