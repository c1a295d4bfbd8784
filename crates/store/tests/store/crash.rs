//! Power cuts, failing syncs and full disks at every operation: what was acknowledged stays.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use store::memory::{Failure, MemoryDisk};
use store::{AppendError, Disk as _, Fault, Store, StoreState};

use crate::toy::{append, assert_verified, log, open_on, try_open};

/// What was acknowledged: the payloads of each log.
type Acknowledged = BTreeMap<u8, Vec<Vec<u8>>>;

/// Appends to a log so many entries of about such a size.
#[derive(Clone, Copy, Debug)]
struct Step {
    log: u8,
    count: u8,
    size: usize,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_power_cut_loses_nothing_acknowledged(
        steps in steps(), cut in 0..120_u64, seed in any::<u64>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = MemoryDisk::default();
        prop_assert_eq!(survives(dir.path(), &disk, &steps, (cut, seed)), Ok(()));
    }

    #[test]
    fn two_power_cuts_lose_nothing_acknowledged(
        steps in steps(), cuts in [0..80_u64, 0..12], seed in any::<u64>(),
    ) {
        let disk = MemoryDisk::default();
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = Acknowledged::new();
        for cut in cuts {
            disk.fail_after(cut, Failure::PowerCut);
            write(dir.path(), &disk, &steps, &mut acknowledged);
            disk.crash(seed);
        }
        prop_assert_eq!(check(dir.path(), &disk, &acknowledged), Ok(()));
    }

    #[test]
    fn an_error_is_told_and_what_it_hit_never_comes_back(
        steps in steps(), at in 0..120_u64, seed in any::<u64>(), power_goes in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = MemoryDisk::default();
        let mut acknowledged = Acknowledged::new();
        disk.fail_after(at, Failure::Error);
        let failed = write(dir.path(), &disk, &steps, &mut acknowledged);
        prop_assert!(failed <= 1, "one error failed {} saves", failed);
        disk.mend();
        if power_goes {
            disk.crash(seed);
        }
        prop_assert_eq!(check(dir.path(), &disk, &acknowledged), Ok(()));
        let (store, opening) = open_on(dir.path(), Arc::new(disk));
        let count: usize = acknowledged.values().map(Vec::len).sum();
        prop_assert_eq!(opening.entries, count as u64 + 1);
        drop(store);
    }

    #[test]
    fn a_full_disk_is_told_and_loses_nothing(
        steps in steps(), at in 0..120_u64, seed in any::<u64>(), power_goes in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = MemoryDisk::default();
        let mut acknowledged = Acknowledged::new();
        disk.fail_after(at, Failure::Full);
        write(dir.path(), &disk, &steps, &mut acknowledged);
        disk.mend();
        if power_goes {
            disk.crash(seed);
        }
        prop_assert_eq!(check(dir.path(), &disk, &acknowledged), Ok(()));
    }
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_found_out() {
    let step = Step { log: 1, count: 2, size: 900 };
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(survives(dir.path(), &MemoryDisk::default(), &[step; 12], (40, 7)), Ok(()));
    let dir = tempfile::tempdir().unwrap();
    let lying = MemoryDisk::default();
    drop(open_on(dir.path(), Arc::new(lying.clone())));
    lying.lie();
    let lost = survives(dir.path(), &lying, &[step; 12], (40, 7));
    assert!(lost.is_err(), "the check of the power cuts proves nothing");
}

#[test]
fn what_a_lying_disk_lost_is_named_where_the_views_still_know_it() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"one"]).unwrap();
    disk.lie();
    append(&store, &log(1), &[&[2; 9000], b"three"]).unwrap();
    drop(store);
    disk.crash(3);
    let (store, opening) = open_on(dir.path(), Arc::new(disk.clone()));
    let damage = &opening.damage[0];
    assert_eq!((&damage.log, damage.first, damage.last), (&log(1), 2, Some(3)));
    assert!(opening.quarantined.is_some());
    assert!(matches!(store.state(), StoreState::Degraded(_)));
    assert!(matches!(append(&store, &log(1), &[b"four"]), Err(AppendError::Closed(_))));
    append(&store, &log(2), &[b"a new epoch"]).unwrap();
    drop(store);
    let (store, opening) = open_on(dir.path(), Arc::new(disk));
    assert_eq!(opening.damage.len(), 1, "a loss is named until it is healed");
    assert!(matches!(append(&store, &log(1), &[b"four"]), Err(AppendError::Closed(_))));
}

#[test]
fn a_failed_sync_is_not_a_saved_record_and_the_next_one_is() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"one"]).unwrap();
    disk.fail_after(1, Failure::Error);
    let failed = append(&store, &log(1), &[b"lost"]).unwrap_err();
    assert!(matches!(&failed, AppendError::NotSaved(Fault::Io { doing: "sync", .. })));
    assert!(failed.to_string().starts_with("this is not saved"));
    assert!(matches!(store.state(), StoreState::Degraded(_)));
    assert_eq!(append(&store, &log(1), &[b"two"]).unwrap()[0].seq, 2);
    assert_eq!(store.state(), StoreState::Ok);
    drop(store);
    disk.crash(1);
    let (store, opening) = open_on(dir.path(), Arc::new(disk));
    assert_eq!((opening.entries, opening.damage.len()), (2, 0));
    assert_verified(&store);
}

