//! Branches seen from the devices: how many may be begun, who brings them, what the receipt says.

use journal::{BindingState, Head, Lane, Seed, Stamp};
use protocol::Message;

use super::world::{self, Device, World, refusals, summary};
use crate::truth::devices::DeviceState;
use crate::truth::devices::limits::{self, Limits, Raised};
use crate::truth::devices::refusals as notes;
use crate::truth::forks;
use crate::truth::logs::Tree;
use crate::truth::reviews;

/// A device, and copies of it that differ in all they write.
fn copies(device: &Device, count: usize) -> Vec<Device> {
    let mut copy = device.clone();
    let next = |_| {
        copy.drift();
        copy.clone()
    };
    (0..count).map(next).collect()
}

async fn raise(world: &World, device: &Device, raised: Raised) {
    let mut tx = world.truth.db.begin().await.unwrap();
    limits::set(&mut tx, &device.key(), raised).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn branches_beyond_the_limit_stay_with_the_device_until_it_is_raised() {
    let mut world = World::new().await;
    world.truth.bounds = Limits { branches_per_log: 2, ..Limits::default() };
    let mut device = world.device(1, "INST-027").await;
    let start = device.write(1);
    world.exchange(&device, &[start]).await;
    let mut copies = copies(&device, 3);
    let frames: Vec<_> = copies.iter_mut().map(|copy| copy.write(1)).collect();
    for (copy, frame) in copies.iter().zip(&frames).take(2) {
        world.exchange(copy, std::slice::from_ref(frame)).await;
    }
    let answer = world.exchange(&copies[2], &frames[2..]).await;
    let refused = refusals(&answer);
    assert!(refused[0].words.contains("device limit"), "{}", refused[0].words);
    assert_eq!(world.held(&device).await, [[3, 3]]);
    let mut conn = world.truth.db.read().await.unwrap();
    let noted = notes::all(&mut conn).await.unwrap();
    assert_eq!((noted.len(), noted[0].0.as_slice()), (1, device.key().0.as_slice()));
    drop(conn);
    let more = copies[0].write(1);
    let answer = world.exchange(&copies[0], &[more]).await;
    assert_eq!(summary(&answer), ["receipt 5: 3 4"], "what was begun goes on");
    raise(&world, &device, Raised { branches: Some(5), ..Raised::default() }).await;
    world.exchange(&copies[2], &frames[2..]).await;
    assert_eq!(world.held(&device).await, [[3, 3, 4]]);
}

#[tokio::test]
async fn epochs_beyond_the_limit_of_a_day_stay_with_the_device_until_it_is_raised() {
    let mut world = World::new().await;
    world.truth.bounds = Limits { epochs_per_day: 2, ..Limits::default() };
    let mut device = world.device(1, "INST-027").await;
    let mut lives = Vec::new();
    for _ in 0..3 {
        let frame = device.write(1);
        let answer = world.exchange(&device, std::slice::from_ref(&frame)).await;
        lives.push((summary(&answer).len(), device.clone(), frame));
        device = device.at("INST-027");
    }
    let answers: Vec<usize> = lives.iter().map(|(lines, ..)| *lines).collect();
    assert_eq!(answers, [1, 1, 2], "a receipt, and of the third epoch a refusal");
    raise(&world, &device, Raised { epochs_per_day: Some(3), ..Raised::default() }).await;
    let (_, third, frame) = lives.pop().unwrap();
    let answer = world.exchange(&third, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 4: 2 2 2"]);
}

#[tokio::test]
async fn a_device_of_whose_entries_two_have_one_name_is_revoked() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let start = device.write(1);
    world.exchange(&device, &[start]).await;
    let mut copies = copies(&device, 2);
    let theirs = copies[0].write(1);
    world.exchange(&copies[0], &[theirs]).await;
    let frame = copies[1].write(1);
    let mut conn = world.truth.db.begin().await.unwrap();
    let tree = Tree::read(&mut conn, &frame.log).await.unwrap();
    let before = Head { seq: 2, id: tree.ids_at(&mut conn, 2).await.unwrap()[0] };
    let mut forged = frame.rebuild(before.id).unwrap();
    // Nobody makes such an entry in a test: its id is altered behind the part that names it.
    forged[0].id.0[31] ^= 1;
    let row = tree.branches()[0].number;
    assert!(!forks::note(&mut conn, &frame.log, row, &forged).await.unwrap());
    conn.commit().await.unwrap();
    world.exchange(&copies[1], &[frame]).await;
    let known = world.known(&device).await.unwrap();
    assert!(matches!(known.state, DeviceState::Revoked { reason } if reason.contains("forges")));
    assert_eq!(world.held(&device).await, [[3, 3]], "both are held");
}

#[tokio::test]
async fn what_the_hub_lost_is_taken_from_a_sibling_and_from_nobody_else() {
    let world = World::new().await;
    let mut author = world.device(1, "INST-027").await;
    let sibling = world.device(2, "INST-027").await;
    let far = world.device(3, "INST-016").await;
    let frame = author.write(2);
    let answer = world.exchange(&far, std::slice::from_ref(&frame)).await;
    assert_eq!(summary(&answer), ["receipt 1:", "refused WrongLog"]);
    let answer = world.exchange(&sibling, std::slice::from_ref(&frame)).await;
    assert_eq!(summary(&answer), ["receipt 1:"]);
    assert_eq!(world.held(&author).await, [[3]]);
    world.bind(&author, BindingState::Revoked { reason: "stolen".to_owned() }).await;
    let more = author.write(1);
    let answer = world.exchange(&sibling, &[more]).await;
    assert_eq!(summary(&answer), ["receipt 2:", "refused WrongLog"]);
    assert_eq!(world.held(&author).await, [[3]]);
}

#[tokio::test]
async fn a_receipt_names_where_a_device_stands_that_has_less_than_is_held_of_any_branch() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let start = device.write(1);
    let mut twin = device.clone();
    twin.drift();
    let (mine, theirs) = (device.write(1), twin.write(1));
    let (here, there) = (device.branch_head(), twin.branch_head());
    let (more, others) = (device.write(2), twin.write(3));
    world.exchange(&device, &[start, mine, more]).await;
    world.exchange(&twin, &[theirs, others]).await;
    for head in [here, there] {
        let body = world::body_with(&device, vec![head.clone()], &[]);
        let answer = world.send(device.key(), &body).await;
        let Some(Message::Receipt(receipt)) = answer.first() else { panic!("{answer:?}") };
        assert_eq!(receipt.heads.iter().map(|head| head.seq).collect::<Vec<_>>(), [5, 6]);
        let skipped: Vec<_> = receipt.heads.iter().flat_map(|it| it.skipped.clone()).collect();
        assert_eq!(skipped, [(head.seq, head.id)]);
    }
    let unknown = journal::BranchHead { id: journal::ShortId([9; 8]), ..device.branch_head() };
    let answer = world.send(device.key(), &world::body_with(&device, vec![unknown], &[])).await;
    let Some(Message::Receipt(receipt)) = answer.first() else { panic!("{answer:?}") };
    assert!(receipt.heads.iter().all(|head| head.skipped.is_empty()));
}

