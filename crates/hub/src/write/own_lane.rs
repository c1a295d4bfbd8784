//! What the centre itself writes about a record: judged by all that is folded, appended to a lane
//! of the hub's, and folded.
//!
//! Whoever writes holds the lane of the record's site meanwhile, also where the entry goes to
//! everyone. So two people never decide by the same state.

use journal::{Dot, Kind, Lane};
use record::RecordKey;

use crate::db::Tx;
use crate::fold;
use crate::limits::DECISION_TRIES;
use crate::read::ViewError;
use crate::truth::{Fault, Truth};

/// Begins a transaction in which nothing about the record is left unfolded.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be used, or entries came every time it was tried.
pub(super) async fn begin(truth: &Truth, key: &RecordKey) -> Result<Tx, ViewError> {
    begin_in(truth, &Lane::Site(key.site.clone())).await
}

/// Begins a transaction that holds a lane, and in which nothing of it, or said to everyone, is left
/// unfolded.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be used, or entries came every time it was tried.
pub(super) async fn begin_in(truth: &Truth, lane: &Lane) -> Result<Tx, ViewError> {
    for _ in 0..DECISION_TRIES {
        if let Some(tx) = caught_up(truth, lane).await? {
            return Ok(tx);
        }
    }
    Err(Fault::Moved.into())
}

/// The same, once; `None` if something came meanwhile.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be used.
pub(super) async fn caught_up(truth: &Truth, lane: &Lane) -> Result<Option<Tx>, ViewError> {
    fold::catch_up_lane(truth, lane).await?;
    let mut tx = truth.db.begin().await?;
    // Locks the lane: whoever else decides waits, and finds this entry unfolded.
    truth.lanes.hold(&mut tx, lane).await?;
    Ok(fold::is_caught_up(&mut tx, lane).await?.then_some(tx))
}

/// Appends an entry, folds it and returns its dot.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be written; then nothing was.
pub(super) async fn append(
    truth: &Truth,
    mut tx: Tx,
    lane: &Lane,
    payload: (Kind, Vec<u8>),
) -> Result<Dot, ViewError> {
    let dots = truth.lanes.append(&mut tx, lane, vec![payload]).await?;
    let dot = dots.last().copied().ok_or(Fault::Moved)?;
    tx.commit().await.map_err(Fault::from)?;
    fold_written(truth, lane).await;
    Ok(dot)
}

/// Folds what was just written. It stands whatever comes of this, so a fault is no refusal: the
/// views are caught up later.
pub(super) async fn fold_written(truth: &Truth, lane: &Lane) {
    if let Err(fault) = fold::catch_up_lane(truth, lane).await {
        tracing::error!(%fault, "what was written stands; the views stay behind for now");
    }
}
