//! What of the hub's life is in doubt, in a database of either engine.

use journal::{BootId, Run};
use record::clock::Reading;

use super::*;
use crate::clock::Moment;
use crate::truth::{devices, receipts};
use crate::world::World;

const DAY_MS: i64 = 24 * 3_600_000;

/// Puts a piece into the hub's past that began by a clock so far off the present one.
async fn lived(truth: &Truth, run: u8, off_ms: i64) -> Reading {
    let now = truth.clock.reading();
    let at = Reading {
        run: Run([run; 8]),
        boot: BootId([run; 8]),
        wall_ms: now.wall_ms + off_ms,
        ..now
    };
    let mut tx = truth.db.begin().await.unwrap();
    put(&mut tx, &ClockSaid::Piece(Piece { at, jump_ms: None, later: Vec::new() })).await.unwrap();
    tx.commit().await.unwrap();
    at
}

async fn doubts(truth: &Truth) -> usize {
    let mut conn = truth.db.read().await.unwrap();
    judged(&mut conn).await.unwrap().in_doubt().count()
}

async fn accepted(truth: &Truth) -> Accept {
    let mut tx = truth.db.begin().await.unwrap();
    let accept = accept(truth, &mut tx, PersonId([1; 16])).await.unwrap();
    tx.commit().await.unwrap();
    accept
}

#[tokio::test]
async fn a_start_behind_what_was_shown_casts_doubt_on_both_until_a_person_says_which_is_right() {
    let World { truth, .. } = &World::new().await;
    let ahead = lived(truth, 8, 400 * DAY_MS).await;
    assert_eq!(doubts(truth).await, 0);
    begin(truth).await.unwrap();
    assert_eq!(doubts(truth).await, 2);
    assert_eq!(accepted(truth).await.doubtful.len(), 1);
    let mut conn = truth.db.read().await.unwrap();
    let time = judged(&mut conn).await.unwrap();
    assert!(!time.is_sound(Some(&ahead)) && time.is_sound(Some(&truth.clock.reading())));
}

#[tokio::test]
async fn a_clock_that_agrees_begins_one_piece_and_no_other() {
    let World { truth, .. } = &World::new().await;
    lived(truth, 8, -DAY_MS).await;
    look(truth).await.unwrap();
    assert!(truth.clock.piece().is_none(), "this process serves nobody yet");
    begin(truth).await.unwrap();
    for _ in 0..3 {
        look(truth).await.unwrap();
        note(truth).await.unwrap();
    }
    let mut conn = truth.db.read().await.unwrap();
    let time = judged(&mut conn).await.unwrap();
    assert_eq!((time.pieces().len(), time.in_doubt().count()), (3, 0));
}

#[tokio::test]
async fn a_jump_begins_a_piece_that_is_in_doubt() {
    let World { truth, .. } = &World::new().await;
    begin(truth).await.unwrap();
    let began = truth.clock.piece().unwrap();
    // The clock is as it is; so it is the beginning that is moved.
    let before = Reading { wall_ms: began.wall_ms - DAY_MS, ..began };
    truth.clock.go_on_from(before);
    look(truth).await.unwrap();
    assert_ne!(truth.clock.piece(), Some(before));
    let mut conn = truth.db.read().await.unwrap();
    let time = judged(&mut conn).await.unwrap();
    let last = time.pieces().last().unwrap();
    let jump_ms = last.piece.as_ref().and_then(|piece| piece.jump_ms).unwrap();
    assert!((jump_ms - DAY_MS).abs() < 60_000, "{jump_ms}");
    assert_eq!(last.doubt, Some(record::clock::Doubt::Jumped));
}

#[tokio::test]
async fn a_hub_that_is_behind_another_one_says_so_once() {
    let World { truth, .. } = &World::new().await;
    begin(truth).await.unwrap();
    lived(truth, 8, 10 * 60_000).await;
    for _ in 0..3 {
        note(truth).await.unwrap();
    }
    let mut conn = truth.db.read().await.unwrap();
    let time = judged(&mut conn).await.unwrap();
    assert_eq!(time.pieces().len(), 1 + 3, "the time before, two hubs, and the one that looked");
    assert_eq!(time.in_doubt().count(), 2);
}

#[tokio::test]
async fn what_older_software_receipted_is_one_piece_that_a_clock_behind_it_casts_doubt_on() {
    let world = World::new().await;
    let truth = &world.truth;
    let (device, _) = world.device("INST-027", 1).await;
    let far = Moment::of_unknown_clock(truth.clock.now_ms() + 400 * DAY_MS);
    let mut tx = truth.db.begin().await.unwrap();
    truth.receipts.issue(&mut tx, &device.key(), (0, &[]), far).await.unwrap();
    tx.commit().await.unwrap();
    begin(truth).await.unwrap();
    assert_eq!(doubts(truth).await, 2);
    accepted(truth).await;
    look(truth).await.unwrap();
    let mut tx = truth.db.begin().await.unwrap();
    let near = truth.clock.now();
    truth.receipts.issue(&mut tx, &device.key(), (0, &[]), near).await.unwrap();
    let time = judged(&mut tx).await.unwrap();
    let key = device.key();
    assert_eq!(receipts::sound_time_of(&mut tx, &time, &key, 1).await.unwrap(), None);
    assert_eq!(receipts::sound_time_of(&mut tx, &time, &key, 9).await.unwrap(), Some(near.ms));
    let enrolled = devices::enrolment(&mut tx, &key).await.unwrap().unwrap();
    assert!(!time.is_sound(enrolled.reading.as_ref()), "it was let in by that clock too");
}
