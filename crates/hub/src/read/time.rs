//! Instants as the views write them: RFC 3339, at the country's offset.

use record::DateTime;

use crate::clock;
use crate::tables::search::OFFSET_MINUTES;

/// Returns an instant as people here write it.
pub(crate) const fn at(utc_ms: i64) -> DateTime {
    DateTime { utc_ms, offset_minutes: OFFSET_MINUTES }
}

/// Returns the present instant by this machine's clock.
pub(crate) fn now() -> DateTime {
    at(clock::wall_ms())
}

/// Returns an instant as text.
pub(crate) fn written(utc_ms: i64) -> String {
    at(utc_ms).to_string()
}
