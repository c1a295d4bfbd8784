//! How things stand: what waits, what the hub holds, what there is to remark.

use std::collections::BTreeMap;

use journal::{Dot, Head, LogName};
use record::{EntryRule, ReviewState};
use serde_json::{Value as Json, json};
use store::{Fault, Fork, StoreState};

use super::{Desk, time};
use crate::problem::Problem;
use crate::projector::Records;
use crate::sync::{Reach, Removed};

/// A number of entries and their bytes.
type Count = (u64, u64);

impl Desk {
    /// Returns how things stand.
    pub(super) fn status(&self) -> Result<Json, Problem> {
        let (urgent, routine) = self.waiting_by_urgency()?;
        let receipt = self.ledger.last_receipt();
        let receipt = receipt.map(
            |receipt| json!({"number": receipt.number, "at": time::at(receipt.at_ms).to_string()}),
        );
        let at = |ms: Option<i64>| ms.map(|ms| time::at(ms).to_string());
        let (store, store_words) = match self.store.state() {
            StoreState::Ok => ("ok", None),
            StoreState::Rebuilding => ("rebuilding", None),
            StoreState::Degraded(words) => ("degraded", Some(words)),
        };
        let (link, next_attempt_at) = self.link_words();
        let identity = self.identity();
        Ok(json!({
            "device": identity.enrolment.name,
            "device_key": identity.device().to_string(),
            "site": identity.enrolment.site.to_string(),
            "epoch": identity.epoch.to_string(),
            "version": env!("CARGO_PKG_VERSION"),
            "records": once_made(crate::projector::count(&self.reader))?,
            "returned": once_made(self.returned())?,
            "waiting": {
                "urgent": count(urgent), "routine": count(routine), "attachments": count((0, 0)),
            },
            "last_receipt": receipt,
            "last_contact": at(self.ledger.last_contact_ms()),
            "clock_skew_ms": self.ledger.clock_skew_ms(),
            "link": link,
            "next_attempt_at": at(next_attempt_at),
            "store": store,
            "store_words": store_words,
            "disk_free_bytes": self.store.disk_free_bytes()?,
            "findings": once_made(self.findings())?.unwrap_or_default(),
            "forks": self.forks(),
            "refused": self.refused(),
            "stranded": self.stranded(),
            "ahead": self.ahead(),
            "removed": self.removed(),
        }))
    }

    /// Returns how many records the centre returned and nobody here has answered yet.
    fn returned(&self) -> Result<u64, Fault> {
        let records = Records(&self.reader);
        let mut returned = 0;
        for key in records.to_answer()? {
            let state = records.summary(&key)?.map(|summary| summary.review.state);
            returned += u64::from(state.as_deref() == Some(ReviewState::Returned.word()));
        }
        Ok(returned)
    }

    /// Returns what the hub is not proved to hold: urgent entries, and all others.
    pub(super) fn waiting_by_urgency(&self) -> Result<(Count, Count), Problem> {
        let (mut urgent, mut all) = ((0, 0), (0, 0));
        for log in self.own_logs() {
            let reach = self.ledger.reach(&self.store, &log);
            let is_held = |dot: &Dot| {
                let branch = self.store.stretch_of(&dot.log, dot.seq, dot.id);
                Reach::covers(&reach.held, branch, dot.seq)
            };
            // While the views are made, urgent entries count among all others.
            let counted = once_made(Records(&self.reader).urgent_unless(log.id(), is_held))?;
            add(&mut urgent, counted.unwrap_or_default());
            add(&mut all, self.store.waiting_beyond(&log, &reach.held));
        }
        let routine = (all.0.saturating_sub(urgent.0), all.1.saturating_sub(urgent.1));
        Ok((urgent, routine))
    }

    /// Returns the logs under this device's key.
    pub(super) fn own_logs(&self) -> Vec<LogName> {
        let device = self.identity().device();
        let logs = self.store.heads().into_iter().map(|(log, _head)| log);
        logs.filter(|log| log.device == device).collect()
    }

    fn link_words(&self) -> (&'static str, Option<i64>) {
        let view = self.link.view();
        let words = match (view.is_up, view.next_attempt_ms) {
            (Some(true), _) => "up",
            (Some(false), Some(_)) => "waiting",
            (Some(false) | None, _) => "down",
        };
        (words, view.next_attempt_ms)
    }

