//! The note of a running hub: where it listens.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where a running hub notes its addresses, in the data directory.
const FILE: &str = "run.json";

/// The addresses of a running hub; ports given as 0 are chosen when it starts.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Addresses {
    /// Pages and API.
    pub(crate) web: String,
    /// Where devices exchange.
    pub(crate) sync: String,
    /// The process.
    pub(crate) pid: u32,
}

impl Addresses {
    /// Reads what a running hub noted.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data.join(FILE)).ok()?).ok()
    }

    /// Notes them in the data directory.
    pub(crate) fn write(&self, data: &Path) -> std::io::Result<()> {
        let new = data.join(format!("{FILE}.new"));
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, data.join(FILE))
    }

    /// Takes the note back; a hub that was killed leaves it, and the next start replaces it.
    pub(crate) fn remove(data: &Path) {
        drop(std::fs::remove_file(data.join(FILE)));
    }
}
