//! What the hub holds and answers, seen from the devices that speak to it.

mod branches;
mod many;
mod posts;
mod revoked;
mod tls;
mod world;

use journal::{BindingState, Kind};
use protocol::{EnrolAnswer, Message, Why};

use crate::clock::Moment;
use crate::db;
use crate::truth::{devices, logs, receipts, verify};
use world::{Device, World, refusals, summary};

#[tokio::test]
async fn a_frame_is_kept_and_receipted() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let frame = device.write(3);
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 1: 4"]);
    assert_eq!(world.held(&device).await, [[4]]);
}

#[tokio::test]
async fn a_repeated_frame_is_not_stored_again() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let frame = device.write(3);
    world.exchange(&device, std::slice::from_ref(&frame)).await;
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 2: 4"]);
    assert_eq!(world.frames().await, 1);
}

#[tokio::test]
async fn of_an_overlapping_frame_only_what_is_new_is_stored() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let first = device.write(3);
    let second = device.write(2);
    world.exchange(&device, std::slice::from_ref(&first)).await;
    let joined = journal::Frame::join(vec![first, second]).unwrap();
    let answer = world.exchange(&device, &[joined]).await;
    assert_eq!(summary(&answer), ["receipt 2: 6"]);
    assert!(verify::verify(&world.truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn both_branches_of_a_fork_are_held_and_named() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let start = device.write(1);
    let mut twin = device.clone();
    twin.drift();
    let (mine, theirs, more) = (device.write(2), twin.write(3), twin.write(1));
    world.exchange(&device, &[start, mine]).await;
    let answer = world.exchange(&twin, std::slice::from_ref(&theirs)).await;
    assert_eq!(summary(&answer), ["receipt 2: 4 5"]);
    world.exchange(&twin, &[theirs, more]).await;
    assert_eq!(world.held(&device).await, [[4, 6]]);
    let verdict = verify::verify(&world.truth).await.unwrap();
    assert_eq!((verdict.faults.len(), verdict.forks.len()), (0, 1));
    assert_eq!(verdict.forks[0].seq, 3);
}

#[tokio::test]
async fn of_a_frame_with_a_flipped_bit_nothing_is_stored_and_the_log_goes_on_after_repair() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let frame = device.write(3);
    let mut altered = frame.clone();
    altered.items[1].stamp.claimed_ms ^= 1;
    let answer = world.exchange(&device, &[altered]).await;
    assert_eq!(summary(&answer), ["receipt 1:", "refused Frame"]);
    assert_eq!(world.frames().await, 0);
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 2: 4"]);
}

#[tokio::test]
async fn an_unknown_kind_of_entry_is_held_like_any_other() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let frame = device.write_kind(Kind(999), 1);
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 1: 2"]);
}

#[tokio::test]
async fn an_unknown_key_is_refused_and_listed_as_waiting() {
    let world = World::new().await;
    let mut stranger = Device::new(9, "INST-027");
    let frame = stranger.write(2);
    let answer = world.exchange(&stranger, &[frame]).await;
    assert_eq!(summary(&answer), ["refused UnknownDevice"]);
    assert_eq!(world.frames().await, 0);
    let found = world.known(&stranger).await.unwrap();
    assert_eq!(found.state, devices::DeviceState::Waiting);
}

#[tokio::test]
async fn a_revoked_key_is_refused_with_the_reason() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    world.bind(&device, BindingState::Revoked { reason: "stolen".to_owned() }).await;
    let frame = device.write(1);
    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["refused Revoked"]);
    assert!(refusals(&answer)[0].words.contains("stolen"));
    assert_eq!(world.frames().await, 0);
}

#[tokio::test]
async fn a_device_that_speaks_for_another_key_is_not_listened_to() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let other = world.device(2, "INST-027").await;
    let frame = device.write(1);
    let answer = world.exchange_as(other.key(), &device, &[frame]).await;
    assert_eq!(summary(&answer), ["refused Hello"]);
    assert_eq!(world.frames().await, 0);
}

#[tokio::test]
async fn siblings_and_the_hubs_lanes_come_down_and_other_sites_do_not() {
    let world = World::new().await;
    let mut one = world.device(1, "INST-027").await;
    let two = world.device(2, "INST-027").await;
    let mut far = world.device(3, "INST-016").await;
    let (near_frame, far_frame) = (one.write(2), far.write(2));
    world.exchange(&one, &[near_frame]).await;
    world.exchange(&far, &[far_frame]).await;
    let lanes = world.came_down(&two).await;
    let hub = world.truth.key().short();
    let sibling = one.key().short();
    let wanted = [
        format!("{hub} everyone 2"),
        format!("{hub} site/INST-027 3"),
        format!("{sibling} site/INST-027 3"),
    ];
    assert_eq!(lanes, wanted);
}