#[test]
fn a_segment_that_failed_is_never_written_to_again() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"one"]).unwrap();
    disk.fail_after(1, Failure::Error);
    append(&store, &log(1), &[b"lost"]).unwrap_err();
    let failed = dir.path().join("journal/00000001.seg");
    let before = disk.read(&failed).unwrap();
    append(&store, &log(1), &[b"two"]).unwrap();
    drop(store);
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"three"]).unwrap();
    assert_eq!(disk.read(&failed).unwrap(), before);
}

#[test]
fn what_is_only_in_memory_after_a_failed_sync_is_written_again_at_opening() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"one"]).unwrap();
    disk.fail_after(1, Failure::Errors);
    append(&store, &log(1), &[b"in memory only"]).unwrap_err();
    drop(store);
    disk.mend();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    assert_eq!(append(&store, &log(1), &[b"three"]).unwrap()[0].seq, 3);
    drop(store);
    disk.crash(1);
    let (store, opening) = open_on(dir.path(), Arc::new(disk));
    assert_eq!((opening.entries, opening.unreadable), (3, vec![]));
    assert_verified(&store);
}

#[test]
fn what_a_store_shows_when_opened_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"one"]).unwrap();
    disk.fail_after(1, Failure::PowerCut);
    append(&store, &log(1), &[&[2; 9000]]).unwrap_err();
    drop(store);
    disk.mend();
    let shown = open_on(dir.path(), Arc::new(disk.clone())).0.head(&log(1));
    disk.crash(1);
    assert_eq!((shown.seq, open_on(dir.path(), Arc::new(disk)).0.head(&log(1))), (2, shown));
}

/// Writes, cuts the power, and checks what is left; an even seed takes sled away, too.
fn survives(
    dir: &Path,
    disk: &MemoryDisk,
    steps: &[Step],
    (cut, seed): (u64, u64),
) -> Result<(), String> {
    let mut acknowledged = Acknowledged::new();
    disk.fail_after(cut, Failure::PowerCut);
    write(dir, disk, steps, &mut acknowledged);
    disk.crash(seed);
    if seed.is_multiple_of(2) {
        drop(std::fs::remove_dir_all(dir.join("sled")));
    }
    check(dir, disk, &acknowledged)
}

/// Takes the steps, notes what was acknowledged, and returns how many failed.
fn write(dir: &Path, disk: &MemoryDisk, steps: &[Step], acknowledged: &mut Acknowledged) -> u32 {
    let mut failed = 0;
    let mut store: Option<Store> = None;
    for (number, step) in steps.iter().enumerate() {
        if store.is_none() {
            store = try_open(dir, Arc::new(disk.clone())).ok().map(|(store, _)| store);
        }
        let Some(open) = &store else {
            failed += 1;
            continue;
        };
        let payloads: Vec<Vec<u8>> = (0..step.count)
            .map(|entry| vec![entry.wrapping_add(number.to_le_bytes()[0]); step.size])
            .collect();
        let slices: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
        match append(open, &log(step.log), &slices) {
            Ok(_dots) => acknowledged.entry(step.log).or_default().extend(payloads),
            Err(_) => failed += 1,
        }
        if number % 5 == 4 {
            store = None;
        }
    }
    failed
}

/// Checks that all that was acknowledged is there and that the store goes on.
fn check(dir: &Path, disk: &MemoryDisk, acknowledged: &Acknowledged) -> Result<(), String> {
    let (store, opening) = open_on(dir, Arc::new(disk.clone()));
    for (number, payloads) in acknowledged {
        let held = store.entries(&log(*number), 1, u64::MAX).map_err(|fault| fault.to_string())?;
        let held: Vec<&[u8]> = held.iter().filter_map(journal::Entry::bytes).collect();
        let mut rest = held.iter();
        // A save that was told to have failed may stand between those that were acknowledged.
        if !payloads.iter().all(|payload| rest.any(|held| held == payload)) {
            return Err(format!("log {number}: {} held of {}", held.len(), payloads.len()));
        }
    }
    if !opening.damage.is_empty() || !opening.unreadable.is_empty() {
        return Err(format!("{opening:?}"));
    }
    assert_verified(&store);
    append(&store, &log(9), &[b"goes on"]).map_err(|error| error.to_string())?;
    Ok(())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (1..4_u8, 1..4_u8, prop_oneof![1..50_usize, 500..9000_usize])
        .prop_map(|(log, count, size)| Step { log, count, size });
    prop::collection::vec(step, 1..30)
}
