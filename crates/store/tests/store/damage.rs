//! Rot in the journal: whatever bit flips or file goes, what was acknowledged is held or named.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use store::memory::MemoryDisk;
use store::{AppendError, Damage, Disk as _, Opening, Store};

use crate::toy::{append, log, open, open_on};

#[test]
fn a_lost_stretch_is_named_and_its_log_goes_on_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let disk = written(dir.path());
    let at = place_of(&disk, dir.path(), b"third");
    assert!(disk.flip_bit(&segment(dir.path(), 1), at * 8));
    let (store, opening) = open_on(dir.path(), Arc::new(disk));
    assert_eq!(opening.damage, [Damage { log: log(1), first: 3, last: Some(3) }]);
    assert_eq!(opening.unreadable.len(), 1);
    assert!(opening.rebuilt.is_some(), "the views held an entry that the journal lost");
    assert_eq!(append(&store, &log(1), &[b"sixth"]).unwrap()[0].seq, 6);
    assert_eq!(store.frames(&log(1), 1, 100_000).unwrap().last().unwrap().last(), 2);
    assert_eq!(store.frames(&log(1), 4, 100_000).unwrap().last().unwrap().last(), 6);
    let faults = store.verify(&mut |_done, _total| ()).unwrap();
    assert_eq!((faults.len(), faults[0].seq), (1, 3));
}

#[test]
fn a_log_that_may_have_lost_its_end_is_not_continued() {
    let dir = tempfile::tempdir().unwrap();
    let disk = written(dir.path());
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let at = place_of(&disk, dir.path(), b"lonely");
    assert!(disk.flip_bit(&segment(dir.path(), 1), at * 8));
    let (store, opening) = open_on(dir.path(), Arc::new(disk.clone()));
    // All that told of log 2 is gone; log 1 was seen behind the bad place.
    assert_eq!((opening.damage, opening.unreadable.len()), (vec![], 1));
    append(&store, &log(1), &[b"sixth"]).unwrap();
    drop(store);
    let at = place_of(&disk, dir.path(), b"fifth");
    assert!(disk.flip_bit(&segment(dir.path(), 1), at * 8));
    let (_, opening) = open_on(dir.path(), Arc::new(disk));
    assert_eq!(opening.damage, [Damage { log: log(1), first: 5, last: Some(5) }]);
}

#[test]
fn a_doubtful_end_stays_closed() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir.path(), Arc::new(disk.clone()));
    append(&store, &log(1), &[b"first"]).unwrap();
    append(&store, &log(1), &[b"rotten"]).unwrap();
    append(&store, &log(2), &[b"other"]).unwrap();
    drop(store);
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let at = place_of(&disk, dir.path(), b"rotten");
    assert!(disk.flip_bit(&segment(dir.path(), 1), at * 8));
    for _ in 0..3 {
        let (store, opening) = open_on(dir.path(), Arc::new(disk.clone()));
        let doubt = Damage { log: log(1), first: 2, last: None };
        assert!(opening.damage.is_empty() || opening.damage == [doubt]);
        assert!(matches!(append(&store, &log(1), &[b"again"]), Err(AppendError::Closed(_))));
        append(&store, &log(2), &[b"goes on"]).unwrap();
    }
}

#[test]
fn a_segment_that_is_gone_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for number in 0..20 {
        append(&store, &log(1), &[&[number; 3000]]).unwrap();
    }
    drop(store);
    std::fs::remove_file(segment(dir.path(), 2)).unwrap();
    let (_, opening) = open(dir.path());
    let [Damage { first, last, .. }] = opening.damage[..] else { panic!("{opening:?}") };
    assert!(1 < first && last.is_some_and(|last| first < last && last < 20), "{opening:?}");
}

#[test]
fn a_last_segment_that_is_gone_is_named_by_the_views() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    append(&store, &log(1), &[b"one", b"two"]).unwrap();
    drop(store);
    std::fs::remove_file(segment(dir.path(), 1)).unwrap();
    let (store, opening) = open(dir.path());
    assert_eq!(opening.damage, [Damage { log: log(1), first: 1, last: Some(2) }]);
    assert!(matches!(append(&store, &log(1), &[b"three"]), Err(AppendError::Closed(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_flipped_bit_costs_nothing_that_is_not_named(
        bit in any::<prop::sample::Index>(), sled_survives in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = written(dir.path());
        let path = segment(dir.path(), 1);
        let used = disk.read(&path).unwrap().iter().rposition(|byte| *byte != 0).unwrap() + 1;
        prop_assert!(disk.flip_bit(&path, bit.index(used * 8)));
        if !sled_survives {
            std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
        }
        let (store, opening) = open_on(dir.path(), Arc::new(disk.clone()));
        prop_assert!(is_held_or_named(&store, &opening), "{:?}", opening);
        append(&store, &log(3), &[b"goes on"]).unwrap();
        drop(store);
        let (store, again) = open_on(dir.path(), Arc::new(disk));
        prop_assert_eq!(again.rebuilt, None);
        prop_assert!(is_held_or_named(&store, &opening));
    }
}

/// Whether what was written is held, or lies in what was named as lost or unreadable or torn.
fn is_held_or_named(store: &Store, opening: &Opening) -> bool {
    if !opening.unreadable.is_empty() {
        return true; // A place that cannot be read is named, whatever stood there.
    }
    let held: BTreeSet<Vec<u8>> = [1, 2]
        .iter()
        .flat_map(|number| store.entries(&log(*number), 1, 100).unwrap())
        .filter_map(|entry| entry.bytes().map(<[u8]>::to_vec))
        .collect();
    let lost = WRITTEN.iter().filter(|(_, payload)| !held.contains(*payload)).count();
    let named: u64 = opening
        .damage
        .iter()
        .map(|damage| damage.last.map_or(1, |last| last - damage.first + 1))
        .sum();
    // The last group alone may pass for a write that was cut short, if the views are gone as well.
    lost as u64 <= named || (lost == 1 && 0 < opening.torn_bytes)
}

const WRITTEN: [(u8, &[u8]); 6] =
    [(1, b"first"), (1, b"second"), (1, b"third"), (2, b"lonely"), (1, b"fourth"), (1, b"fifth")];

/// Writes a journal and returns its disk.
fn written(dir: &Path) -> MemoryDisk {
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir, Arc::new(disk.clone()));
    for (number, payload) in WRITTEN {
        append(&store, &log(number), &[payload]).unwrap();
    }
    disk
}

fn segment(dir: &Path, number: u32) -> std::path::PathBuf {
    dir.join(format!("journal/{number:08}.seg"))
}

fn place_of(disk: &MemoryDisk, dir: &Path, payload: &[u8]) -> usize {
    let bytes = disk.read(&segment(dir, 1)).unwrap();
    bytes.windows(payload.len()).position(|window| window == payload).unwrap()
}
