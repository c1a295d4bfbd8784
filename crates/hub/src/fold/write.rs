//! The views' rows, written many at a time.

use std::collections::{BTreeMap, BTreeSet};

use journal::DeviceKey;
use record::{EntryRule, PersonCard, RecordKey, SiteCard};

use super::merge::{Known, Merged, Record};
use super::weigh::{Batch, Place, Sighting};
use super::{named, publications, reviews, texts};
use crate::db::{self, Builder, Conn, from_db, to_db};
use crate::tables::key;
use crate::truth::Fault;

/// Rows in one statement: `SQLite` takes 32,766 values, a record's row has 17.
const ROWS_MAX: usize = 500;

/// Returns the records that a batch touches, or that are shown anew, as they stood before.
pub(super) async fn states(
    conn: &mut Conn,
    batch: &Batch,
    again: &BTreeSet<RecordKey>,
) -> Result<BTreeMap<RecordKey, Known>, Fault> {
    let counting = batch.sightings.iter().filter(|sighting| sighting.change.is_some());
    let counting = counting.map(|sighting| &sighting.key);
    let keys: BTreeSet<&RecordKey> = counting.chain(again).collect();
    let keys: Vec<&RecordKey> = keys.into_iter().collect();
    let mut known = BTreeMap::new();
    for keys in keys.chunks(ROWS_MAX) {
        let mut query =
            Builder::new("SELECT site, id, state, entries FROM record WHERE (site, id) IN (");
        query.push_values(keys, |row, key| {
            row.push_bind(key.site.as_str().to_owned()).push_bind(key.id.0.to_vec());
        });
        query.push(")");
        let rows: Vec<(String, Vec<u8>, Vec<u8>, i64)> =
            query.build_as().fetch_all(&mut *conn).await?;
        for (site, id, state, entries) in rows {
            known.insert(key(site, id)?, Known { state, entries: from_db(entries) });
        }
    }
    Ok(known)
}

