//! Reading a table of a damaged file: every row that can be read, and the names of those that can't.
//!
//! A damaged page of a table takes the rows with it that stand there, not those behind: the engine
//! finds any row by its number from the top. So where reading on fails, the next number is tried, and
//! the next. What is not found that way stands below a damaged page that leads to others. The keys of
//! what is lost are read from the table's index, which stands in pages of its own.

use std::collections::BTreeSet;

use super::item::Cell;
use super::tables::Table;
use crate::db::{self, Builder, Conn, Error, Row, Trouble};
use crate::limits::{AROUND_STEPS, BACKUP_PAGE_ROWS, LOSSES_NAMED_MAX};

/// The number above which no row can be.
const BEYOND: i64 = i64::MAX / 4;

/// A table that is read on around what can't be read.
#[derive(Debug)]
pub(super) struct Around {
    table: &'static Table,
    after: i64,
    is_over: bool,
    /// Ranges of row numbers that could not be read; the last one may have no end.
    gaps: Vec<(i64, Option<i64>)>,
    /// The keys of what was read.
    seen: BTreeSet<Vec<u8>>,
}

impl Around {
    pub(super) const fn new(table: &'static Table) -> Self {
        Self { table, after: -BEYOND, is_over: false, gaps: Vec::new(), seen: BTreeSet::new() }
    }

    /// Returns the next rows; none once the table is at its end.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not the file that stands in the way.
    pub(super) async fn next(&mut self, conn: &mut Conn) -> Result<Vec<Vec<Cell>>, Error> {
        while !self.is_over {
            let read = match self.read(conn, self.after, BACKUP_PAGE_ROWS).await? {
                Some(rows) => Some(rows),
                None => self.read(conn, self.after, 1).await?,
            };
            match read {
                Some(rows) => return Ok(self.take(rows)),
                None => self.step_over(conn).await?,
            }
        }
        Ok(Vec::new())
    }

    /// Names what could not be read, in the table's own keys as far as its index tells them.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not the file that stands in the way.
    pub(super) async fn lost(self, conn: &mut Conn) -> Result<Vec<String>, Error> {
        if self.gaps.is_empty() {
            return Ok(Vec::new());
        }
        let Some(keys) = self.keys(conn).await? else {
            return Ok(self.gaps.iter().map(|gap| self.in_numbers(*gap)).collect());
        };
        let lost = keys.iter().filter(|key| !self.seen.contains(&bytes_of(key)));
        let lost: Vec<String> = lost.map(|key| self.in_keys(key)).collect();
        let more = lost.len().saturating_sub(LOSSES_NAMED_MAX);
        let mut named: Vec<String> = lost.into_iter().take(LOSSES_NAMED_MAX).collect();
        if 0 < more {
            named.push(format!("{more} rows more of {} can't be read", self.table.name));
        }
        Ok(named)
    }

