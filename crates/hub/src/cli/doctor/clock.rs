//! A look at the hub's clock: what of its time is in doubt, and what the clocks of most sites say.

use terminal::Check;

use super::work::{Looked, words};
use crate::cli::clock::REMEDY;
use crate::clock;
use crate::db;
use crate::limits::{CLOCK_CHECK_DEVICES_MIN, CLOCK_SKEW_WARN_MS};
use crate::truth::{Truth, hub_time};

/// The start of 2024: no machine that runs this was ever set to an earlier time on purpose.
const PLAUSIBLE_MS: i64 = 1_704_067_200_000;

/// Looks at this machine's clock, beside what was shown before and what most sites say.
pub(super) async fn clock(truth: &Truth) -> Looked {
    let mut conn = truth.db.read().await.map_err(words)?;
    let time = hub_time::judged(&mut conn).await.map_err(words)?;
    let open = time.in_doubt().filter(|(judged, doubt)| time.is_open(judged, *doubt)).count();
    let is_present_sound = time.is_sound(Some(&truth.clock.reading()));
    let skews = "SELECT clock_skew_ms FROM device \
                 WHERE state = 'active' AND clock_skew_ms IS NOT NULL";
    let skews: Vec<i64> = db::query_scalar(skews).fetch_all(&mut conn).await.map_err(words)?;
    Ok(judged(clock::wall_ms(), open, is_present_sound, skews))
}

fn judged(now_ms: i64, in_doubt: usize, is_present_sound: bool, mut skews: Vec<i64>) -> Check {
    if now_ms < PLAUSIBLE_MS {
        return Check::fail("clock", "it stands before 2024", REMEDY);
    }
    if !is_present_sound {
        let what = "which time it is now is in doubt: see `ashuu-hub clock show`";
        return Check::fail("clock", what, REMEDY);
    }
    if 0 < in_doubt {
        let what =
            format!("{in_doubt} pieces of the hub's time are in doubt: see `ashuu-hub clock show`");
        return Check::warn("clock", what, REMEDY);
    }
    skews.sort_unstable();
    let median = skews.get(skews.len() / 2).copied();
    match median.filter(|_| CLOCK_CHECK_DEVICES_MIN <= skews.len()) {
        Some(skew) if CLOCK_SKEW_WARN_MS < skew.saturating_abs() => {
            let way = if 0 < skew { "behind" } else { "ahead of" };
            let seconds = skew.saturating_abs() / 1_000;
            let what = format!("{seconds} seconds {way} the clocks of most sites");
            Check::warn("clock", what, "compare it with the time on the radio, then set it")
        }
        Some(_) => Check::ok("clock", "it agrees with the clocks of most sites"),
        None => Check::ok("clock", "too few sites to compare it with"),
    }
}

#[cfg(test)]
mod tests {
    use terminal::State;

    use super::*;

    const NOW: i64 = PLAUSIBLE_MS + 1_000_000_000;

    #[test]
    fn a_clock_of_1970_or_in_doubt_fails_and_an_old_doubt_is_a_warning() {
        assert_eq!(judged(0, 0, true, Vec::new()).state, State::Fail);
        assert_eq!(judged(NOW, 2, false, Vec::new()).state, State::Fail);
        assert_eq!(judged(NOW, 1, true, Vec::new()).state, State::Warn);
        assert_eq!(judged(NOW, 0, true, Vec::new()).state, State::Ok);
    }

    #[test]
    fn a_clock_that_most_sites_contradict_is_a_warning_and_one_site_is_not_enough() {
        let off = CLOCK_SKEW_WARN_MS + 1;
        assert_eq!(judged(NOW, 0, true, vec![off]).state, State::Ok);
        assert_eq!(judged(NOW, 0, true, vec![0, off, off]).state, State::Warn);
        assert_eq!(judged(NOW, 0, true, vec![-off, -off, -off]).state, State::Warn);
        assert_eq!(judged(NOW, 0, true, vec![0, 0, off]).state, State::Ok);
    }
}
