//! When automatic sync may use the link: in certain hours, up to so many bytes a day.
//!
//! A person who asks for an exchange is not held back.

use std::time::Duration;

use crate::config::Hours;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60 * 1_000;

/// What automatic sync may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    hours: Option<Hours>,
    bytes_per_day: Option<u64>,
    day: i64,
    used: u64,
}

impl Allowance {
    /// Allows sync in `hours` and up to `bytes_per_day`, where they are given.
    pub(super) const fn new(hours: Option<Hours>, bytes_per_day: Option<u64>) -> Self {
        Self { hours, bytes_per_day, day: 0, used: 0 }
    }

    /// Counts what an exchange used. `local_ms` is the local time since 1970.
    pub(super) fn spend(&mut self, bytes: u64, local_ms: i64) {
        let day = local_ms.div_euclid(DAY_MS);
        if day != self.day {
            (self.day, self.used) = (day, 0);
        }
        self.used = self.used.saturating_add(bytes);
    }

    /// Returns how long to wait until automatic sync may begin; nothing if it may now.
    pub(super) fn wait(&self, local_ms: i64) -> Duration {
        let (day, of_day) = (local_ms.div_euclid(DAY_MS), local_ms.rem_euclid(DAY_MS));
        let spent = self.bytes_per_day.is_some_and(|most| most <= self.used) && day == self.day;
        if spent {
            return Duration::from_millis((DAY_MS - of_day).unsigned_abs());
        }
        let minute = u16::try_from(of_day / MINUTE_MS).unwrap_or(0);
        let closed = self.hours.map_or(0, |hours| hours.opens_in(minute));
        Duration::from_mins(u64::from(closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_its_hours_sync_waits_for_them() {
        let allowance = Allowance::new("20:00-06:00".parse().ok(), None);
        assert_eq!(allowance.wait(19 * 60 * MINUTE_MS), Duration::from_mins(60));
        assert_eq!(allowance.wait(21 * 60 * MINUTE_MS), Duration::ZERO);
    }

    #[test]
    fn what_is_spent_comes_back_at_midnight() {
        let mut allowance = Allowance::new(None, Some(1_000));
        let noon = 12 * 60 * MINUTE_MS;
        allowance.spend(999, noon);
        assert_eq!(allowance.wait(noon), Duration::ZERO);
        allowance.spend(1, noon);
        assert_eq!(allowance.wait(noon), Duration::from_hours(12));
        assert_eq!(allowance.wait(noon + DAY_MS), Duration::ZERO);
        allowance.spend(5, noon + DAY_MS);
        assert_eq!(allowance.wait(noon + DAY_MS), Duration::ZERO);
    }
}
