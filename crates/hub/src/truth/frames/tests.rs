//! Frames of any branches, in any order, repeated and cut: what is held in the end is all of it, once.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Entry, EntryId, Frame, Head, Kind, ShortId};
use protocol::Keep;

use super::*;
use crate::db::asked;
use crate::truth::turns::retry;
use crate::truth::{devices, verify};
use crate::world::{Device, Sent, World};

/// A generator of numbers: the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// A chain: the frames that lead to one end of a log.
#[derive(Clone)]
struct Chain {
    frames: Vec<Sent>,
}

impl Chain {
    fn entries(&self) -> Vec<Entry> {
        let all = self.frames.iter().flat_map(|sent| sent.frame.rebuild(sent.prev).unwrap());
        all.collect()
    }

    fn head(&self) -> Head {
        let last = self.entries().pop().unwrap();
        Head { seq: last.header.seq, id: last.id }
    }

    /// Some of its frames as one, without its first entries.
    fn piece(&self, dice: &mut Dice) -> Keep {
        let from = dice.below(self.frames.len());
        let to = from + 1 + dice.below(self.frames.len() - from);
        let frames = self.frames[from..to].iter().map(|sent| sent.frame.clone()).collect();
        let frame = Frame::join(frames).unwrap();
        let cut = dice.below(frame.items.len());
        let frame = frame.starting_at(self.frames[from].frame.first + cut as u64).unwrap();
        let ids: BTreeMap<u64, EntryId> =
            self.entries().iter().map(|entry| (entry.header.seq, entry.id)).collect();
        let empty = EntryId(frame.log.id().0);
        let prev = ids.get(&(frame.first - 1)).copied().unwrap_or(empty);
        let entries = frame.verify(prev).unwrap();
        Keep { frame, entries, prev }
    }
}

/// A device that is copied, or set back, at random places; a log may fork at its first entry too.
fn chains(dice: &mut Dice, count: usize, seed: u8) -> (Device, Vec<Chain>) {
    let origin = Device::new("INST-027", seed);
    let mut machines = vec![(origin.twin(), Vec::new())];
    let mut written = 0_u32;
    let mut copies = vec![(origin.twin(), Vec::new())];
    while machines.len() < count {
        let place = dice.below(machines.len());
        let (device, frames) = &mut machines[place];
        for _ in 0..=dice.below(3) {
            written += 1;
            let start = (device.head().seq == 0).then(|| start_of(written));
            let rest = (0..dice.below(4)).map(|at| (Kind(900), format!("{written} {at}").into()));
            let mut payloads: Vec<(Kind, Vec<u8>)> = start.into_iter().chain(rest).collect();
            if payloads.is_empty() {
                payloads.push((Kind(900), written.to_string().into_bytes()));
            }
            frames.push(device.write(payloads));
            copies.push((device.twin(), frames.clone()));
        }
        let (device, frames) = &copies[dice.below(copies.len())];
        machines.push((device.twin(), frames.clone()));
    }
    // What was copied writes on, so that no chain is the beginning of another one.
    for (device, frames) in &mut machines {
        written += 1;
        let start = (device.head().seq == 0).then(|| start_of(written));
        let more = [(Kind(900), format!("the end {written}").into_bytes())];
        frames.push(device.write(start.into_iter().chain(more).collect()));
    }
    let chains = machines.into_iter().map(|(_, frames)| Chain { frames }).collect();
    (origin, chains)
}

fn start_of(count: u32) -> (Kind, Vec<u8>) {
    let start = EpochStart {
        site: "INST-027".parse().unwrap(),
        predecessors: Vec::new(),
        opened_at_ms: i64::from(count),
        count,
        previous: None,
        abandoned: None,
    };
    (Kind::EPOCH_START, start.to_payload().unwrap())
}

async fn kept(world: &World, piece: &Keep) -> Result<(), Fault> {
    let mut tx = world.truth.db.begin().await.unwrap();
    keep(&mut tx, piece, Moment::of_unknown_clock(7)).await?;
    tx.commit().await.unwrap();
    Ok(())
}

