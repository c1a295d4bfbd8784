//! A look at what both sides have: a directory that only one user reads, and space on its disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Check;

/// The rights of everybody but the owner.
const OTHERS: u32 = 0o077;

/// How much space on a disk is little, and what to do then.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// Free bytes below which it is a warning.
    pub warn_bytes: u64,
    /// Free bytes below which it is a failure.
    pub fail_bytes: u64,
    /// What to do.
    pub remedy: &'static str,
}

impl Space {
    /// Judges the bytes that are left.
    #[must_use]
    pub fn judge(&self, free: u64) -> Check {
        let what = format!("{} MiB free", free / (1024 * 1024));
        if free < self.fail_bytes {
            Check::fail("disk", what, self.remedy)
        } else if free < self.warn_bytes {
            Check::warn("disk", what, self.remedy)
        } else {
            Check::ok("disk", what)
        }
    }
}

/// Looks whether others may read the data directory, or one of the files that hold secrets.
#[must_use]
pub fn permissions(data: &Path, mut files: Vec<PathBuf>) -> Check {
    if is_open(data) {
        let what = format!("others may look into {}", data.display());
        return Check::fail("permissions", what, format!("chmod 700 {}", data.display()));
    }
    files.retain(|path| is_open(path));
    if files.is_empty() {
        return Check::ok("permissions", "only this user reads the data and the keys");
    }
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let files = files.join(" ");
    Check::fail("permissions", format!("others may read {files}"), format!("chmod 600 {files}"))
}

fn is_open(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(found) => found.permissions().mode() & OTHERS != 0,
        Err(_missing) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn little_space_is_a_warning_and_almost_none_a_failure() {
        let space = Space { warn_bytes: 1_000, fail_bytes: 10, remedy: "make room" };
        assert_eq!(space.judge(1_000).state, State::Ok);
        assert_eq!(space.judge(999).state, State::Warn);
        assert_eq!(space.judge(9).state, State::Fail);
    }

    #[test]
    fn a_key_that_others_may_read_is_named_and_a_missing_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (key, missing) = (dir.path().join("key"), dir.path().join("none"));
        fs::write(&key, "secret").unwrap();
        let set = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let look = || permissions(dir.path(), vec![key.clone(), missing.clone()]);
        set(dir.path(), 0o700);
        set(&key, 0o600);
        assert_eq!(look().state, State::Ok);
        set(&key, 0o640);
        assert_eq!(look().remedy, format!("chmod 600 {}", key.display()));
        set(dir.path(), 0o750);
        assert_eq!(look().remedy, format!("chmod 700 {}", dir.path().display()));
    }
}
