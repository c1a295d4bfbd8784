//! Small files that are not part of any log: drafts, receipts, settings; sealed, replaced whole.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::replace;
use crate::fault::Fault;
use crate::limits::LOCAL_NAME_CHARS_MAX;
use crate::sealing::{Place, seal, unseal};
use crate::shared::Shared;

/// The small files under `local/`. A crash leaves the old bytes of a file or the new ones.
#[derive(Clone, Debug)]
pub struct Local {
    shared: Arc<Shared>,
}

impl Local {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns [`Fault::Damaged`] if it is not what was written.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let path = self.path(name)?;
        match self.shared.segments.disk().read(&path) {
            Ok(bytes) => {
                let body = unseal(Place::File(name), &bytes).map(<[u8]>::to_vec);
                body.ok_or_else(|| Fault::Damaged(path.display().to_string())).map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::io("read", &path)(error)),
        }
    }

    /// Writes a file; when this returns it is durable.
    ///
    /// # Errors
    ///
    /// Returns what the disk says; then the old bytes stand.
    pub fn write(&self, name: &str, body: &[u8]) -> Result<(), Fault> {
        let path = self.path(name)?;
        let mut bytes = Vec::new();
        seal(Place::File(name), body, &mut bytes);
        replace(self.shared.segments.disk(), &path, &bytes)
    }

    /// Sets a file aside under its name and `.damaged`, for whoever wants to look at it.
    ///
    /// # Errors
    ///
    /// Returns what the disk says.
    pub fn set_aside(&self, name: &str) -> Result<(), Fault> {
        let (path, aside) = (self.path(name)?, self.path(&format!("{name}.damaged"))?);
        let disk = self.shared.segments.disk();
        disk.rename(&path, &aside).map_err(Fault::io("rename", &path))?;
        disk.sync_dir(&self.dir()).map_err(Fault::io("sync", &path))
    }

    /// Removes a file if there is one.
    ///
    /// # Errors
    ///
    /// Returns what the disk says.
    pub fn remove(&self, name: &str) -> Result<(), Fault> {
        let path = self.path(name)?;
        let disk = self.shared.segments.disk();
        match disk.remove(&path) {
            Ok(()) => disk.sync_dir(&self.dir()).map_err(Fault::io("sync", &path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Fault::io("remove", &path)(error)),
        }
    }

    /// Returns the names of the files that begin with `prefix`, sorted.
    ///
    /// # Errors
    ///
    /// Returns what the disk says.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let dir = self.dir();
        let mut names = self.shared.segments.disk().list(&dir).map_err(Fault::io("list", &dir))?;
        names.retain(|name| name.starts_with(prefix) && self.path(name).is_ok());
        Ok(names)
    }

    fn dir(&self) -> PathBuf {
        self.shared.data.join("local")
    }

    fn path(&self, name: &str) -> Result<PathBuf, Fault> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b".-_".contains(&c);
        let fits = (1..=LOCAL_NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(plain);
        // A name that ends so is a write that was cut short.
        if !fits || name.starts_with('.') || name.ends_with(".tmp") {
            return Err(Fault::LocalName(name.to_owned()));
        }
        Ok(self.dir().join(name))
    }
}
