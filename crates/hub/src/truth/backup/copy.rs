//! The truth copied row by row into an empty database, in which views can be folded beside.

use super::read::Rows;
use super::source::{Source, Way};
use super::tables::TABLES;
use super::{BackupFault, restore};
use crate::db::Tx;
use crate::truth::Fault;

/// Copies the rows of all tables that are truth, a page at a time.
///
/// # Errors
///
/// Returns [`Fault`] if one can't be read or the other not written.
pub async fn copy_rows(from: &mut Tx, to: &mut Tx) -> Result<(), Fault> {
    for table in TABLES {
        let mut source = Source::new(Way::Straight, table);
        loop {
            let rows = source.next(from).await.map_err(fault)?;
            if rows.is_empty() {
                break;
            }
            let rows = Rows { table, columns: table.columns.to_vec(), rows };
            restore::put(to, rows).await.map_err(fault)?;
        }
    }
    Ok(())
}

/// No file of a copy is read or written here, so there is nothing else to say.
fn fault(fault: BackupFault) -> Fault {
    match fault {
        BackupFault::Truth(fault) => fault,
        BackupFault::File { .. } | BackupFault::Refused { .. } | BackupFault::Key(_) => {
            crate::truth::fault::damaged("a row of the truth")
        }
    }
}

/// Returns the names of all tables that are truth.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}