/// Writes what a batch of a shard came to, and moves the cursors.
pub(super) async fn write(
    conn: &mut Conn,
    merged: &Merged,
    shard: &str,
    hub: &DeviceKey,
) -> Result<(), Fault> {
    let Merged { batch, records, references, .. } = merged;
    for records in records.chunks(ROWS_MAX) {
        put_records(conn, records).await?;
    }
    for sightings in batch.sightings.chunks(ROWS_MAX) {
        put_entries(conn, sightings).await?;
    }
    for references in references.chunks(ROWS_MAX) {
        put_references(conn, references).await?;
    }
    for remarks in batch.remarks.chunks(ROWS_MAX) {
        put_remarks(conn, remarks).await?;
    }
    for records in records.chunks(ROWS_MAX) {
        texts::note(conn, records.iter().map(|record| &record.key)).await?;
    }
    named::put(conn, records).await?;
    reviews::put(conn, &batch.acts).await?;
    let said = batch.acts.iter().map(|act| &act.key);
    reviews::settle(conn, hub, &records.iter().map(|r| &r.key).chain(said).collect()).await?;
    publications::put(conn, &batch.publications).await?;
    let wanted: Vec<_> = records.iter().map(|r| (&r.key, r.wanted.as_slice())).collect();
    publications::note(conn, &wanted).await?;
    for (rank, card) in &batch.sites {
        put_site(conn, rank, card).await?;
    }
    put_persons(conn, &batch.persons).await?;
    let upsert = "INSERT INTO fold_cursor (shard, log, seq, floor_ms) VALUES ($1, $2, $3, $4) \
                  ON CONFLICT (shard, log) DO UPDATE SET seq = excluded.seq, \
                  floor_ms = excluded.floor_ms";
    for cursor in &batch.cursors {
        db::query(upsert)
            .bind(shard)
            .bind(cursor.log)
            .bind(to_db(cursor.to))
            .bind(cursor.floor_ms)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Empties the views and takes every cursor away. Whoever folds must be kept out.
pub(super) async fn drop_views(conn: &mut Conn) -> Result<(), Fault> {
    let all = "DELETE FROM record; DELETE FROM record_entry; DELETE FROM reference; \
               DELETE FROM entry_finding; DELETE FROM site; DELETE FROM person; \
               DELETE FROM named; DELETE FROM publication; DELETE FROM record_wanting; DELETE FROM act; \
               DELETE FROM to_search; DELETE FROM refold; DELETE FROM fold_lane; \
               DELETE FROM fold_cursor; UPDATE fold_shard SET version = version + 1";
    Ok(db::run_script(conn, all).await?)
}

async fn put_records(conn: &mut Conn, records: &[Record]) -> Result<(), Fault> {
    let mut query = Builder::new(
        "INSERT INTO record (site, id, ref, form, state, hash, title, occurred_at, occurred_ms, \
         conflict, urgent, voided, entries, search, severity, signed_ms, arrived_ms) ",
    );
    query.push_values(records, |row, record| {
        let Record { key, shown, .. } = record;
        row.push_bind(key.site.as_str().to_owned())
            .push_bind(key.id.0.to_vec())
            .push_bind(shown.reference.clone())
            .push_bind(record.form.clone())
            .push_bind(record.state.clone())
            .push_bind(record.hash.to_vec())
            .push_bind(shown.title.clone())
            .push_bind(shown.occurred_at.clone())
            .push_bind(record.occurred_ms)
            .push_bind(!shown.conflicts.is_empty())
            .push_bind(shown.urgent)
            .push_bind(shown.voided.clone())
            .push_bind(to_db(record.entries))
            .push_bind(record.search.clone())
            .push_bind(record.severity)
            .push_bind(record.times.signed_ms)
            .push_bind(record.times.arrived_ms);
    });
    query.push(
        " ON CONFLICT (site, id) DO UPDATE SET ref = excluded.ref, form = excluded.form, \
         state = excluded.state, hash = excluded.hash, title = excluded.title, \
         occurred_at = excluded.occurred_at, occurred_ms = excluded.occurred_ms, \
         conflict = excluded.conflict, urgent = excluded.urgent, voided = excluded.voided, \
         entries = excluded.entries, search = excluded.search, severity = excluded.severity, \
         signed_ms = CASE WHEN record.signed_ms = 0 OR (excluded.signed_ms <> 0 \
         AND excluded.signed_ms < record.signed_ms) THEN excluded.signed_ms \
         ELSE record.signed_ms END, \
         arrived_ms = CASE WHEN record.arrived_ms = 0 OR (excluded.arrived_ms <> 0 \
         AND excluded.arrived_ms < record.arrived_ms) THEN excluded.arrived_ms \
         ELSE record.arrived_ms END",
    );
    query.build().execute(conn).await?;
    Ok(())
}

async fn put_entries(conn: &mut Conn, sightings: &[Sighting]) -> Result<(), Fault> {
    let mut query = Builder::new(
        "INSERT INTO record_entry (site, id, log, seq, entry_id, kind, claimed_ms, trusted_lo, \
         trusted_hi) ",
    );
    query.push_values(sightings, |row, sighting| {
        let Sighting { place, key, trusted: (lower, upper), .. } = sighting;
        row.push_bind(key.site.as_str().to_owned())
            .push_bind(key.id.0.to_vec())
            .push_bind(place.log)
            .push_bind(to_db(place.seq))
            .push_bind(sighting.entry_id.to_vec())
            .push_bind(i64::from(sighting.kind.0))
            .push_bind(sighting.claimed_ms)
            .push_bind(*lower)
            .push_bind(*upper);
    });
    query.build().execute(conn).await?;
    Ok(())
}

async fn put_references(conn: &mut Conn, names: &[(String, RecordKey)]) -> Result<(), Fault> {
    let mut query = Builder::new("INSERT INTO reference (ref, site, id) ");
    query.push_values(names, |row, (name, key)| {
        row.push_bind(name.clone())
            .push_bind(key.site.as_str().to_owned())
            .push_bind(key.id.0.to_vec());
    });
    query.push(" ON CONFLICT (ref, site, id) DO NOTHING");
    query.build().execute(conn).await?;
    Ok(())
}

async fn put_remarks(conn: &mut Conn, remarks: &[(Place, EntryRule)]) -> Result<(), Fault> {
    let mut query = Builder::new("INSERT INTO entry_finding (log, seq, rule, what) ");
    query.push_values(remarks, |row, (place, rule)| {
        row.push_bind(place.log)
            .push_bind(to_db(place.seq))
            .push_bind(rule.name())
            .push_bind(rule.words());
    });
    query.build().execute(conn).await?;
    Ok(())
}

/// Keeps a site's card, unless one of a higher rank stands there.
async fn put_site(conn: &mut Conn, rank: &[u8], card: &SiteCard) -> Result<(), Fault> {
    let before: Vec<&str> = card.successor_of.iter().map(|code| code.as_str()).collect();
    let upsert = "INSERT INTO site (code, name_en, name_ru, name_ky, kind, region, valid_from, \
                  valid_to, successor_of, rank) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                  ON CONFLICT (code) DO UPDATE SET name_en = $2, name_ru = $3, name_ky = $4, \
                  kind = $5, region = $6, valid_from = $7, valid_to = $8, successor_of = $9, \
                  rank = $10 WHERE site.rank < $10";
    db::query(upsert)
        .bind(card.code.as_str())
        .bind(&card.names.en)
        .bind(&card.names.ru)
        .bind(&card.names.ky)
        .bind(&card.kind)
        .bind(&card.region)
        .bind(&card.valid_from)
        .bind(&card.valid_to)
        .bind(before.join(" "))
        .bind(rank)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps cards of persons, each unless one of a higher rank stands there.
async fn put_persons(conn: &mut Conn, cards: &[(Vec<u8>, PersonCard)]) -> Result<(), Fault> {
    let mut cards: Vec<&(Vec<u8>, PersonCard)> = cards.iter().collect();
    // Shards that write the same rows take them in the same order.
    cards.sort_by_key(|(_rank, card)| card.id.0);
    let upsert = "INSERT INTO person (id, name, role, site, rank) VALUES ($1, $2, $3, $4, $5) \
                  ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, \
                  site = excluded.site, rank = excluded.rank WHERE person.rank < excluded.rank";
    for (rank, card) in cards {
        db::query(upsert)
            .bind(card.id.0.as_slice())
            .bind(&card.name)
            .bind(&card.role)
            .bind(card.site.as_str())
            .bind(rank.as_slice())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
