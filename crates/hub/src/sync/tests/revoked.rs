//! A revoked device: what it brings is set aside once, and becomes truth when it is released.

use journal::BindingState;

use super::world::{Device, World, refusals, summary};
use crate::truth::devices::refusals as notes;
use crate::truth::quarantine::{self, QuarantineError};
use crate::truth::verify;

async fn revoke(world: &World, device: &Device) {
    world.bind(device, BindingState::Revoked { reason: "stolen".to_owned() }).await;
}

async fn items(world: &World) -> Vec<(i64, u64, u64, bool)> {
    let mut conn = world.truth.db.read().await.unwrap();
    let items = quarantine::list(&mut conn).await.unwrap();
    items.into_iter().map(|it| (it.id, it.first, it.last, it.released.is_some())).collect()
}

async fn release(world: &World, id: i64) -> Result<(), QuarantineError> {
    let mut tx = world.truth.db.begin().await.unwrap();
    quarantine::release(&world.truth, &mut tx, id, "the administrator").await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn runs_that_follow_each_other_are_one_item_and_nothing_is_held_twice() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let before = device.write(1);
    world.exchange(&device, &[before]).await;
    revoke(&world, &device).await;
    let (first, second) = (device.write(2), device.write(3));
    let answer = world.exchange(&device, std::slice::from_ref(&first)).await;
    assert_eq!(summary(&answer), ["refused Revoked"]);
    assert!(refusals(&answer)[0].words.contains("set aside"));
    world.exchange(&device, &[first, second]).await;
    assert_eq!(items(&world).await, [(1, 3, 7, false)]);
    assert_eq!(world.held(&device).await, [[2]]);
}

#[tokio::test]
async fn what_is_released_is_held_and_can_not_be_released_again() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    revoke(&world, &device).await;
    let (first, second) = (device.write(2), device.write(3));
    world.exchange(&device, &[first, second]).await;
    release(&world, 1).await.unwrap();
    assert_eq!(items(&world).await, [(1, 1, 6, true)]);
    assert_eq!(world.held(&device).await, [[6]]);
    assert!(matches!(release(&world, 1).await, Err(QuarantineError::Released(1))));
    assert!(matches!(release(&world, 2).await, Err(QuarantineError::None(2))));
    assert!(verify::verify(&world.truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn of_two_branches_set_aside_both_are_held_once_they_are_released() {
    let world = World::new().await;
    let mut device = world.device(1, "INST-027").await;
    let start = device.write(1);
    world.exchange(&device, &[start]).await;
    revoke(&world, &device).await;
    let mut twin = device.clone();
    twin.drift();
    let (mine, theirs) = (device.write(1), twin.write(2));
    world.exchange(&device, &[mine]).await;
    world.exchange(&twin, &[theirs]).await;
    assert_eq!(items(&world).await, [(1, 3, 3, false), (2, 3, 4, false)]);
    release(&world, 1).await.unwrap();
    release(&world, 2).await.unwrap();
    assert_eq!(world.held(&device).await, [[3, 4]]);
    assert!(verify::verify(&world.truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_log_that_contradicts_the_enrolment_is_not_set_aside_and_is_noted() {
    let world = World::new().await;
    let device = world.device(1, "INST-027").await;
    let mut liar = Device::new(1, "INST-027");
    liar.claims("INST-099");
    let frame = liar.write(1);
    for _ in 0..2 {
        let answer = world.exchange(&device, std::slice::from_ref(&frame)).await;
        assert!(summary(&answer).contains(&"refused WrongSite".to_owned()));
    }
    revoke(&world, &device).await;
    world.exchange(&device, &[frame]).await;
    assert_eq!(items(&world).await, []);
    let mut conn = world.truth.db.read().await.unwrap();
    let noted = notes::all(&mut conn).await.unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].1.why.as_str(), noted[0].1.times), ("wrong_site", 2));
    assert!(noted[0].1.words.contains("INST-099"));
}
