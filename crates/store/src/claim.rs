//! Taking a data directory for this process: its lock and its format number.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::disk::{Disk, replace};
use crate::fault::Fault;

/// The format of the directory that this program reads and writes.
pub const FORMAT: u32 = 1;

/// Locks the directory, which is made if need be, while the file that is returned lives.
pub(crate) fn lock(data: &Path) -> Result<File, Fault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(Fault::io("create", data))?;
    let path = data.join("lock");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(Fault::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::Locked(data.to_owned())),
        Err(TryLockError::Error(error)) => Err(Fault::io("lock", &path)(error)),
    }
}

/// Checks the format number; a new directory gets it.
pub(crate) fn check_format(data: &Path, disk: &dyn Disk) -> Result<(), Fault> {
    disk.create_dir(data).map_err(Fault::io("create", data))?;
    let path = data.join("format");
    let text = match disk.read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if disk.list(&data.join("journal")).is_ok_and(|names| !names.is_empty()) {
                return Err(Fault::NoFormat(path));
            }
            return replace(disk, &path, format!("{FORMAT}\n").as_bytes());
        }
        Err(error) => return Err(Fault::io("read", &path)(error)),
    };
    match std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()) {
        Some(found) if found <= FORMAT => Ok(()),
        Some(found) => Err(Fault::Newer { path, found, known: FORMAT }),
        None => Err(Fault::NoFormat(path)),
    }
}