    /// Returns whether anything could not be read.
    pub(super) const fn has_gaps(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// Takes note of a row that was found another way; returns whether it was missing.
    pub(super) fn found(&mut self, row: &[Cell]) -> bool {
        self.seen.insert(bytes_of(row.get(..self.table.keys).unwrap_or_default()))
    }

    fn take(&mut self, rows: Vec<(i64, Vec<Cell>)>) -> Vec<Vec<Cell>> {
        match rows.last() {
            Some((number, _)) => self.after = *number,
            None => self.is_over = true,
        }
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(|(_, cells)| cells).collect();
        for row in &rows {
            self.found(row);
        }
        rows
    }

    /// Goes on to the first number from which on there is a row that can be read.
    async fn step_over(&mut self, conn: &mut Conn) -> Result<(), Error> {
        let (mut unreadable, mut step, mut tried) = (self.after, 1_i64, 0_u32);
        if unreadable == -BEYOND {
            // Numbers below 1 are rare; nobody steps through all that could be.
            unreadable = if self.read(conn, 0, 1).await?.is_some() { -1 } else { 0 };
        }
        let from = unreadable;
        let mut readable = unreadable;
        let rows = loop {
            readable = readable.saturating_add(step);
            if BEYOND <= readable {
                self.gaps.push((from + 1, None));
                self.is_over = true;
                return Ok(());
            }
            if let Some(rows) = self.read(conn, readable, 1).await? {
                break rows;
            }
            unreadable = readable;
            tried += 1;
            step = if tried < AROUND_STEPS { 1 } else { step.saturating_mul(2) };
        };
        // Between the last two tries there may be rows too.
        let mut rows = rows;
        while 1 < readable - unreadable {
            let middle = unreadable + (readable - unreadable) / 2;
            match self.read(conn, middle, 1).await? {
                Some(found) => (readable, rows) = (middle, found),
                None => unreadable = middle,
            }
        }
        let until = rows.first().map(|(number, _)| number - 1);
        self.gaps.push((from + 1, until));
        self.after = readable;
        self.is_over = rows.is_empty();
        Ok(())
    }

    /// Returns rows behind a number; `None` where they can't be read.
    async fn read(
        &self,
        conn: &mut Conn,
        after: i64,
        count: i64,
    ) -> Result<Option<Vec<(i64, Vec<Cell>)>>, Error> {
        let mut query = Builder::new("SELECT rowid");
        for column in self.table.columns {
            query.push(", ").push(column.0);
        }
        query.push(" FROM ").push(self.table.name).push(" NOT INDEXED WHERE rowid > ");
        query.push_bind(after).push(" ORDER BY rowid LIMIT ").push_bind(count);
        let cells = |row: &Row| {
            let columns = self.table.columns.iter().zip(1..);
            let cells = columns.map(|(column, place)| column.1.read(row, place));
            Ok::<_, Error>((row.at::<i64>(0)?, cells.collect::<Result<Vec<_>, _>>()?))
        };
        let read = query.build().fetch_all(conn).await;
        let read = read.and_then(|rows| rows.iter().map(cells).collect::<Result<Vec<_>, _>>());
        unless_the_file(read)
    }

    /// Returns all keys by the table's index; `None` if that can't be read either.
    async fn keys(&self, conn: &mut Conn) -> Result<Option<Vec<Vec<Cell>>>, Error> {
        let keys = self.table.columns.get(..self.table.keys).unwrap_or_default();
        let mut query = Builder::new("SELECT ");
        for (place, column) in keys.iter().enumerate() {
            query.push(if place == 0 { "" } else { ", " }).push(column.0);
        }
        query.push(" FROM ").push(self.table.name).push(" ORDER BY ");
        for (place, column) in keys.iter().enumerate() {
            query.push(if place == 0 { "" } else { ", " }).push(column.0);
        }
        let cells = |row: &Row| {
            let cells = keys.iter().enumerate().map(|(place, column)| column.1.read(row, place));
            cells.collect::<Result<Vec<_>, Error>>()
        };
        let read = query.build().fetch_all(conn).await;
        unless_the_file(read.and_then(|rows| rows.iter().map(cells).collect::<Result<Vec<_>, _>>()))
    }

    fn in_numbers(&self, (from, to): (i64, Option<i64>)) -> String {
        let to = to.map_or_else(|| "the end".to_owned(), |to| to.to_string());
        format!("{}: the rows {from} to {to} can't be read", self.table.name)
    }

    fn in_keys(&self, key: &[Cell]) -> String {
        let named = self.table.columns.iter().zip(key);
        let named = named.map(|(column, cell)| format!("{} {}", column.0, shown(cell)));
        format!("{}: {} can't be read", self.table.name, named.collect::<Vec<_>>().join(", "))
    }
}

/// Tells a damaged file from one that is only held by somebody.
fn unless_the_file<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if Trouble::of(&error, "") == Trouble::Busy => Err(error),
        Err(_damaged) => Ok(None),
    }
}

fn bytes_of(key: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for cell in key {
        let cell = shown(cell);
        bytes.extend_from_slice(&db::to_db(cell.len() as u64).to_be_bytes());
        bytes.extend_from_slice(cell.as_bytes());
    }
    bytes
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => "nothing".to_owned(),
        Cell::Int(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Cell::Bool(is) => is.to_string(),
    }
}
