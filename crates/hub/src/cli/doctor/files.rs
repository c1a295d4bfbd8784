//! A look at the data directory: its space, who may read it, and which format it has.

use std::path::{Path, PathBuf};

use terminal::{Check, Space};

use crate::config::Config;
use crate::db::Place;
use crate::keys;
use crate::limits::{DISK_FREE_FAIL_BYTES, DISK_FREE_WARN_BYTES};

/// What space a hub needs.
const SPACE: Space = Space {
    warn_bytes: DISK_FREE_WARN_BYTES,
    fail_bytes: DISK_FREE_FAIL_BYTES,
    remedy: "make room or give it a larger disk: with a full one no record is receipted",
};

/// Looks at everything that is a file.
pub(super) fn all(config: &Config) -> Vec<Check> {
    vec![disk(config), permissions(config), format(&config.data)]
}

fn disk(config: &Config) -> Check {
    let held = match config.database_place() {
        Ok(Place::Sqlite(file)) => {
            file.parent().map_or_else(|| config.data.clone(), Path::to_owned)
        }
        Ok(Place::Postgres(_)) | Err(_) => config.data.clone(),
    };
    match rustix::fs::statvfs(&held) {
        Ok(found) => SPACE.judge(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => {
            let what = format!("{}: {error}", held.display());
            Check::fail("disk", what, "look at the disk, or give another --data")
        }
    }
}

fn permissions(config: &Config) -> Check {
    let data = &config.data;
    let mut files: Vec<PathBuf> = vec![data.join("hub.key"), data.join("database")];
    if let Ok(Place::Sqlite(file)) = config.database_place() {
        files.push(file);
    }
    terminal::permissions(data, files)
}

fn format(data: &Path) -> Check {
    match keys::check_format(data) {
        Ok(()) => Check::ok("format", keys::FORMAT.to_string()),
        Err(fault) => Check::fail("format", fault.to_string(), "install the newer program"),
    }
}