/// Brings pieces of chains in any order until all of them are held.
async fn bring(world: &World, chains: &[Chain], dice: &mut Dice) {
    for _ in 0..8 * chains.len() {
        let piece = chains[dice.below(chains.len())].piece(dice);
        match kept(world, &piece).await {
            Ok(()) | Err(Fault::Moved) => {}
            Err(fault) => panic!("{fault}"),
        }
    }
    for chain in chains {
        let from = dice.below(2);
        for sent in &chain.frames[from.min(chain.frames.len() - 1)..] {
            let entries = sent.frame.verify(sent.prev).unwrap();
            let piece = Keep { frame: sent.frame.clone(), entries, prev: sent.prev };
            if let Err(Fault::Moved) = kept(world, &piece).await {
                // Its beginning did not come yet.
                let all = chain.frames.iter().map(|sent| sent.frame.clone()).collect();
                let frame = Frame::join(all).unwrap();
                let prev = chain.frames[0].prev;
                let entries = frame.verify(prev).unwrap();
                kept(world, &Keep { frame, entries, prev }).await.unwrap();
            }
        }
    }
}

async fn check_held(world: &World, origin: &Device, chains: &[Chain]) {
    let mut conn = world.truth.db.read().await.unwrap();
    let all: BTreeSet<(u64, EntryId)> =
        chains.iter().flat_map(Chain::entries).map(|entry| (entry.header.seq, entry.id)).collect();
    let tree = Tree::read(&mut conn, origin.log()).await.unwrap();
    let mut held = Vec::new();
    for log in tree.branches() {
        let own = entries_from(&mut conn, log, 1, 999).await.unwrap();
        assert_eq!(own[0].entry.id, log.first_id);
        let start = tree.chain(log)[0].log.start.clone();
        assert_eq!(
            log.start, start,
            "what is said at the beginning of a chain holds for all of it"
        );
        held.extend(own.iter().map(|it| (it.entry.header.seq, it.entry.id)));
    }
    assert_eq!(held.len(), all.len(), "each entry stands once");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), all);
    let heads: BTreeSet<_> = chains.iter().map(|it| (it.head().seq, it.head().id)).collect();
    let found = logs::of_device(&mut conn, &origin.key()).await.unwrap();
    let found: Vec<_> = found[0].heads.iter().map(|head| (head.seq, head.id)).collect();
    assert_eq!(found, heads.into_iter().collect::<Vec<_>>());
    for seq in 1..=tree.furthest() {
        let there: Vec<EntryId> =
            all.iter().filter(|(at, _)| *at == seq).map(|(_, id)| *id).collect();
        assert_eq!(tree.ids_at(&mut conn, seq).await.unwrap(), there);
    }
}

/// What is loaded leads from what the other side has to the head, without a gap.
async fn check_loads(world: &World, origin: &Device, chains: &[Chain], dice: &mut Dice) {
    let mut conn = world.truth.db.read().await.unwrap();
    let tree = Tree::read(&mut conn, origin.log()).await.unwrap();
    for chain in chains {
        let entries = chain.entries();
        let other = chains[dice.below(chains.len())].entries();
        let has = &other[dice.below(other.len())];
        let has: Vec<(u64, ShortId)> = match dice.below(3) {
            0 => Vec::new(),
            _ => vec![(has.header.seq, has.id.short()), (1, ShortId([0; 8]))],
        };
        let common = match has.first() {
            None => 0,
            Some((seq, _)) => {
                let both = entries.iter().zip(&other).take(usize::try_from(*seq).unwrap());
                both.take_while(|(one, two)| one.id == two.id).count()
            }
        };
        let mut at = common;
        while at < entries.len() {
            let known = at.checked_sub(1).map(|last| &entries[last]);
            let known: Vec<_> = known.iter().map(|it| (it.header.seq, it.id.short())).collect();
            let has = if at == common { &has } else { &known };
            let bytes = 1 + dice.below(600);
            let frames = load(&mut conn, &tree, chain.head(), has, bytes).await.unwrap();
            assert!(!frames.is_empty());
            for frame in frames {
                assert_eq!(frame.first, at as u64 + 1, "nothing is left out or sent twice");
                let before = at.checked_sub(1).map(|last| entries[last].id);
                let prev = before.unwrap_or_else(|| EntryId(frame.log.id().0));
                for entry in frame.verify(prev).unwrap() {
                    assert_eq!(entry.id, entries[at].id);
                    at += 1;
                }
            }
        }
    }
}

