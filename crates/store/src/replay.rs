//! Bringing views up to the journal, in the order in which the entries were first written.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Entry, Head, LogId, LogName};

use crate::batch::project;
use crate::branches::{Branch, Branches};
use crate::fault::Fault;
use crate::index::{Index, LogIndex, Span};
use crate::limits::REPLAY_ENTRIES;
use crate::project::Projector;
use crate::segments::{Segments, span_entries};
use crate::shared::Shared;
use crate::starts::Starts;
use crate::views::{Pending, Progress, Views, Working};

/// What the journal says to views that stand at some progress.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Logs of which the views have entries that the journal lost, with the last of them.
    pub(crate) ahead: Vec<(LogName, u64)>,
    /// Why the views cannot be caught up.
    pub(crate) unfit: Option<String>,
}

/// Projects what `views` lack and returns where they stand then.
pub(crate) fn catch_up(
    shared: &Shared,
    views: &Views,
    projector: &dyn Projector,
    mut progress: BTreeMap<LogId, Progress>,
) -> Result<BTreeMap<LogId, Progress>, Fault> {
    let spans = lacking(&shared.index(), &progress);
    let mut pending = Pending::default();
    let mut starts = Starts::default();
    let mut changed = BTreeMap::new();
    let mut waiting = 0;
    shared.segments.each(&spans, |span, held| {
        let name = &held.frame.log;
        let row = progress.entry(name.id()).or_insert_with(|| Progress::none(name));
        let mut view = Working::new(views, &mut pending);
        for entry in span_entries(span, &held)? {
            // A span may have been projected in part, up to where the views stood.
            if span.first <= row.seq && row.seq <= span.last && entry.header.seq <= row.seq {
                continue;
            }
            let start = starts.of(shared, &entry)?;
            project((shared, projector), (name, start), &entry, &mut view)?;
            row.count += 1;
            waiting += 1;
            if row.seq < entry.header.seq {
                (row.seq, row.id) = (entry.header.seq, entry.id);
            }
        }
        changed.insert(name.id(), row.clone());
        if REPLAY_ENTRIES <= waiting {
            views.apply(&pending, &changed)?;
            (pending, waiting) = (Pending::default(), 0);
            changed.clear();
        }
        Ok(true)
    })?;
    if !changed.is_empty() {
        views.apply(&pending, &changed)?;
    }
    Ok(progress)
}

/// Returns the logs of which entries stand beside the journal.
pub(crate) fn all_beside(shared: &Shared) -> BTreeSet<LogId> {
    shared.branches().logs().copied().collect()
}

/// Projects what `views` lack of the branches of these logs that stand beside the journal, whose
/// own entries must be projected before.
pub(crate) fn catch_up_beside(
    shared: &Shared,
    views: &Views,
    projector: &dyn Projector,
    logs: &BTreeSet<LogId>,
) -> Result<(), Fault> {
    let branches = shared.branches();
    for branch in logs.iter().flat_map(|log| branches.of(log)) {
        for file in &branch.files {
            if views.has_projected(&file.id)? {
                continue;
            }
            // What an entry means hangs on the first of its chain: of a copy that comes later.
            let Some(start) = first_of_chain(shared, &branches, branch)? else { break };
            let mut pending = Pending::default();
            let mut view = Working::new(views, &mut pending);
            let entries = branches.entries(file)?;
            for entry in &entries {
                project((shared, projector), (&branch.name, Some(&start)), entry, &mut view)?;
            }
            let (name, count) = (branch.name.clone(), entries.len() as u64);
            let row = Progress { name, seq: file.last, id: file.id, count };
            views.apply_beside(&pending, &row)?;
        }
    }
    Ok(())
}

/// Returns the first entry of the chain that a branch is the end of.
fn first_of_chain(
    shared: &Shared,
    branches: &Branches,
    branch: &Branch,
) -> Result<Option<Entry>, Fault> {
    let log = branch.name.id();
    let mut root = branch;
    while let Some(parent) = branches.find(&log, root.first - 1, root.prev) {
        root = parent;
    }
    let first = if root.first == 1 {
        root.files.first().map(|file| branches.entries(file)).transpose()?
    } else {
        let span = shared.index().find(&log, 1);
        span.map(|span| shared.segments.entries(&span)).transpose()?
    };
    Ok(first.and_then(|entries| entries.into_iter().next()))
}

/// Says why views that stand so are not of these branches, if they are not.
pub(crate) fn unfit_beside(branches: &Branches, progress: &[Progress]) -> Option<String> {
    let stands = |row: &Progress| {
        let mut files = branches.of(&row.name.id()).iter().flat_map(|branch| &branch.files);
        files.any(|file| file.id == row.id && file.last + 1 - file.first == row.count)
    };
    let unfit = progress.iter().any(|row| !stands(row));
    unfit.then(|| "they hold entries of a branch that is not here".to_owned())
}

/// Compares where the views stand with the journal.
pub(crate) fn judge(
    index: &Index,
    segments: &Segments,
    progress: &[Progress],
) -> Result<Judgement, Fault> {
    let mut judgement = Judgement::default();
    for row in progress {
        let log = index.log(&row.name.id());
        let id = match log.and_then(|log| log.find(row.seq)) {
            Some(span) => segments.id_of(span, row.seq)?,
            None => None,
        };
        let after = log.map_or(0, |log| log.held_after(row.seq));
        if log.map_or(0, LogIndex::last) < row.seq {
            judgement.ahead.push((row.name.clone(), row.seq));
            judgement.unfit = Some("they hold entries that the journal lost".to_owned());
        } else if id != Some(row.id) {
            judgement.unfit = Some("they stand on another entry than the journal".to_owned());
        } else if Some(row.count + after) != log.map(|log| log.held) {
            judgement.unfit = Some("they hold other entries than the journal".to_owned());
        }
    }
    Ok(judgement)
}

/// Returns the spans with entries after where the views stand, in the order of writing.
fn lacking(index: &Index, progress: &BTreeMap<LogId, Progress>) -> Vec<Span> {
    let mut spans = Vec::new();
    for (id, log) in index.logs() {
        spans.extend_from_slice(log.after(progress.get(id).map_or(0, |row| row.seq)));
    }
    spans.sort_unstable_by_key(|span| (span.at, span.first));
    spans
}

impl Progress {
    fn none(name: &LogName) -> Self {
        let Head { seq, id } = Head::empty(name.id());
        Self { name: name.clone(), seq, id, count: 0 }
    }
}
