//! Frames of others: kept once, cut to what is new, forks aside, altered ones refused.

use std::path::Path;
use std::sync::Arc;

use journal::{DeviceSecret, Epoch, Form, Frame, FrameFault, Head, Lane, LogName, Seed, Writer};
use store::memory::MemoryDisk;
use store::{Disk as _, Fork, Keeping, Opening};

use crate::toy::{Rows, assert_verified, draft, open, open_on, rows};

#[test]
fn a_repeated_frame_is_not_stored_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let frames = vec![written(1..=3, 0), written(4..=5, 0), written(1..=3, 0)];
    let kept = store.keep(frames).unwrap().frames;
    let [three, two, again] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((three, two), (&Keeping::Stored { entries: 3 }, &Keeping::Stored { entries: 2 }));
    assert_eq!(again, &Keeping::Repeated);
    let before = rows(&store);
    assert_eq!(keep(dir.path(), Some(store), written(2..=5, 0)), (Keeping::Repeated, before));
}

#[test]
fn an_overlap_is_cut_to_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    store.keep(vec![written(1..=3, 0)]).unwrap();
    let kept = store.keep(vec![written(2..=6, 0), written(5..=8, 0)]).unwrap().frames;
    assert_eq!(kept, [Keeping::Stored { entries: 3 }, Keeping::Stored { entries: 2 }]);
    assert_eq!(store.head(&theirs()).seq, 8);
    let sent = store.frames(&theirs(), 1, usize::MAX).unwrap();
    assert_eq!(Frame::join(sent).unwrap().last(), 8);
    assert_verified(&store);
    drop(store);
    let (store, opening) = open(dir.path());
    assert_eq!(opening, Opening { entries: 8, ..Opening::default() });
    assert_verified(&store);
}

#[test]
fn what_cannot_be_checked_or_was_altered_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let mut altered = written(1..=3, 0);
    altered.items[1].form = Form::Whole(b"altered".to_vec());
    let mut other = written(1..=3, 0);
    other.log.epoch = Epoch([99; 8]);
    let mut none = written(1..=1, 0);
    none.first = 0;
    let frames = vec![altered, other, none, written(3..=4, 0), written(1..=2, 0)];
    let kept = store.keep(frames).unwrap().frames;
    let fault = FrameFault::Altered { first: 1, last: 3 };
    assert_eq!(kept[0], Keeping::Refused(fault.clone()));
    assert_eq!(kept[1], Keeping::Refused(fault));
    assert_eq!(kept[2], Keeping::Refused(FrameFault::Count));
    assert_eq!(kept[3], Keeping::Gap { held: Head::empty(theirs().id()) });
    assert_eq!(kept[4], Keeping::Stored { entries: 2 });
    assert_eq!(store.heads().len(), 1);
}

#[test]
fn a_fork_stands_beside_the_line_and_is_projected_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    store.keep(vec![written(1..=8, 0)]).unwrap();
    let before = rows(&store).len();
    let kept = store.keep(vec![written(2..=6, 5), written(7..=9, 5), written(3..=6, 5)]).unwrap();
    let forked = |at| Keeping::Forked { at };
    assert_eq!(kept.frames, [forked(5), forked(7), Keeping::Repeated]);
    let fork = Fork { log: theirs(), at: 5, head: head(9, 5) };
    assert_eq!(store.forks(), std::slice::from_ref(&fork));
    // Each entry has a row, and so has the letter with which the other ones begin.
    assert_eq!((rows(&store).len(), store.head(&theirs()).seq), (before + 5 + 1, 8));
    drop(store);
    let (store, _) = open(dir.path());
    assert_eq!(store.forks(), [fork]);
    let kept = store.keep(vec![written(10..=12, 5), written(9..=9, 0)]).unwrap().frames;
    assert_eq!(kept, [Keeping::Forked { at: 10 }, Keeping::Stored { entries: 1 }]);
    assert_eq!(store.forks()[0].head.seq, 12);
    assert_verified(&store);
}

