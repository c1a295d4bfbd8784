//! Saving what is truth out of a damaged database into a new one, as far as it can be read.

use journal::DeviceKey;

use super::item::Cell;
use super::read::Rows;
use super::source::{Source, Way, count};
use super::tables::{TABLES, Table};
use super::{BackupFault, mend, restore, sound};
use crate::db::{Db, Tx};
use crate::limits::RESTORE_ROWS;

/// What was saved.
#[derive(Clone, Debug, Default)]
pub struct Rescued {
    /// Rows that are in the new database.
    pub rows: u64,
    /// What could not be read, or was not what was once written, a line each.
    pub lost: Vec<String>,
    /// What is sound and follows nothing that is held any more, a line each: it is in quarantine.
    pub set_aside: Vec<String>,
}

/// Copies the tables of truth from `from` into `to`, in which no hub lives yet. `progress` is told how
/// many rows of how many.
///
/// What comes out is a hub that may have lost its end: nothing is made up for what is lost, and no
/// epoch is opened.
///
/// # Errors
///
/// Returns [`BackupFault`] if the new database can't be written, or the old one is no file and can't
/// be read.
pub async fn rescue(
    hub: &DeviceKey,
    (from, to): (&Db, &Db),
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Rescued, BackupFault> {
    let way = if from.is_server() { Way::Straight } else { Way::Around };
    let mut reading = from.snapshot().await?;
    let mut writing = to.begin().await?;
    let mut total = 0;
    for table in TABLES {
        total += count(&mut reading, way, table).await?;
    }
    let mut rescued = Rescued::default();
    for table in TABLES {
        let mut source = Source::new(way, table);
        loop {
            let rows = source.next(&mut reading).await?;
            if rows.is_empty() {
                break;
            }
            let is_sound = |row: &Vec<Cell>| match sound::fault(hub, table, row) {
                Some(what) => {
                    rescued.lost.push(what);
                    false
                }
                None => true,
            };
            let rows: Vec<_> = rows.into_iter().filter(is_sound).collect();
            put(&mut writing, table, rows, &mut rescued).await?;
            progress(rescued.rows.min(total), total);
        }
        let prove = |row: &[Cell]| sound::fault(hub, table, row).is_none();
        for rows in source.carved(from, table, prove).await?.chunks(RESTORE_ROWS) {
            put(&mut writing, table, rows.to_vec(), &mut rescued).await?;
        }
        rescued.lost.extend(source.lost(&mut reading).await?);
    }
    mend::all(&mut writing, hub, &mut rescued).await?;
    writing.commit().await?;
    Ok(rescued)
}

/// Puts rows into the new database: together, or one by one if one of them does not go in.
async fn put(
    tx: &mut Tx,
    table: &'static Table,
    rows: Vec<Vec<Cell>>,
    rescued: &mut Rescued,
) -> Result<(), BackupFault> {
    let count = rows.len() as u64;
    let of = |rows| Rows { table, columns: table.columns.to_vec(), rows };
    if restore::put(tx, of(rows.clone())).await.is_ok() {
        rescued.rows += count;
        return Ok(());
    }
    for row in rows {
        let key = row.first().map(Cell::size);
        match restore::put(tx, of(vec![row])).await {
            Ok(()) => rescued.rows += 1,
            // Some of them may be in from the first try.
            Err(BackupFault::Truth(fault)) => {
                tracing::debug!(%fault, ?key, table = table.name, "a row does not go in");
                rescued.lost.push(format!("{}: a row is no such row ({fault})", table.name));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
