//! Writing a copy: one look at the database, page by page, while others go on writing.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use seal::{Cost, ItemWriter};

use super::item::{Cell, FORMAT, Head, Item};
use super::tables::{TABLES, Table};
use super::{BackupFault, Tally};
use crate::db::{self, Builder, Tx};
use crate::limits::{BACKUP_PAGE_BYTES, BACKUP_PAGE_ROWS};
use crate::truth::{Fault, Truth};
use crate::{clock, keys};

/// Writes a copy into a file that does not exist yet; durable when this returns. `progress` is told
/// how many rows of how many are copied.
///
/// # Errors
///
/// Returns [`BackupFault`] if the database can't be read or the file not written.
pub async fn write(
    truth: &Truth,
    file: &Path,
    passphrase: &str,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Tally, BackupFault> {
    if file.try_exists().unwrap_or(true) {
        return Err(BackupFault::refused(file, "it exists already: give another name"));
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let written = write_beside(truth, beside, passphrase, progress).await;
    let placed = written.and_then(|tally| place(beside, file).map(|()| tally));
    placed.inspect_err(|_fault| drop(fs::remove_file(beside)))
}

async fn write_beside(
    truth: &Truth,
    file: &Path,
    passphrase: &str,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Tally, BackupFault> {
    let mut options = OpenOptions::new();
    let out = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    let out = BufWriter::new(out.map_err(BackupFault::io(file))?);
    let random = (keys::random()?, keys::random()?);
    let items = ItemWriter::begin(out, passphrase.as_bytes(), random, Cost::default());
    let items = items.map_err(BackupFault::file(file))?;
    let mut tx = truth.db.snapshot().await?;
    let mut total = 0;
    for table in TABLES {
        total += count(&mut tx, table).await?;
    }
    let mut copy = Copy { file, items, rows: 0, total, progress };
    copy.put(&Item::Head(Head {
        format: FORMAT,
        layout: db::layout_of(&mut tx).await?,
        software: env!("CARGO_PKG_VERSION").to_owned(),
        made_ms: clock::wall_ms(),
        hub: truth.key(),
        epoch: truth.lanes.epoch(),
    }))?;
    copy.put(&Item::Key(truth.lanes.secret().to_bytes().to_vec()))?;
    for table in TABLES {
        copy.table(&mut tx, table).await?;
    }
    tx.commit().await?;
    let rows = copy.rows;
    copy.put(&Item::End { rows })?;
    let out = copy.items.finish().map_err(BackupFault::file(file))?;
    let out = out.into_inner().map_err(|error| BackupFault::io(file)(error.into_error()))?;
    out.sync_all().map_err(BackupFault::io(file))?;
    let bytes = out.metadata().map_err(BackupFault::io(file))?.len();
    Ok(Tally { bytes, rows })
}

/// A copy in the making.
struct Copy<'a, W> {
    file: &'a Path,
    items: ItemWriter<W>,
    rows: u64,
    total: u64,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
}

impl<W: Write> Copy<'_, W> {
    /// Copies a table, in the order of its keys.
    async fn table(&mut self, tx: &mut Tx, table: &'static Table) -> Result<(), BackupFault> {
        let mut after = Vec::new();
        loop {
            let rows = page(tx, table, after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.iter().take(table.keys).cloned().collect();
            self.rows(table, rows)?;
        }
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

async fn count(tx: &mut Tx, table: &Table) -> Result<u64, BackupFault> {
    let rows: i64 = db::query_scalar(["SELECT COUNT(*) FROM", table.name]).fetch_one(tx).await?;
    Ok(db::from_db(rows))
}

/// Returns the rows behind a key; of no key, the first ones.
pub(super) async fn page(
    tx: &mut Tx,
    table: &'static Table,
    after: Vec<Cell>,
) -> Result<Vec<Vec<Cell>>, BackupFault> {
    let mut query = Builder::new("SELECT ");
    names(&mut query, table.columns.len(), table);
    query.push(" FROM ").push(table.name);
    if !after.is_empty() {
        query.push(" WHERE (");
        names(&mut query, table.keys, table);
        query.push(") > (");
        let mut values = query.separated();
        for (column, cell) in table.columns.iter().zip(after) {
            let value = column.1.arg(cell).ok_or_else(|| crate::truth::fault::damaged("a key"))?;
            values.push_bind(value);
        }
        query.push(")");
    }
    query.push(" ORDER BY ");
    names(&mut query, table.keys, table);
    query.push(" LIMIT ").push_bind(BACKUP_PAGE_ROWS);
    let rows = query.build().fetch_all(tx).await?;
    let read = |row| {
        let cells = table.columns.iter().enumerate();
        cells.map(|(place, column)| column.1.read(row, place)).collect::<Result<Vec<_>, _>>()
    };
    Ok(rows.iter().map(read).collect::<Result<Vec<_>, db::Error>>()?)
}

/// Adds the names of the first columns of a table.
fn names(query: &mut Builder, count: usize, table: &Table) {
    for (place, column) in table.columns.iter().take(count).enumerate() {
        query.push(if place == 0 { "" } else { ", " }).push(column.0);
    }
}

/// Gives the finished file its name, durably.
fn place(beside: &Path, file: &Path) -> Result<(), BackupFault> {
    fs::rename(beside, file).map_err(BackupFault::io(file))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder =
        File::open(folder.unwrap_or_else(|| Path::new("."))).map_err(BackupFault::io(file))?;
    folder.sync_all().map_err(BackupFault::io(file))
}
