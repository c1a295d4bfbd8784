//! When the next copy is due: once for each day's time, however late the hub is there to see it.

use crate::limits::BACKUP_AGAIN_MS;
use crate::tables::search::OFFSET_MINUTES;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const MINUTE_MS: i64 = 60 * 1000;

/// Returns whether a copy is due, by when the last good one was made and when one last failed.
pub(super) fn is_due(
    now_ms: i64,
    daily: u32,
    good_ms: Option<i64>,
    failed_ms: Option<i64>,
) -> bool {
    let from_ms = last_time(now_ms, daily);
    // One of the future was made by a clock that was wrong, then or now.
    let is_made = good_ms.is_some_and(|good| (from_ms..=now_ms).contains(&good));
    let again_ms = now_ms.saturating_sub(BACKUP_AGAIN_MS);
    let just_failed = failed_ms.is_some_and(|failed| again_ms < failed && failed <= now_ms);
    !is_made && !just_failed
}

/// Returns the last time at which a copy was to be made.
fn last_time(now_ms: i64, daily: u32) -> i64 {
    let offset_ms = i64::from(OFFSET_MINUTES) * MINUTE_MS;
    let local = now_ms.saturating_add(offset_ms);
    let today = local - local.rem_euclid(DAY_MS) + i64::from(daily) * MINUTE_MS;
    let last = if today <= local { today } else { today - DAY_MS };
    last - offset_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01 02:30 at +06:00.
    const TIME: i64 = 1_796_070_600_000;
    const DAILY: u32 = 150;

    #[test]
    fn one_is_due_at_its_time_once_and_a_missed_one_as_soon_as_somebody_looks() {
        let due = |now, good| is_due(now, DAILY, good, None);
        assert!(due(TIME, None), "the first one at once");
        assert!(!due(TIME - 1, Some(TIME - DAY_MS)), "yesterday's is enough until then");
        assert!(due(TIME, Some(TIME - 1)), "then one of today");
        assert!(!due(TIME + DAY_MS - 1, Some(TIME)));
        assert!(due(TIME + 7 * DAY_MS + 5, Some(TIME)), "off for a week");
    }

    #[test]
    fn a_clock_that_is_set_puts_none_off_for_long_and_makes_none_twice() {
        let due = |now, good| is_due(now, DAILY, good, None);
        assert!(due(TIME, Some(TIME + 400 * DAY_MS)), "the last one is of the future");
        assert!(due(0, Some(TIME)), "the clock fell to 1970");
        assert!(!due(1_000, Some(500)));
        assert!(due(TIME, Some(500)), "and was set right again");
    }

    #[test]
    fn one_that_failed_is_tried_again_after_a_while() {
        let due = |now| is_due(now, DAILY, None, Some(TIME));
        assert!(!due(TIME) && !due(TIME + BACKUP_AGAIN_MS - 1));
        assert!(due(TIME + BACKUP_AGAIN_MS) && due(TIME - 1));
    }
}
