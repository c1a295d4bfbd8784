//! Reading a backup: all of it is checked before anything of it is used.

use std::path::Path;

use seal::ItemReader;
use terminal::Counted;

use super::item::{End, FORMAT, Head, Item};
use super::{Passphrase, unusable};
use crate::problem::{Cause, Problem};

/// A backup that is open.
pub(super) struct Backup<'a> {
    file: &'a Path,
    items: ItemReader<Watched<'a>>,
    /// What it begins with.
    pub(super) head: Head,
}

/// The file, and who is told how much of it was read.
type Watched<'a> = Counted<&'a mut dyn FnMut(u64, u64)>;

impl<'a> Backup<'a> {
    /// Opens the file and reads its head.
    pub(super) fn open(
        file: &'a Path,
        passphrase: &Passphrase,
        progress: &'a mut dyn FnMut(u64, u64),
    ) -> Result<Self, Problem> {
        let unreadable = |error: std::io::Error| {
            let words = format!("cannot read {}: {error}", file.display());
            Problem::new(Cause::Unavailable, words)
        };
        let from = Counted::open(file, progress).map_err(unreadable)?;
        let items = ItemReader::begin(from, passphrase.0.as_bytes());
        let mut items = items.map_err(|fault| unusable(file, &fault))?;
        let head = match next(file, &mut items)? {
            Some(Item::Head(head)) => head,
            Some(Item::File(_) | Item::Frame(..) | Item::End(_)) | None => {
                return Err(refused(file, "it does not begin as a backup of an agent does"));
            }
        };
        if FORMAT < head.format || store::FORMAT < head.data_format {
            let words = format!("version {} made it, which is newer: install that", head.software);
            return Err(refused(file, &words));
        }
        Ok(Self { file, items, head })
    }

    /// Returns the next file or frame; `None` when all were read and none is missing.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Problem> {
        let Some(item) = next(self.file, &mut self.items)? else {
            return Err(refused(self.file, "it ends before its end: use another copy"));
        };
        if !matches!(item, Item::End(_)) {
            return Ok(Some(item));
        }
        match next(self.file, &mut self.items)? {
            None => Ok(None),
            Some(_) => Err(refused(self.file, "something stands behind its end")),
        }
    }

    /// Reads all of it and returns what its end says, once it is found to be whole.
    pub(super) fn check(mut self) -> Result<(Head, End), Problem> {
        let mut found = End { files: 0, frames: 0, entries: 0 };
        loop {
            match next(self.file, &mut self.items)? {
                Some(Item::File(_)) => found.files += 1,
                Some(Item::Frame(_, frame)) => {
                    found.frames += 1;
                    found.entries += frame.items.len() as u64;
                }
                Some(Item::End(end)) if end == found => break,
                Some(Item::End(_) | Item::Head(_)) | None => {
                    return Err(refused(self.file, "it does not hold what its end says"));
                }
            }
        }
        match next(self.file, &mut self.items)? {
            None => Ok((self.head, found)),
            Some(_) => Err(refused(self.file, "something stands behind its end")),
        }
    }
}

fn next(file: &Path, items: &mut ItemReader<Watched<'_>>) -> Result<Option<Item>, Problem> {
    let bytes = items.read().map_err(|fault| unusable(file, &fault))?;
    let item = bytes.map(|bytes| Item::from_bytes(&bytes)).transpose();
    item.map_err(|words| refused(file, &words))
}

/// Says what is wrong with the file.
pub(super) fn refused(file: &Path, words: &str) -> Problem {
    Problem::new(Cause::Refused, format!("{}: {words}", file.display()))
}
