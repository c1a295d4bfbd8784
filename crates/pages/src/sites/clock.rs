//! How far a clock is off, in words a person can act on.

use crate::dictionary::Dictionary;

/// A clock is worth a word when it is this many seconds off.
const SECONDS_MIN: u64 = 120;

/// Says how far a clock is ahead of the hub's or behind it, where that is worth a word.
pub(super) fn off(w: &Dictionary, skew_ms: Option<i64>) -> Option<String> {
    let skew_ms = skew_ms?;
    let seconds = skew_ms.unsigned_abs() / 1000;
    let key = if skew_ms < 0 { "clock-behind" } else { "clock-ahead" };
    (SECONDS_MIN <= seconds).then(|| w.with(key, &span(w, seconds)))
}

/// Returns a span in the unit that suits it: nobody reckons with 4,320 minutes.
fn span(w: &Dictionary, seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    if seconds < 2 * HOUR {
        w.n("span-minutes", seconds / MINUTE)
    } else if seconds < 2 * DAY {
        w.n("span-hours", seconds / HOUR)
    } else {
        w.n("span-days", seconds / DAY)
    }
}
