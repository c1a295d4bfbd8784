//! Checking everything: each entry's chain, commitment and signature, and the views against them.

use std::collections::BTreeMap;
use std::fmt;

use journal::{Entry, EntryId, LogId, LogName};

use crate::batch::Batch;
use crate::branches::Branches;
use crate::fault::Fault;
use crate::index::Span;
use crate::limits::CACHE_BYTES;
use crate::replay::{all_beside, catch_up, catch_up_beside};
use crate::shared::Shared;
use crate::store::Store;
use crate::views::Views;
use crate::views::opening::{digest_of_rows, fresh, remove};

/// Something that is not as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalFault {
    /// The log, where one is concerned.
    pub log: Option<LogName>,
    /// The first entry concerned; 0 where none can be named.
    pub seq: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for JournalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.log {
            Some(log) => write!(f, "log {} entry {}: {}", log.id(), self.seq, self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Checks the journal; `progress` is told how many entries of how many are done.
pub(crate) fn journal(shared: &Shared, progress: &mut dyn FnMut(u64, u64)) -> Vec<JournalFault> {
    let mut faults = Vec::new();
    let mut logs = Vec::new();
    let total = shared.index().entries();
    for (id, log) in shared.index().logs() {
        for (first, last) in log.gaps() {
            let what = format!("entries {first} to {last} are lost");
            faults.push(JournalFault { log: Some(log.name.clone()), seq: first, what });
        }
        logs.push((*id, log.name.clone(), log.spans.clone()));
    }
    let mut done = 0;
    for (id, name, spans) in logs {
        let mut before = Some((0, EntryId(id.0)));
        for span in spans {
            if let Err(what) = check(shared, (&id, &name), &span, before) {
                faults.push(JournalFault { log: Some(name.clone()), seq: span.first, what });
            }
            before = Some((span.last, span.id));
            done += span.last - span.first + 1;
            progress(done, total);
        }
    }
    let branches = shared.branches();
    faults.extend(beside(&branches));
    faults.extend(branches.unreadable.iter().map(|file| {
        let what = format!("the file {file} of a branch is damaged");
        JournalFault { log: None, seq: 0, what }
    }));
    faults
}

fn check(
    shared: &Shared,
    (id, name): (&LogId, &LogName),
    span: &Span,
    before: Option<(u64, EntryId)>,
) -> Result<(), String> {
    let held = shared.segments.held(span.at).map_err(|fault| fault.to_string())?;
    if held.frame.log != *name {
        return Err("an item of another log stands in its place".to_owned());
    }
    let entries = held.frame.verify(held.prev).map_err(|fault| fault.to_string())?;
    let at = |seq: u64| entries.iter().find(|entry| entry.header.seq == seq);
    if at(span.last).is_none_or(|entry| entry.id != span.id || entry.log != *id) {
        return Err("an entry has another id than when it was written".to_owned());
    }
    let prev = at(span.first).map(|entry| entry.header.prev);
    match before {
        Some((seq, id)) if seq + 1 == span.first && prev != Some(id) => {
            Err("the chain is broken: the entry names another one before it".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks the branches that stand beside the journal: each file is read and verified anew.
fn beside(branches: &Branches) -> Vec<JournalFault> {
    let mut faults = Vec::new();
    for branch in branches.logs().flat_map(|log| branches.of(log)) {
        for file in &branch.files {
            let is_own = |entry: &Entry| branch.id(entry.header.seq) == Some(entry.id);
            let what = match branches.entries(file) {
                Ok(entries) if entries.iter().all(is_own) => continue,
                Ok(_) => "an entry has another id than when it was written".to_owned(),
                Err(fault) => fault.to_string(),
            };
            let log = Some(branch.name.clone());
            faults.push(JournalFault { log, seq: file.first, what });
        }
    }
    faults
}

/// Projects the whole journal anew and compares the views with it.
pub(crate) fn views(store: &Store) -> Result<Vec<JournalFault>, Fault> {
    let shared = store.shared();
    shared.views.ready()?;
    let dir = shared.data.join("verify");
    remove(&dir)?;
    let again = fresh(&dir, CACHE_BYTES, shared.views_version(&**store.projector()))?;
    let begun = catch_up(shared, &again, &**store.projector(), BTreeMap::new())?;
    let differ = store.on_storage_thread(move |batch| {
        let (shared, projector) = (batch.shared, batch.projector);
        let done = catch_up(shared, &again, projector, begun);
        let all = all_beside(shared);
        done.and_then(|_progress| catch_up_beside(shared, &again, projector, &all))?;
        differ(batch, &again)
    })??;
    remove(&dir)?;
    let fault = |what: &str| JournalFault { log: None, seq: 0, what: what.to_owned() };
    Ok(differ.into_iter().map(fault).collect())
}

fn differ(batch: &Batch<'_>, again: &Views) -> Result<Option<&'static str>, Fault> {
    let views = &batch.shared.views;
    let stated = views.digest();
    let found = views.guard(digest_of_rows)?;
    Ok(if stated != found {
        Some("rows of the views are missing or altered")
    } else if stated != again.digest() {
        Some("the views are not what the journal gives")
    } else {
        None
    })
}