#[tokio::test]
async fn a_decision_is_delivered_by_whoever_shows_a_branch_behind_it() {
    let world = World::new().await;
    let device = world.device(1, "INST-027").await;
    let lane = Lane::Site("INST-027".parse().unwrap());
    let say = |text: &str| vec![(journal::Kind(900), text.as_bytes().to_vec())];
    let mut tx = world.truth.db.begin().await.unwrap();
    let shared = world.truth.lanes.append(&mut tx, &lane, say("shared")).await.unwrap()[0];
    let name = world.truth.lanes.log(&mut tx, &lane).await.unwrap();
    let end = Tree::read(&mut tx, &name).await.unwrap().end();
    let mine = world.truth.lanes.append(&mut tx, &lane, say("of this life")).await.unwrap()[0];
    tx.commit().await.unwrap();
    // The other life of the hub said something else there, and the device has that.
    let draft = journal::Draft {
        kind: journal::Kind(900),
        payload: b"of the other life".to_vec(),
        stamp: Stamp::default(),
        receipt: 0,
    };
    let mut writer = journal::Writer::resume(name.clone(), end);
    let frame = writer.append(vec![draft], &[Seed([9; 32])], world.truth.lanes.secret()).remove(0);
    let other = frame.verify(end.id).unwrap().remove(0);
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 1:"]);
    let head = Head { seq: other.header.seq, id: other.id };
    let shows = vec![journal::BranchHead::of(&name, head)];
    world.send(device.key(), &world::body_with(&device, shows, &[])).await;
    let mut conn = world.truth.db.read().await.unwrap();
    let mut delivered = Vec::new();
    for dot in [shared, other.dot(), mine] {
        delivered.push(reviews::delivered_ms(&mut conn, &dot).await.unwrap().is_some());
    }
    assert_eq!(delivered, [true, true, false]);
}
