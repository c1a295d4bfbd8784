//! One record, whole, and its history.

use record::{
    Custody, Date, Delivery, Facts, HistoryItem, Language, RecordKey, RecordView, Shown, State,
    Validity,
};

use super::ViewError;
use super::entries::Entries;
use super::others::with_others;
use super::time::{at, now};
use crate::db::{self, Conn, from_db};
use crate::tables;
use crate::tables::acts::Acts;
use crate::truth::fault::damaged;
use crate::truth::{Truth, reviews};

/// Returns a record as `show` prints it.
///
/// # Errors
///
/// Returns [`ViewError`] if there is no such record or the database can't be read.
pub async fn show(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
) -> Result<RecordView, ViewError> {
    show_in(conn, truth, key, Language::En).await
}

/// Returns a record as `show` prints it, with what is remarked in a language.
///
/// # Errors
///
/// Returns [`ViewError`] if there is no such record or the database can't be read.
pub async fn show_in(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
    language: Language,
) -> Result<RecordView, ViewError> {
    let (state, entries) = load(conn, key).await?;
    let known = Entries::read(conn, key).await?;
    let mut shown = shown(conn, &state, language).await?;
    shown.findings.extend(known.findings.iter().cloned());
    let acts = Acts::read(conn, &truth.key(), &state).await?;
    let review = acts.review();
    let delivered = match review.decision {
        Some(decision) => reviews::delivered_ms(conn, &decision.dot).await?,
        None => None,
    };
    let custody = if review.is_decided() { Custody::Reviewed } else { Custody::Held };
    let evidence = |dot: &journal::Dot| known.evidence(dot);
    let view = record::record_view(&state, shown, custody, entries, &evidence);
    Ok(view.reviewed(&review, Delivery { delivered: delivered.map(at) }, &evidence, language))
}

/// Returns the record as its form shows it.
pub(crate) async fn shown(
    conn: &mut Conn,
    state: &State,
    language: Language,
) -> Result<Shown, ViewError> {
    let recorded = recorded(conn, &state.key).await?;
    let facts = Facts { language, recorded, ..facts(conn, &state.key).await? };
    let catalogue = tables::catalogue(conn).await?;
    let around = (&state.key.site, &*catalogue);
    let show = |others: &record::Inquiry| record::show(state, &catalogue, &facts, others);
    with_others(conn, around, show).await
}

/// Returns the day a record was recorded, as its first entry claims.
async fn recorded(conn: &mut Conn, key: &RecordKey) -> Result<Option<Date>, ViewError> {
    let select = "SELECT MIN(claimed_ms) FROM record_entry WHERE site = $1 AND id = $2";
    let first: Option<i64> = db::query_scalar(select)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .fetch_one(conn)
        .await?;
    Ok(first.and_then(|ms| at(ms).date()))
}

/// Returns the changes of a record, each after those its author had seen.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub async fn history(conn: &mut Conn, key: &RecordKey) -> Result<Vec<HistoryItem>, ViewError> {
    let known = Entries::read(conn, key).await?;
    Ok(record::history(&known.told, &|dot| known.evidence(dot)))
}

/// Returns the fold of a record and how many entries it consists of.
pub(crate) async fn load(conn: &mut Conn, key: &RecordKey) -> Result<(State, u64), ViewError> {
    let select = "SELECT state, entries FROM record WHERE site = $1 AND id = $2";
    let row: Option<(Vec<u8>, i64)> = db::query_as(select)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .fetch_optional(conn)
        .await?;
    let (bytes, entries) = row.ok_or_else(|| ViewError::NoRecord(key.to_string()))?;
    let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
    Ok((state, from_db(entries)))
}

/// Returns what the hub knows beside the record: its own time, when the site is valid.
pub(crate) async fn facts(conn: &mut Conn, key: &RecordKey) -> Result<Facts, ViewError> {
    let select = "SELECT valid_from, valid_to FROM site WHERE code = $1";
    let row: Option<(Option<String>, Option<String>)> =
        db::query_as(select).bind(key.site.as_str()).fetch_optional(conn).await?;
    let valid = row.and_then(|(from, to)| {
        Validity::parse(&from.unwrap_or_default(), &to.unwrap_or_default()).ok()
    });
    Ok(Facts { now: Some(now()), site_valid: valid, ..Facts::default() })
}
