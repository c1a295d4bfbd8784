//! The machine's clocks, read through std only. What they say is a claim, never evidence.

use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journal::{BootId, Stamp};

/// Minutes by which local time is ahead of UTC: the whole country has one offset.
pub const OFFSET_MINUTES: i16 = 6 * 60;

/// By how much this process lives in the past.
static BEHIND_MS: AtomicI64 = AtomicI64::new(0);

/// Lets this process live so long ago. Only the demonstration does, to show what was weeks before;
/// nothing that the agent is told or configured with leads here.
pub fn live_before(ago: Duration) {
    BEHIND_MS.store(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
}

/// Returns the wall clock in milliseconds since 1970; before that year it is negative.
#[must_use]
pub fn now_ms() -> i64 {
    let now = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    now.saturating_sub(BEHIND_MS.load(Ordering::Relaxed))
}

/// Returns the local time in milliseconds since 1970: the wall clock, moved to Kyrgyz time, which
/// has had no summer time since 2005.
#[must_use]
pub fn local_ms() -> i64 {
    now_ms().saturating_add(i64::from(OFFSET_MINUTES) * 60_000)
}

/// Returns what all clocks say now.
#[must_use]
pub fn stamp() -> Stamp {
    Stamp { claimed_ms: now_ms(), boot: boot(), boot_ms: boot_ms() }
}

/// Which start of the machine this is; zeros where the system doesn't say.
fn boot() -> BootId {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let hash = blake3::hash(text.trim().as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    if text.is_empty() { BootId::default() } else { BootId([a, b, c, d, e, f, g, h]) }
}

/// Milliseconds since that start; zero where the system doesn't say.
fn boot_ms() -> u64 {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let Some((seconds, rest)) = text.split_once('.') else { return 0 };
    let hundredths: u64 = rest.get(..2).and_then(|two| two.parse().ok()).unwrap_or(0);
    seconds.parse::<u64>().unwrap_or(0).saturating_mul(1_000).saturating_add(hundredths * 10)
}
