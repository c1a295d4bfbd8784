//! Many small worlds: what is held is held, nothing is sent in vain, and everything arrives.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use world::{Broken, Climate, World};

/// What was saved and is on somebody's disk stands in no list, after a disk was set back.
#[test]
fn entries_of_a_second_branch_are_listed_nowhere() {
    let climate = Climate::named("set-back").unwrap();
    let broken: Vec<Broken> =
        world::all(0..12, climate, None).into_iter().filter_map(|(_, lived)| lived.err()).collect();
    assert!(broken.iter().any(|broken| broken.law.contains("is not listed")), "{broken:?}");
}

#[test]
fn a_seed_replays_its_world() {
    let climate = Climate::named("bad").unwrap();
    for seed in 0..3 {
        let [one, two] = [(); 2].map(|()| World::live(seed, climate, None));
        assert_eq!(one, two, "seed {seed}");
    }
}
