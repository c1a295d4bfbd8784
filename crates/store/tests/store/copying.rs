//! A copy taken while records are written is a store of its own, and views can be made anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use journal::{EntryId, Frame};
use store::{Fault, Keeping, RealDisk, Store, put_copied};

use crate::toy::{append, assert_verified, log, open, rows};

#[test]
fn a_copy_is_a_store_with_the_same_logs_files_and_rows() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(dir.path());
    for number in 0..40_u8 {
        append(&store, &log(1 + number % 2), &[&vec![number; 900], b"x"]).unwrap();
    }
    store.local().write("ledger", b"what the hub holds").unwrap();
    copy(&store, other.path());
    let (copied, opening) = open(other.path());
    assert_eq!(opening.entries, 80);
    assert_eq!(copied.heads(), store.heads());
    assert_eq!(rows(&copied), rows(&store));
    assert_eq!(copied.local().read("ledger").unwrap().unwrap(), b"what the hub holds");
    assert_verified(&copied);
}

#[test]
fn a_copy_taken_while_others_write_holds_all_that_was_durable_before() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(dir.path());
    (0..50).for_each(|_| drop(append(&store, &log(1), &[b"before"]).unwrap()));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                append(&store, &log(1), &[&[7; 2000]]).unwrap();
                append(&store, &log(2), &[b"a second log"]).unwrap();
            }
        });
        copy(&store, other.path());
        done.store(true, Ordering::Relaxed);
    });
    let (copied, _) = open(other.path());
    assert!(50 <= copied.head(&log(1)).seq);
    for (name, head) in copied.heads() {
        assert_eq!(store.id_at(&name, head.seq).unwrap(), Some(head.id));
    }
    assert_verified(&copied);
}

#[test]
fn a_copy_of_a_log_with_a_gap_has_the_same_gap() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(dir.path());
    (0..20).for_each(|number| drop(append(&store, &log(1), &[&[number; 3000]]).unwrap()));
    drop(store);
    std::fs::remove_file(dir.path().join("journal/00000002.seg")).unwrap();
    let (store, opening) = open(dir.path());
    assert!(!opening.damage.is_empty());
    copy(&store, other.path());
    let (copied, _) = open(other.path());
    let numbers = |store: &Store| {
        let entries = store.entries(&log(1), 1, 100).unwrap();
        entries.iter().map(|entry| entry.header.seq).collect::<Vec<u64>>()
    };
    assert_eq!(numbers(&copied), numbers(&store));
    let faults = |store: &Store| store.verify(&mut |_done, _total| ()).unwrap();
    assert_eq!(faults(&copied), faults(&store));
}

#[test]
fn a_frame_that_does_not_hold_is_not_restored() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(dir.path());
    append(&store, &log(1), &[b"one"]).unwrap();
    let mut frames = frames(&store);
    frames[0].1.items[0].receipt += 1;
    let (copied, _) = open(other.path());
    let kept = copied.keep_copied(frames).unwrap();
    assert!(matches!(kept.frames[..], [Keeping::Refused(_)]));
    assert_eq!(copied.heads(), []);
}

#[test]
fn a_file_outside_the_places_of_a_store_is_not_restored() {
    let dir = tempfile::tempdir().unwrap();
    for path in ["../escape", "local/../escape", "format", "local/", "sled/db", "local/.hidden"] {
        let file = (path.to_owned(), b"bytes".to_vec());
        let fault = put_copied(dir.path(), &RealDisk, &file).unwrap_err();
        assert!(matches!(fault, Fault::LocalName(_)), "{path}");
    }
}

#[test]
fn views_made_anew_on_demand_are_the_same_and_stay_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for number in 0..60_u8 {
        append(&store, &log(1 + number % 2), &[&vec![number; 2500]]).unwrap();
    }
    let before = rows(&store);
    let rebuilt = store.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
    assert_eq!(rows(&store), before);
    append(&store, &log(1), &[b"goes on"]).unwrap();
    assert_verified(&store);
    drop(store);
    assert_eq!(open(dir.path()).1.rebuilt, None);
}

fn copy(store: &Store, to: &Path) {
    for file in store.files().unwrap() {
        put_copied(to, &RealDisk, &file).unwrap();
    }
    let frames = frames(store);
    let (copied, _) = crate::toy::try_open(to, Arc::new(RealDisk)).unwrap();
    for frames in frames.chunks(7) {
        let kept = copied.keep_copied(frames.to_vec()).unwrap();
        assert!(kept.frames.iter().all(|kept| matches!(kept, Keeping::Stored { .. })), "{kept:?}");
    }
}

pub(crate) fn frames(store: &Store) -> Vec<(EntryId, Frame)> {
    let mut frames = Vec::new();
    let take = |prev, frame| {
        frames.push((prev, frame));
        Ok::<_, Fault>(())
    };
    store.each_frame(take).unwrap();
    frames
}
