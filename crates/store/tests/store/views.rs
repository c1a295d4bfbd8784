//! Whatever becomes of sled, the views are what the journal gives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use store::{Fault, Lookup as _, Opening, RealDisk, Store, StoreState};

use crate::toy::{
    COUNTS, ENTRIES, GROWING, Rows, Toy, append, assert_verified, log, open, options, rows,
};

#[test]
fn views_that_are_missing_are_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let (store, opening) = open(dir.path());
    assert!(opening.rebuilt.is_some());
    assert_eq!(opening.quarantined, None);
    assert_eq!(rows(&store), before);
    assert_verified(&store);
}

#[test]
fn views_that_are_behind_are_caught_up() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    copy(&dir.path().join("sled"), &dir.path().join("old"));
    let (store, _) = open(dir.path());
    append(&store, &log(1), &[b"more", b"and more"]).unwrap();
    append(&store, &log(3), &[b"a new log"]).unwrap();
    let before = rows(&store);
    drop(store);
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    std::fs::rename(dir.path().join("old"), dir.path().join("sled")).unwrap();
    let (store, opening) = open(dir.path());
    assert_eq!(opening.rebuilt, None);
    assert_eq!(rows(&store), before);
    assert_verified(&store);
}

#[test]
fn views_of_another_projection_are_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    let open = || {
        let toy = Arc::new(Toy { version: 2 });
        let (store, opening) =
            Store::open(dir.path(), Arc::new(RealDisk), toy, &options()).unwrap();
        store.settled().unwrap();
        (rows(&store), opening)
    };
    let (again, opening) = open();
    assert!(opening.rebuilt.is_some());
    assert_eq!(again, before);
    assert_eq!(open().1.rebuilt, None);
}

#[test]
fn a_left_over_snapshot_is_moved_away() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    std::fs::write(dir.path().join("sled/snap.0000000000000001.generating"), "half").unwrap();
    let (store, _) = open(dir.path());
    assert_eq!(rows(&store), before);
    assert!(dir.path().join("unfinished-snapshot").exists());
}

#[test]
fn a_bad_snapshot_is_moved_away_and_nothing_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    drop(open(dir.path())); // Opening once more has sled write a snapshot.
    let is_snapshot =
        |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("snap");
    let snapshot = files(&dir.path().join("sled")).into_iter().find(is_snapshot).unwrap();
    let mut bytes = std::fs::read(&snapshot).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&snapshot, bytes).unwrap();
    let (store, opening) = open(dir.path());
    assert_eq!((opening.rebuilt, opening.quarantined), (None, None));
    assert_eq!(rows(&store), before);
    assert_verified(&store);
    assert!(dir.path().join("bad-snapshot").exists());
}

#[test]
fn a_row_that_sled_lost_without_a_word_is_missed() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    let sled = sled::open(dir.path().join("sled")).unwrap();
    let key = sled.scan_prefix([1, ENTRIES]).keys().nth(20).unwrap().unwrap();
    assert!(sled.remove(key).unwrap().is_some());
    drop(sled);
    let (store, opening) = open(dir.path());
    assert!(opening.rebuilt.is_some());
    assert_eq!(rows(&store), before);
}

#[test]
fn views_of_another_journal_are_made_anew() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let before = filled(dir.path());
    let (store, _) = open(other.path());
    for number in 0..60 {
        append(&store, &log(1 + number % 2), &[b"these are", b"others"]).unwrap();
    }
    drop(store);
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    copy(&other.path().join("sled"), &dir.path().join("sled"));
    let (store, opening) = open(dir.path());
    assert!(opening.rebuilt.is_some());
    assert_eq!(rows(&store), before);
}

#[test]
fn few_quarantines_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let before = filled(dir.path());
    for _ in 0..4 {
        std::fs::write(dir.path().join("sled/conf"), "no configuration of sled").unwrap();
        let (store, opening) = open(dir.path());
        assert!(opening.quarantined.is_some());
        assert_eq!(rows(&store), before);
    }
    let names = std::fs::read_dir(dir.path()).unwrap();
    let names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("quarantine-")).count(), 2);
}

#[test]
fn views_that_cannot_be_made_leave_the_journal_in_use() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    std::fs::write(dir.path().join("sled"), "not a directory").unwrap();
    std::fs::create_dir(dir.path().join("quarantine-4294967295")).unwrap();
    std::fs::write(dir.path().join("quarantine-4294967295/full"), "").unwrap();
    let (store, _) = open(dir.path());
    assert!(matches!(store.state(), StoreState::Degraded(_)));
    assert!(matches!(store.reader().get(COUNTS, b"x"), Err(Fault::Views(_))));
    append(&store, &log(1), &[b"still saved"]).unwrap();
}

#[test]
fn a_reader_reads_either_way_and_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    append(&store, &log(1), &[b"a", b"bb", b"c", b"\xff"]).unwrap();
    let reader = store.reader();
    let keys = |rows: store::Rows| rows.map(|row| row.unwrap().0[0]).collect::<Vec<u8>>();
    assert_eq!(keys(reader.range(COUNTS, ..)), b"abc\xff");
    assert_eq!(keys(reader.range(COUNTS, b"b".as_slice()..)), b"bc\xff");
    assert_eq!(keys(reader.range(COUNTS, ..b"c".as_slice())), b"ab");
    assert_eq!(keys(reader.range(COUNTS, b"c".as_slice()..b"a".as_slice())), b"");
    let last = reader.range(COUNTS, ..b"c".as_slice()).next_back().unwrap().unwrap();
    assert_eq!(last, (b"b".to_vec(), vec![1]));
    assert_eq!(reader.count(COUNTS, &[]).unwrap(), 4);
    assert_eq!(reader.count(COUNTS, b"\xff").unwrap(), 1);
    assert_eq!(reader.count(ENTRIES, &log(1).id().0).unwrap(), 4);
    assert_eq!(reader.get(GROWING, b"all").unwrap().unwrap().len(), 400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn damaged_views_are_made_anew_and_equal(
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        harm in 0..10_u8,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let before = filled(dir.path());
        let files = files(&dir.path().join("sled"));
        let path = &files[file.index(files.len())];
        let mut bytes = std::fs::read(path).unwrap();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            match harm {
                0 => bytes.truncate(at),
                1 => bytes[at..].fill(0),
                _ => bytes[at] ^= 1 << (harm - 2),
            }
        }
        std::fs::write(path, bytes).unwrap();
        let (store, opening) = open(dir.path());
        prop_assert_eq!(rows(&store), before, "{:?}", opening);
        prop_assert!(opening.damage.is_empty());
        assert_verified(&store);
        append(&store, &log(1), &[b"goes on"]).unwrap();
        drop(store);
        let (store, opening) = open(dir.path());
        let entries = opening.entries;
        prop_assert_eq!(opening, Opening { entries, ..Opening::default() });
        assert_verified(&store);
    }
}

/// Fills a store, closes it, and returns its rows.
fn filled(dir: &Path) -> Rows {
    let (store, _) = open(dir);
    for number in 0..60_u8 {
        let payload = vec![number; usize::from(number) * 97 % 6000];
        append(&store, &log(1 + number % 2), &[&payload, b"x"]).unwrap();
    }
    rows(&store)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &to) } else { assert!(std::fs::copy(&path, to).is_ok()) }
    }
}
