//! What a copy is made of: tables read in the order of their keys, or around what is damaged.

use super::around::Around;
use super::carve::Pages;
use super::item::Cell;
use super::tables::Table;
use super::{BackupFault, sound};
use crate::db::{self, Builder, Conn, Db, Tx};
use crate::limits::BACKUP_PAGE_ROWS;

/// How the tables of a database are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// By their keys: an error ends it.
    Straight,
    /// By row, around what can't be read; only a file has rows with numbers.
    Around,
}

/// A table that is being read.
pub(super) enum Source {
    Straight { table: &'static Table, after: Vec<Cell>, is_over: bool },
    Around(Around),
}

impl Source {
    pub(super) const fn new(way: Way, table: &'static Table) -> Self {
        match way {
            Way::Straight => Self::Straight { table, after: Vec::new(), is_over: false },
            Way::Around => Self::Around(Around::new(table)),
        }
    }

    /// Returns the next rows; none at the end.
    pub(super) async fn next(&mut self, conn: &mut Conn) -> Result<Vec<Vec<Cell>>, BackupFault> {
        match self {
            Self::Around(around) => Ok(around.next(conn).await?),
            Self::Straight { is_over: true, .. } => Ok(Vec::new()),
            Self::Straight { table, after, is_over } => {
                let rows = page(conn, table, std::mem::take(after)).await?;
                match rows.last() {
                    Some(last) => *after = last.iter().take(table.keys).cloned().collect(),
                    None => *is_over = true,
                }
                Ok(rows)
            }
        }
    }

    /// Returns rows that prove themselves by a signature and that no way leads to any more. `prove`
    /// says whether one does.
    pub(super) async fn carved(
        &mut self,
        db: &Db,
        table: &'static Table,
        prove: impl Fn(&[Cell]) -> bool,
    ) -> Result<Vec<Vec<Cell>>, BackupFault> {
        let Self::Around(around) = self else { return Ok(Vec::new()) };
        if !around.has_gaps() || !sound::is_signed(table) {
            return Ok(Vec::new());
        }
        let Some(file) = db.file().await? else { return Ok(Vec::new()) };
        let Some(pages) = Pages::open(&file).map_err(BackupFault::io(&file))? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for row in pages.rows(table) {
            if prove(&row) && around.found(&row) {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Names what could not be read.
    pub(super) async fn lost(self, conn: &mut Conn) -> Result<Vec<String>, BackupFault> {
        match self {
            Self::Around(around) => Ok(around.lost(conn).await?),
            Self::Straight { .. } => Ok(Vec::new()),
        }
    }
}

/// Counts the rows of a table; of a damaged one nobody knows.
pub(super) async fn count(tx: &mut Tx, way: Way, table: &Table) -> Result<u64, BackupFault> {
    let counted = db::query_scalar(["SELECT COUNT(*) FROM", table.name]).fetch_one(tx).await;
    match (counted, way) {
        (Ok(rows), _) => Ok(db::from_db(rows)),
        (Err(_damaged), Way::Around) => Ok(0),
        (Err(error), Way::Straight) => Err(error.into()),
    }
}

/// Returns the rows behind a key; of no key, the first ones.
async fn page(
    conn: &mut Conn,
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
    let rows = query.build().fetch_all(conn).await?;
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
