//! Where the lines come from: a file or stdin, JSON lines or a table with its groups' files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use record::table::{Headers, IGNORED_KEYS, group_beside};

use super::super::args::TextFormat;
use super::lines::Lines;
use super::table;
use crate::problem::{Cause, Problem};
use crate::request::Line;

/// Lines, some at a time.
pub(super) type Chunks = Box<dyn Iterator<Item = Result<Vec<Line>, Problem>> + Send>;

/// An opened input.
pub(super) struct Source {
    pub(super) chunks: Chunks,
    /// The columns of a table.
    pub(super) headers: Option<Headers>,
    pub(super) about: About,
}

/// What is to be said about the input while it is read and in the end.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// How many bytes it has, where that is known.
    pub(super) bytes: Option<u64>,
    /// How many of them were read.
    pub(super) read: Arc<AtomicU64>,
    /// Whether a line says where it was exported.
    pub(super) was_exported: Arc<AtomicBool>,
    /// The names of the groups' files.
    pub(super) files: BTreeMap<String, String>,
}

/// Counts what is read.
pub(super) struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl Source {
    pub(super) fn open(file: Option<&Path>, format: Option<TextFormat>) -> Result<Self, Problem> {
        let file = file.filter(|file| *file != Path::new("-"));
        let format = format.or_else(|| file.and_then(TextFormat::of)).unwrap_or(TextFormat::Jsonl);
        let mut about = About::default();
        let input: Box<dyn Read + Send> = match file {
            None => Box::new(io::stdin()),
            Some(file) => {
                let opened = open(file)?;
                let length = opened.metadata().ok().filter(fs::Metadata::is_file);
                about.bytes = length.map(|metadata| metadata.len());
                Box::new(opened)
            }
        };
        let input = Counted { inner: input, read: Arc::clone(&about.read) };
        match format {
            TextFormat::Jsonl => {
                let chunks = Box::new(Lines::new(input, Arc::clone(&about.was_exported)));
                Ok(Self { chunks, headers: None, about })
            }
            TextFormat::Csv => table(input, file, about),
        }
    }
}

fn table(
    input: Counted<Box<dyn Read + Send>>,
    file: Option<&Path>,
    mut about: About,
) -> Result<Source, Problem> {
    let found = file.map(groups).transpose()?.unwrap_or_default();
    let mut opened = Vec::new();
    for (group, path) in found {
        opened.push((group.clone(), open(&path)?));
        about.files.insert(group, name(&path));
    }
    let shown = file.map_or_else(|| "the input".to_owned(), name);
    let chunks = table::Chunks::open((input, shown), opened, &about)?;
    let headers = chunks.headers();
    let is_ignored = |column: &String| IGNORED_KEYS.contains(&column.as_str());
    about.was_exported.store(headers.own.iter().any(is_ignored), Ordering::Relaxed);
    Ok(Source { chunks: Box::new(chunks), headers: Some(headers), about })
}

/// Returns the files of groups that stand beside a table: `night.items.csv` beside `night.csv`.
fn groups(file: &Path) -> Result<Vec<(String, PathBuf)>, Problem> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let name = name(file);
    let entries = fs::read_dir(folder).map_err(|error| super::super::unreadable(folder, &error))?;
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let beside = entry.file_name().to_string_lossy().into_owned();
        found.extend(group_beside(&name, &beside).map(|group| (group, folder.join(&beside))));
    }
    found.sort();
    Ok(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn open(file: &Path) -> Result<File, Problem> {
    let opened = File::open(file).map_err(|error| super::super::unreadable(file, &error))?;
    if opened.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        let words = format!("{} is a folder: name a file", file.display());
        return Err(Problem::new(Cause::Usage, words));
    }
    Ok(opened)
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_groups_stand_beside_that_of_the_records() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["night.csv", "night.items.CSV", "night.items.old.csv", "other.items.csv"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let found = groups(&dir.path().join("night.csv")).unwrap();
        assert_eq!(found, [("items".to_owned(), dir.path().join("night.items.CSV"))]);
    }
}
