//! What the machine's clocks say: the wall clock as it is, and the one that counts since the start.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journal::{BootId, Run, Stamp};
use record::clock::Reading;

/// A time of the hub, and the clock that told it; none of what older software wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// The wall clock, in milliseconds since 1970.
    pub ms: i64,
    /// All that the clocks said.
    pub reading: Option<Reading>,
}

/// The clock of one run of a hub. It need not rise: it is the machine's clock, as it is.
#[derive(Debug)]
pub struct HubClock {
    run: Run,
    /// What was said when the present piece began; none where this process serves no device.
    piece: Mutex<Option<Reading>>,
}

impl HubClock {
    /// Makes the clock of a run.
    #[must_use]
    pub const fn new(run: Run) -> Self {
        Self { run, piece: Mutex::new(None) }
    }

    /// Returns the time.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        wall_ms()
    }

    /// Returns the time, and what told it.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::read(self.run)
    }

    /// Returns what all clocks say.
    #[must_use]
    pub fn reading(&self) -> Reading {
        reading(self.run)
    }

    /// Returns what was said when the present piece began.
    pub(crate) fn piece(&self) -> Option<Reading> {
        *self.piece.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on in a piece that began so.
    pub(crate) fn go_on_from(&self, began: Reading) {
        *self.piece.lock().unwrap_or_else(PoisonError::into_inner) = Some(began);
    }
}

impl Moment {
    /// Returns the present moment of a run.
    pub(crate) fn read(run: Run) -> Self {
        let reading = reading(run);
        Self { ms: reading.wall_ms, reading: Some(reading) }
    }

    /// Returns a time of which it is not known what told it.
    #[must_use]
    pub const fn of_unknown_clock(ms: i64) -> Self {
        Self { ms, reading: None }
    }

    /// Reads a time and the column beside it.
    pub(crate) fn of_columns(ms: i64, clock: Option<&[u8]>) -> Self {
        let reading = clock.and_then(|bytes| {
            let (run, rest) = bytes.split_first_chunk()?;
            let (boot, rest) = rest.split_first_chunk()?;
            let boot_ms = u64::from_be_bytes(*rest.first_chunk()?);
            Some(Reading { run: Run(*run), boot: BootId(*boot), boot_ms, wall_ms: ms })
        });
        Self { ms, reading }
    }

    /// Returns the column beside the time.
    pub(crate) fn clock(&self) -> Option<Vec<u8>> {
        let Reading { run, boot, boot_ms, .. } = self.reading?;
        Some([run.0, boot.0, boot_ms.to_be_bytes()].concat())
    }
}

fn reading(run: Run) -> Reading {
    Reading { run, boot: boot_id(), boot_ms: boot_ms(), wall_ms: wall_ms() }
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

/// Returns what all clocks said at a moment, for an entry of the hub's own.
pub(crate) fn stamp_of(moment: &Moment) -> Stamp {
    let (boot, boot_ms) =
        moment.reading.map(|reading| (reading.boot, reading.boot_ms)).unwrap_or_default();
    Stamp { claimed_ms: moment.ms, boot, boot_ms }
}

/// The machine's start; zeros where the system does not say.
fn boot_id() -> BootId {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let hash = blake3::derive_key("ashuu 2026 boot id v1", text.trim().as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = hash;
    BootId(if text.is_empty() { [0; 8] } else { [a, b, c, d, e, f, g, h] })
}

/// Milliseconds since the machine's start, in which suspension counts; 0 where the system does not say.
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
    fn a_moment_reads_back_from_its_columns() {
        let moment = HubClock::new(Run([3; 8])).now();
        assert_eq!(moment.reading.map(|reading| reading.wall_ms), Some(moment.ms));
        let column = moment.clock();
        assert_eq!(Moment::of_columns(moment.ms, column.as_deref()), moment);
        assert_eq!(Moment::of_columns(-1, None), Moment::of_unknown_clock(-1));
        assert_eq!(Moment::of_columns(5, Some(&[1, 2])), Moment::of_unknown_clock(5));
    }
}
