//! The entries a record consists of, and what is known of who wrote them and when.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use journal::{Dot, Kind};
use record::clock::is_suspect;
use record::{Change, Evidence, Finding, PersonId, RecordKey, ReviewEntry, Told};

use super::ViewError;
use super::time::{Bounds, written};
use crate::db::{self, Conn, from_db};
use crate::truth::{frames, logs};

/// What was changed in one record and said about it, and who stands behind it.
pub(crate) struct Entries {
    /// The entries that count; each after those its author had seen.
    pub(crate) told: Vec<(Dot, Told)>,
    /// What is remarked on any of the record's entries.
    pub(crate) findings: Vec<Finding>,
    evidence: BTreeMap<Dot, Evidence>,
}

/// A row of the index of entries.
struct Row {
    log: i64,
    seq: i64,
    claimed_ms: i64,
    device: Option<String>,
    rule: Option<String>,
    what: Option<String>,
}

type Columns = (i64, i64, i64, OptText, OptText, OptText);
type OptText = Option<String>;

impl From<Columns> for Row {
    fn from(columns: Columns) -> Self {
        let (log, seq, claimed_ms, device, rule, what) = columns;
        Self { log, seq, claimed_ms, device, rule, what }
    }
}

const SELECT: &str = "SELECT e.log, e.seq, e.claimed_ms, \
     d.name AS device, f.rule, f.what \
     FROM record_entry AS e JOIN log AS l ON l.id = e.log \
     LEFT JOIN device AS d ON d.key = l.device \
     LEFT JOIN entry_finding AS f ON f.log = e.log AND f.seq = e.seq \
     WHERE e.site = $1 AND e.id = $2 ORDER BY e.trusted_hi, l.log_id, e.seq";

impl Entries {
    /// Reads the entries of a record.
    pub(crate) async fn read(conn: &mut Conn, key: &RecordKey) -> Result<Self, ViewError> {
        let query = db::query_as(SELECT).bind(key.site.as_str()).bind(key.id.0.as_slice());
        let rows: Vec<Columns> = query.fetch_all(&mut *conn).await?;
        let mut entries =
            Self { told: Vec::new(), findings: Vec::new(), evidence: BTreeMap::new() };
        let mut known = Known::default();
        let bounds = Bounds::read(conn).await?;
        for row in rows.into_iter().map(Row::from) {
            if let (Some(rule), Some(what)) = (row.rule.clone(), row.what.clone()) {
                entries.findings.push(Finding::new(&rule, None, what));
                continue;
            }
            let Some((entry, told)) = known.told(conn, &row).await? else { continue };
            let (dot, author) = (entry.dot(), known.author(conn, told.author()).await?);
            let trusted = match known.logs.get(&row.log) {
                Some(log) => bounds.of(conn, log, &entry).await?,
                None => None,
            };
            entries.evidence.insert(dot, evidence(&row, author, known.key(&row), trusted));
            entries.told.push((dot, told));
        }
        entries.told = causal(entries.told);
        Ok(entries)
    }

    /// Returns who stands behind a dot.
    pub(crate) fn evidence(&self, dot: &Dot) -> Evidence {
        self.evidence.get(dot).cloned().unwrap_or_else(|| Evidence {
            author: String::new(),
            device: String::new(),
            claimed_at: String::new(),
            trusted: None,
            clock_suspect: false,
        })
    }
}

/// What was read already while going through the entries.
#[derive(Default)]
struct Known {
    logs: BTreeMap<i64, logs::Log>,
    authors: BTreeMap<PersonId, String>,
}

impl Known {
    async fn told(
        &mut self,
        conn: &mut Conn,
        row: &Row,
    ) -> Result<Option<(journal::Entry, Told)>, ViewError> {
        let log = match self.logs.entry(row.log) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(logs::by_number(conn, row.log).await?),
        };
        let Some(arrived) = frames::entry_at(conn, log, from_db(row.seq)).await? else {
            return Ok(None);
        };
        let told = arrived.entry.bytes().and_then(|bytes| match arrived.entry.header.kind {
            ReviewEntry::KIND => ReviewEntry::from_payload(bytes).ok().map(Told::Reviewed),
            Kind(_) => Change::from_payload(bytes).ok().map(Told::Changed),
        });
        Ok(told.map(|told| (arrived.entry, told)))
    }

    async fn author(&mut self, conn: &mut Conn, id: PersonId) -> Result<String, ViewError> {
        if let Some(name) = self.authors.get(&id) {
            return Ok(name.clone());
        }
        let select = "SELECT name FROM person WHERE id = $1";
        let name: Option<String> =
            db::query_scalar(select).bind(id.0.as_slice()).fetch_optional(conn).await?;
        let name = name.unwrap_or_else(|| id.to_string());
        self.authors.insert(id, name.clone());
        Ok(name)
    }

    /// Returns the start of a device's key: what the hub itself goes by.
    fn key(&self, row: &Row) -> String {
        self.logs.get(&row.log).map_or_else(String::new, |log| log.name.device.short())
    }
}

fn evidence(row: &Row, author: String, key: String, trusted: Option<[i64; 2]>) -> Evidence {
    Evidence {
        author,
        device: row.device.clone().filter(|name| !name.is_empty()).unwrap_or(key),
        claimed_at: written(row.claimed_ms),
        trusted: trusted.map(|between| between.map(written)),
        clock_suspect: is_suspect(row.claimed_ms, trusted),
    }
}

/// Puts every entry after those its author had seen; otherwise the order stays.
fn causal(told: Vec<(Dot, Told)>) -> Vec<(Dot, Told)> {
    let mut waiting = told;
    let mut ordered = Vec::with_capacity(waiting.len());
    let mut missing: BTreeSet<Dot> = waiting.iter().map(|(dot, _)| *dot).collect();
    while !waiting.is_empty() {
        let ready = |(dot, told): &(Dot, Told)| {
            told.seen().iter().all(|seen| seen == dot || !missing.contains(seen))
        };
        // Two entries can't have seen each other; where they say so, any order is right.
        let next = waiting.remove(waiting.iter().position(ready).unwrap_or(0));
        missing.remove(&next.0);
        ordered.push(next);
    }
    ordered
}
