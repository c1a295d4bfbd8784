//! The texts of records where a part of a word is found without reading all: written behind the
//! fold, so that a record is listed before it is indexed.
//!
//! The engine only finds who may be meant; what a list shows is compared with the record's own
//! text. So this may lag, and holds nothing that has to be right.

use std::collections::BTreeMap;

use crate::db::{self, Builder, Conn};
use crate::truth::turns::Turn;
use crate::truth::{Fault, Truth};

/// Records in one transaction: a device that waits for the writer waits this long.
const BATCH: i64 = 300;

/// A record whose text is to be written: its key, the number it goes by, its text if it is there.
type Waiting = (String, Vec<u8>, Option<i64>, Option<String>);

/// Notes that the texts of these records changed.
pub(super) async fn note<'a>(
    conn: &mut Conn,
    keys: impl Iterator<Item = &'a record::RecordKey>,
) -> Result<(), Fault> {
    let mut query = Builder::new("INSERT INTO to_search (site, id) ");
    query.push_values(keys, |row, key| {
        row.push_bind(key.site.as_str()).push_bind(key.id.0);
    });
    // Also a row that is there is taken: whoever writes its text waits, and reads the new one.
    query.push(" ON CONFLICT (site, id) DO UPDATE SET site = excluded.site");
    query.build().execute(conn).await?;
    Ok(())
}

/// Writes the next texts that wait and returns how many there were.
pub(crate) async fn write_some(truth: &Truth) -> Result<usize, Fault> {
    let mut tx = truth.db.begin().await?;
    // Numbers are given out here; nobody who folds waits for this.
    Turn::Texts.take(&mut tx).await?;
    // Struck off first: a fold that changes a text from here on notes it once more.
    let strike = "DELETE FROM to_search WHERE (site, id) IN \
                  (SELECT site, id FROM to_search ORDER BY site, id LIMIT $1) RETURNING site, id";
    let struck: Vec<(String, Vec<u8>)> =
        db::query_as(strike).bind(BATCH).fetch_all(&mut tx).await?;
    if struck.is_empty() {
        return Ok(0);
    }
    let waiting = waiting(&mut tx, struck).await?;
    let last = "SELECT COALESCE(MAX(number), 0) FROM searched";
    let mut last: i64 = db::query_scalar(last).fetch_one(&mut tx).await?;
    let (mut texts, mut new, mut old) = (Vec::new(), Vec::new(), Vec::new());
    for (site, id, number, text) in &waiting {
        let number = number.map_or_else(
            || {
                last += 1;
                new.push((site, id, last));
                last
            },
            |number| {
                old.push(number);
                number
            },
        );
        texts.extend(text.as_ref().map(|text| (number, text)));
    }
    remove(&mut tx, &old).await?;
    if !new.is_empty() {
        let mut insert = Builder::new("INSERT INTO searched (site, id, number) ");
        insert.push_values(new, |row, (site, id, number)| {
            row.push_bind(site).push_bind(id).push_bind(number);
        });
        insert.build().execute(&mut tx).await?;
    }
    if !texts.is_empty() {
        let mut insert = Builder::new("INSERT INTO record_text (rowid, search) ");
        insert.push_values(texts, |row, (number, text)| {
            row.push_bind(number).push_bind(text);
        });
        insert.build().execute(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(waiting.len())
}

/// Reads by which numbers these records go, and their texts.
async fn waiting(conn: &mut Conn, keys: Vec<(String, Vec<u8>)>) -> Result<Vec<Waiting>, Fault> {
    let numbers = "SELECT site, id, number FROM searched WHERE (site, id) IN (";
    let numbers: Vec<(String, Vec<u8>, i64)> =
        of(numbers, &keys).build_as().fetch_all(conn).await?;
    let mut numbers: BTreeMap<_, _> =
        numbers.into_iter().map(|(site, id, number)| ((site, id), number)).collect();
    let texts = "SELECT site, id, search FROM record WHERE (site, id) IN (";
    let texts: Vec<(String, Vec<u8>, String)> = of(texts, &keys).build_as().fetch_all(conn).await?;
    let mut texts: BTreeMap<_, _> =
        texts.into_iter().map(|(site, id, text)| ((site, id), text)).collect();
    let read = |key: (String, Vec<u8>)| {
        let (number, text) = (numbers.remove(&key), texts.remove(&key));
        (key.0, key.1, number, text)
    };
    Ok(keys.into_iter().map(read).collect())
}

fn of(select: &'static str, keys: &[(String, Vec<u8>)]) -> Builder {
    let mut query = Builder::new(select);
    query.push_values(keys, |row, (site, id)| {
        row.push_bind(site).push_bind(id);
    });
    query.push(")");
    query
}

async fn remove(conn: &mut Conn, numbers: &[i64]) -> Result<(), Fault> {
    if numbers.is_empty() {
        return Ok(());
    }
    let mut delete = Builder::new("DELETE FROM record_text WHERE rowid IN (");
    let mut list = delete.separated();
    for number in numbers {
        list.push_bind(number);
    }
    delete.push(")");
    delete.build().execute(conn).await?;
    Ok(())
}
