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

/// Returns the instant that a text names: a time, or the beginning of a day here.
pub(super) fn instant(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<DateTime>() {
        return Some(at.utc_ms);
    }
    let day: Date = text.parse().ok()?;
    let midnight: DateTime = format!("{day}T00:00:00Z").parse().ok()?;
    Some(midnight.utc_ms.saturating_sub(i64::from(OFFSET_MINUTES) * 60_000))
}

/// Returns the day a calendar here shows.
pub(super) fn today() -> Option<Date> {
    at(clock::now_ms()).date()
}
