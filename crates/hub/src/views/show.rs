//! One record, whole, and its history.

use record::{
    Custody, DateTime, Facts, HistoryItem, Language, RecordKey, RecordView, Shown, State, Validity,
};

use super::ViewError;
use super::entries::Entries;
use crate::clock;
use crate::db::{Conn, from_db};
use crate::fold;
use crate::truth::fault::damaged;

/// Returns a record as `show` prints it.
///
/// # Errors
///
/// Returns [`ViewError`] if there is no such record or the database can't be read.
pub async fn show(conn: &mut Conn, key: &RecordKey) -> Result<RecordView, ViewError> {
    let (state, entries) = load(conn, key).await?;
    let facts = facts(conn, key).await?;
    let known = Entries::read(conn, key).await?;
    let mut shown: Shown = record::show(&state, fold::catalogue()?, &facts);
    shown.findings.extend(known.findings.iter().cloned());
    let evidence = |dot: &journal::Dot| known.evidence(dot);
    Ok(record::record_view(&state, shown, Custody::Held, entries, &evidence))
}

/// Returns the changes of a record, each after those its author had seen.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub async fn history(conn: &mut Conn, key: &RecordKey) -> Result<Vec<HistoryItem>, ViewError> {
    let known = Entries::read(conn, key).await?;
    Ok(record::history(&known.changes, &|dot| known.evidence(dot)))
}

/// Returns the titles of these records in a language.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub(crate) async fn titles(
    conn: &mut Conn,
    keys: &[RecordKey],
    language: Language,
) -> Result<Vec<String>, ViewError> {
    let catalogue = fold::catalogue()?;
    let mut titles = Vec::with_capacity(keys.len());
    for key in keys {
        let (state, _entries) = load(conn, key).await?;
        titles.push(record::title(&state, catalogue, language));
    }
    Ok(titles)
}

/// Returns the fold of a record and how many entries it consists of.
pub(super) async fn load(conn: &mut Conn, key: &RecordKey) -> Result<(State, u64), ViewError> {
    let select = "SELECT state, entries FROM record WHERE site = $1 AND id = $2";
    let row: Option<(Vec<u8>, i64)> = sqlx::query_as(select)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .fetch_optional(conn)
        .await?;
    let (bytes, entries) = row.ok_or_else(|| ViewError::NoRecord(key.to_string()))?;
    let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
    Ok((state, from_db(entries)))
}

/// Returns what the hub knows beside the record: its own time, when the site is valid.
pub(super) async fn facts(conn: &mut Conn, key: &RecordKey) -> Result<Facts, ViewError> {
    let select = "SELECT valid_from, valid_to FROM site WHERE code = $1";
    let row: Option<(Option<String>, Option<String>)> =
        sqlx::query_as(select).bind(key.site.as_str()).fetch_optional(conn).await?;
    let valid = row.and_then(|(from, to)| {
        Validity::parse(&from.unwrap_or_default(), &to.unwrap_or_default()).ok()
    });
    let now = DateTime { utc_ms: clock::wall_ms(), offset_minutes: fold::search::OFFSET_MINUTES };
    Ok(Facts { now: Some(now), site_valid: valid })
}
