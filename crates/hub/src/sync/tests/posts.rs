//! Devices that move, and sites that merge: what still arrives, and what goes down.

use journal::{Binding, BindingState, Kind};
use record::{SiteCard, Words};

use super::world::{World, summary};
use crate::clock::Moment;
use crate::fold;
use crate::truth::{devices, frames, logs};

/// What the hub says of devices in its lane of a site, in order.
async fn bindings(world: &World, lane: &str) -> Vec<(String, String, Vec<String>)> {
    let mut conn = world.truth.db.read().await.unwrap();
    let lane = if lane == "everyone" {
        journal::Lane::Everyone
    } else {
        journal::Lane::Site(lane.parse().unwrap())
    };
    let name = world.truth.lanes.log(&mut conn, &lane).await.unwrap();
    let branches = logs::branches(&mut conn, &name).await.unwrap();
    let [log] = branches.as_slice() else { return Vec::new() };
    let entries = frames::entries_from(&mut conn, log, 1, 100).await.unwrap();
    let bindings = entries.iter().filter(|it| it.entry.header.kind == Kind::BINDING);
    let read = |payload| Binding::from_payload(payload).unwrap();
    let said = bindings.map(|it| read(it.entry.bytes().unwrap()));
    said.map(|it| {
        let merged = it.predecessors.into_iter().map(String::from).collect();
        (it.site.to_string(), it.letter, merged)
    })
    .collect()
}

fn said(site: &str, letter: &str, merged: &[&str]) -> (String, String, Vec<String>) {
    let merged = merged.iter().map(|code| (*code).to_owned()).collect();
    (site.to_owned(), letter.to_owned(), merged)
}

async fn write_site(world: &World, code: &str, kind: Option<&str>, merged: &[&str]) {
    let card = SiteCard {
        code: code.parse().unwrap(),
        names: Words { en: Some(code.to_owned()), ..Words::default() },
        kind: kind.map(ToOwned::to_owned),
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: merged.iter().map(|code| code.parse().unwrap()).collect(),
    };
    let mut tx = world.truth.db.begin().await.unwrap();
    let card = (SiteCard::KIND, card.to_payload().unwrap());
    world.truth.lanes.append(&mut tx, &journal::Lane::Everyone, vec![card]).await.unwrap();
    tx.commit().await.unwrap();
    fold::catch_up(&world.truth).await.unwrap();
}

async fn tell(world: &World) -> usize {
    let mut tx = world.truth.db.begin().await.unwrap();
    let told =
        devices::tell_of_sites(&world.truth, &mut tx, Moment::of_unknown_clock(5)).await.unwrap();
    tx.commit().await.unwrap();
    told.len()
}

#[tokio::test]
async fn a_device_that_moves_is_told_in_both_lanes_and_brings_what_it_wrote_before() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-001").await;
    let other = world.device(2, "INST-001").await;
    let frame = device.write(2);
    let known = world.known(&device).await.unwrap();
    let mut tx = world.truth.db.begin().await.unwrap();
    let there = "INST-002".parse().unwrap();
    let moved = devices::move_to(&world.truth, &mut tx, known, &there).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(moved.unwrap().letter, "A");
    let told = said("INST-002", "A", &[]);
    assert_eq!(bindings(&world, "INST-002").await, std::slice::from_ref(&told));
    let old = bindings(&world, "INST-001").await;
    assert_eq!(old, [said("INST-001", "A", &[]), said("INST-001", "B", &[]), told]);

    let answer = world.exchange(&device, &[frame]).await;
    assert_eq!(summary(&answer), ["receipt 1: 3"]);
    let hub = world.truth.key().short();
    let before = world.came_down(&device).await;
    assert!(before.contains(&format!("{hub} site/INST-001 4")), "there it looks: {before:?}");
    let mut here = device.at("INST-002");
    let frame = here.write(1);
    world.exchange(&here, &[frame]).await;
    let after = world.came_down(&here).await;
    let wanted = [format!("{hub} everyone 2"), format!("{hub} site/INST-002 2")];
    assert_eq!(after, wanted, "of its old site it hears no more");
    let sibling = world.came_down(&other).await;
    assert!(sibling.iter().any(|log| log.starts_with(&device.key().short().to_string())));
}

#[tokio::test]
async fn a_letter_is_never_given_twice_at_a_site() {
    let world = World::new().await;
    let device = world.device(1, "INST-001").await;
    let known = world.known(&device).await.unwrap();
    let mut tx = world.truth.db.begin().await.unwrap();
    let there = "INST-002".parse().unwrap();
    devices::move_to(&world.truth, &mut tx, known, &there).await.unwrap();
    let here = "INST-001".parse().unwrap();
    assert_eq!(devices::next_letter(&mut tx, &here).await.unwrap(), "B");
    let known = devices::find(&mut tx, &device.key()).await.unwrap().unwrap();
    let back = devices::move_to(&world.truth, &mut tx, known, &here).await.unwrap().unwrap();
    assert_eq!(back.letter, "A", "its own letter is its own again");
}

#[tokio::test]
async fn devices_are_told_once_when_sites_merge_into_theirs() {
    let world = World::new().await;
    for site in ["INST-001", "INST-002"] {
        write_site(&world, site, None, &[]).await;
    }
    let device = world.device(1, "INST-001").await;
    let gone = world.device(2, "INST-001").await;
    world.bind(&gone, BindingState::Revoked { reason: "lost".to_owned() }).await;
    assert_eq!(tell(&world).await, 0);
    write_site(&world, "INST-001", None, &["INST-002"]).await;
    assert_eq!((tell(&world).await, tell(&world).await), (1, 0));
    let last = bindings(&world, "INST-001").await.pop().unwrap();
    assert_eq!(last, said("INST-001", "A", &["INST-002"]));
    let down = world.came_down(&device).await;
    assert!(
        down.iter().all(|log| !log.contains("INST-002")),
        "nothing was written there: {down:?}"
    );
}

#[tokio::test]
async fn the_key_of_a_device_that_publishes_goes_to_all_sites() {
    let world = World::new().await;
    write_site(&world, "TC-001", None, &[]).await;
    world.device(1, "TC-001").await;
    assert_eq!(bindings(&world, "everyone").await, []);
    write_site(&world, "TC-001", Some("training_centre"), &[]).await;
    assert_eq!(tell(&world).await, 1);
    assert_eq!(bindings(&world, "everyone").await, [said("TC-001", "A", &[])]);
}
