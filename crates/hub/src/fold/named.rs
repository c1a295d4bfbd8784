//! What finds a record by a text that no two of them should share.

use super::merge::Record;
use crate::db::{Builder, Conn};
use crate::truth::Fault;

/// Rows in one statement: `SQLite` takes 32,766 values, a row has 5.
const ROWS_MAX: usize = 5000;

/// Keeps what finds each record; what found it before goes.
pub(super) async fn put(conn: &mut Conn, records: &[Record]) -> Result<(), Fault> {
    let found_by: Vec<&Record> = records.iter().filter(|record| record.named.is_some()).collect();
    for records in found_by.chunks(ROWS_MAX) {
        let mut query = Builder::new("DELETE FROM named WHERE (site, id) IN (");
        query.push_values(records, |row, record| {
            row.push_bind(record.key.site.as_str().to_owned()).push_bind(record.key.id.0.to_vec());
        });
        query.push(")");
        query.build().execute(&mut *conn).await?;
    }
    let mut rows = Vec::new();
    for record in found_by {
        rows.extend(record.named.iter().flatten().map(|found_by| (record, found_by)));
    }
    for rows in rows.chunks(ROWS_MAX) {
        let mut query = Builder::new("INSERT INTO named (form, field, text, site, id) ");
        query.push_values(rows, |row, (record, (field, text))| {
            row.push_bind(record.form.clone())
                .push_bind(field.clone())
                .push_bind(text.clone())
                .push_bind(record.key.site.as_str().to_owned())
                .push_bind(record.key.id.0.to_vec());
        });
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}
