//! Many small worlds: what is held is held, nothing is sent in vain, and everything that anybody
//! still has is listed wherever it should be.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use world::{Climate, Mutant, Tally, World, all};

#[test]
fn worlds_in_bad_weather_come_to_rest_with_everything_listed_everywhere() {
    let tally = live("bad", 50);
    let kinds: Vec<_> = tally.faults.keys().copied().collect();
    assert_eq!(kinds.len(), 13, "faults that fired: {kinds:?}");
    // What may be sent again at all is a law of each step; this is how much it comes to.
    assert!(tally.resent * 7 < tally.written, "{tally:?}");
    assert_eq!(tally.forks, 0, "{tally:?}");
}

#[test]
fn worlds_on_narrow_links_come_to_rest() {
    let tally = live("narrow", 12);
    assert!(tally.rounds <= 4, "{tally:?}");
}

#[test]
fn worlds_whose_devices_are_set_back_list_every_branch() {
    let tally = live("set-back", 60);
    assert!(30 < fired(&tally, "device set back") && 10 < tally.forks, "{tally:?}");
}

#[test]
fn worlds_in_which_two_machines_have_one_key_list_what_both_wrote() {
    let tally = live("clones", 40);
    assert!(40 < fired(&tally, "device cloned") && 10 < tally.forks, "{tally:?}");
}

#[test]
fn worlds_whose_hub_is_restored_get_again_everything_that_anybody_has() {
    let tally = live("hub-restored", 40);
    assert!(40 < fired(&tally, "hub restored"), "{tally:?}");
}

#[test]
fn worlds_whose_hub_is_put_back_as_it_was_list_both_lives_of_the_hub() {
    let tally = live("hub-copied", 40);
    assert!(40 < fired(&tally, "hub put back as it was") && 10 < tally.forks, "{tally:?}");
}

#[test]
fn worlds_whose_devices_are_replaced_keep_what_others_have_of_them() {
    let tally = live("wiped", 30);
    assert!(30 < fired(&tally, "device wiped"), "{tally:?}");
}

#[test]
fn worlds_in_which_all_of_it_happens_come_to_rest() {
    let tally = live("worst", 70);
    assert!(20 < tally.forks && 20 < fired(&tally, "next epoch"), "{tally:?}");
}

#[test]
fn a_seed_replays_its_world() {
    let climate = Climate::named("worst").unwrap();
    for seed in 0..3 {
        let [one, two] = [(); 2].map(|()| World::live(seed, climate, None));
        assert_eq!(one, two, "seed {seed}");
    }
}

#[test]
fn a_hub_that_acknowledges_before_its_disk_has_it_is_caught() {
    caught(Mutant::AckBeforeDurable, "bad", "held, it is not");
}

#[test]
fn a_device_that_takes_a_head_as_held_without_comparing_is_caught() {
    caught(Mutant::HeldWithoutComparing, "set-back", "held");
}

#[test]
fn a_hub_that_receipts_what_it_was_asked_is_caught() {
    caught(Mutant::ReceiptOfWhatWasAsked, "bad", "held, it is not");
}

#[test]
fn a_device_that_sends_what_its_own_disk_lacks_is_caught() {
    caught(Mutant::SendBeforeDurable, "bad", "that it never wrote");
}

#[test]
fn a_device_that_forgets_what_it_sent_is_caught() {
    caught(Mutant::ForgetsWhatWasSent, "bad", "that the hub holds");
}

#[test]
fn a_device_that_goes_on_in_a_forked_log_is_caught() {
    caught(Mutant::GoesOnInAForkedLog, "set-back", "is not listed by");
}

#[test]
fn folding_only_the_first_branch_as_version_3cd86d4_did_is_caught() {
    for climate in ["set-back", "clones", "hub-copied"] {
        caught(Mutant::OnlyFirstBranchIsFolded, climate, "is not listed by");
    }
}

#[test]
fn a_hub_that_folds_only_the_first_branch_is_caught() {
    caught(Mutant::HubFoldsOnlyTheFirstBranch, "set-back", "is not listed by the hub");
}

#[test]
fn a_hub_that_gives_a_receipt_number_twice_is_caught() {
    caught(Mutant::ReceiptNumberUsedTwice, "hub-copied", "a second time");
}

/// Lives through the first worlds of a climate; a broken law fails the test with its story.
fn live(climate: &str, worlds: u64) -> Tally {
    let mut sum = Tally::default();
    for (seed, lived) in all(0..worlds, Climate::named(climate).unwrap(), None) {
        let lived = lived.unwrap_or_else(|broken| panic!("{climate}, seed {seed}:\n{broken}"));
        sum.add(&lived);
    }
    sum
}

fn fired(tally: &Tally, fault: &str) -> u64 {
    tally.faults.get(fault).copied().unwrap_or(0)
}

/// A mutant must be caught by this law within a few worlds.
fn caught(mutant: Mutant, climate: &str, law: &str) {
    let climate = Climate::named(climate).unwrap();
    let mut laws = Vec::new();
    for seed in 0..30 {
        if let Err(broken) = World::live(seed, climate, Some(mutant)) {
            if broken.law.contains(law) {
                return;
            }
            laws.push(broken.law);
        }
    }
    panic!("{mutant:?} is not caught by {law:?}, but by {laws:?}");
}
