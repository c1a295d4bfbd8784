//! Making a hub of a copy, in a database that no hub lives in.

use std::sync::Arc;

use journal::{DeviceSecret, Epoch};

use super::BackupFault;
use super::epoch::open_next;
use super::read::{Backup, Rows};
use crate::db::{Builder, Db, Tx};
use crate::limits::RESTORE_ROWS;
use crate::truth::{Fault, SITE, fact, fault, forks, upgrade};

/// The layout since which every branch is a row of its own.
const BRANCHES_LAYOUT: i64 = 9;

/// A hub that was restored.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// Its epoch, which was opened.
    pub epoch: Epoch,
    /// Which of its epochs that is, from 1.
    pub epoch_count: u32,
    /// In how many lanes it was opened.
    pub lanes: usize,
    /// How many rows were brought back.
    pub rows: u64,
}

/// Brings the rows of a copy into `db` and opens the hub's next epoch: all in one transaction.
/// `backup` stands behind its key, `secret`.
///
/// # Errors
///
/// Returns [`BackupFault`]; then the database is as it was.
pub async fn restore(
    db: &Db,
    secret: DeviceSecret,
    mut backup: Backup<'_>,
) -> Result<Restored, BackupFault> {
    let mut tx = db.begin().await?;
    let mut count = 0;
    let is_older = backup.head.layout < BRANCHES_LAYOUT;
    if is_older {
        upgrade::make_room(&mut tx).await?;
    }
    while let Some(rows) = backup.rows()? {
        count += rows.rows.len() as u64;
        put(&mut tx, rows).await?;
    }
    if is_older {
        upgrade::step(&mut tx).await?;
    } else {
        forks::index_anew(&mut tx).await?;
    }
    let site = fact(&mut tx, SITE).await?.ok_or(Fault::NotInitialised)?;
    let site = String::from_utf8(site).map_err(|_text| fault::damaged("the hub's site"))?;
    let opened = open_next(&mut tx, &Arc::new(secret), fault::site(site)?).await?;
    tx.commit().await?;
    Ok(Restored {
        epoch: opened.epoch,
        epoch_count: opened.count,
        lanes: opened.lanes,
        rows: count,
    })
}

pub(super) async fn put(tx: &mut Tx, rows: Rows) -> Result<(), BackupFault> {
    let Rows { table, columns, rows } = rows;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut query = Builder::new("INSERT INTO ");
        query.push(table.name).push(" (");
        for (place, column) in columns.iter().enumerate() {
            query.push(if place == 0 { "" } else { ", " }).push(column.0);
        }
        query.push(") ");
        let mut misfit = false;
        query.push_values(rows.by_ref().take(RESTORE_ROWS), |values, row| {
            for (column, cell) in columns.iter().zip(row) {
                match column.1.arg(cell) {
                    Some(value) => drop(values.push_bind(value)),
                    None => misfit = true,
                }
            }
        });
        if misfit {
            return Err(fault::damaged("a row of the copy").into());
        }
        query.build().execute(tx).await?;
    }
    Ok(())
}
