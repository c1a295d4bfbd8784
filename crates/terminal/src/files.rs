//! Files that appear whole or not at all: written beside their place, then moved there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Who may read what is exported: records name people.
const PRIVATE: u32 = 0o600;

/// Where lines go.
#[derive(Debug)]
pub enum Out {
    /// To whoever reads; a reader that has seen enough is no failure.
    Stdout(BufWriter<Stdout>),
    /// Into a file.
    File(Draft),
}

/// A file that is not in its place yet; dropped before that, it is gone.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<File>,
    draft: PathBuf,
    place: PathBuf,
}

impl Out {
    /// Begins a file, or stdout without one.
    ///
    /// # Errors
    ///
    /// Fails if there can be no file beside the place.
    pub fn begin(file: Option<&Path>) -> io::Result<Self> {
        match file {
            None => Ok(Self::Stdout(BufWriter::new(io::stdout()))),
            Some(file) => Draft::begin(file.to_owned()).map(Self::File),
        }
    }

    /// Begins the file of a group: `night.items.csv` beside `night.csv`.
    ///
    /// # Errors
    ///
    /// Fails if there can be no file beside the place.
    pub fn beside(file: &Path, group: &str) -> io::Result<Self> {
        let stem = if file.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv")) {
            file.with_extension("")
        } else {
            file.to_owned()
        };
        let mut name = stem.into_os_string();
        name.push(format!(".{group}.csv"));
        Draft::begin(name.into()).map(Self::File)
    }

    /// Lets the file appear, and returns its name if it is one.
    fn finish(self) -> io::Result<Option<String>> {
        match self {
            Self::Stdout(mut stdout) => unless_gone(stdout.flush(), ()).map(|()| None),
            Self::File(draft) => draft.finish().map(Some),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => unless_gone(stdout.write(bytes), bytes.len()),
            Self::File(draft) => draft.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => unless_gone(stdout.flush(), ()),
            Self::File(draft) => draft.file.flush(),
        }
    }
}

/// Lets the files appear, the first of them last, and returns their names.
///
/// # Errors
///
/// Fails if the disk does; those that have not appeared by then never do.
pub fn finish(files: Vec<Out>) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in files.into_iter().rev() {
        names.extend(file.finish()?);
    }
    names.reverse();
    Ok(names)
}

fn unless_gone<T>(written: io::Result<T>, as_if: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(as_if),
        written => written,
    }
}

impl Draft {
    fn begin(place: PathBuf) -> io::Result<Self> {
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let draft = place.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&draft)?;
        Ok(Self { file: BufWriter::new(file), draft, place })
    }

    fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.draft, &self.place)?;
        Ok(self.place.display().to_string())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After the move there is nothing of that name; an error leaves a file that says `.part`.
        if let Err(error) = fs::remove_file(&self.draft)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a part of an export is left over");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("night.csv");
        fs::write(&place, "before").unwrap();
        let mut dropped = Out::begin(Some(&place)).unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!(fs::read_to_string(&place).unwrap(), "before");
        let mut finished = Out::beside(&place, "items").unwrap();
        finished.write_all(b"whole").unwrap();
        let items = dir.path().join("night.items.csv");
        assert_eq!(finish(vec![finished]).unwrap(), [items.display().to_string()]);
        assert_eq!(fs::read_to_string(items).unwrap(), "whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