#[tokio::test]
async fn both_branches_of_a_fork_go_down_to_siblings_once() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let sibling = world.device(2, "INST-027").await;
    let start = device.write(1);
    let mut twin = device.clone();
    twin.drift();
    let (mine, theirs) = (device.write(2), twin.write(4));
    world.exchange(&device, &[start, mine]).await;
    world.exchange(&twin, &[theirs]).await;
    let key = device.key().short();
    let down = world.came_down(&sibling).await;
    let of_it: Vec<_> = down.iter().filter(|log| log.starts_with(&key.to_string())).collect();
    let wanted = [4, 6].map(|last| format!("{key} site/INST-027 {last}"));
    assert_eq!(of_it, wanted.iter().collect::<Vec<_>>());
    let heads = [&device, &twin].map(|one| one.branch_head()).to_vec();
    let answer = world.send(sibling.key(), &world::body_with(&sibling, heads, &[])).await;
    assert_eq!(summary(&answer), ["receipt 2:"], "what it has does not come again");
}

#[tokio::test]
async fn receipts_are_numbered_above_what_the_device_names_and_form_a_chain() {
    let world = World::new().await;
    let device = world.device(1, "INST-027").await;
    for (above, wanted) in [(0, 1), (0, 2), (40, 41), (3, 42)] {
        let mut tx = world.truth.db.begin().await.unwrap();
        // The hub's time is the clock's, and may fall back with it.
        let now_ms = 1_000 - i64::try_from(above).unwrap();
        let now = Moment::of_unknown_clock(now_ms);
        let key = device.key();
        let receipt = world.truth.receipts.issue(&mut tx, &key, (above, &[]), now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((receipt.number, receipt.at_ms), (wanted, now_ms));
    }
    let mut conn = world.truth.db.read().await.unwrap();
    assert_eq!(receipts::stored(&mut conn, &device.key()).await.unwrap().len(), 4);
    assert!(verify::verify(&world.truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_code_lets_in_one_device_and_answers_it_again() {
    let world = World::new().await;
    let (one, two) = (Device::new(1, "INST-027"), Device::new(2, "INST-027"));
    let token = world.invite("INST-027", i64::MAX).await;
    let welcome = world.enrol(&one, token).await;
    let EnrolAnswer::Welcome { letter, .. } = &welcome else { panic!("{welcome:?}") };
    assert_eq!(letter, "A");
    let again = world.enrol(&one, token).await;
    assert!(matches!(again, EnrolAnswer::Welcome { letter, .. } if letter == "A"));
    assert!(matches!(world.enrol(&two, token).await, EnrolAnswer::Refused { .. }));
    let late = world.invite("INST-027", 0).await;
    assert!(matches!(world.enrol(&two, late).await, EnrolAnswer::Refused { .. }));
    assert!(matches!(world.enrol(&two, [0; 16]).await, EnrolAnswer::Refused { .. }));
    let fresh = world.invite("INST-027", i64::MAX).await;
    let second = world.enrol(&two, fresh).await;
    assert!(matches!(second, EnrolAnswer::Welcome { letter, .. } if letter == "B"));
}

#[tokio::test]
async fn a_body_that_ends_inside_a_message_keeps_the_frames_before() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let (first, second) = (device.write(1), device.write(1));
    let mut body = world::body(&device, &[first, second]);
    body.truncate(body.len() - 3);
    let answer = world.send(device.key(), &body).await;
    assert_eq!(summary(&answer), ["receipt 1: 2", "refused Hello"]);
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_noted() {
    let world = World::new().await;
    let device = world.device(1, "INST-027").await;
    world.exchange(&device, &[]).await;
    let contact = world.known(&device).await.unwrap().contact.unwrap();
    assert_eq!(contact.software, "test");
    assert_eq!(contact.waiting.routine.entries, 7);
}

#[tokio::test]
async fn a_bit_flipped_in_the_database_is_named_by_verify() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let frame = device.write(3);
    world.exchange(&device, &[frame]).await;
    let mut tx = world.truth.db.begin().await.unwrap();
    let [log] = logs::branches(&mut tx, device.log()).await.unwrap().try_into().unwrap();
    let select = "SELECT bytes FROM frame WHERE log = $1";
    let mut bytes: Vec<u8> =
        db::query_scalar(select).bind(log.number).fetch_one(&mut tx).await.unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let update = db::query("UPDATE frame SET bytes = $2 WHERE log = $1");
    update.bind(log.number).bind(bytes).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let faults = verify::verify(&world.truth).await.unwrap().faults;
    let places: Vec<_> = faults.iter().map(|fault| (fault.device.clone(), fault.seq)).collect();
    assert_eq!(places, [(device.key().to_string(), 1)]);
}

#[tokio::test]
async fn an_answer_begins_with_the_receipt_and_ends_with_what_was_refused() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let (_kept_back, late) = (device.write(1), device.write(1));
    let answer = world.exchange(&device, &[late]).await;
    assert!(matches!(answer.first(), Some(Message::Receipt(_))));
    assert_eq!(refusals(&answer)[0].why, Why::Gap);
}
