//! Published forms and vocabularies: their rows, and the records that wait for them.

use std::collections::{BTreeMap, BTreeSet};

use journal::Lane;
use record::{Publication, RecordKey, Subject, Wanted};

use crate::db::{self, Builder, Conn};
use crate::tables::key;
use crate::truth::{Fault, shards};

pub(super) use crate::tables::catalogue::Published;

/// Rows in one statement.
const ROWS_MAX: usize = 500;

/// Writes publications.
pub(super) async fn put(conn: &mut Conn, publications: &[Published]) -> Result<(), Fault> {
    let upsert = "INSERT INTO publication (subject, name, version, rank, published_ms, hash, \
                  payload) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                  ON CONFLICT (subject, name, version) DO UPDATE SET rank = excluded.rank, \
                  published_ms = excluded.published_ms, hash = excluded.hash, \
                  payload = excluded.payload WHERE publication.rank < excluded.rank";
    for Published { rank, at_ms, publication } in publications {
        db::query(upsert)
            .bind(publication.subject.number())
            .bind(&publication.name)
            .bind(publication.version)
            .bind(rank)
            .bind(*at_ms)
            .bind(publication.hash())
            .bind(publication.to_payload()?)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Returns the records that are shown anew by what is published here: those that wait for another
/// version of it. Where another one of the same version stands already, that is all of them.
pub(super) async fn wanting(
    conn: &mut Conn,
    publications: &[Published],
) -> Result<BTreeSet<RecordKey>, Fault> {
    let mut keys = BTreeSet::new();
    for Published { publication, .. } in publications {
        let Publication { subject, name, version, .. } = publication;
        let other = "SELECT version FROM publication WHERE subject = $1 AND name = $2 \
                     AND version = $3 AND hash <> $4";
        let other: Option<i64> = db::query_scalar(other)
            .bind(subject.number())
            .bind(name)
            .bind(*version)
            .bind(publication.hash())
            .fetch_optional(&mut *conn)
            .await?;
        let query = match other {
            Some(_version) => db::query_as("SELECT site, id FROM record"),
            None => {
                // A vocabulary may be what a form that came before it can't be read without.
                let select = "SELECT site, id FROM record_wanting \
                              WHERE (subject = $1 AND name = $2) OR (subject = $3 AND $1 <> $3)";
                let form = Subject::Form.number();
                db::query_as(select).bind(subject.number()).bind(name).bind(form)
            }
        };
        let rows: Vec<(String, Vec<u8>)> = query.fetch_all(&mut *conn).await?;
        for (site, id) in rows {
            keys.insert(key(site, id)?);
        }
    }
    Ok(keys)
}

/// Has records shown anew, each by its shard.
pub(super) async fn have_shown(conn: &mut Conn, keys: &BTreeSet<RecordKey>) -> Result<(), Fault> {
    let mut of_site = BTreeMap::new();
    for key in keys {
        if !of_site.contains_key(&key.site) {
            let shard = shards::of(conn, &Lane::Site(key.site.clone())).await?;
            of_site.insert(key.site.clone(), shard);
        }
    }
    let rows: Vec<&RecordKey> = keys.iter().collect();
    for rows in rows.chunks(ROWS_MAX) {
        let mut query = Builder::new("INSERT INTO refold (shard, site, id) ");
        query.push_values(rows, |row, key| {
            let shard = of_site.get(&key.site).cloned();
            row.push_bind(shard.unwrap_or_else(|| key.site.to_string()))
                .push_bind(key.site.as_str().to_owned())
                .push_bind(key.id.0.to_vec());
        });
        query.push(" ON CONFLICT (shard, site, id) DO NOTHING");
        query.build().execute(&mut *conn).await?;
    }
    for shard in of_site.into_values().collect::<BTreeSet<String>>() {
        shards::mark(conn, &shard).await?;
    }
    Ok(())
}

/// Strikes records off that were shown anew.
pub(super) async fn shown(conn: &mut Conn, keys: &BTreeSet<RecordKey>) -> Result<(), Fault> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut query = Builder::new("DELETE FROM refold WHERE (site, id) IN (");
    query.push_values(keys, |row, key| {
        row.push_bind(key.site.as_str().to_owned()).push_bind(key.id.0.to_vec());
    });
    query.push(")");
    query.build().execute(conn).await?;
    Ok(())
}

/// Notes what each of these records names and is not here, in place of what was noted before.
pub(super) async fn note(
    conn: &mut Conn,
    records: &[(&RecordKey, &[Wanted])],
) -> Result<(), Fault> {
    let any = "SELECT subject FROM record_wanting LIMIT 1";
    let any: Option<i64> = db::query_scalar(any).fetch_optional(&mut *conn).await?;
    if any.is_some() {
        for records in records.chunks(ROWS_MAX) {
            let mut query = Builder::new("DELETE FROM record_wanting WHERE (site, id) IN (");
            query.push_values(records, |row, (key, _wanted)| {
                row.push_bind(key.site.as_str().to_owned()).push_bind(key.id.0.to_vec());
            });
            query.push(")");
            query.build().execute(&mut *conn).await?;
        }
    }
    let wanted = records.iter().flat_map(|(key, wanted)| wanted.iter().map(move |it| (*key, it)));
    let wanted: Vec<(&RecordKey, &Wanted)> = wanted.collect();
    for wanted in wanted.chunks(ROWS_MAX) {
        let mut query = Builder::new("INSERT INTO record_wanting (subject, name, site, id) ");
        query.push_values(wanted, |row, (key, wanted)| {
            row.push_bind(wanted.subject.number())
                .push_bind(wanted.name.clone())
                .push_bind(key.site.as_str().to_owned())
                .push_bind(key.id.0.to_vec());
        });
        query.push(" ON CONFLICT (subject, name, site, id) DO NOTHING");
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}
