//! The views against the logs: everything is folded once more, beside, and each row compared.
//!
//! The same code folds into an empty database of the same layout, in a private file that is removed
//! afterwards; then every table that is a view is compared in the order of its keys. A column that
//! is added later is compared without anybody thinking of it. Nothing is changed in the hub's own
//! database, and no more than a page of rows is in memory.

mod compare;
mod scratch;
mod searched;
mod views;

use super::{catch_up, forged, gather, rebuild};
use crate::db::{Conn, Tx};
use crate::truth::{Fault, Truth, backup};

use compare::Compare;
use scratch::Scratch;

/// How often a look is taken until it falls into a moment at which nothing waits to be folded.
const LOOKS: u32 = 100;

/// A row of a view that is not what the entries come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ViewFault {
    /// The table.
    pub table: &'static str,
    /// The keys of the row.
    pub row: String,
    /// The column, if the row is there.
    pub column: Option<String>,
    /// What is wrong, in words.
    pub what: String,
}

/// Folds everything once more and compares.
pub(super) async fn check(truth: &Truth) -> Result<Vec<ViewFault>, Fault> {
    let mut live = match settled(truth).await? {
        Ok(live) => live,
        Err(stopped) => return Ok(vec![stopped]),
    };
    let scratch = Scratch::make(&truth.scratch).await?;
    let anew = Truth { db: scratch.db().clone(), ..truth.clone() };
    let mut tx = anew.db.begin().await?;
    backup::copy_rows(&mut live, &mut tx).await?;
    tx.commit().await?;
    rebuild(&anew).await?;
    let mut faults = Vec::new();
    let mut conn = anew.db.read().await?;
    for view in views::VIEWS {
        let mut compare = Compare::begin(&mut conn, view).await?;
        compare.run(&mut live, &mut conn).await?;
        faults.append(&mut compare.into_faults());
    }
    faults.append(&mut searched::check(&mut live).await?);
    drop(conn);
    scratch.remove().await?;
    Ok(faults)
}

/// Returns a look at everything in which nothing waits to be folded: what a device brings meanwhile
/// would look like a difference. What keeps the fold from going on is itself a fault of the views:
/// rows that it did not write stand in its way.
async fn settled(truth: &Truth) -> Result<Result<Tx, ViewFault>, Fault> {
    for _look in 0..LOOKS {
        match catch_up(truth).await {
            Ok(_entries) => {}
            Err(fault) if fault.is_passing() => return Err(fault),
            Err(fault) => return Ok(Err(stopped(&fault))),
        }
        let mut tx = truth.db.snapshot().await?;
        if is_settled(&mut tx).await? {
            return Ok(Ok(tx));
        }
    }
    Err(Fault::Busy)
}

fn stopped(fault: &Fault) -> ViewFault {
    let what = format!("the view fold_cursor: the fold can't go on from where it says ({fault})");
    ViewFault { table: "fold_cursor", row: String::new(), column: None, what }
}

async fn is_settled(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(gather::all_behind(conn, None).await?.is_empty()
        && gather::refolding(conn, None).await?.is_empty()
        && forged::is_settled(conn).await?)
}

#[cfg(test)]
mod tests;
