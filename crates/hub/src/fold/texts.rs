//! The texts of records where a part of a word is found without reading all: written behind the
//! fold, so that a record is listed before it is indexed.
//!
//! The engine only finds who may be meant; what a list shows is compared with the record's own
//! text. So this may lag, and holds nothing that has to be right.

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
    query.push(" ON CONFLICT (site, id) DO NOTHING");
    query.build().execute(conn).await?;
    Ok(())
}

/// Writes the next texts that wait and returns how many there were.
pub(crate) async fn write_some(truth: &Truth) -> Result<usize, Fault> {
    let mut tx = truth.db.begin().await?;
    // A fold must not change a text between the reading here and the striking off.
    Turn::Fold.take(&mut tx).await?;
    let select = "SELECT w.site, w.id, s.number, r.search FROM to_search AS w \
                  LEFT JOIN searched AS s ON s.site = w.site AND s.id = w.id \
                  LEFT JOIN record AS r ON r.site = w.site AND r.id = w.id \
                  ORDER BY w.site, w.id LIMIT $1";
    let waiting: Vec<Waiting> = db::query_as(select).bind(BATCH).fetch_all(&mut tx).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
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
    let mut done = Builder::new("DELETE FROM to_search WHERE (site, id) IN (");
    done.push_values(&waiting, |row, (site, id, ..)| {
        row.push_bind(site).push_bind(id);
    });
    done.push(")");
    done.build().execute(&mut tx).await?;
    tx.commit().await?;
    Ok(waiting.len())
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
