//! One record: as it stands, and what became of it, change by change.

use std::collections::BTreeMap;

use journal::{Dot, Entry};
use record::{Change, Evidence, Finding, PersonId, RecordKey};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Desk, find, time};
use crate::problem::{Cause, Problem};
use crate::projector::Records;

impl Desk {
    /// Returns a record as it stands.
    pub(super) fn show(&self, id: &str) -> Result<Json, Problem> {
        let key = find::record(&self.reader, id)?;
        let summary = self.summary(&key)?;
        let nothing = || Problem::new(Cause::NotFound, format!("there is no record {key} here"));
        let state = Records(&self.reader).state(&key)?.ok_or_else(nothing)?;
        let shown = record::show(&state, &self.catalogue, &self.facts()?);
        let custody = self.held_up_to().custody(&summary);
        let entries = u64::try_from(summary.dots.len()).unwrap_or(u64::MAX);
        let behind = |dot: &Dot| self.evidence_of(dot);
        let mut view = record::record_view(&state, shown, custody, entries, &behind);
        view.findings.extend(self.remarks_on(&key)?);
        json(&view)
    }

    /// Returns what became of a record, change by change.
    pub(super) fn history(&self, id: &str) -> Result<Vec<Json>, Problem> {
        let key = find::record(&self.reader, id)?;
        let mut changes = Vec::new();
        let mut evidence = BTreeMap::new();
        for dot in self.summary(&key)?.dots {
            let Some((entry, change)) = self.change(&dot)? else { continue };
            evidence.insert(dot, self.evidence(&entry, change.author)?);
            changes.push((entry.header.stamp.claimed_ms, dot, change));
        }
        let changes = in_causal_order(changes);
        let unknown = || unknown_evidence("");
        let behind = |dot: &Dot| evidence.get(dot).cloned().unwrap_or_else(unknown);
        record::history(&changes, &behind).iter().map(json).collect()
    }

    /// Returns the entry of a change, and the change.
    fn change(&self, dot: &Dot) -> Result<Option<(Entry, Change)>, Problem> {
        let Some(entry) = self.store.entry(dot)? else { return Ok(None) };
        let change = entry.bytes().and_then(|bytes| Change::from_payload(bytes).ok());
        Ok(change.map(|change| (entry, change)))
    }

    fn evidence_of(&self, dot: &Dot) -> Evidence {
        let read = self.change(dot).and_then(|found| match found {
            Some((entry, change)) => self.evidence(&entry, change.author),
            None => Ok(unknown_evidence("an entry that is not held")),
        });
        read.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "who stands behind a value can't be read");
            unknown_evidence("an entry that can't be read")
        })
    }

    fn evidence(&self, entry: &Entry, author: PersonId) -> Result<Evidence, Problem> {
        let records = Records(&self.reader);
        let author = records.person(author)?.map_or_else(|| author.to_string(), |card| card.name);
        let device = match records.log(entry.log)? {
            Some((log, _start)) if log.device == self.identity.device() => {
                self.identity.enrolment.name.clone()
            }
            Some((log, _start)) if log.device == self.identity.enrolment.hub => "hub".to_owned(),
            Some((log, _start)) => {
                let binding = records.binding(&log.device)?;
                binding.map_or_else(|| log.device.short(), |binding| binding.name)
            }
            None => String::new(),
        };
        Ok(Evidence {
            author,
            device,
            claimed_at: time::at(entry.header.stamp.claimed_ms).to_string(),
            trusted: None,
            clock_suspect: false,
        })
    }

    fn remarks_on(&self, key: &RecordKey) -> Result<Vec<Finding>, Problem> {
        let remarks = Records(&self.reader).remarks()?.into_iter();
        let on_it = remarks.filter(|remark| remark.record.as_ref() == Some(key));
        Ok(on_it
            .map(|remark| Finding {
                rule: remark.rule.name().to_owned(),
                field: None,
                what: remark.rule.words().to_owned(),
            })
            .collect())
    }
}

/// Puts each change after those its author had seen, and after those before it in its log.
///
/// Where that leaves a choice the claimed times decide, since people expect it; nothing else does.
fn in_causal_order(mut changes: Vec<(i64, Dot, Change)>) -> Vec<(Dot, Change)> {
    changes.sort_by_key(|(claimed, dot, _change)| (*claimed, *dot));
    let mut ordered: Vec<(Dot, Change)> = Vec::with_capacity(changes.len());
    while !changes.is_empty() {
        let waits = |of: &Dot, change: &Change| {
            changes.iter().any(|(_, other, _)| {
                change.seen.contains(other) || (other.log == of.log && other.seq < of.seq)
            })
        };
        let free = changes.iter().position(|(_, dot, change)| !waits(dot, change));
        let (_, dot, change) = changes.remove(free.unwrap_or(0));
        ordered.push((dot, change));
    }
    ordered
}

fn unknown_evidence(author: &str) -> Evidence {
    Evidence {
        author: author.to_owned(),
        device: String::new(),
        claimed_at: String::new(),
        trusted: None,
        clock_suspect: false,
    }
}

/// Returns what is printed.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Json, Problem> {
    serde_json::to_value(value)
        .map_err(|error| Problem::new(Cause::Internal, format!("can't be printed: {error}")))
}
