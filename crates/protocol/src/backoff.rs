//! When to try again: exponential, capped, with full jitter, so that colonies don't return in step.

/// The wait between failed tries.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    min_ms: u64,
    max_ms: u64,
    failures: u32,
}

impl Backoff {
    /// Waits up to `min_ms` after one failure, up to twice that after two, never above `max_ms`.
    #[must_use]
    pub const fn new(min_ms: u64, max_ms: u64) -> Self {
        Self { min_ms, max_ms, failures: 0 }
    }

    /// Returns how long to wait after another failure; `random` is fresh and uniform.
    pub fn failed(&mut self, random: u64) -> u64 {
        let ceiling = self.min_ms.saturating_mul(1_u64 << self.failures.min(40)).min(self.max_ms);
        self.failures = self.failures.saturating_add(1);
        // A wait of nearly nothing would be a busy loop when the hub refuses at once.
        let floor = ceiling / 8;
        floor + random % (ceiling - floor).max(1)
    }

    /// Forgets the failures: something worked.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_no_further() {
        let mut backoff = Backoff::new(1_000, 10_000);
        let ceilings: Vec<u64> = (0..6).map(|_| longest(&mut backoff)).collect();
        assert_eq!(ceilings, [999, 1_999, 3_999, 7_999, 9_999, 9_999]);
        backoff.succeeded();
        assert_eq!(longest(&mut backoff), 999);
    }

    /// The wait for the unluckiest random number.
    fn longest(backoff: &mut Backoff) -> u64 {
        let mut copy = *backoff;
        let waits = (0..20_000).map(|random| {
            let mut one = copy;
            one.failed(random)
        });
        let longest = waits.max().unwrap();
        copy.failed(0);
        *backoff = copy;
        longest
    }
}
