//! Opening sled, which may hang on a lock, panic, or have lost rows without a word.
//!
//! Whatever is wrong, the answer is the same: set the directory aside and begin an empty one.

use std::fs;
use std::io;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::row::{Digest, Key, open};
use super::{Progress, Status, Views};
use crate::fault::Fault;
use crate::limits::{QUARANTINES_MAX, SLED_LOCK_PAUSE_MS, SLED_LOCK_TRIES};

/// What a sled directory holds.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) db: sled::Db,
    pub(crate) digest: Digest,
    /// The projector that made the rows; none in a new directory.
    pub(crate) version: Option<u32>,
    pub(crate) progress: Vec<Progress>,
    /// The same of files that stand beside the journal.
    pub(crate) beside: Vec<Progress>,
}

/// Sled being opened and read once from end to end, in a thread of its own, which may panic.
#[derive(Debug)]
pub(crate) struct Reading(JoinHandle<Result<Content, Fault>>);

impl Reading {
    /// Begins; meanwhile the journal can be read.
    pub(crate) fn begin(dir: &Path, cache_bytes: u64) -> Self {
        let dir = dir.to_owned();
        Self(thread::spawn(move || {
            let attempt = || survey(open_db(&dir, cache_bytes)?);
            let panicked = |_panic| Err(Fault::Panicked("sled"));
            let first = catch_unwind(attempt).unwrap_or_else(panicked);
            // A snapshot only spares sled the reading of its own log: it can do without a bad one.
            if first.is_err() && move_snapshots(&dir, Snapshots::All)? {
                return catch_unwind(attempt).unwrap_or_else(panicked);
            }
            first
        }))
    }

    /// Waits for what was found.
    pub(crate) fn found(self) -> Result<Content, Fault> {
        self.0.join().unwrap_or_else(|_panic| Err(Fault::Panicked("sled")))
    }
}

/// Returns views that are empty, in a directory that does not exist yet.
pub(crate) fn fresh(dir: &Path, cache_bytes: u64, version: u32) -> Result<Views, Fault> {
    let Content { db, digest, .. } = Reading::begin(dir, cache_bytes).found()?;
    let views = Views::new(Some(db), digest, Status::Rebuilding);
    views.begin(version)?;
    Ok(views)
}

/// Returns the digest of the rows as they are.
pub(crate) fn digest_of_rows(db: &sled::Db) -> Result<Digest, Fault> {
    let mut found = Digest::default();
    for item in db.iter() {
        let (key, raw) = item.map_err(Fault::sled)?;
        let key = Key(key.to_vec());
        open(&key, &raw)?;
        if key != Key::digest() {
            found.add(&raw);
        }
    }
    Ok(found)
}

/// Which of sled's snapshots.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Snapshots {
    /// Those it had begun: a left-over one blocks every opening.
    Unfinished,
    /// All.
    All,
}

/// Moves snapshots out of sled's way; returns whether there were any.
pub(crate) fn move_snapshots(sled: &Path, which: Snapshots) -> Result<bool, Fault> {
    let Ok(entries) = fs::read_dir(sled) else { return Ok(false) };
    let mut moved = false;
    for entry in entries {
        let entry = entry.map_err(Fault::io("list", sled))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        let unfinished = name.ends_with(".generating");
        let aside = match which {
            Snapshots::Unfinished if unfinished => "unfinished-snapshot",
            Snapshots::All if name.starts_with("snap.") => "bad-snapshot",
            Snapshots::Unfinished | Snapshots::All => continue,
        };
        let aside = sled.with_file_name(aside);
        match fs::rename(&path, aside) {
            // An instance that was just closed finished it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => {
                renamed.map_err(Fault::io("move", &path))?;
                moved = true;
            }
        }
    }
    Ok(moved)
}

/// Sets a directory aside, and forgets the oldest of those that were.
pub(crate) fn quarantine(data: &Path, dir: &Path) -> Result<PathBuf, Fault> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(data).map_err(Fault::io("list", data))? {
        let name = entry.map_err(Fault::io("list", data))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("quarantine-")?.parse().ok());
        numbers.extend::<Option<u32>>(number);
    }
    numbers.sort_unstable();
    let aside = |number: u32| data.join(format!("quarantine-{number}"));
    let next = aside(numbers.last().map_or(1, |last| last.saturating_add(1)));
    fs::rename(dir, &next).map_err(Fault::io("set aside", dir))?;
    while QUARANTINES_MAX <= numbers.len() {
        let oldest = aside(numbers.remove(0));
        fs::remove_dir_all(&oldest).map_err(Fault::io("remove", &oldest))?;
    }
    Ok(next)
}

/// Removes a directory if there is one.
pub(crate) fn remove(dir: &Path) -> Result<(), Fault> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Fault::io("remove", dir)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn open_db(dir: &Path, cache_bytes: u64) -> Result<sled::Db, Fault> {
    let config = sled::Config::new().path(dir).cache_capacity(cache_bytes);
    let mut tries = 1;
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_lock(&error) && tries < SLED_LOCK_TRIES => {
                tries += 1;
                thread::sleep(Duration::from_millis(SLED_LOCK_PAUSE_MS));
            }
            opened => return opened.map_err(Fault::sled),
        }
    }
}

/// Sled has no other sign for it than its words.
fn is_lock(error: &io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn survey(db: sled::Db) -> Result<Content, Fault> {
    let mut found = Digest::default();
    let mut stated = None;
    let mut version = None;
    let (mut progress, mut beside) = (Vec::new(), Vec::new());
    for item in db.iter() {
        let (key, raw) = item.map_err(Fault::sled)?;
        let key = Key(key.to_vec());
        let data = open(&key, &raw)?.data;
        if key == Key::digest() {
            stated = Digest::from_bytes(data);
            continue;
        }
        found.add(&raw);
        if key == Key::version() {
            version = data.try_into().ok().map(u32::from_be_bytes);
        } else if key.is_progress() {
            progress.push(super::progress(data)?);
        } else if key.is_beside() {
            beside.push(super::progress(data)?);
        }
    }
    if stated.unwrap_or_default() != found {
        return Err(Fault::Damaged("the views: rows are missing or altered".to_owned()));
    }
    Ok(Content { db, digest: found, version, progress, beside })
}
