//! A look at the data directory: its space, who may read it, and which format it has.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::check::Check;
use crate::config::Config;
use crate::db::Place;
use crate::keys;
use crate::limits::{DISK_FREE_FAIL_BYTES, DISK_FREE_WARN_BYTES};

/// Looks at everything that is a file.
pub(super) fn all(config: &Config) -> Vec<Check> {
    vec![disk(config), permissions(config), format(&config.data)]
}

fn disk(config: &Config) -> Check {
    let held = match config.database_place() {
        Ok(Place::Sqlite(file)) => file.parent().map_or(config.data.clone(), Path::to_owned),
        Ok(Place::Postgres(_)) | Err(_) => config.data.clone(),
    };
    match rustix::fs::statvfs(&held) {
        Ok(found) => space(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => {
            let what = format!("{}: {error}", held.display());
            Check::fail("disk", what, "look at the disk, or give another --data")
        }
    }
}

/// Judges the space that is left.
fn space(free: u64) -> Check {
    let what = format!("{} MiB free", free / (1024 * 1024));
    let remedy = "make room or give it a larger disk: with a full one no record is receipted";
    if free < DISK_FREE_FAIL_BYTES {
        Check::fail("disk", what, remedy)
    } else if free < DISK_FREE_WARN_BYTES {
        Check::warn("disk", what, remedy)
    } else {
        Check::ok("disk", what)
    }
}

fn permissions(config: &Config) -> Check {
    let data = &config.data;
    let open = |path: &Path| match fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o077 != 0,
        Err(_missing) => false,
    };
    if open(data) {
        let what = format!("others may look into {}", data.display());
        return Check::fail("permissions", what, format!("chmod 700 {}", data.display()));
    }
    let mut files: Vec<PathBuf> = vec![data.join("hub.key"), data.join("database")];
    if let Ok(Place::Sqlite(file)) = config.database_place() {
        files.push(file);
    }
    files.retain(|path| open(path));
    if files.is_empty() {
        return Check::ok("permissions", "only this user reads the key and the data");
    }
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let files = files.join(" ");
    Check::fail("permissions", format!("others may read {files}"), format!("chmod 600 {files}"))
}

fn format(data: &Path) -> Check {
    match keys::check_format(data) {
        Ok(()) => Check::ok("format", keys::FORMAT.to_string()),
        Err(fault) => Check::fail("format", fault.to_string(), "install the newer program"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn little_space_is_a_warning_and_almost_none_a_failure() {
        assert_eq!(space(DISK_FREE_WARN_BYTES).state, State::Ok);
        assert_eq!(space(DISK_FREE_WARN_BYTES - 1).state, State::Warn);
        assert_eq!(space(DISK_FREE_FAIL_BYTES - 1).state, State::Fail);
    }
}
