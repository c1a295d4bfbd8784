//! Logs with branches: whatever came first, all of them are projected, named and sent alike.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use journal::{DeviceSecret, Entry, Epoch, Frame, Head, Lane, LogName, Seed, Writer};
use proptest::prelude::*;
use store::{Fault, Keeping, Projector, RealDisk, Store, View, put_copied};

use crate::copying::frames;
use crate::toy::{Rows, Toy, assert_verified, draft, open, options, rows};

/// A log written in four lives of one disk: a trunk, two that parted from it, one from its middle.
struct Tree {
    heads: Vec<Head>,
    /// One frame an entry, of all branches, each entry once.
    frames: Vec<Frame>,
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let (trunk, all) = grow(None, 0, 8, "trunk");
    let (side, more) = grow(Some(&trunk), 5, 12, "side");
    let (twig, most) = grow(Some(&side), 9, 11, "twig");
    let (root, last) = grow(None, 0, 3, "root");
    let frames = [all, more, most, last].concat();
    let end = |ids: &Vec<Head>| *ids.last().unwrap();
    let mut heads = vec![end(&trunk), end(&side), end(&twig), end(&root)];
    heads.sort_by_key(|head| (head.seq, head.id));
    Tree { heads, frames }
});

/// Writes on from entry `after` of another branch up to `last`, and returns where each entry stands.
fn grow(from: Option<&Vec<Head>>, after: usize, last: u64, word: &str) -> (Vec<Head>, Vec<Frame>) {
    let mut heads: Vec<Head> = from.map_or_else(Vec::new, |from| from[..after].to_vec());
    let begin = heads.last().copied().unwrap_or_else(|| Head::empty(theirs().id()));
    let mut writer = Writer::resume(theirs(), begin);
    let mut frames = Vec::new();
    for seq in begin.seq + 1..=last {
        let draft = draft(format!("{word} {seq}").as_bytes());
        let seed = Seed([u8::try_from(seq).unwrap(); 32]);
        frames.extend(writer.append(vec![draft], &[seed], &their_secret()));
        heads.push(writer.head());
    }
    (heads, frames)
}

fn theirs() -> LogName {
    LogName { device: their_secret().public(), epoch: Epoch([8; 8]), lane: Lane::Everyone }
}

fn their_secret() -> DeviceSecret {
    DeviceSecret::from_bytes(&[6; 32])
}

/// Hands frames in until all of them are kept.
fn keep_all(store: &Store, frames: Vec<Frame>) {
    let mut left = frames;
    while !left.is_empty() {
        let kept = store.keep(left.clone()).unwrap().frames;
        let before = left.len();
        let lacks =
            |keeping: &Keeping| matches!(keeping, Keeping::Gap { .. } | Keeping::Refused(_));
        left = left.into_iter().zip(kept).filter(|(_, kept)| lacks(kept)).map(|it| it.0).collect();
        assert!(left.len() < before, "something always fits");
    }
}

