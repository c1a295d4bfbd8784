//! A next epoch names the one before, and is opened where memory was lost and nowhere else.

use journal::{BranchHead, Receipt, ReceiptId, Run, ShortId, Signature};

use super::*;
use crate::desk::Desk;
use crate::desk::tests::Machine;

#[test]
fn each_epoch_counts_on_and_names_where_the_one_before_ended() {
    let machine = Machine::new();
    let desk = machine.shared();
    let (store, first) = (desk.store(), desk.identity());
    let second = first.next_epoch(store).unwrap();
    let third = second.next_epoch(store).unwrap();
    assert_eq!(first.epoch_count(store).unwrap(), 1);
    assert_eq!(third.epoch_count(store).unwrap(), 3);
    let entries = store.entries(&third.site_log(), 1, 9).unwrap();
    assert_eq!(entries.len(), 1, "nothing but what opens the epoch");
    let start = EpochStart::from_payload(entries[0].bytes().unwrap()).unwrap();
    let head = store.head(&second.site_log());
    let lane = second.site_log().lane;
    let previous = PreviousEpoch { epoch: second.epoch, heads: vec![(lane, head.seq, head.id)] };
    assert_eq!(start.previous, Some(previous));
}

#[test]
fn the_next_epoch_is_the_one_that_is_loaded() {
    let machine = Machine::new();
    let desk = machine.shared();
    let next = desk.identity().next_epoch(desk.store()).unwrap();
    assert_eq!(Identity::load(desk.store()).unwrap().unwrap().epoch, next.epoch);
}

#[test]
fn a_receipt_beyond_the_journal_is_lost_memory_and_one_within_it_is_not() {
    let machine = Machine::new();
    let desk = machine.shared();
    let (store, identity) = (desk.store(), desk.identity());
    let id = store.id_at(&identity.site_log(), 2).unwrap().unwrap().short();
    let lost =
        |seq, id| identity.lost_memory(store, &told(&desk, receipt(identity, seq, id))).unwrap();
    assert_eq!(lost(2, id), None);
    assert!(lost(3, id).unwrap().contains("to entry 3"));
    assert_eq!(identity.lost_memory(store, desk.ledger()).unwrap(), None, "nothing was told yet");
    let next = identity.next_epoch(store).unwrap();
    let old = told(&desk, receipt(identity, 3, id));
    assert_eq!(next.lost_memory(store, &old).unwrap(), None, "said once is enough");
}

#[test]
fn another_entry_at_a_position_that_the_hub_acknowledged_is_lost_memory() {
    let machine = Machine::new();
    let desk = machine.shared();
    let (store, identity) = (desk.store(), desk.identity());
    let other = told(&desk, receipt(identity, 2, ShortId([0; 8])));
    let why = identity.lost_memory(store, &other).unwrap().unwrap();
    assert!(why.contains("another entry 2"), "{why}");
}

/// A ledger whose last receipt is this one.
fn told(desk: &Desk, receipt: Receipt) -> Ledger {
    Ledger::of(desk.store(), receipt)
}

/// A receipt of the hub over the site's log up to `seq`.
fn receipt(identity: &Identity, seq: u64, id: ShortId) -> Receipt {
    let log = identity.site_log();
    let heads = vec![BranchHead { log, seq, id, skipped: Vec::new() }];
    Receipt {
        hub: identity.enrolment.hub,
        hub_epoch: Epoch([1; 8]),
        run: Run([1; 8]),
        number: 1,
        device: identity.device(),
        previous: None::<ReceiptId>,
        at_ms: 0,
        heads,
        advances: Vec::new(),
        lost: Vec::new(),
        signature: Signature::NONE,
    }
}
