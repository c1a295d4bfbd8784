//! Two entries with one name: both are kept, neither has rows, whatever came first.

use journal::{DeviceSecret, Entry, EntryId, Frame, Head, Seed, Writer};
use store::{Keeping, RealDisk, Store, put_copied};

use crate::copying::frames;
use crate::toy::{ENTRIES, Rows, assert_verified, draft, open, rows};

/// Both branches of one log, of two entries each; `tests/fixtures/README.md` says what they are.
const BRANCHES: [&[u8]; 2] = [
    include_bytes!("../../../../tests/fixtures/forged/severity-2.frame"),
    include_bytes!("../../../../tests/fixtures/forged/severity-4.frame"),
];

fn branches() -> [(Frame, Vec<Entry>); 2] {
    BRANCHES.map(|bytes| {
        let frame = Frame::from_bytes(bytes).unwrap();
        let entries = frame.verify(EntryId(frame.log.id().0)).unwrap();
        (frame, entries)
    })
}

/// Returns an entry that follows a forged one.
fn next(frame: &Frame, entries: &[Entry]) -> Frame {
    let head = Head { seq: 2, id: entries[1].id };
    let mut writer = Writer::resume(frame.log.clone(), head);
    let secret = DeviceSecret::from_bytes(&[6; 32]);
    writer.append(vec![draft(b"next")], &[Seed([1; 32])], &secret).remove(0)
}

/// Returns the numbers of entries that have rows.
fn numbers(rows: &Rows) -> Vec<u8> {
    rows.iter().filter(|(table, ..)| *table == ENTRIES).map(|(_, key, _)| key[39]).collect()
}

#[test]
fn neither_of_two_entries_with_one_name_has_rows_whatever_came_first() {
    let [(one, of_one), (two, of_two)] = branches();
    assert_eq!(of_one[1].dot(), of_two[1].dot());
    assert_ne!(of_one[1].id, of_two[1].id);
    let (after_one, after_two) = (next(&one, &of_one), next(&two, &of_two));
    let [one, two, after_one, after_two] = [one, two, after_one, after_two].map(|it| vec![it]);
    let orders = [
        vec![[one.clone(), two.clone(), after_one.clone(), after_two.clone()].concat()],
        vec![[two.clone(), one.clone()].concat(), [after_two.clone(), after_one.clone()].concat()],
        vec![two.clone(), after_two.clone(), one.clone(), after_one.clone()],
        vec![one, after_one, two, after_two],
    ];
    let mut seen = Vec::new();
    for order in orders {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path());
        for group in order {
            let kept = store.keep(group).unwrap().frames;
            let is_new =
                |it: &Keeping| matches!(it, Keeping::Stored { .. } | Keeping::Forked { .. });
            assert!(kept.iter().all(is_new), "{kept:?}");
        }
        store.settled().unwrap();
        assert_eq!(store.branch_heads()[0].1.len(), 2, "both are kept");
        assert_eq!(store.forged().len(), 1);
        let found = rows(&store);
        assert_eq!(numbers(&found), [1, 3, 3]);
        assert_verified(&store);
        assert_copied(&store, &found);
        drop(store);
        let (store, opening) = open(dir.path());
        assert_eq!(opening.rebuilt, None);
        assert_eq!((rows(&store), store.forged().len()), (found.clone(), 1));
        let rebuilt = store.rebuild().unwrap();
        assert_eq!(rebuilt.before, rebuilt.after);
        seen.push(found);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "no order tells");
}

#[test]
fn the_first_of_two_entries_with_one_name_has_rows_until_the_second_comes() {
    let [(one, _), (two, _)] = branches();
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    store.keep(vec![one]).unwrap();
    assert_eq!((numbers(&rows(&store)), store.forged().len()), (vec![1, 2], 0));
    store.keep(vec![two]).unwrap();
    store.settled().unwrap();
    assert_eq!((numbers(&rows(&store)), store.forged().len()), (vec![1], 1));
}

fn assert_copied(store: &Store, found: &Rows) {
    let dir = tempfile::tempdir().unwrap();
    for file in store.files().unwrap() {
        put_copied(dir.path(), &RealDisk, &file).unwrap();
    }
    let (copied, _) = open(dir.path());
    copied.keep_copied(frames(store)).unwrap();
    copied.settled().unwrap();
    assert_eq!((rows(&copied), copied.forged().len()), (found.clone(), 1));
}
