//! What records are called, in the language of whoever reads.

use std::collections::BTreeMap;

use record::{Language, ListRow, RecordKey, State};

use super::ViewError;
use crate::db::{Builder, Conn};
use crate::tables;
use crate::truth::fault::damaged;

/// Records read at once.
const TITLES_MAX: usize = 500;

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
    let catalogue = tables::catalogue(conn).await?;
    let mut titles: BTreeMap<(String, Vec<u8>), String> = BTreeMap::new();
    for keys in keys.chunks(TITLES_MAX) {
        let mut query = Builder::new("SELECT site, id, state FROM record WHERE (site, id) IN (");
        query.push_values(keys, |row, key| {
            row.push_bind(key.site.as_str().to_owned()).push_bind(key.id.0.to_vec());
        });
        query.push(")");
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = query.build_as().fetch_all(&mut *conn).await?;
        for (site, id, state) in rows {
            let state =
                State::from_bytes(&state).map_err(|_not_a_state| damaged("a record's fold"))?;
            titles.insert((site, id), record::title(&state, &catalogue, language));
        }
    }
    let title = |key: &RecordKey| titles.get(&(key.site.to_string(), key.id.0.to_vec()));
    Ok(keys.iter().map(|key| title(key).cloned().unwrap_or_default()).collect())
}

/// Puts the titles of a list into a language; as they are kept they are English.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub async fn say_in(
    conn: &mut Conn,
    rows: &mut [ListRow],
    language: Language,
) -> Result<(), ViewError> {
    if language == Language::En {
        return Ok(());
    }
    let key = |row: &ListRow| format!("{}:{}", row.site, row.id).parse::<RecordKey>().ok();
    let keys: Vec<RecordKey> = rows.iter().filter_map(key).collect();
    if keys.len() == rows.len() {
        let titles = titles(conn, &keys, language).await?;
        rows.iter_mut().zip(titles).for_each(|(row, title)| row.title = title);
    }
    Ok(())
}
