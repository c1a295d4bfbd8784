//! Giving a record back that its site asked for: granted where nobody who decides has opened it.
//!
//! Any hub process may do it. The lane is locked while it is judged, so a request is granted once.

use std::sync::Arc;
use std::time::Duration;

use journal::{Dot, Lane};
use record::{Action, Circumstances, RecordKey, ReviewEntry, may};
use tokio::sync::{Notify, watch};

use super::{seen, write};
use crate::db::{self, Conn};
use crate::limits::RECALLS_MAX;
use crate::read::{ViewError, show};
use crate::tables;
use crate::tables::acts::Acts;
use crate::truth::{Fault, Truth, reviews};
use crate::write::own_lane;

/// How long to wait where nothing is folded here: another process may have folded a request.
const AT_LATEST: Duration = Duration::from_secs(60);

/// Answers requests whenever something was folded, until `stop` says so.
///
/// # Errors
///
/// Never for a fault of the database: that is logged and tried again.
pub async fn run(
    truth: Truth,
    folded: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Fault> {
    loop {
        if let Err(error) = grant(&truth).await {
            tracing::error!(%error, "requests for records stay open; trying again");
        }
        tokio::select! {
            () = folded.notified() => {}
            () = tokio::time::sleep(AT_LATEST) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        }
    }
}

/// Gives back every record that was asked for and not opened; returns how many that were.
pub(crate) async fn grant(truth: &Truth) -> Result<u64, ViewError> {
    let mut granted = 0;
    let asked = asked(&mut *truth.db.read().await?).await?;
    for key in asked {
        granted += u64::from(give_back(truth, &key).await?.is_some());
    }
    Ok(granted)
}

/// Returns the records that are asked for and that nobody who decides has opened.
async fn asked(conn: &mut Conn) -> Result<Vec<RecordKey>, Fault> {
    let select = "SELECT r.site, r.id FROM record AS r WHERE r.recall_asked AND NOT EXISTS \
                  (SELECT o.first_ms FROM opened AS o WHERE o.site = r.site AND o.id = r.id \
                  AND o.decides = TRUE) ORDER BY r.site, r.id LIMIT $1";
    let rows: Vec<(String, Vec<u8>)> =
        db::query_as(select).bind(RECALLS_MAX).fetch_all(conn).await?;
    rows.into_iter().map(|(site, id)| tables::key(site, id)).collect()
}

/// Gives one record back, unless it was opened or decided on meanwhile.
async fn give_back(truth: &Truth, key: &RecordKey) -> Result<Option<Dot>, ViewError> {
    let Some(mut tx) = own_lane::caught_up(truth, &Lane::Site(key.site.clone())).await? else {
        return Ok(None);
    };
    let Some(entry) = entry(&mut tx, truth, key).await? else { return Ok(None) };
    write(truth, tx, &entry).await.map(Some)
}

async fn entry(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
) -> Result<Option<ReviewEntry>, ViewError> {
    let (state, _entries) = show::load(conn, key).await?;
    let acts = Acts::read(conn, &truth.key(), &state).await?;
    let review = acts.review();
    let asks = review.answer.filter(|act| act.entry.action == Action::AskRecall);
    let Some(asks) = asks else { return Ok(None) };
    if reviews::was_opened(conn, key).await? {
        return Ok(None);
    }
    let entry = ReviewEntry {
        record: key.clone(),
        author: truth.administrator(conn).await?,
        action: Action::GrantRecall,
        seen: seen(&state, &acts),
        answers: Some(asks.dot),
        remark: None,
        fields: Vec::new(),
    };
    let allowed = may(review.state, &entry, &Circumstances::default());
    Ok(allowed.is_ok().then_some(entry))
}
