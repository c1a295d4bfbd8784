//! Checking everything: the store checks itself, the desk checks it against the last receipt.

use journal::ShortId;
use serde_json::{Value as Json, json};

use super::Desk;
use super::status::place;
use crate::problem::Problem;

impl Desk {
    /// Checks everything held and names every fault.
    pub(super) fn verify(&self) -> Result<Json, Problem> {
        // A rebuild in progress is no fault; what it makes is what is to be checked.
        self.store.settled()?;
        let mut checked = 0;
        let found = self.store.verify(&mut |done, _total| checked = done)?;
        let nowhere = |what: &str| json!({"device": null, "epoch": null, "lane": null, "seq": 0, "what": what});
        let mut faults: Vec<Json> = found
            .iter()
            .map(|fault| match &fault.log {
                Some(log) => place(log, fault.seq, &fault.what),
                None => nowhere(&fault.what),
            })
            .collect();
        for fork in self.store.forks() {
            faults.push(place(&fork.log, fork.at, "two entries stand at this position: a fork"));
        }
        self.against_receipt(&mut faults)?;
        Ok(json!({"ok": faults.is_empty(), "checked": checked, "faults": faults}))
    }

    /// What the hub once held of this device's logs must stand here, with the same ids.
    fn against_receipt(&self, faults: &mut Vec<Json>) -> Result<(), Problem> {
        let Some(receipt) = self.ledger.last_receipt() else { return Ok(()) };
        if receipt.verify(&self.identity().enrolment.hub).is_err() {
            let what = "the last receipt is not signed by the hub";
            faults.push(place(self.log(), 0, what));
        }
        for head in &receipt.heads {
            let here = self.store.id_at(&head.log, head.seq)?.map(journal::EntryId::short);
            match here {
                Some(id) if id == head.id => {}
                Some(_other) => faults.push(place(&head.log, head.seq, &other_entry(head.id))),
                None => {
                    let what = "the hub holds this entry, and it is not here";
                    faults.push(place(&head.log, head.seq, what));
                }
            }
        }
        Ok(())
    }
}

fn other_entry(id: ShortId) -> String {
    format!("the hub holds another entry here ({id}): a fork")
}
