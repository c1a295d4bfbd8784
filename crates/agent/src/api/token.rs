//! How other processes find a running agent and prove that they may ask: two files in DATA.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::identity;
use crate::problem::{Cause, Problem};

const TOKEN_FILE: &str = "api.token";
const RUN_FILE: &str = "run.json";

/// Where a running agent serves; withdrawn when this is dropped.
#[derive(Debug)]
pub(crate) struct Announcement(PathBuf);

/// What `run.json` says.
#[derive(Debug, Deserialize, Serialize)]
struct Running {
    web: SocketAddr,
    pid: u32,
}

/// Returns the token, which is made where there is none.
pub(crate) fn token(data: &Path) -> Result<String, Problem> {
    if let Some(token) = kept_token(data) {
        return Ok(token);
    }
    let token: String =
        identity::random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    replace(&data.join(TOKEN_FILE), &format!("{token}\n"))?;
    Ok(token)
}

/// Returns the token, where there is one.
pub(super) fn kept_token(data: &Path) -> Option<String> {
    let token = fs::read_to_string(data.join(TOKEN_FILE)).ok()?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// Returns where a running agent said that it serves.
pub(super) fn announced(data: &Path) -> Option<SocketAddr> {
    let text = fs::read_to_string(data.join(RUN_FILE)).ok()?;
    serde_json::from_str::<Running>(&text).ok().map(|running| running.web)
}

impl Announcement {
    /// Says where this process serves.
    pub(crate) fn begin(data: &Path, web: SocketAddr) -> Result<Self, Problem> {
        let path = data.join(RUN_FILE);
        let running = Running { web, pid: std::process::id() };
        let text = serde_json::to_string(&running).unwrap_or_default();
        replace(&path, &format!("{text}\n"))?;
        Ok(Self(path))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(%error, "run.json stays; the next run replaces it");
        }
    }
}

/// Puts a text in place of a file only its owner reads.
fn replace(path: &Path, text: &str) -> Result<(), Problem> {
    let failed = |error: io::Error| {
        Problem::new(Cause::Unavailable, format!("cannot write {}: {error}", path.display()))
    };
    let beside = path.with_added_extension("tmp");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut file = file.map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}
