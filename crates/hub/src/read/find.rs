//! From what people call a record to the record.

use std::collections::BTreeMap;

use journal::SiteCode;
use record::{RecordId, RecordKey};

use super::ViewError;
use crate::db::{self, Builder, Conn};
use crate::tables;

/// Records named in one page at most.
const NAMES_MAX: usize = 500;

/// Returns the record that `id` names: its id, one of its references, or `SITE:id`.
///
/// # Errors
///
/// Returns [`ViewError`] if none or several go by that name.
pub async fn find(conn: &mut Conn, id: &str) -> Result<RecordKey, ViewError> {
    let keys = match (id.parse::<RecordKey>(), id.parse::<RecordId>()) {
        (Ok(key), _) => with_key(conn, &key).await?,
        (Err(_), Ok(id)) => with_id(conn, id).await?,
        (Err(_), Err(_)) => with_reference(conn, id).await?,
    };
    match keys.as_slice() {
        [] => Err(ViewError::NoRecord(id.to_owned())),
        [key] => Ok(key.clone()),
        [_, _, ..] => Err(ViewError::Ambiguous { id: id.to_owned(), keys }),
    }
}

/// Returns the site that a record's name tells of: `SITE:id`, or a reference, which begins with it.
pub(crate) fn site_in(name: &str) -> Option<SiteCode> {
    match name.parse::<RecordKey>() {
        Ok(key) => Some(key.site),
        Err(_not_a_key) => name.split_once('/').and_then(|(site, _rest)| site.parse().ok()),
    }
}

/// A record's id, reference and form, and a text it is found by with its field.
type Named = (Vec<u8>, Option<String>, String, Option<String>, Option<String>);

/// Returns what people call these records, by id: a course by its code, others by a reference.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub(crate) async fn names(
    conn: &mut Conn,
    ids: &[RecordId],
) -> Result<BTreeMap<String, String>, ViewError> {
    let mut names = BTreeMap::new();
    let Some(ids) = ids.get(..ids.len().min(NAMES_MAX)).filter(|ids| !ids.is_empty()) else {
        return Ok(names);
    };
    let catalogue = tables::catalogue(conn).await?;
    let mut query = Builder::new(
        "SELECT r.id, r.ref, r.form, n.field, n.text FROM record AS r LEFT JOIN named AS n \
         ON n.site = r.site AND n.id = r.id WHERE r.id IN (",
    );
    let mut list = query.separated();
    for id in ids {
        list.push_bind(id.0.to_vec());
    }
    query.push(")");
    let rows: Vec<Named> = query.build_as().fetch_all(conn).await?;
    for (id, reference, form, field, text) in rows {
        let Ok(id) = <[u8; 16]>::try_from(id) else { continue };
        let id = RecordId(id).to_string();
        let key = catalogue.form(&form).and_then(|form| form.key());
        let is_key = key.is_some_and(|key| Some(&key.id) == field.as_ref());
        if let Some(text) = text.filter(|_text| is_key) {
            names.insert(id, text);
        } else {
            names.entry(id).or_insert_with_key(|id| reference.unwrap_or_else(|| id.clone()));
        }
    }
    Ok(names)
}

async fn with_key(conn: &mut Conn, key: &RecordKey) -> Result<Vec<RecordKey>, ViewError> {
    let select = "SELECT site, id FROM record WHERE site = $1 AND id = $2";
    let query = db::query_as(select).bind(key.site.as_str()).bind(key.id.0.as_slice());
    read(query.fetch_all(conn).await?)
}

async fn with_id(conn: &mut Conn, id: RecordId) -> Result<Vec<RecordKey>, ViewError> {
    let select = "SELECT site, id FROM record WHERE id = $1 ORDER BY site";
    read(db::query_as(select).bind(id.0.as_slice()).fetch_all(conn).await?)
}

async fn with_reference(conn: &mut Conn, name: &str) -> Result<Vec<RecordKey>, ViewError> {
    let select = "SELECT site, id FROM reference WHERE ref = $1 ORDER BY site, id";
    read(db::query_as(select).bind(name).fetch_all(conn).await?)
}

fn read(rows: Vec<(String, Vec<u8>)>) -> Result<Vec<RecordKey>, ViewError> {
    rows.into_iter().map(|(site, id)| Ok(tables::key(site, id)?)).collect()
}
