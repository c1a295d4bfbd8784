//! The database in which everything is folded once more: a private file, removed afterwards.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use crate::db::{Db, Place};
use crate::truth::Fault;

/// A database for one comparison.
pub(super) struct Scratch {
    db: Db,
    folder: PathBuf,
    /// While it is held nobody else compares here: a second one waits.
    _lock: File,
}

impl Scratch {
    /// Makes an empty one in a folder; one that was left behind there goes.
    pub(super) async fn make(within: &Path) -> Result<Self, Fault> {
        let folder = within.join("verify");
        let failed = |error| Fault::Scratch(folder.display().to_string(), error);
        let (lock, made) = (within.join("verify.lock"), folder.clone());
        let prepared = spawn_blocking(move || prepare(&lock, &made)).await;
        let lock = prepared.map_err(|error| failed(io::Error::other(error)))?.map_err(failed)?;
        let db = Db::make(&Place::Sqlite(folder.join("views.db"))).await;
        let db = db.map_err(|error| failed(io::Error::other(error)))?;
        Ok(Self { db, folder, _lock: lock })
    }

    pub(super) const fn db(&self) -> &Db {
        &self.db
    }

    /// Removes it, and says if that can't be done: it holds what the hub holds.
    pub(super) async fn remove(self) -> Result<(), Fault> {
        self.db.close().await;
        let failed = |error| Fault::Scratch(self.folder.display().to_string(), error);
        clear(&self.folder).map_err(failed)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = clear(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "a scratch folder is left");
        }
    }
}

fn prepare(lock: &Path, folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(lock)?;
    file.lock()?;
    clear(folder)?;
    DirBuilder::new().mode(0o700).create(folder)?;
    Ok(file)
}

fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
