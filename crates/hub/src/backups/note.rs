//! What is noted of copies, in the data directory: the last good one, and what failed since.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The name of the note.
const FILE: &str = "backups.json";

/// What is known of copies.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Note {
    /// Since when copies are to be made, in milliseconds since 1970.
    pub(crate) since_ms: Option<i64>,
    /// The last one that was read back and found sound.
    pub(crate) good: Option<Good>,
    /// What went wrong since.
    pub(crate) failure: Option<Failed>,
}

/// A copy that is sound.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Good {
    pub(crate) at_ms: i64,
    pub(crate) file: String,
}

/// A copy that was not made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Failed {
    pub(crate) at_ms: i64,
    pub(crate) what: String,
}

impl Note {
    /// Reads the note; one that can't be read says nothing, and the next copy writes it anew.
    pub(crate) fn read(data: &Path) -> Self {
        let text = match fs::read_to_string(data.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(%error, "the note of copies can't be read");
                return Self::default();
            }
        };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "the note of copies is none");
            Self::default()
        })
    }

    /// Writes the note, whole or not at all.
    pub(super) fn write(&self, data: &Path) -> io::Result<()> {
        let beside = data.join("backups.json.part");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        crate::keys::write_private(&beside, &serde_json::to_vec(self)?)?;
        fs::rename(&beside, data.join(FILE))
    }
}
