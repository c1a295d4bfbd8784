//! A thousand devices, fifty of them at one site: what an exchange costs is what is new.

use journal::{BranchHead, Frame};
use protocol::Message;

use super::world::{self, Device, World};
use crate::clock::Moment;
use crate::db::asked;
use crate::sync::Exchange;
use crate::truth::{devices, frames, logs};

/// Devices at the crowded site.
const CROWD: u16 = 50;

/// Devices in all.
const ALL: u16 = 1000;

/// Statements of an exchange in which nothing is new.
const STATEMENTS_MAX: u64 = 24;

/// Bytes up of one in which nothing is new: a head for each log that is followed.
const UP_MAX: usize = 8 * 1024;

/// Bytes down of one in which nothing is new: the receipt.
const DOWN_MAX: usize = 1024;

/// What an exchange cost.
#[derive(Debug)]
struct Cost {
    statements: u64,
    up: usize,
    down: usize,
    frames: usize,
}

async fn crowded() -> (World, Vec<Device>) {
    let world = World::new().await;
    let mut all = Vec::new();
    let mut tx = world.truth.db.begin().await.unwrap();
    for number in 0..ALL {
        let site = if number < CROWD { 1 } else { 2 + number % 95 };
        let mut device = Device::numbered(number, &format!("INST-{site:03}"));
        let binding = device.binding(&format!("L{number}"));
        devices::bind(&world.truth, &mut tx, &binding, Moment::of_unknown_clock(0)).await.unwrap();
        let frame = device.write(1);
        world::keep(&mut tx, frame).await;
        all.push(device);
    }
    tx.commit().await.unwrap();
    (world, all)
}

/// An exchange of a device that has everything that stood here when `heads` were read.
async fn exchange(world: &World, device: &Device, heads: &[BranchHead]) -> Cost {
    let body = world::body_with(device, heads.to_vec(), &[]);
    let before = asked();
    let mut exchange = Exchange::new(&world.truth, &world.kept, device.key());
    exchange.feed(&body).await.unwrap();
    let answer = exchange.finish().await.unwrap();
    let frame = |message: &Message| matches!(message, Message::Frame(_) | Message::Continued(_));
    Cost {
        statements: asked() - before,
        up: body.len(),
        down: answer.len(),
        frames: world::messages(&answer).iter().filter(|message| frame(message)).count(),
    }
}

async fn heads_for(world: &World, device: &Device) -> Vec<BranchHead> {
    let mut conn = world.truth.db.read().await.unwrap();
    let lanes = logs::Lanes { all: logs::lanes_of(device.site(), &[]), hubs: Vec::new() };
    let hub = world.truth.key();
    let held = logs::followed(&mut conn, &device.key(), &hub, &lanes).await.unwrap();
    let heads = held.iter().flat_map(|held| held.heads.iter().map(|head| (&held.log, *head)));
    heads.map(|(log, head)| BranchHead::of(log, head)).collect()
}

#[tokio::test]
async fn what_an_exchange_costs_is_what_is_new_and_not_how_many_devices_there_are() {
    let (world, mut devices) = crowded().await;
    let heads = heads_for(&world, &devices[0]).await;
    assert_eq!(heads.len(), usize::from(CROWD) - 1 + 2, "its siblings and two lanes of the hub");
    let settled = exchange(&world, &devices[0], &heads).await;
    assert!(settled.statements <= STATEMENTS_MAX, "{settled:?}");
    assert!(settled.up <= UP_MAX && settled.down <= DOWN_MAX, "{settled:?}");
    assert_eq!(settled.frames, 0);

    let frame: Frame = devices[7].write(1);
    let elsewhere = devices[70].write(1);
    let mut tx = world.truth.db.begin().await.unwrap();
    let sizes = [frame.size(), elsewhere.size()];
    world::keep(&mut tx, frame).await;
    world::keep(&mut tx, elsewhere).await;
    tx.commit().await.unwrap();
    let news = exchange(&world, &devices[0], &heads).await;
    assert_eq!(news.frames, 1, "{news:?}");
    assert!(news.down <= settled.down + 2 * sizes[0], "{news:?}");
    assert!(news.statements <= settled.statements + 6, "{news:?} after {settled:?}");

    let alone = Device::numbered(ALL - 1, devices[usize::from(ALL) - 1].site().as_str());
    let heads = heads_for(&world, &alone).await;
    let far = exchange(&world, &alone, &heads).await;
    assert!(far.statements <= settled.statements && far.down <= settled.down, "{far:?}");
    assert!(far.up < settled.up, "fewer siblings are named: {far:?}");
    let mut conn = world.truth.db.read().await.unwrap();
    let name = devices[7].log().clone();
    assert!(frames::ids(&mut conn, &[(name, 3)]).await.unwrap()[0].len() == 1);
}
