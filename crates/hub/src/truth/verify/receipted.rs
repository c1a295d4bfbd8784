//! The receipts of one device: signed, in order, and promising what is held.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use journal::{BranchHead, DeviceKey, LogName, Receipt, ReceiptId};

use super::{Verdict, found, of_receipt};
use crate::db::Conn;
use crate::truth::logs::Tree;
use crate::truth::{Fault, receipts};

/// Checks every receipt of a device, and what the last one promises.
pub(super) async fn check(
    conn: &mut Conn,
    hub: &DeviceKey,
    device: &DeviceKey,
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let mut previous: Option<ReceiptId> = None;
    let mut last = None;
    let stored = receipts::stored(conn, device).await?;
    if let Some((number, at_ms)) = receipts::unlike(conn, device).await? {
        let what = format!("its time in the table, {at_ms}, is not the one that was signed");
        verdict.faults.push(of_receipt(device, number, what));
    }
    let first = stored.first().map(|(number, _bytes)| *number);
    for (number, bytes) in stored {
        let receipt = match judge(hub, device, number, &bytes) {
            Ok(receipt) => receipt,
            Err(what) => {
                verdict.faults.push(of_receipt(device, number, what));
                previous = None;
                continue;
            }
        };
        if Some(number) == first && receipt.previous.is_some() {
            let what = "the receipt before it is not held".to_owned();
            verdict.faults.push(of_receipt(device, number, what));
        }
        if previous.is_some() && receipt.previous != previous {
            let what = "does not continue the receipt before".to_owned();
            verdict.faults.push(of_receipt(device, number, what));
        }
        previous = Some(receipt.id());
        last = Some(receipt);
    }
    let Some(receipt) = last else { return Ok(()) };
    let mut trees: BTreeMap<LogName, Tree> = BTreeMap::new();
    for head in &receipt.heads {
        let tree = match trees.entry(head.log.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Tree::read(conn, &head.log).await?),
        };
        if let Some(what) = broken(conn, tree, head).await {
            let what = format!("receipt {} promises {what}", receipt.number);
            verdict.faults.push(found(&head.log, head.seq, what));
        }
    }
    Ok(())
}

/// Names receipts of devices that are not known here: no device goes without a row.
pub(super) async fn of_nobody(conn: &mut Conn, verdict: &mut Verdict) -> Result<(), Fault> {
    for (device, number) in receipts::of_nobody(conn).await? {
        let what = "it was given to a device that is not known here".to_owned();
        verdict.faults.push(of_receipt(&device, number, what));
    }
    Ok(())
}

/// Says what a receipt promises that is not held; what can't be read is named elsewhere.
async fn broken(conn: &mut Conn, tree: &Tree, head: &BranchHead) -> Option<&'static str> {
    if tree.furthest() < head.seq {
        return Some("an entry not held");
    }
    let ends =
        |log: &crate::truth::logs::Log| (log.head.seq, log.head.id.short()) == (head.seq, head.id);
    if tree.branches().iter().any(ends) {
        return None;
    }
    let held = tree.named(conn, head.seq, head.id).await.ok()?;
    held.is_empty().then_some("another entry than is held")
}

fn judge(
    hub: &DeviceKey,
    device: &DeviceKey,
    number: u64,
    bytes: &[u8],
) -> Result<Receipt, String> {
    let receipt = Receipt::from_bytes(bytes).map_err(|error| error.to_string())?;
    receipt.verify(hub).map_err(|error| error.to_string())?;
    if receipt.number != number || receipt.device != *device {
        return Err("the receipt is of another place".to_owned());
    }
    Ok(receipt)
}
