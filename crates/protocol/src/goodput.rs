//! How much to send in one step, and how hard to compress it, by what the link has carried.

use crate::limits::{
    FRAME_MS, PACKED_FRAME_BYTES_MAX, PACKED_FRAME_BYTES_MIN, STEP_BYTES_MAX, STEP_BYTES_MIN,
    STEP_MS,
};
use crate::pack::Pace;

/// Bytes a second above which time is dearer than bytes: about 3 Mbit/s.
const FAST_BYTES_PER_SECOND: u64 = 400_000;

/// What a link is taken to carry before anything is known: a first step of half the most.
const FIRST_BYTES_PER_SECOND: u64 = STEP_BYTES_MAX as u64 / 2 * 1_000 / STEP_MS;

/// Bytes a second below which bytes are dearer than anything: about 1 Mbit/s.
const SLOW_BYTES_PER_SECOND: u64 = 125_000;

/// What a link has carried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Goodput {
    bytes_per_second: Option<u64>,
    /// Whether the speed was ever measured; a guess says nothing of what bytes are worth.
    is_measured: bool,
}

impl Goodput {
    /// Counts a step: bytes up, and milliseconds until the answer.
    pub fn measured(&mut self, bytes: u64, ms: u64) {
        if bytes < 1_024 {
            return; // A bare Hello measures the delay, not the link.
        }
        let now = bytes.saturating_mul(1_000) / ms.max(1);
        let before = self.bytes_per_second.unwrap_or(now);
        self.bytes_per_second = Some((before + now) / 2);
        self.is_measured = true;
    }

    /// Counts a step without an answer: the next one is half as large.
    ///
    /// This holds before anything was measured too, or a link that never lives long enough for
    /// the first guess would never carry anything.
    pub fn lost(&mut self) {
        self.bytes_per_second = Some(self.speed() / 2);
    }

    /// Returns how many compressed bytes to send in the next step.
    #[must_use]
    pub fn step_bytes(&self) -> usize {
        let bytes = self.speed().saturating_mul(STEP_MS) / 1_000;
        usize::try_from(bytes).unwrap_or(usize::MAX).clamp(STEP_BYTES_MIN, STEP_BYTES_MAX)
    }

    /// Returns how the frames of the next step are packed.
    #[must_use]
    pub fn pace(&self) -> Pace {
        let bytes = self.speed().saturating_mul(FRAME_MS) / 1_000;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let frame_bytes = bytes.clamp(PACKED_FRAME_BYTES_MIN, PACKED_FRAME_BYTES_MAX);
        Pace { level: self.level(), frame_bytes, step_bytes: self.step_bytes() }
    }

    fn speed(&self) -> u64 {
        self.bytes_per_second.unwrap_or(FIRST_BYTES_PER_SECOND)
    }

    /// Returns the zstd level: on a slow link every byte counts, on a fast one the processor does.
    fn level(&self) -> i32 {
        match self.bytes_per_second.filter(|_speed| self.is_measured) {
            Some(speed) if FAST_BYTES_PER_SECOND <= speed => 11,
            Some(speed) if SLOW_BYTES_PER_SECOND <= speed => 12,
            Some(_) => 19,
            None => 11,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_some_seconds_of_the_link_within_bounds() {
        let steps = [200, 8_000, 10_000_000].map(|speed| {
            let mut goodput = Goodput::default();
            goodput.measured(speed * 10, 10_000);
            goodput.step_bytes()
        });
        assert_eq!(steps, [STEP_BYTES_MIN, 20_000, STEP_BYTES_MAX]);
    }

    #[test]
    fn a_frame_is_a_moment_of_the_link_within_bounds() {
        let frames = [200, 30_000, 200_000, 10_000_000].map(|speed| {
            let mut goodput = Goodput::default();
            goodput.measured(speed * 10, 10_000);
            goodput.pace().frame_bytes
        });
        assert_eq!(frames, [PACKED_FRAME_BYTES_MIN, 4_500, 30_000, PACKED_FRAME_BYTES_MAX]);
    }

    #[test]
    fn steps_shrink_on_a_link_that_never_carried_one() {
        let mut goodput = Goodput::default();
        let steps = [0; 6].map(|_lost| {
            goodput.lost();
            goodput.step_bytes()
        });
        assert_eq!(steps, [65_535, 32_767, 16_382, 8_190, STEP_BYTES_MIN, STEP_BYTES_MIN]);
    }
}
