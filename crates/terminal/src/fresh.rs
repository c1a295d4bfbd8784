//! A new file that only its owner reads: it takes its name when it is whole, and never another's.
//!
//! Whoever may write in the same folder can lay files and links where ours will be. So what is
//! written first has a name of its own that nothing else has, nothing is followed or taken over, and
//! the last step replaces nothing.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::limits::FRESH_NAMES;

/// Who may read it.
const PRIVATE: u32 = 0o600;

/// A file that is not in its place yet; dropped before that, it is gone.
#[derive(Debug)]
pub struct Fresh {
    file: File,
    draft: PathBuf,
}

impl Fresh {
    /// Begins a file that will stand at `place`, where nothing may stand yet.
    ///
    /// # Errors
    ///
    /// Fails if something does, or there can be no file beside it.
    pub fn begin(place: &Path) -> io::Result<Self> {
        refuse_what_stands(place)?;
        let name = place.file_name().unwrap_or_default();
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 0..FRESH_NAMES {
            let mut draft = name.to_owned();
            draft.push(format!(".{}-{number}.part", std::process::id()));
            let draft = place.with_file_name(draft);
            // `create_new` opens nothing that is there, and follows no link.
            let opened = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .mode(PRIVATE)
                .open(&draft);
            match opened {
                Ok(file) => return Ok(Self { file, draft }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Returns the file, to be written.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Makes it durable and lets it appear; returns its size.
    ///
    /// # Errors
    ///
    /// Fails if the disk does, or something stands there by now; then nothing appears.
    pub fn finish(self, place: &Path) -> io::Result<u64> {
        self.file.sync_all()?;
        let bytes = self.file.metadata()?.len();
        match renameat_with(CWD, &self.draft, CWD, place, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            // Some file systems of sticks and networks know no such renaming.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                refuse_what_stands(place)?;
                fs::rename(&self.draft, place)?;
            }
            Err(error) => return Err(error.into()),
        }
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // Once it has its name there is nothing of the other one.
        if let Err(error) = fs::remove_file(&self.draft)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a part of a file is left over");
        }
    }
}

/// A link counts too, wherever it leads.
fn refuse_what_stands(place: &Path) -> io::Result<()> {
    match fs::symlink_metadata(place) {
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it exists already: give another name",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_somebody_laid_there_is_neither_followed_nor_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let (place, victim) = (dir.path().join("hub.backup"), dir.path().join("victim"));
        fs::write(&victim, "mine").unwrap();
        for number in 0..2 {
            let name = format!("hub.backup.{}-{number}.part", std::process::id());
            symlink(&victim, dir.path().join(name)).unwrap();
        }
        symlink(&victim, dir.path().join("hub.backup.part")).unwrap();
        let fresh = Fresh::begin(&place).unwrap();
        fresh.file().write_all(b"sealed").unwrap();
        assert_eq!(fresh.finish(&place).unwrap(), 6);
        assert_eq!(fs::read(&place).unwrap(), b"sealed");
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        assert_eq!(fs::symlink_metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&place).unwrap().is_file());
    }

    #[test]
    fn what_stands_there_before_or_by_the_end_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("hub.backup");
        let fresh = Fresh::begin(&place).unwrap();
        symlink("nowhere", &place).unwrap();
        assert!(Fresh::begin(&place).is_err(), "a link that leads nowhere");
        assert!(fresh.finish(&place).is_err());
        assert_eq!(fs::read_link(&place).unwrap(), Path::new("nowhere"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "and nothing is left over");
    }
}