/// The rows that do not tell in which order entries came.
fn reference() -> Rows {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    keep_all(&store, TREE.frames.clone());
    rows(&store)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_order_any_repetition_and_any_restart_gives_the_same_rows(
        order in Just((0..TREE.frames.len()).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        static REFERENCE: LazyLock<Rows> = LazyLock::new(reference);
        let dir = tempfile::tempdir().unwrap();
        let frames = |order: &[usize]| -> Vec<Frame> {
            order.iter().map(|at| TREE.frames[*at].clone()).collect()
        };
        let (early, late) = order.split_at(cut.index(order.len()));
        let (store, _) = open(dir.path());
        // What does not fit yet is handed in again later.
        store.keep(frames(early)).unwrap();
        drop(store);
        let (store, opening) = open(dir.path());
        prop_assert_eq!(opening.rebuilt, None);
        keep_all(&store, frames(&[early, late].concat()));
        let repeated: Vec<usize> = again.iter().map(|it| it.index(order.len())).collect();
        for keeping in store.keep(frames(&repeated)).unwrap().frames {
            prop_assert_eq!(keeping, Keeping::Repeated);
        }
        prop_assert_eq!(store.branch_heads(), vec![(theirs(), TREE.heads.clone())]);
        prop_assert_eq!(&rows(&store), &*REFERENCE);
        assert_verified(&store);
        let rebuilt = store.rebuild().unwrap();
        prop_assert_eq!(rebuilt.before, rebuilt.after);
        drop(store);
        let (store, opening) = open(dir.path());
        prop_assert_eq!(opening.rebuilt, None);
        prop_assert_eq!(&rows(&store), &*REFERENCE);
    }

    #[test]
    fn the_frames_that_lead_to_a_head_bring_it_to_whoever_has_any_part_of_the_log(
        order in Just((0..TREE.frames.len()).collect::<Vec<_>>()).prop_shuffle(),
        part in any::<prop::sample::Index>(),
        bytes in 1..4000_usize,
    ) {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ((from, _), (to, _)) = (open(from.path()), open(to.path()));
        let frames: Vec<Frame> = order.iter().map(|at| TREE.frames[*at].clone()).collect();
        to.keep(frames[..part.index(order.len())].to_vec()).unwrap();
        keep_all(&from, frames);
        for head in &TREE.heads {
            for _step in 0..40 {
                let named = to.branch_heads().into_iter().flat_map(|(_, heads)| heads);
                let has: Vec<_> = named.map(|head| (head.seq, head.id.short())).collect();
                let sent = from.frames_to(&theirs(), *head, (1, &has), bytes).unwrap();
                if sent.is_empty() {
                    break;
                }
                for keeping in to.keep(sent).unwrap().frames {
                    let fits = !matches!(keeping, Keeping::Gap { .. } | Keeping::Refused(_));
                    prop_assert!(fits, "each frame follows what came before it");
                }
            }
            prop_assert!(to.ids_at(&theirs(), head.seq).unwrap().contains(&head.id));
        }
        let all: BTreeSet<_> = to.branch_heads().into_iter().flat_map(|it| it.1).map(|it| it.id).collect();
        prop_assert_eq!(all, TREE.heads.iter().map(|head| head.id).collect());
    }
}

#[test]
fn a_way_leads_through_the_stretches_and_waiting_counts_each() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    keep_all(&store, TREE.frames.clone());
    let twig = TREE.heads.iter().find(|head| head.seq == 11).unwrap();
    let side = TREE.heads.iter().find(|head| head.seq == 12).unwrap();
    let way = store.way(&theirs(), *twig).unwrap().unwrap();
    assert_eq!(way.iter().map(|part| part.last).collect::<Vec<_>>(), [5, 9, 11]);
    let named = [(side.seq, side.id.short())];
    assert_eq!(store.common(&theirs(), &way, &named).unwrap(), 9);
    let entries = |held: &[store::Stretch]| store.waiting_beyond(&theirs(), held).0;
    assert_eq!(entries(&[]), 8 + 7 + 2 + 3);
    assert_eq!(entries(&way), 3 + 3 + 3, "of trunk, side and root what is not on the way");
    for (frame, word) in [(&TREE.frames[20 - 3], "root"), (&TREE.frames[8], "side")] {
        let before = store.ids_at(&theirs(), frame.first - 1).unwrap();
        let entry = before.iter().find_map(|prev| frame.verify(*prev).ok()).unwrap().remove(0);
        let here = store.entry(&entry.dot()).unwrap().unwrap();
        assert!(here.bytes().unwrap().starts_with(word.as_bytes()));
    }
}

/// Makes rows only of entries whose log's first entry it is told.
#[derive(Debug)]
struct ByFirstEntry(Toy);

impl Projector for ByFirstEntry {
    fn version(&self) -> u32 {
        self.0.version()
    }

    fn project(
        &self,
        log: &LogName,
        start: Option<&Entry>,
        entry: &Entry,
        view: &mut dyn View,
    ) -> Result<(), Fault> {
        match start {
            Some(_) => self.0.project(log, start, entry, view),
            None => Ok(()),
        }
    }
}

#[test]
fn a_copy_of_a_forked_log_has_the_rows_of_every_branch() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _) = open(dir.path());
    keep_all(&store, TREE.frames.clone());
    for file in store.files().unwrap() {
        put_copied(other.path(), &RealDisk, &file).unwrap();
    }
    // The files of branches are there before the journal's first entry is.
    let projector = Arc::new(ByFirstEntry(Toy { version: 1 }));
    let opened = Store::open(other.path(), Arc::new(RealDisk), projector, &options());
    let (copied, _) = opened.unwrap();
    copied.keep_copied(frames(&store)).unwrap();
    assert_eq!(copied.branch_heads(), store.branch_heads());
    assert_eq!(rows(&copied), rows(&store));
    assert_verified(&copied);
}
