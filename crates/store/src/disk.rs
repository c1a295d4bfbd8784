//! What the store needs of a disk, as a trait, and the real one.
//!
//! Bytes are durable only after [`DiskFile::sync`], names only after [`Disk::sync_dir`]. The trait
//! exists so that tests can run the store over a disk that lies ([`crate::memory`]).

use std::fmt::Debug;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// A disk.
pub trait Disk: Debug + Send + Sync {
    /// Makes a directory and those above it, for the owner only.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Returns the names of the files in `dir`, sorted.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Reads a file whole.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads up to `len` bytes at `offset`; fewer where the file ends.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>>;

    /// Makes an empty file, for the owner only, in place of any that has the name.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file to write into it.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, in place of any that has it.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in `dir` durable.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Returns how many bytes can still be written where `dir` is.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    fn free_bytes(&self, dir: &Path) -> io::Result<u64>;
}

/// A file open for writing.
pub trait DiskFile: Debug + Send {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    ///
    /// Returns what the system says; any part of the bytes may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was written durable (`fdatasync`).
    ///
    /// # Errors
    ///
    /// Returns what the system says. Then nobody knows what is durable, and a second call may
    /// succeed without having written anything: it must not be tried again on this file.
    fn sync(&self) -> io::Result<()>;
}

/// The disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let mut bytes = vec![0; len];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(done);
        Ok(bytes)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(OpenOptions::new().write(true).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(dir)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Puts `bytes` in place of the file, so that a crash leaves the old ones or the new ones.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let beside = beside(path);
    let file = disk.create(&beside).map_err(Fault::io("create", &beside))?;
    file.write_at(0, bytes).map_err(Fault::io("write", &beside))?;
    file.sync().map_err(Fault::io("sync", &beside))?;
    disk.rename(&beside, path).map_err(Fault::io("put in place", path))?;
    let dir = path.parent().unwrap_or(path);
    disk.sync_dir(dir).map_err(Fault::io("sync", dir))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}
