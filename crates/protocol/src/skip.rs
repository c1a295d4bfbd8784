//! Which earlier positions to name when the other side does not know a head.

/// Returns the positions head−1, −2, −4 … and 1: few enough to send, dense where forks are likely.
#[must_use]
pub fn skip_positions(head: u64) -> Vec<u64> {
    let steps = (0..u64::BITS).map_while(|power| head.checked_sub(1 << power));
    let mut positions: Vec<u64> = steps.filter(|position| 1 < *position).collect();
    if 1 < head {
        positions.push(1);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_double_their_distance_and_end_at_the_first_entry() {
        assert_eq!(skip_positions(100), [99, 98, 96, 92, 84, 68, 36, 1]);
        assert_eq!(skip_positions(2), [1]);
        assert_eq!(skip_positions(1), []);
        assert_eq!(skip_positions(0), []);
    }
}
