//! The demonstration, as the README has it started.

use std::time::{Duration, Instant};

use crate::rig::{command, program};

/// How long `demo --check` may take once it is built.
const AT_MOST: Duration = Duration::from_secs(45);

#[test]
fn the_demonstration_proves_what_it_shows_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let ran = command(&program("demo")).arg("--check").env("TMPDIR", dir.path()).output().unwrap();
    let took = began.elapsed();
    let (said, words) =
        (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{words}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for part in ["3 colonies", "1 conflict", "returned and accepted", "form", "21 days"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(took < AT_MOST, "{took:?}");
    assert_eq!(dir.path().read_dir().unwrap().count(), 0, "a folder is left");
}
