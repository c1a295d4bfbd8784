//! One record: as it stands, and what became of it, entry by entry.

use std::collections::BTreeMap;

use journal::{Dot, Entry};
use pages::Lang;
use record::{
    Change, Date, Delivery, Evidence, Facts, Finding, HistoryItem, PersonId, RecordKey, RecordView,
    ReviewEntry, Told,
};

use super::here::Here;
use super::{Desk, find, time};
use crate::problem::{Cause, Problem};
use crate::projector::{Records, Summary};

impl Desk {
    /// Returns a record as it stands, to a person: that a decision was read is noted once.
    pub(super) fn show(&self, id: &str, lang: Lang) -> Result<RecordView, Problem> {
        self.note_arrivals();
        let key = find::record(&self.reader, id)?;
        self.has_read(&key);
        self.view(&key, lang)
    }

    /// Returns a record as it stands.
    pub(super) fn view(&self, key: &RecordKey, lang: Lang) -> Result<RecordView, Problem> {
        let (records, summary) = (Records(&self.reader), self.summary(key)?);
        let nothing = || Problem::new(Cause::NotFound, format!("there is no record {key} here"));
        let state = records.state(key)?.ok_or_else(nothing)?;
        let catalogue = self.catalogue()?;
        let facts = Facts { recorded: self.recorded(&summary)?, ..self.facts(lang)? };
        let others = Here(&self.reader, &catalogue);
        let language = facts.language;
        let shown = record::show(&state, &catalogue, &facts, &others);
        let custody = self.held_up_to().custody(&summary);
        let entries = u64::try_from(summary.dots.len()).unwrap_or(u64::MAX);
        let behind = |dot: &Dot| self.evidence_of(dot);
        let mut view = record::record_view(&state, shown, custody, entries, &behind);
        view.findings.extend(self.remarks_on(key)?);
        let acts = records.acts(key)?;
        if acts.is_empty() {
            return Ok(view);
        }
        let review = records.review(&self.identity().enrolment.hub, &acts, &state)?;
        let delivered = review.decision.and_then(|act| self.arrivals.of(&act.dot)).map(time::at);
        Ok(view.reviewed(&review, Delivery { delivered }, &behind, language))
    }

    /// Returns the day a record was recorded, where its own date may be needed for want of another.
    pub(super) fn recorded(&self, summary: &Summary) -> Result<Option<Date>, Problem> {
        if summary.occurred_at.is_some() {
            return Ok(None);
        }
        let mut first: Option<i64> = None;
        for dot in &summary.dots {
            let at = self.store.entry(dot)?.map(|entry| entry.header.stamp.claimed_ms);
            first = first.into_iter().chain(at).min();
        }
        Ok(first.and_then(|ms| time::at(ms).date()))
    }

    /// Returns what became of a record, entry by entry.
    pub(super) fn history(&self, id: &str) -> Result<(RecordKey, Vec<HistoryItem>), Problem> {
        let key = find::record(&self.reader, id)?;
        let mut entries = Vec::new();
        let mut evidence = BTreeMap::new();
        let acts = Records(&self.reader).acts(&key)?;
        for dot in self.summary(&key)?.dots.into_iter().chain(acts.iter().map(|act| act.dot)) {
            let Some((entry, told)) = self.told(&dot)? else { continue };
            evidence.insert(dot, self.evidence(&entry, told.author())?);
            entries.push((entry.header.stamp.claimed_ms, dot, told));
        }
        let entries = in_causal_order(entries);
        let unknown = || unknown_evidence("");
        let behind = |dot: &Dot| evidence.get(dot).cloned().unwrap_or_else(unknown);
        Ok((key, record::history(&entries, &behind)))
    }

    /// Returns the entry behind a dot, and what it tells of a record.
    pub(super) fn told(&self, dot: &Dot) -> Result<Option<(Entry, Told)>, Problem> {
        let Some(entry) = self.store.entry(dot)? else { return Ok(None) };
        let told = entry.bytes().and_then(|bytes| match entry.header.kind {
            Change::KIND => Change::from_payload(bytes).ok().map(Told::Changed),
            ReviewEntry::KIND => ReviewEntry::from_payload(bytes).ok().map(Told::Reviewed),
            _other => None,
        });
        Ok(told.map(|told| (entry, told)))
    }

    pub(super) fn evidence_of(&self, dot: &Dot) -> Evidence {
        let read = self.told(dot).and_then(|found| match found {
            Some((entry, told)) => self.evidence(&entry, told.author()),
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
        let log = records.log(entry.log)?.map(|(log, _start)| log);
        let device = match &log {
            Some(log) if log.device == self.identity().device() => {
                self.identity().enrolment.name.clone()
            }
            Some(log) if log.device == self.identity().enrolment.hub => "hub".to_owned(),
            Some(log) => {
                let binding = records.binding(&log.device)?;
                binding.map_or_else(|| log.device.short(), |binding| binding.name)
            }
            None => String::new(),
        };
        let claimed_ms = entry.header.stamp.claimed_ms;
        // What others wrote has its bounds at the hub only.
        let ours = log.is_some_and(|log| log.device == self.identity().device());
        let between = ours.then(|| self.arrivals.between(&entry.dot(), &entry.header)).flatten();
        Ok(Evidence {
            author,
            device,
            claimed_at: time::at(claimed_ms).to_string(),
            trusted: between.map(|between| between.map(|ms| time::at(ms).to_string())),
            clock_suspect: record::clock::is_suspect(claimed_ms, between),
        })
    }

    fn remarks_on(&self, key: &RecordKey) -> Result<Vec<Finding>, Problem> {
        let remarks = Records(&self.reader).remarks()?.into_iter();
        let on_it = remarks.filter(|remark| remark.record.as_ref() == Some(key));
        Ok(on_it
            .map(|remark| Finding::new(remark.rule.name(), None, remark.rule.words()))
            .collect())
    }
}

/// Puts each entry after those its author had seen, and after those before it in its log.
///
/// Where that leaves a choice the claimed times decide, since people expect it; nothing else does.
fn in_causal_order(mut entries: Vec<(i64, Dot, Told)>) -> Vec<(Dot, Told)> {
    entries.sort_by_key(|(claimed, dot, _told)| (*claimed, *dot));
    let mut ordered: Vec<(Dot, Told)> = Vec::with_capacity(entries.len());
    while !entries.is_empty() {
        let waits = |of: &Dot, told: &Told| {
            entries.iter().any(|(_, other, _)| {
                told.seen().contains(other) || (other.log == of.log && other.seq < of.seq)
            })
        };
        let free = entries.iter().position(|(_, dot, told)| !waits(dot, told));
        let (_, dot, told) = entries.remove(free.unwrap_or(0));
        ordered.push((dot, told));
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
