//! Many small worlds: what is held is held, nothing is sent in vain, and everything arrives.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::ops::Range;

use world::{Broken, Climate, Mutant, Tally, World};

/// Bad weather.
const BAD: Climate = Climate { one_in: 2, sets_back: false, sets_hub_back: false, noise: 0 };

/// Bad weather on links that carry little at a time.
const NARROW: Climate =
    Climate { one_in: 3, sets_back: false, sets_hub_back: false, noise: 20_000 };

/// Bad weather, and disks that are put back to old copies.
const FORKING: Climate = Climate { one_in: 3, sets_back: true, sets_hub_back: false, noise: 0 };

/// Bad weather, and a hub whose disk is put back to old copies.
const HUB_RESTORED: Climate =
    Climate { one_in: 3, sets_back: false, sets_hub_back: true, noise: 0 };

#[test]
fn worlds_in_bad_weather_come_to_rest_with_everything_everywhere() {
    let tally = all(0..600, BAD);
    let kinds: Vec<_> = tally.faults.keys().copied().collect();
    assert_eq!(kinds.len(), 9, "faults that fired: {kinds:?}");
    assert!(tally.resent * 10 < tally.written, "{tally:?}");
}

#[test]
fn worlds_on_narrow_links_come_to_rest() {
    let tally = all(0..80, NARROW);
    assert!(tally.rounds <= 3, "{tally:?}");
}

#[test]
fn worlds_whose_devices_are_set_back_lose_nothing_that_is_called_held() {
    let tally = all(0..300, FORKING);
    assert!(100 < tally.set_back && 50 < tally.healed, "{tally:?}");
}

#[test]
fn worlds_whose_hub_is_set_back_get_again_everything_that_devices_wrote() {
    let tally = all(0..400, HUB_RESTORED);
    assert!(100 < tally.set_back, "{tally:?}");
}

#[test]
fn worlds_where_both_sides_are_set_back_come_to_rest() {
    let tally = all(0..150, Climate { sets_hub_back: true, ..FORKING });
    assert!(100 < tally.set_back && 30 < tally.healed, "{tally:?}");
}

#[test]
fn a_seed_replays_its_world() {
    for seed in 0..10 {
        let [one, two] = [(); 2].map(|()| World::live(seed, FORKING, None));
        assert_eq!(one, two, "seed {seed}");
    }
}

#[test]
fn a_hub_that_acknowledges_before_its_disk_has_it_is_caught() {
    caught(Mutant::AckBeforeDurable, BAD, "held, it is not");
}

#[test]
fn a_device_that_takes_a_head_as_held_without_comparing_is_caught() {
    caught(Mutant::HeldWithoutComparing, FORKING, "held, it is not");
}

#[test]
fn a_hub_that_receipts_what_it_was_asked_is_caught() {
    caught(Mutant::ReceiptOfWhatWasAsked, BAD, "held, it is not");
}

#[test]
fn a_device_that_sends_what_its_own_disk_lacks_is_caught() {
    caught(Mutant::SendBeforeDurable, BAD, "that it never wrote");
}

#[test]
fn a_device_that_forgets_what_it_sent_is_caught() {
    caught(Mutant::ForgetsWhatWasSent, BAD, "that the hub holds");
}

#[test]
fn a_device_that_goes_on_in_a_forked_log_is_caught() {
    caught(Mutant::GoesOnInAForkedLog, FORKING, "no rest after");
}

/// Lives through all worlds of these seeds, on as many threads as there are processors.
fn all(seeds: Range<u64>, climate: Climate) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let share = |first: u64| {
        let seeds = seeds.clone().filter(move |seed| seed % threads == first);
        seeds.map(|seed| World::live(seed, climate, None).map_err(|broken| (seed, broken)))
    };
    let tallies = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || share(first).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    let mut sum = Tally::default();
    let mut faults: BTreeMap<&'static str, u64> = BTreeMap::new();
    for tally in tallies {
        let tally = tally.unwrap_or_else(|(seed, broken)| panic!("seed {seed}:\n{broken}"));
        for (fault, count) in tally.faults {
            *faults.entry(fault).or_default() += count;
        }
        sum.steps += tally.steps;
        sum.written += tally.written;
        sum.resent += tally.resent;
        sum.set_back += tally.set_back;
        sum.healed += tally.healed;
        sum.rounds = sum.rounds.max(tally.rounds);
    }
    Tally { faults, ..sum }
}

/// A mutant must be caught by this law within a hundred worlds.
fn caught(mutant: Mutant, climate: Climate, law: &str) {
    let found: Vec<Broken> = (0..100)
        .filter_map(|seed| World::live(seed, climate, Some(mutant)).err())
        .take(5)
        .collect();
    assert!(found.iter().any(|broken| broken.law.contains(law)), "{found:?}");
}
