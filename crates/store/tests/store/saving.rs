//! What is saved is there, in order, and only what was decided on what stood there.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::thread;

use journal::{DeviceSecret, EntryId, Frame};
use proptest::prelude::*;
use store::{AppendError, Fault, Opening, RealDisk, StoreState};

use crate::toy::{
    COUNTS, ENTRIES, append, assert_verified, draft, log, open, rows, secret, try_open,
};

#[test]
fn what_is_saved_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (store, opening) = open(dir.path());
    assert_eq!(opening, Opening::default());
    let mut dots = append(&store, &log(1), &[b"one", b"two"]).unwrap();
    dots.extend(append(&store, &log(2), &[&[7; 100_000]]).unwrap());
    dots.extend(append(&store, &log(1), &[b"three"]).unwrap());
    let (heads, before) = (store.heads(), rows(&store));
    for _ in 0..2 {
        assert_verified(&store);
    }
    drop(store);
    let (store, opening) = open(dir.path());
    assert_eq!(opening, Opening { entries: 4, ..Opening::default() });
    assert_eq!((store.heads(), rows(&store)), (heads, before));
    let payloads: Vec<usize> =
        dots.iter().map(|dot| store.entry(dot).unwrap().unwrap().bytes().unwrap().len()).collect();
    assert_eq!(payloads, [3, 3, 100_000, 5]);
    assert_eq!(store.state(), StoreState::Ok);
    assert_eq!(append(&store, &log(1), &[b"four"]).unwrap()[0].seq, 4);
    assert_verified(&store);
}

#[test]
fn nothing_comes_between_what_a_decision_saw_and_what_it_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let count_up = || {
        let decide = |view: &dyn store::Lookup, logs: &store::Logs<'_>| {
            let count = view.get(COUNTS, b"x").unwrap().map_or(0, |count| count[0]);
            assert_eq!(view.scan(ENTRIES, &[]).unwrap().len(), usize::from(count));
            assert_eq!(logs.head(&log(1)).seq, u64::from(count));
            Ok::<_, ()>((vec![draft(&[b'x', count])], count))
        };
        store.append(&secret(), &log(1), decide).unwrap();
    };
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| (0..10).for_each(|_| count_up()));
        }
    });
    let seconds: Vec<u8> =
        store.entries(&log(1), 1, 160).unwrap().iter().map(|it| it.bytes().unwrap()[1]).collect();
    assert_eq!(seconds, (0..160).collect::<Vec<u8>>());
}

#[test]
fn what_is_refused_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let refused = store.append(&secret(), &log(1), |_, _| Err::<(_, ()), _>("no"));
    assert!(matches!(refused, Err(AppendError::Refused("no"))));
    let large = append(&store, &log(1), &[b"fits", &[0; 200_000]]);
    assert!(matches!(large, Err(AppendError::TooLarge(200_000))));
    let other = Arc::new(DeviceSecret::from_bytes(&[5; 32]));
    let other = store.append(&other, &log(1), |_, _| Ok::<_, ()>((vec![draft(b"x")], ())));
    assert!(matches!(other, Err(AppendError::NotOurs(_))));
    let panicked = store.append(&secret(), &log(1), |_, _| -> Result<(_, ()), ()> { panic!("no") });
    assert!(matches!(panicked, Err(AppendError::NotSaved(Fault::Panicked(_)))));
    assert_eq!((store.heads(), rows(&store)), (vec![], vec![]));
    append(&store, &log(1), &[b"yes"]).unwrap();
}

#[test]
fn a_directory_has_one_process_and_no_newer_format() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    assert!(matches!(try_open(dir.path(), Arc::new(RealDisk)), Err(Fault::Locked(_))));
    append(&store, &log(1), &[b"one"]).unwrap();
    drop(store);
    std::fs::write(dir.path().join("format"), "2\n").unwrap();
    let newer = try_open(dir.path(), Arc::new(RealDisk));
    assert!(matches!(newer, Err(Fault::Newer { found: 2, known: 1, .. })));
    std::fs::remove_file(dir.path().join("format")).unwrap();
    assert!(matches!(try_open(dir.path(), Arc::new(RealDisk)), Err(Fault::NoFormat(_))));
}

#[test]
fn only_the_owner_may_look() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (store, _) = open(&data);
    append(&store, &log(1), &[b"one"]).unwrap();
    store.local().write("receipt", b"r").unwrap();
    let mode =
        |path: &str| std::fs::metadata(data.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(["", "journal", "local", "branches"].map(mode), [0o700; 4]);
    assert_eq!(["format", "lock", "journal/00000001.seg", "local/receipt"].map(mode), [0o600; 4]);
}

#[test]
fn a_local_file_is_what_was_written_or_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let local = store.local();
    assert_eq!(local.read("draft.1").unwrap(), None);
    local.write("draft.1", b"old").unwrap();
    local.write("draft.1", b"new").unwrap();
    local.write("other", b"").unwrap();
    assert_eq!(local.read("draft.1").unwrap(), Some(b"new".to_vec()));
    assert_eq!(local.list("draft.").unwrap(), ["draft.1"]);
    let names = ["", ".", "../format", "a/b", "A", "x.tmp"];
    assert!(names.iter().all(|name| matches!(local.read(name), Err(Fault::LocalName(_)))));
    std::fs::write(dir.path().join("local/draft.1"), "altered by hand").unwrap();
    assert!(matches!(local.read("draft.1"), Err(Fault::Damaged(_))));
    local.remove("draft.1").unwrap();
    local.remove("draft.1").unwrap();
    assert_eq!(local.read("draft.1").unwrap(), None);
}

#[test]
fn what_waits_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    append(&store, &log(1), &[&[1; 1000], &[2; 1000]]).unwrap();
    append(&store, &log(1), &[&[3; 1000]]).unwrap();
    let (entries, bytes) = store.waiting(&log(1), 1);
    assert_eq!(entries, 2);
    assert!((2000..2700).contains(&bytes), "{bytes}");
    assert_eq!(store.waiting(&log(1), 3), (0, 0));
    assert_eq!(store.waiting(&log(2), 0), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn frames_from_anywhere_are_whole_and_verify(
        sizes in prop::collection::vec(1..4000_usize, 1..40),
        from in any::<prop::sample::Index>(),
        max_bytes in 1..100_000_usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path());
        for pair in sizes.chunks(2) {
            let payloads: Vec<Vec<u8>> = pair.iter().map(|size| vec![1; *size]).collect();
            append(&store, &log(1), &payloads.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        }
        let mut next = from.index(sizes.len()) as u64 + 1;
        let mut prev: EntryId = store.id_at(&log(1), next - 1).unwrap().unwrap();
        while next <= sizes.len() as u64 {
            let frames = store.frames(&log(1), next, max_bytes).unwrap();
            prop_assert!(frames.iter().skip(1).map(Frame::size).sum::<usize>() <= max_bytes);
            for frame in frames {
                prop_assert_eq!(frame.first, next);
                prev = frame.verify(prev).unwrap().last().unwrap().id;
                next = frame.last() + 1;
            }
        }
        prop_assert_eq!(prev, store.head(&log(1)).id);
        prop_assert_eq!(store.frames(&log(1), next, max_bytes).unwrap(), vec![]);
    }
}
