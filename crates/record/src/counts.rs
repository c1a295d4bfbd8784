//! Whether a change counts: whose word about a record is folded.
//!
//! A change that does not count is kept and forwarded, left out of the fold, and a finding.

use journal::{DeviceKey, EpochStart, Lane, LogName, SiteCode};

/// Returns whether a change in `log` to a record of `site` is folded.
///
/// It is if the log is the hub's lane of that site or of everyone, or if the log's first entry `start` names the
/// site as its device's own or as a predecessor. Without the first entry it does not count yet.
#[must_use]
pub fn counts(log: &LogName, hub: &DeviceKey, start: Option<&EpochStart>, site: &SiteCode) -> bool {
    let is_of_site = matches!(&log.lane, Lane::Site(lane) if lane == site);
    let is_hubs = log.device == *hub && (is_of_site || log.lane == Lane::Everyone);
    is_hubs || start.is_some_and(|start| start.site == *site || start.predecessors.contains(site))
}

#[cfg(test)]
mod tests {
    use journal::Epoch;

    use super::*;

    const HUB: DeviceKey = DeviceKey([9; 32]);

    fn site(code: &str) -> SiteCode {
        code.parse().unwrap()
    }

    fn log(device: DeviceKey, lane: Lane) -> LogName {
        LogName { device, epoch: Epoch([1; 8]), lane }
    }

    fn start(own: &str, predecessors: &[&str]) -> EpochStart {
        EpochStart {
            site: site(own),
            predecessors: predecessors.iter().map(|code| site(code)).collect(),
            opened_at_ms: 0,
            count: 1,
            previous: None,
            abandoned: None,
        }
    }

    #[test]
    fn a_device_speaks_for_its_site_and_those_that_merged_into_it() {
        let log = log(DeviceKey([1; 32]), Lane::Site(site("A")));
        let start = start("A", &["OLD"]);
        assert!(counts(&log, &HUB, Some(&start), &site("A")));
        assert!(counts(&log, &HUB, Some(&start), &site("OLD")));
        assert!(!counts(&log, &HUB, Some(&start), &site("B")));
        assert!(!counts(&log, &HUB, None, &site("A")));
    }

    #[test]
    fn the_hub_speaks_for_a_site_in_its_lane_and_to_everyone_of_any() {
        let start = start("CENTRE", &[]);
        let lane = log(HUB, Lane::Site(site("A")));
        assert!(counts(&lane, &HUB, None, &site("A")));
        assert!(!counts(&lane, &HUB, Some(&start), &site("B")));
        let everyone = log(HUB, Lane::Everyone);
        assert!(counts(&everyone, &HUB, Some(&start), &site("CENTRE")));
        assert!(counts(&everyone, &HUB, Some(&start), &site("A")));
        let stranger = log(DeviceKey([1; 32]), Lane::Everyone);
        assert!(!counts(&stranger, &HUB, Some(&start), &site("A")));
    }
}
