//! Acts of reviews: their rows, and what they come to for the records they are about.
//!
//! The state of a review follows from a record's acts and its live changes, so it is found anew
//! whenever either is folded. This module does not know who may decide.

use std::collections::BTreeSet;

use journal::{DeviceKey, ShortId};
use record::{Action, RecordKey, Review, State};

use super::weigh::Place;
use crate::db::{self, Builder, Conn, to_db};
use crate::tables::acts::{Acts, HubsLogs};
use crate::tables::key;
use crate::truth::Fault;
use crate::truth::fault::damaged;

/// Rows in one statement.
const ROWS_MAX: usize = 500;

/// An act whose author has a say.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) place: Place,
    pub(super) key: RecordKey,
    pub(super) short: ShortId,
    pub(super) claimed_ms: i64,
    /// The hub's epoch of an act of the centre, 0 of one of the site.
    pub(super) centre_epoch: u32,
    pub(super) payload: Vec<u8>,
}

/// Keeps the acts of a batch.
pub(super) async fn put(conn: &mut Conn, acts: &[Said]) -> Result<(), Fault> {
    for acts in acts.chunks(ROWS_MAX) {
        let mut query = Builder::new(
            "INSERT INTO act (site, id, log, seq, short, claimed_ms, centre_epoch, payload) ",
        );
        query.push_values(acts, |row, said| {
            row.push_bind(said.key.site.as_str().to_owned())
                .push_bind(said.key.id.0.to_vec())
                .push_bind(said.place.log)
                .push_bind(to_db(said.place.seq))
                .push_bind(said.short.0.to_vec())
                .push_bind(said.claimed_ms)
                .push_bind(i64::from(said.centre_epoch))
                .push_bind(said.payload.clone());
        });
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}

/// Notes the state of the review of each of these records; most have none.
pub(super) async fn settle(
    conn: &mut Conn,
    hub: &DeviceKey,
    keys: &BTreeSet<&RecordKey>,
) -> Result<(), Fault> {
    let keys = with_acts(conn, keys).await?;
    if keys.is_empty() {
        return Ok(());
    }
    let hubs = HubsLogs::read(conn, hub).await?;
    for key in keys {
        // Acts may come before the record: it is settled when that does.
        let Some(state) = state(conn, &key).await? else { continue };
        let acts = Acts::beside(conn, &hubs, &state).await?;
        note(conn, &key, &acts.review()).await?;
    }
    Ok(())
}

async fn with_acts(conn: &mut Conn, keys: &BTreeSet<&RecordKey>) -> Result<Vec<RecordKey>, Fault> {
    let keys: Vec<&RecordKey> = keys.iter().copied().collect();
    let mut found = Vec::new();
    for keys in keys.chunks(ROWS_MAX) {
        let mut query = Builder::new("SELECT DISTINCT site, id FROM act WHERE (site, id) IN (");
        query.push_values(keys, |row, key| {
            row.push_bind(key.site.as_str().to_owned()).push_bind(key.id.0.to_vec());
        });
        query.push(")");
        let rows: Vec<(String, Vec<u8>)> = query.build_as().fetch_all(&mut *conn).await?;
        for (site, id) in rows {
            found.push(key(site, id)?);
        }
    }
    Ok(found)
}

async fn state(conn: &mut Conn, key: &RecordKey) -> Result<Option<State>, Fault> {
    let select = "SELECT state FROM record WHERE site = $1 AND id = $2";
    let query = db::query_scalar(select).bind(key.site.as_str()).bind(key.id.0.as_slice());
    let bytes: Option<Vec<u8>> = query.fetch_optional(conn).await?;
    let read = |bytes: Vec<u8>| {
        State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))
    };
    bytes.map(read).transpose()
}

async fn note(conn: &mut Conn, key: &RecordKey, review: &Review<'_>) -> Result<(), Fault> {
    let asked = review.answer.is_some_and(|act| act.entry.action == Action::AskRecall);
    let update = "UPDATE record SET review_state = $3, decided = $4, recall_asked = $5 \
                  WHERE site = $1 AND id = $2";
    db::query(update)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .bind(review.state.word())
        .bind(review.is_decided())
        .bind(asked)
        .execute(conn)
        .await?;
    Ok(())
}
