//! Reading a copy: all of it is checked before anything of it is used.

use std::path::Path;

use journal::DeviceSecret;
use seal::ItemReader;
use terminal::Counted;

use super::BackupFault;
use super::item::{FORMAT, Head, Item};
use super::tables::Table;
use crate::db;

/// A copy that is open.
pub struct Backup<'a> {
    file: &'a Path,
    items: ItemReader<Watched<'a>>,
    /// What it begins with.
    pub head: Head,
    rows: u64,
}

/// The file, and who is told how much of it was read.
type Watched<'a> = Counted<&'a mut (dyn FnMut(u64, u64) + Send)>;

impl<'a> Backup<'a> {
    /// Opens the file and reads its head.
    ///
    /// # Errors
    ///
    /// Returns [`BackupFault`] if it is no copy of a hub, or the passphrase is another one.
    pub fn open(
        file: &'a Path,
        passphrase: &str,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Self, BackupFault> {
        let from = Counted::open(file, progress).map_err(BackupFault::io(file))?;
        let items = ItemReader::begin(from, passphrase.as_bytes());
        let mut items = items.map_err(BackupFault::file(file))?;
        let Some(Item::Head(head)) = next(file, &mut items)? else {
            return Err(BackupFault::refused(file, "it does not begin as a copy of a hub does"));
        };
        if FORMAT < head.format || db::newest_layout() < head.layout {
            let words = format!("version {} made it, which is newer: install that", head.software);
            return Err(BackupFault::refused(file, words));
        }
        Ok(Self { file, items, head, rows: 0 })
    }

    /// Returns the hub's key, which stands before the rows.
    ///
    /// # Errors
    ///
    /// Returns [`BackupFault`] if it does not, or is another hub's.
    pub fn key(&mut self) -> Result<DeviceSecret, BackupFault> {
        let Some(Item::Key(seed)) = next(self.file, &mut self.items)? else {
            return Err(BackupFault::refused(self.file, "it holds no key of the hub"));
        };
        let seed = <[u8; 32]>::try_from(seed).ok().map(|seed| DeviceSecret::from_bytes(&seed));
        let secret = seed.filter(|secret| secret.public() == self.head.hub);
        secret.ok_or_else(|| BackupFault::refused(self.file, "its key is not that of its hub"))
    }

    /// Returns the next rows; `None` when all were read and none is missing.
    pub(super) fn rows(&mut self) -> Result<Option<Rows>, BackupFault> {
        match next(self.file, &mut self.items)? {
            Some(Item::Rows { table, columns, rows }) => {
                self.rows += rows.len() as u64;
                let rows = Rows::new(&table, &columns, rows);
                let newer = || format!("it has rows this version does not know ({table})");
                rows.map(Some).ok_or_else(|| BackupFault::refused(self.file, newer()))
            }
            Some(Item::End { rows }) if rows == self.rows => {
                match next(self.file, &mut self.items)? {
                    None => Ok(None),
                    Some(_) => {
                        Err(BackupFault::refused(self.file, "something stands behind its end"))
                    }
                }
            }
            Some(Item::End { .. } | Item::Head(_) | Item::Key(_)) | None => {
                Err(BackupFault::refused(self.file, "it does not hold what its end says"))
            }
        }
    }

    /// Reads the rows that are left, passing each to `look`, and returns once all of it is found whole.
    ///
    /// # Errors
    ///
    /// Returns [`BackupFault`] if it is not.
    pub(super) fn each(
        mut self,
        mut look: impl FnMut(&'static Table, &[super::item::Cell]),
    ) -> Result<(), BackupFault> {
        while let Some(Rows { table, columns, rows }) = self.rows()? {
            // A copy that older software made has fewer columns.
            let is_whole = columns.len() == table.columns.len();
            for row in rows.iter().filter(|_| is_whole) {
                look(table, row);
            }
        }
        Ok(())
    }

    /// Reads all of it and returns how many rows it has, once it is found to be whole.
    ///
    /// # Errors
    ///
    /// Returns [`BackupFault`] if it is not.
    pub fn check(mut self) -> Result<u64, BackupFault> {
        self.key()?;
        while self.rows()?.is_some() {}
        Ok(self.rows)
    }
}

/// Rows of a table that is known, with the columns they have.
pub(super) struct Rows {
    pub(super) table: &'static Table,
    pub(super) columns: Vec<super::tables::Column>,
    pub(super) rows: Vec<Vec<super::item::Cell>>,
}

impl Rows {
    fn new(table: &str, columns: &[String], rows: Vec<Vec<super::item::Cell>>) -> Option<Self> {
        let table = Table::named(table)?;
        let columns: Vec<_> =
            columns.iter().map(|name| table.column(name)).collect::<Option<_>>()?;
        let fit = !columns.is_empty() && rows.iter().all(|row| row.len() == columns.len());
        fit.then_some(Self { table, columns, rows })
    }
}

fn next(file: &Path, items: &mut ItemReader<Watched<'_>>) -> Result<Option<Item>, BackupFault> {
    let bytes = items.read().map_err(BackupFault::file(file))?;
    let item = bytes.map(|bytes| Item::from_bytes(&bytes)).transpose();
    item.map_err(|error| BackupFault::refused(file, error.to_string()))
}

impl std::fmt::Debug for Backup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup").field("head", &self.head).finish_non_exhaustive()
    }
}
