//! A device goes by what the hub says of it: elsewhere it opens its next epoch, otherwise not.

use journal::{BindingState, EpochStart, Kind, SiteCode};
use record::PersonCard;

use super::*;
use crate::desk::tests::Machine;

fn binding(identity: &Identity) -> Binding {
    let Enrolment { site, predecessors, name, letter, publishes, .. } = identity.enrolment.clone();
    let device = identity.device();
    Binding { device, name, letter, site, predecessors, publishes, state: BindingState::Active }
}

fn code(site: &str) -> SiteCode {
    site.parse().unwrap()
}

#[test]
fn what_is_known_already_changes_nothing() {
    let machine = Machine::new();
    let desk = machine.shared();
    let identity = desk.identity();
    assert!(identity.bound(desk.store(), &binding(identity)).unwrap().is_none());
}

#[test]
fn another_name_needs_no_other_epoch() {
    let machine = Machine::new();
    let desk = machine.shared();
    let identity = desk.identity();
    let renamed = Binding { name: "Duty room".to_owned(), publishes: true, ..binding(identity) };
    let next = identity.bound(desk.store(), &renamed).unwrap().unwrap();
    assert_eq!((next.epoch, next.enrolment.publishes), (identity.epoch, true));
    let kept = Identity::load(desk.store()).unwrap().unwrap();
    assert_eq!(kept.enrolment.name, "Duty room");
}

#[test]
fn at_another_site_the_next_epoch_names_it_and_where_the_one_before_ended() {
    let machine = Machine::new();
    let desk = machine.shared();
    let (store, identity) = (desk.store(), desk.identity());
    let moved = Binding { site: code("INST-077"), letter: "C".to_owned(), ..binding(identity) };
    let next = identity.bound(store, &moved).unwrap().unwrap();
    let entries = store.entries(&next.site_log(), 1, 9).unwrap();
    let kinds: Vec<Kind> = entries.iter().map(|entry| entry.header.kind).collect();
    assert_eq!(kinds, [Kind::EPOCH_START, PersonCard::KIND], "she works here now");
    let start = EpochStart::from_payload(entries[0].bytes().unwrap()).unwrap();
    assert_eq!((start.site, start.count), (code("INST-077"), 2));
    let previous = start.previous.unwrap();
    let head = store.head(&identity.site_log());
    assert_eq!(previous.epoch, identity.epoch);
    assert_eq!(previous.heads, [(identity.site_log().lane, head.seq, head.id)]);
    let kept = Identity::load(store).unwrap().unwrap();
    assert_eq!((kept.epoch, kept.enrolment.letter.as_str()), (next.epoch, "C"));
}

#[test]
fn a_site_that_merged_into_its_own_is_named_by_the_next_epoch() {
    let machine = Machine::new();
    let desk = machine.shared();
    let (store, identity) = (desk.store(), desk.identity());
    let merged = Binding { predecessors: vec![code("INST-077")], ..binding(identity) };
    let next = identity.bound(store, &merged).unwrap().unwrap();
    let entries = store.entries(&next.site_log(), 1, 9).unwrap();
    assert_eq!(entries.len(), 1, "its people work where they did");
    let start = EpochStart::from_payload(entries[0].bytes().unwrap()).unwrap();
    assert_eq!(start.predecessors, [code("INST-077")]);
    assert!(next.bound(store, &merged).unwrap().is_none());
}
