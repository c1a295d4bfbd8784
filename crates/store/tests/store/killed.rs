//! A process that is killed while it writes, again and again: what it was told is there.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::toy::{append, assert_verified, log, open};

const DIR: &str = "STORE_KILLED_DIR";

#[test]
fn a_killed_process_loses_nothing_it_was_told_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut told = 0;
    let mut rebuilt = 0;
    for kill in 0..10 {
        told = killed_after(dir.path(), 5 + 17 * kill).max(told);
        let (store, opening) = open(dir.path());
        assert!(told <= store.head(&log(1)).seq, "kill {kill}");
        assert_eq!((opening.damage, opening.unreadable), (vec![], vec![]));
        rebuilt += u32::from(opening.rebuilt.is_some());
        assert_verified(&store);
    }
    assert!(rebuilt <= 5, "views that are merely behind are caught up, not made anew: {rebuilt}");
}

#[test]
#[ignore = "the process that is killed by the test above"]
#[expect(clippy::print_stdout, reason = "the test reads what it says")]
fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let (store, _) = open(Path::new(&dir));
    loop {
        let dots = append(&store, &log(1), &[&[1; 700], &[2; 5000]]).unwrap();
        println!("\nsaved {}", dots[1].seq);
    }
}

/// Lets a process write, kills it after it was told so many times, and returns the last number.
fn killed_after(dir: &Path, times: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let saved = lines.filter_map(|line| line.unwrap().strip_prefix("saved ")?.parse().ok());
    let mut told = saved.take(times).collect::<Vec<u64>>();
    child.kill().unwrap();
    child.wait().unwrap();
    told.pop().unwrap()
}
