//! What finds a record by a text that no two of them should share.

use super::merge::Record;
use crate::db::{self, Builder, Conn};
use crate::truth::Fault;

/// Rows in one statement: `SQLite` takes 32,766 values, a row has 5.
const ROWS_MAX: usize = 5000;

/// Keeps what finds each record; what found it before goes.
pub(super) async fn put(conn: &mut Conn, records: &[Record]) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for record in records {
        let Some(named) = &record.named else { continue };
        db::query("DELETE FROM named WHERE site = $1 AND id = $2")
            .bind(record.key.site.as_str())
            .bind(record.key.id.0.as_slice())
            .execute(&mut *conn)
            .await?;
        rows.extend(named.iter().map(|(field, text)| (record, field, text)));
    }
    for rows in rows.chunks(ROWS_MAX) {
        let mut query = Builder::new("INSERT INTO named (form, field, text, site, id) ");
        query.push_values(rows, |row, (record, field, text)| {
            row.push_bind(record.form.clone())
                .push_bind((*field).clone())
                .push_bind((*text).clone())
                .push_bind(record.key.site.as_str().to_owned())
                .push_bind(record.key.id.0.to_vec());
        });
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}
