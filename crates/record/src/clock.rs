//! The hub's own time: which pieces of it are in doubt.
//!
//! The hub's clock is a machine's clock: it may be an hour wrong, or ten years. Its life therefore
//! falls into [`Piece`]s, between runs of a program and between jumps of its wall clock against the
//! clock that counts since the machine's start. Both a piece and a person's [`Accept`] are entries
//! of the hub's own lane, and each names what it contradicts as things stood when it was written:
//! so what is in doubt follows from these entries alone, whenever it is asked.

mod judged;
mod said;

pub use judged::{Doubt, HubTime, Judged};
pub use said::{Accept, ClockSaid, Piece, PieceName, Reading};

use crate::limits::CLOCK_TOLERANCE_MS;

/// Returns between which instants something happened, of the nearest sound bounds on both sides.
#[must_use]
pub fn trusted(since_ms: Option<i64>, until_ms: Option<i64>) -> Option<[i64; 2]> {
    let (since, until) = since_ms.zip(until_ms)?;
    // Nothing was written after it arrived, whatever receipt it names.
    Some([since.min(until), until])
}

/// Returns whether a clock said something that can't have been. Where nothing is certain nothing is
/// suspected.
#[must_use]
pub const fn is_suspect(claimed_ms: i64, trusted: Option<[i64; 2]>) -> bool {
    let Some([since, until]) = trusted else { return false };
    claimed_ms < since.saturating_sub(CLOCK_TOLERANCE_MS)
        || until.saturating_add(CLOCK_TOLERANCE_MS) < claimed_ms
}

#[cfg(test)]
mod tests;
