//! When a device was last heard, where the clock that noted it was ahead.

use record::limits::PIECE_TOLERANCE_MS;

use super::Device;
use crate::db::{self, Conn};
use crate::truth::Fault;

/// Gives devices that were last heard later than now the last time that is not: a clock that was
/// ahead for an hour must not hide for years that a site fell silent.
pub(super) async fn put_right(
    conn: &mut Conn,
    devices: &mut [Device],
    now_ms: i64,
) -> Result<(), Fault> {
    let until_ms = now_ms.saturating_add(PIECE_TOLERANCE_MS);
    for device in devices {
        let Some(contact) = &mut device.contact else { continue };
        if contact.at_ms <= until_ms {
            continue;
        }
        let select = "SELECT MAX(at_ms) FROM receipt WHERE device = $1 AND at_ms <= $2";
        let query = db::query_scalar(select).bind(device.key.0.as_slice()).bind(until_ms);
        let heard_ms: Option<i64> = query.fetch_one(&mut *conn).await?;
        let enrolled_ms = Some(device.enrolled_ms).filter(|enrolled| *enrolled <= until_ms);
        // Of a clock that was held against a wrong one nothing is known.
        contact.clock_skew_ms = 0;
        match heard_ms.or(enrolled_ms) {
            Some(heard_ms) => contact.at_ms = heard_ms,
            None => device.contact = None,
        }
    }
    Ok(())
}