#[test]
fn what_another_branch_has_in_place_of_lost_entries_is_not_taken_for_them() {
    // One that ends with the hole, and one that goes on behind it.
    for last in [4, 8] {
        let dir = tempfile::tempdir().unwrap();
        let store = with_a_hole(dir.path());
        let kept = store.keep(vec![written(3..=last, 4)]).unwrap().frames;
        assert_eq!(kept, [Keeping::Forked { at: 3 }], "up to {last}");
        assert_eq!(store.gaps(&theirs()), [(3, 4)]);
        assert_eq!(store.forks(), [Fork { log: theirs(), at: 3, head: head(last, 4) }]);
        assert_eq!(store.ids_at(&theirs(), 4).unwrap(), [head(4, 4).id]);
        let kept = store.keep(vec![written(3..=4, 0)]).unwrap().frames;
        assert_eq!(kept, [Keeping::Stored { entries: 2 }], "up to {last}");
        assert_eq!((store.gaps(&theirs()), store.head(&theirs())), (vec![], head(6, 0)));
        let ids = store.ids_at(&theirs(), 4).unwrap();
        assert!(ids.contains(&head(4, 0).id) && ids.contains(&head(4, 4).id));
    }
}

#[test]
fn a_damaged_branch_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    store.keep(vec![written(1..=3, 0), written(1..=3, 2)]).unwrap();
    drop(store);
    let file = std::fs::read_dir(dir.path().join("branches")).unwrap().next().unwrap().unwrap();
    let mut bytes = std::fs::read(file.path()).unwrap();
    bytes[20] ^= 1;
    std::fs::write(file.path(), bytes).unwrap();
    let (store, _) = open(dir.path());
    assert_eq!(store.forks(), []);
    let faults = store.verify(&mut |_done, _total| ()).unwrap();
    assert!(faults[0].what.contains(&*file.file_name().to_string_lossy()), "{faults:?}");
}

fn keep(dir: &Path, store: Option<store::Store>, frame: Frame) -> (Keeping, Rows) {
    drop(store);
    let (store, _) = open(dir);
    let kept = store.keep(vec![frame]).unwrap().frames.remove(0);
    (kept, rows(&store))
}

/// Returns a store that has lost entries 3 and 4 of 6.
fn with_a_hole(dir: &Path) -> store::Store {
    let disk = MemoryDisk::default();
    let (store, _) = open_on(dir, Arc::new(disk.clone()));
    for frame in [written(1..=2, 0), written(3..=4, 0), written(5..=6, 0)] {
        store.keep(vec![frame]).unwrap();
    }
    drop(store);
    let segment = dir.join("journal/00000001.seg");
    let bytes = disk.read(&segment).unwrap();
    let at = bytes.windows(7).position(|window| window == b"entry 3").unwrap();
    assert!(disk.flip_bit(&segment, at * 8));
    open_on(dir, Arc::new(disk)).0
}

/// Returns a frame of a foreign log that other devices see otherwise from entry `fork` on.
fn written(range: std::ops::RangeInclusive<u64>, fork: u64) -> Frame {
    let drafts = |range: std::ops::RangeInclusive<u64>| {
        let word = |seq| if fork != 0 && fork <= seq { "other" } else { "entry" };
        range.map(|seq| draft(format!("{} {seq}", word(seq)).as_bytes())).collect::<Vec<_>>()
    };
    let mut writer = Writer::resume(theirs(), Head::empty(theirs().id()));
    let seed = [Seed([9; 32])];
    drop(writer.append(drafts(1..=range.start() - 1), &seed, &their_secret()));
    Frame::join(writer.append(drafts(range), &seed, &their_secret())).unwrap()
}

fn head(seq: u64, fork: u64) -> Head {
    let frame = written(1..=seq, fork);
    let last = frame.verify(Head::empty(theirs().id()).id).unwrap().pop().unwrap();
    Head { seq, id: last.id }
}

fn theirs() -> LogName {
    LogName { device: their_secret().public(), epoch: Epoch([8; 8]), lane: Lane::Everyone }
}

fn their_secret() -> DeviceSecret {
    DeviceSecret::from_bytes(&[6; 32])
}
