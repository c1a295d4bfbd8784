//! Whoever has the database alters what the hub acts by, or takes something away: `verify` names it.

use journal::{DeviceKey, Form};

use super::*;
use crate::db;
use crate::world::{Device, ENROLLED_MS, Sent, World, change, incident, key};

/// A hub with two devices of one site, three receipts of the first, and the last frame of it.
async fn busy() -> (World, Device, Sent) {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, starts) = world.device("INST-027", 1).await;
    let (_other, other_starts) = world.device("INST-027", 2).await;
    world.arrive(&starts, ENROLLED_MS + 1).await;
    world.arrive(&other_starts, ENROLLED_MS + 1).await;
    let sent = device.write(vec![change(&key("INST-027", 1), incident("As found"), &[])]);
    world.arrive(&sent, ENROLLED_MS + 2).await;
    for at_ms in 3..=5 {
        let mut tx = world.truth.db.begin().await.unwrap();
        let (key, at_ms) = (device.key(), ENROLLED_MS + at_ms);
        world
            .truth
            .receipts
            .issue(&mut tx, &key, (0, &[]), crate::clock::Moment::of_unknown_clock(at_ms))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    (world, device, sent)
}

async fn alter(world: &World, words: &'static str, device: &DeviceKey) {
    let mut tx = world.truth.db.begin().await.unwrap();
    let done = db::query(words).bind(device.0.as_slice()).execute(&mut tx).await.unwrap();
    assert_ne!(done.rows_affected(), 0, "{words}");
    tx.commit().await.unwrap();
}

async fn faults(world: &World) -> Vec<String> {
    let verdict = verify(&world.truth).await.unwrap();
    verdict.faults.into_iter().map(|fault| fault.what).collect()
}

/// Alters one thing and returns what `verify` says, which is nothing before.
async fn after(words: &'static str) -> Vec<String> {
    let (world, device, _sent) = busy().await;
    assert_eq!(faults(&world).await, [""; 0], "an untouched database is sound");
    alter(&world, words, &device.key()).await;
    faults(&world).await
}

#[tokio::test]
async fn what_the_hub_acts_by_must_be_what_it_signed() {
    for (words, named) in [
        ("UPDATE device SET name = 'Another' WHERE key = $1", "its name"),
        ("UPDATE device SET letter = 'Z' WHERE key = $1", "its letter"),
        ("UPDATE device SET site = 'INST-016' WHERE key = $1", "does not say that it belongs"),
        ("UPDATE device SET publishes = TRUE WHERE key = $1", "its publishes"),
        ("UPDATE device SET state = 'revoked' WHERE key = $1", "its state"),
        ("UPDATE device SET state = 'waiting' WHERE key = $1", "it waits to be let in"),
        ("DELETE FROM device WHERE key = $1", "not among the devices"),
        ("UPDATE posting SET site = 'INST-016' WHERE device = $1", "its posting to INST-016"),
        ("UPDATE posting SET letter = 'Z' WHERE device = $1", "its posting to INST-027"),
        ("UPDATE posting SET predecessors = 'INST-003' WHERE device = $1", "its posting"),
        ("UPDATE posting SET everyone = TRUE WHERE device = $1", "its posting"),
        ("DELETE FROM posting WHERE device = $1", "is missing"),
    ] {
        let found = after(words).await;
        // A device that is gone leaves receipts behind, and that is named first.
        let is_named = found.iter().any(|what| what.contains(named) || what.contains("not known"));
        assert!(is_named, "{words}: {found:?}");
    }
}

#[tokio::test]
async fn a_revoked_device_that_is_set_back_to_active_is_named() {
    let (world, device, _sent) = busy().await;
    let mut tx = world.truth.db.begin().await.unwrap();
    let known = devices::find(&mut tx, &device.key()).await.unwrap().unwrap();
    devices::revoke(&world.truth, &mut tx, &known, "stolen".to_owned()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(faults(&world).await, [""; 0], "revoking is no fault");
    let words = "UPDATE device SET state = 'active', reason = NULL WHERE key = $1";
    alter(&world, words, &device.key()).await;
    assert_eq!(faults(&world).await, ["its state is not what the hub's own log says"]);
}

#[tokio::test]
async fn a_receipt_that_is_altered_or_gone_is_named() {
    for (words, named) in [
        ("UPDATE receipt SET at_ms = at_ms - 1 WHERE device = $1 AND number = 2", "was signed"),
        ("DELETE FROM receipt WHERE device = $1 AND number = 1", "before it is not held"),
        ("DELETE FROM receipt WHERE device = $1 AND number = 2", "does not continue"),
        ("UPDATE receipt SET number = 7 WHERE device = $1 AND number = 3", "of another place"),
    ] {
        let found = after(words).await;
        assert!(found.iter().any(|what| what.contains(named)), "{words}: {found:?}");
    }
}

#[tokio::test]
async fn an_entry_whose_payload_was_taken_away_is_named_and_counted() {
    let (world, _device, sent) = busy().await;
    let entries = sent.frame.verify(sent.prev).unwrap();
    let mut frame = sent.frame.clone();
    let header = &entries[0].header;
    let (payload_len, commitment) = (header.payload_len, header.commitment);
    frame.items[0].form = Form::Lost { payload_len, commitment };
    frame.salts.clear();
    assert!(frame.verify(sent.prev).is_ok(), "chain and signature still hold");
    let mut tx = world.truth.db.begin().await.unwrap();
    let update = "UPDATE frame SET bytes = $1 WHERE last_id = $2";
    let done = db::query(update).bind(frame.to_bytes().unwrap()).bind(entries[0].id.0);
    assert_eq!(done.execute(&mut tx).await.unwrap().rows_affected(), 1);
    tx.commit().await.unwrap();
    let verdict = verify(&world.truth).await.unwrap();
    assert_eq!(verdict.without_payload, 1);
    assert_eq!(verdict.faults.len(), 1);
    assert!(verdict.faults[0].what.contains("without its payload"));
    assert_eq!(verdict.faults[0].seq, header.seq);
}
