//! The texts that searching finds records by, against the records.
//!
//! Their numbers follow the order in which they were written, so they are no rows that a second fold
//! would come to: each is compared with the text in the record it stands for. The index that an
//! engine keeps of them is the engine's own.

use super::ViewFault;
use crate::db::{self, Conn};
use crate::limits::VIEW_FAULTS_MAX;
use crate::truth::Fault;

/// Records whose text does not wait to be written and is another one, or none.
const DIFFER: &str = "SELECT r.site, r.id FROM record AS r \
                      LEFT JOIN to_search AS w ON w.site = r.site AND w.id = r.id \
                      LEFT JOIN searched AS s ON s.site = r.site AND s.id = r.id \
                      LEFT JOIN record_text AS t ON t.rowid = s.number \
                      WHERE w.id IS NULL AND (t.search IS NULL OR t.search <> r.search) \
                      ORDER BY r.site, r.id LIMIT $1";

/// Returns the records that a search does not find as they are.
pub(super) async fn check(conn: &mut Conn) -> Result<Vec<ViewFault>, Fault> {
    let max = i64::try_from(VIEW_FAULTS_MAX).unwrap_or(i64::MAX);
    let rows: Vec<(String, Vec<u8>)> = db::query_as(DIFFER).bind(max).fetch_all(conn).await?;
    let fault = |(site, id): (String, Vec<u8>)| {
        let table = "record_text";
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let row = format!("{site} {id}");
        let what = format!("the view {table}, row {row}: search is not what the entries come to");
        ViewFault { table, row, column: Some("search".to_owned()), what }
    };
    Ok(rows.into_iter().map(fault).collect())
}
