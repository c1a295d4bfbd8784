//! Instants as the views write them: RFC 3339, at the country's offset.

use record::DateTime;

use crate::fold::search::OFFSET_MINUTES;

/// Returns an instant as text.
pub(crate) fn written(utc_ms: i64) -> String {
    DateTime { utc_ms, offset_minutes: OFFSET_MINUTES }.to_string()
}