#[tokio::test]
async fn frames_of_any_branches_in_any_order_repeated_and_cut_come_to_the_same() {
    let world = World::new().await;
    for seed in 0..24 {
        let mut dice = Dice(seed.into());
        let count = 2 + dice.below(7);
        let (origin, chains) = chains(&mut dice, count, seed);
        for _ in 0..2 {
            bring(&world, &chains, &mut dice).await;
            check_held(&world, &origin, &chains).await;
        }
        check_loads(&world, &origin, &chains, &mut dice).await;
        let verdict = verify::verify(&world.truth).await.unwrap();
        assert_eq!(verdict.faults, [], "seed {seed}");
        let mut tx = world.truth.db.begin().await.unwrap();
        let log = origin.log().id();
        let before = forks::indexed(&mut tx, log).await.unwrap();
        forks::index_anew(&mut tx).await.unwrap();
        assert_eq!(forks::indexed(&mut tx, log).await.unwrap(), before, "seed {seed}");
        assert_eq!(forks::count_forged(&mut tx).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_follows_nothing_that_is_held_is_not_kept() {
    let mut dice = Dice(7);
    let world = World::new().await;
    let (origin, chains) = chains(&mut dice, 2, 5);
    let late = chains[0].frames.last().unwrap();
    let entries = late.frame.verify(late.prev).unwrap();
    let late = Keep { frame: late.frame.clone(), entries, prev: late.prev };
    assert!(matches!(kept(&world, &late).await, Err(Fault::Moved)));
    let mut conn = world.truth.db.read().await.unwrap();
    assert_eq!(Tree::read(&mut conn, origin.log()).await.unwrap().branches().len(), 0);
}

#[tokio::test]
async fn several_who_bring_the_same_branches_at_once_begin_each_once() {
    let mut dice = Dice(3);
    let world = World::new().await;
    let (origin, chains) = chains(&mut dice, 5, 5);
    let world = &world;
    let bring = |chain: Chain| async move {
        for sent in &chain.frames {
            retry(|| kept_at_once(world, sent)).await.unwrap();
        }
    };
    let twice = chains.iter().chain(&chains).cloned().map(bring);
    futures_util::future::join_all(twice).await;
    check_held(world, &origin, &chains).await;
    assert_eq!(verify::verify(&world.truth).await.unwrap().faults, []);
}

/// Keeps a frame while others keep theirs.
async fn kept_at_once(world: &World, sent: &Sent) -> Result<(), Fault> {
    let entries = sent.frame.verify(sent.prev).unwrap();
    let piece = Keep { frame: sent.frame.clone(), entries, prev: sent.prev };
    let mut tx = world.truth.db.begin().await?;
    keep(&mut tx, &piece, Moment::of_unknown_clock(7)).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn two_entries_with_one_name_are_noted_whichever_comes_first() {
    let world = World::new().await;
    let (mut device, first) = world.device("INST-027", 5).await;
    world.arrive(&first, 7).await;
    let mut twin = device.twin();
    world.arrive(&device.write(vec![(Kind(900), b"mine".to_vec())]), 7).await;
    let mut tx = world.truth.db.begin().await.unwrap();
    let theirs = twin.write(vec![(Kind(900), b"theirs".to_vec())]);
    let mut forged = theirs.frame.rebuild(theirs.prev).unwrap();
    let log = Tree::read(&mut tx, device.log()).await.unwrap().branches()[0].number;
    forks::note(&mut tx, device.log(), log, &forged).await.unwrap();
    assert_eq!(forks::forged(&mut tx, device.log()).await.unwrap(), BTreeSet::new());
    // Nobody makes such an entry in a test: its id is altered behind the part that names it.
    forged[0].id.0[31] ^= 1;
    forks::note(&mut tx, device.log(), log, &forged).await.unwrap();
    forks::note(&mut tx, device.log(), log, &forged).await.unwrap();
    let noted = forks::forged(&mut tx, device.log()).await.unwrap();
    assert_eq!(noted.into_iter().collect::<Vec<_>>(), [forged[0].dot()]);
}

#[tokio::test]
async fn the_hubs_own_lane_goes_on_at_the_end_of_its_longest_branch() {
    let world = World::new().await;
    world.site("INST-027", "CHUY").await;
    let lane = journal::Lane::Everyone;
    let mut conn = world.truth.db.read().await.unwrap();
    let name = world.truth.lanes.log(&mut conn, &lane).await.unwrap();
    let [log] = logs::branches(&mut conn, &name).await.unwrap().try_into().unwrap();
    let before = entry_at(&mut conn, &log, 2).await.unwrap().unwrap().entry;
    drop(conn);
    // What it said in another life comes back from a device.
    let said = Head { seq: 2, id: before.id };
    let draft = |text: &str| journal::Draft {
        kind: Kind(900),
        payload: text.as_bytes().to_vec(),
        stamp: journal::Stamp::default(),
        receipt: 0,
    };
    let drafts = vec![draft("once"), draft("more")];
    let mut writer = journal::Writer::resume(name.clone(), said);
    let secret = journal::DeviceSecret::from_bytes(&[200; 32]);
    let frame = writer.append(drafts, &[journal::Seed([9; 32])], &secret).remove(0);
    let entries = frame.verify(said.id).unwrap();
    kept(&world, &Keep { frame, entries, prev: said.id }).await.unwrap();
    world.site("INST-016", "OSH").await;
    let mut conn = world.truth.db.read().await.unwrap();
    let held = logs::of_device(&mut conn, &world.truth.key()).await.unwrap();
    let heads: Vec<u64> = held[0].heads.iter().map(|head| head.seq).collect();
    assert_eq!(heads, [3, 5]);
    assert_eq!(verify::verify(&world.truth).await.unwrap().faults, []);
}

/// Statements of one more branch, and of a look at all of them, with so many branches already.
async fn cost(branches: u16) -> (u64, u64) {
    let world = World::new().await;
    let (mut device, first) = world.device("INST-027", 5).await;
    world.arrive(&first, 7).await;
    let fork = device.twin();
    let mut last = 0;
    for number in 0..branches {
        let mut twin = if number % 2 == 0 { fork.twin() } else { device.twin() };
        let write = |at: u8| (Kind(900), format!("{number} {at}").into_bytes());
        let sent = twin.write(vec![write(1), write(2), write(3)]);
        let before = asked();
        world.arrive(&sent, 8).await;
        last = asked() - before;
        if number % 16 == 0 {
            device = twin;
        }
    }
    let before = asked();
    assert_eq!(verify::verify(&world.truth).await.unwrap().faults, []);
    (last, asked() - before)
}

#[tokio::test]
async fn one_more_branch_costs_as_much_as_the_one_before_and_a_check_of_all_grows_with_them() {
    let (few, many) = (cost(20).await, cost(200).await);
    assert!(many.0 <= few.0 + 4, "one more branch: {few:?}, then {many:?}");
    assert!(many.1 <= few.1 * 11, "a check of all: {few:?}, then {many:?}");
}

#[tokio::test]
async fn a_device_is_known_by_what_it_has_begun() {
    let world = World::new().await;
    let (mut device, first) = world.device("INST-027", 5).await;
    world.arrive(&first, 10).await;
    let mut twin = device.twin();
    world.arrive(&device.write(vec![(Kind(900), b"mine".to_vec())]), 20).await;
    world.arrive(&twin.write(vec![(Kind(900), b"theirs".to_vec())]), 30).await;
    let mut conn = world.truth.db.read().await.unwrap();
    let day = 24 * 60 * 60 * 1000;
    for (now_ms, today) in [(40, 1), (9 + day, 1), (10 + day, 0)] {
        let begun = devices::limits::begun(&mut conn, &device.key(), now_ms).await.unwrap();
        let wanted = devices::limits::Begun { epochs: 1, epochs_today: today, branches: 1 };
        assert_eq!(begun, wanted, "{now_ms}");
    }
}
