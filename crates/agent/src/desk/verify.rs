//! Checking everything: the store checks itself, the desk checks it against what the hub receipted.

use journal::ShortId;
use serde_json::{Value as Json, json};
use store::JournalFault;

use super::Desk;
use super::status::place;
use crate::problem::Problem;

/// What to do about entries that are altered or gone.
const OF_ENTRIES: &str = "keep this disk and tell the administrator: what the hub holds is safe \
                          there, and a backup may have the rest";

/// What to do about entries that the hub can't take.
const OF_STRANDED: &str = "keep this disk and take a backup: give the centre these records with \
                           `ashuu-agent export`, and tell the administrator";

/// What to do about views that are not what the journal gives.
const OF_VIEWS: &str = "run `ashuu-agent rebuild`; no record is lost by that";

/// What to do about two entries at one position.
const OF_FORKS: &str =
    "see that no copy of this machine runs beside it, and enrol one of them anew";

/// What to do about two entries with one name.
const OF_FORGED: &str = "tell the administrator whose device this is: its key is in wrong hands, \
                         and it must be replaced";

/// What to do about a receipt that does not fit.
const OF_RECEIPTS: &str = "run `ashuu-agent sync`; if it stays, tell the administrator";

impl Desk {
    /// Checks everything held and names every fault, each with what to do.
    pub(super) fn verify(&self) -> Result<Json, Problem> {
        // A rebuild in progress is no fault; what it makes is what is to be checked.
        self.store.settled()?;
        let mut checked = 0;
        let found = self.store.verify(&mut |done, _total| checked = done)?;
        let mut faults: Vec<Json> = found.iter().map(of_store).collect();
        for (log, branches) in self.forked() {
            let at = branches.iter().map(|fork| fork.at).min().unwrap_or(1);
            let what = "two entries stand at this position: a fork; all its branches are listed";
            faults.push(with(place(&log, at, what), OF_FORKS));
        }
        for (log, dot) in self.store.forged() {
            let what = "two entries have one name here: somebody who has the key of this device \
                        forges; neither of them counts";
            faults.push(with(place(&log, dot.seq, what), OF_FORGED));
        }
        faults.extend(self.stranded().into_iter().map(|place| with(place, OF_STRANDED)));
        self.against_receipt(&mut faults)?;
        self.against_marks(&mut faults);
        Ok(json!({"ok": faults.is_empty(), "checked": checked, "faults": faults}))
    }

    /// What the hub once held of this device's logs must stand here, with the same ids.
    fn against_receipt(&self, faults: &mut Vec<Json>) -> Result<(), Problem> {
        let Some(receipt) = self.ledger.last_receipt() else { return Ok(()) };
        if receipt.verify(&self.identity().enrolment.hub).is_err() {
            let what = "the last receipt is not signed by the hub";
            faults.push(with(place(self.log(), 0, what), OF_RECEIPTS));
        }
        if receipt.device != self.identity().device() {
            let what = "the last receipt is another device's";
            faults.push(with(place(self.log(), 0, what), OF_RECEIPTS));
        }
        for head in &receipt.heads {
            let here = self.store.ids_at(&head.log, head.seq)?;
            match here.iter().find(|id| id.short() == head.id).or_else(|| here.first()) {
                Some(id) if id.short() == head.id => {}
                Some(_other) => {
                    let what = other_entry(head.id);
                    faults.push(with(place(&head.log, head.seq, &what), OF_FORKS));
                }
                None => {
                    let what = "the hub holds this entry, and it is not here";
                    faults.push(with(place(&head.log, head.seq, what), OF_ENTRIES));
                }
            }
        }
        Ok(())
    }

    /// What is shown as held by the hub must at least be here.
    fn against_marks(&self, faults: &mut Vec<Json>) {
        for log in self.own_logs() {
            let held = self.ledger.held(&log);
            let heads = self.store.branch_heads().into_iter().filter(|(of, _)| *of == log);
            let here = heads.flat_map(|(_, heads)| heads).map(|head| head.seq).max().unwrap_or(0);
            if here < held {
                let what =
                    format!("entries up to {held} are shown as held by the hub; here it ends");
                faults.push(with(place(&log, here, &what), OF_ENTRIES));
            }
        }
    }
}

fn of_store(fault: &JournalFault) -> Json {
    match &fault.log {
        Some(log) => with(place(log, fault.seq, &fault.what), OF_ENTRIES),
        None => {
            let nowhere = json!({
                "device": null, "epoch": null, "lane": null, "seq": 0, "what": fault.what,
            });
            with(nowhere, OF_VIEWS)
        }
    }
}

/// Adds what to do.
fn with(mut fault: Json, remedy: &str) -> Json {
    if let Some(fields) = fault.as_object_mut() {
        fields.insert("do".to_owned(), remedy.into());
    }
    fault
}

fn other_entry(id: ShortId) -> String {
    format!("the hub holds another entry here ({id}): a fork")
}
