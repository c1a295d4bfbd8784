//! Writing a copy: one look at the database, page by page, while others go on writing.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use journal::{DeviceKey, Epoch};
use seal::{Cost, ItemWriter};
use terminal::Fresh;

use super::item::{Cell, FORMAT, Head, Item};
use super::source::{Source, Way, count};
use super::tables::{TABLES, Table};
use super::{BackupFault, Written, sound};
use crate::db::{self, Trouble, Tx};
use crate::limits::BACKUP_PAGE_BYTES;
use crate::truth::{Fault, Truth, epoch};
use crate::{clock, keys};

/// What the name of a copy of something damaged ends with.
pub(crate) const DAMAGED: &str = ".damaged";

/// Writes a copy into a file that does not exist yet; durable when this returns. `progress` is told
/// how many rows of how many are copied.
///
/// Every frame and receipt is checked as it passes, and a file's engine checks the file: what is
/// damaged is copied as far as it can be read, and the copy is named after that.
///
/// # Errors
///
/// Returns [`BackupFault`] if the database can't be read or the file not written.
pub async fn write(
    truth: &Truth,
    file: &Path,
    passphrase: &str,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Written, BackupFault> {
    let mut fresh = Fresh::begin(file).map_err(unwritable(file))?;
    let found = truth.db.engine_faults_in_full().await?;
    let filled = fill(truth, (&fresh, file), passphrase, found, progress).await;
    let (rows, damage) = match filled {
        // What the engine did not find when it was asked, it met when it read.
        Err(BackupFault::Truth(Fault::Sql(error)))
            if !truth.db.is_server() && Trouble::of(&error, "") == Trouble::Damaged =>
        {
            drop(fresh);
            fresh = Fresh::begin(file).map_err(unwritable(file))?;
            fill(truth, (&fresh, file), passphrase, vec![error.to_string()], progress).await?
        }
        filled => filled?,
    };
    let place = if damage.is_empty() { file.to_owned() } else { damaged(file) };
    let bytes = fresh.finish(&place).map_err(unwritable(&place))?;
    Ok(Written { file: place, bytes, rows, damage })
}

/// Returns the name of a copy of something damaged.
fn damaged(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(DAMAGED);
    name.into()
}

fn unwritable(file: &Path) -> impl FnOnce(std::io::Error) -> BackupFault {
    move |error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return BackupFault::refused(file, "it exists already: give another name");
        }
        BackupFault::io(file)(error)
    }
}

/// Writes all of it, and returns how many rows that were and what is damaged.
async fn fill(
    truth: &Truth,
    (fresh, file): (&Fresh, &Path),
    passphrase: &str,
    damage: Vec<String>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<(u64, Vec<String>), BackupFault> {
    let way = if damage.is_empty() { Way::Straight } else { Way::Around };
    let out = BufWriter::new(fresh.file());
    let random = (keys::random()?, keys::random()?);
    let items = ItemWriter::begin(out, passphrase.as_bytes(), random, Cost::default());
    let items = items.map_err(BackupFault::file(file))?;
    let mut tx = truth.db.snapshot().await?;
    let mut total = 0;
    for table in TABLES {
        total += count(&mut tx, way, table).await?;
    }
    let hub = truth.key();
    let mut copy = Copy { file, items, hub, damage, rows: 0, total, progress };
    let layout = match (db::layout_of(&mut tx).await, way) {
        // It was opened, so it has the newest, whatever can be read of that by now.
        (Err(_damaged), Way::Around) => db::newest_layout(),
        (found, _) => found?,
    };
    let epoch = match (epoch::present(&mut tx).await, way) {
        (Err(_damaged), Way::Around) => Epoch([0; 8]), // It is for people only.
        (found, _) => found?,
    };
    copy.put(&Item::Head(Head {
        format: FORMAT,
        layout,
        software: env!("CARGO_PKG_VERSION").to_owned(),
        made_ms: clock::wall_ms(),
        hub: truth.key(),
        epoch,
    }))?;
    copy.put(&Item::Key(truth.lanes.secret().to_bytes().to_vec()))?;
    for table in TABLES {
        copy.table(&mut tx, way, table).await?;
    }
    // It only read: there is nothing to commit.
    drop(tx);
    let rows = copy.rows;
    copy.put(&Item::End { rows })?;
    let out = copy.items.finish().map_err(BackupFault::file(file))?;
    out.into_inner().map_err(|error| BackupFault::io(file)(error.into_error()))?;
    Ok((rows, copy.damage))
}

/// A copy in the making.
struct Copy<'a, W> {
    file: &'a Path,
    items: ItemWriter<W>,
    hub: DeviceKey,
    damage: Vec<String>,
    rows: u64,
    total: u64,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
}

impl<W: Write> Copy<'_, W> {
    /// Copies a table.
    async fn table(
        &mut self,
        tx: &mut Tx,
        way: Way,
        table: &'static Table,
    ) -> Result<(), BackupFault> {
        let mut source = Source::new(way, table);
        loop {
            let rows = source.next(tx).await?;
            if rows.is_empty() {
                break;
            }
            let faults = rows.iter().filter_map(|row| sound::fault(&self.hub, table, row));
            self.damage.extend(faults);
            self.rows(table, rows)?;
        }
        self.damage.extend(source.lost(tx).await?);
        Ok(())
    }

    fn rows(&mut self, table: &Table, rows: Vec<Vec<Cell>>) -> Result<(), BackupFault> {
        self.rows += rows.len() as u64;
        let (mut next, mut bytes) = (Vec::new(), 0);
        for row in rows {
            bytes += row.iter().map(Cell::size).sum::<usize>();
            next.push(row);
            if BACKUP_PAGE_BYTES <= bytes {
                self.put(&some(table, std::mem::take(&mut next)))?;
                bytes = 0;
            }
        }
        if !next.is_empty() {
            self.put(&some(table, next))?;
        }
        (self.progress)(self.rows, self.total);
        Ok(())
    }

    fn put(&mut self, item: &Item) -> Result<(), BackupFault> {
        let bytes = item.to_bytes().map_err(Fault::from)?;
        self.items.write(&bytes).map_err(BackupFault::file(self.file))
    }
}

fn some(table: &Table, rows: Vec<Vec<Cell>>) -> Item {
    let columns = table.columns.iter().map(|column| column.0.to_owned()).collect();
    Item::Rows { table: table.name.to_owned(), columns, rows }
}
