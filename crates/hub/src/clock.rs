//! What the machine's clocks say, and the hub's own time, which never falls.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journal::{BootId, Stamp};

/// The hub's time in milliseconds since 1970: the wall clock, held up where that falls back.
#[derive(Debug)]
pub struct HubClock(AtomicI64);

impl HubClock {
    /// Makes a clock that never says less than `floor_ms`.
    #[must_use]
    pub const fn new(floor_ms: i64) -> Self {
        Self(AtomicI64::new(floor_ms))
    }

    /// Returns the time.
    pub fn now_ms(&self) -> i64 {
        let wall = wall_ms();
        self.0.fetch_max(wall, Ordering::Relaxed).max(wall)
    }
}

/// By how much this process lives in the past.
static BEHIND_MS: AtomicI64 = AtomicI64::new(0);

/// Lets this process live so long ago. Only the demonstration does, to show what was weeks before;
/// nothing that the hub is told or configured with leads here.
pub fn live_before(ago: Duration) {
    BEHIND_MS.store(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
}

/// Returns the wall clock in milliseconds since 1970; negative before.
#[must_use]
pub fn wall_ms() -> i64 {
    let now = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_millis()).map_or(i64::MIN, std::ops::Neg::neg)
        }
    };
    now.saturating_sub(BEHIND_MS.load(Ordering::Relaxed))
}

/// Writes a time as RFC 3339, in universal time.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_beyond| String::new(), |at| at.to_string())
}

/// Returns what all clocks say, for an entry of the hub's own.
#[must_use]
pub fn stamp() -> Stamp {
    Stamp { claimed_ms: wall_ms(), boot: boot_id(), boot_ms: boot_ms() }
}

/// The machine's start; zeros where the system does not say.
fn boot_id() -> BootId {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let hash = blake3::derive_key("ashuu 2026 boot id v1", text.trim().as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = hash;
    BootId(if text.is_empty() { [0; 8] } else { [a, b, c, d, e, f, g, h] })
}

/// Milliseconds since the machine's start; 0 where the system does not say.
fn boot_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let Some((seconds, rest)) = text.split_once('.') else { return 0 };
    let hundredths = rest.get(..2).and_then(|digits| digits.parse().ok()).unwrap_or(0_u64);
    seconds.parse::<u64>().map_or(0, |seconds| seconds * 1000 + hundredths * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_time_never_falls_below_what_it_once_said() {
        let far = wall_ms() + 1_000_000;
        assert_eq!(HubClock::new(far).now_ms(), far);
        assert!(wall_ms() <= HubClock::new(0).now_ms());
    }
}