    /// Returns the remarks on entries that are no part of a record, or should not be.
    fn findings(&self) -> Result<Vec<Json>, Fault> {
        let records = Records(&self.reader);
        let mut findings = Vec::new();
        for remark in records.remarks()? {
            let log = records.log(remark.dot.log)?;
            findings.push(json!({
                "rule": remark.rule.name(), "field": null, "what": remark.rule.words(),
                "kind": remark.kind.0, "dot": remark.dot.to_string(), "seq": remark.dot.seq,
                "device": log.map(|(log, _start)| log.device.to_string()),
                "record": remark.record.map(|key| key.to_string()),
            }));
        }
        let rule = EntryRule::Forged;
        findings.extend(self.store.forged().into_iter().map(|(log, dot)| {
            json!({
                "rule": rule.name(), "field": null, "what": rule.words(), "kind": null,
                "dot": dot.to_string(), "seq": dot.seq, "device": log.device.to_string(),
                "record": null,
            })
        }));
        Ok(findings)
    }

    fn forks(&self) -> Vec<Json> {
        let forks = self.forked().into_iter().map(|(log, branches)| {
            let at = branches.iter().map(|fork| fork.at).min().unwrap_or(1);
            let branch = |first: u64, head: Head| {
                let entries = head.seq.saturating_add(1).saturating_sub(first);
                json!({"first": first, "last": head.seq, "entries": entries})
            };
            let line = branch(at, self.store.head(&log));
            let beside = branches.iter().map(|fork| branch(fork.at, fork.head));
            let branches: Vec<Json> = std::iter::once(line).chain(beside).collect();
            let what = "two entries stand at this position: a disk was set back or copied, and \
                        both wrote on; all branches are kept and listed";
            let mut place = place(&log, at, what);
            if let Some(fields) = place.as_object_mut() {
                fields.insert("branches".to_owned(), branches.into());
            }
            place
        });
        let forgotten = self.ledger.forgotten().into_iter().map(|log| {
            // Both sides agree up to what was last proved; they part somewhere behind it.
            let what = "the hub holds entries of this log that are not here, from this one on";
            place(&log, self.ledger.held(&log).saturating_add(1), what)
        });
        forks.chain(forgotten).collect()
    }

    /// Returns the logs that have more than one branch, with those that stand beside the journal.
    pub(super) fn forked(&self) -> BTreeMap<LogName, Vec<Fork>> {
        let mut forked: BTreeMap<LogName, Vec<Fork>> = BTreeMap::new();
        for fork in self.store.forks() {
            forked.entry(fork.log.clone()).or_default().push(fork);
        }
        forked
    }

    /// Returns the logs of others of which the hub holds less than is here.
    fn ahead(&self) -> Vec<Json> {
        let what = "the hub lacks entries of this log that are here: it lost them; this machine \
                    brings them at its next contact";
        let ahead = self.ledger.ahead().into_iter();
        ahead.map(|log| place(&log, self.store.head(&log).seq, what)).collect()
    }

    /// Returns what the hub had acknowledged and then lacked, though it was not set back.
    pub(super) fn removed(&self) -> Vec<Json> {
        let removed = self.ledger.removed().into_iter();
        removed
            .map(|Removed { log, first, last, receipt, at_ms }| {
                let at = time::at(at_ms);
                let what = format!(
                    "entries {first} to {last} were acknowledged by the hub, and its receipt \
                     {receipt} of {at} lacked them though it was not set back: somebody removed \
                     them there; they were sent again"
                );
                place(&log, first, &what)
            })
            .collect()
    }

    /// Returns the first entry of each own log that the hub can never take.
    pub(super) fn stranded(&self) -> Vec<Json> {
        let logs = self.own_logs().into_iter();
        logs.filter_map(|log| {
            let (first, last) = self.ledger.gap(&self.store, &log)?;
            let next = last.saturating_add(1);
            let what = format!(
                "entries {first} to {last} are lost before the hub had them: it can't take those \
                 from this one on, which are on this machine alone"
            );
            (next <= self.store.head(&log).seq).then(|| place(&log, next, &what))
        })
        .collect()
    }

    fn refused(&self) -> Vec<Json> {
        let refused = self.ledger.refused().into_iter();
        refused
            .map(|refused| {
                let log = refused.log.as_ref();
                json!({
                    "why": format!("{:?}", refused.why), "what": refused.words, "seq": refused.seq,
                    "device": log.map(|log| log.device.to_string()),
                    "epoch": log.map(|log| log.epoch.to_string()),
                    "lane": log.map(|log| log.lane.to_string()),
                })
            })
            .collect()
    }
}

/// Returns what rows say; nothing, while there are none that may be read.
fn once_made<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Fault::Rebuilding | Fault::Views(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Returns a place in a log and what is remarkable about it.
pub(super) fn place(log: &LogName, seq: u64, what: &str) -> Json {
    json!({
        "device": log.device.to_string(), "epoch": log.epoch.to_string(),
        "lane": log.lane.to_string(), "seq": seq, "what": what,
    })
}

fn count((entries, bytes): Count) -> Json {
    json!({"entries": entries, "bytes": bytes})
}

const fn add(total: &mut Count, more: Count) {
    total.0 += more.0;
    total.1 += more.1;
}
