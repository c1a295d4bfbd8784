//! Instants as people here read them.

use record::{Date, DateTime};

use crate::clock::{self, OFFSET_MINUTES};

/// Returns an instant as a clock here shows it.
pub(crate) const fn at(utc_ms: i64) -> DateTime {
    DateTime { utc_ms, offset_minutes: OFFSET_MINUTES }
}

/// Returns the present instant, by a clock that is ahead by so much.
pub(super) fn now_less(skew_ms: i64) -> DateTime {
    at(clock::now_ms().saturating_sub(skew_ms))
}

/// Returns the day a calendar here shows.
pub(super) fn today() -> Option<Date> {
    at(clock::now_ms()).date()
}
