//! Opening a store: the journal first, since it is the truth; then the views, which must fit it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::LogName;

use crate::branches::Branches;
use crate::claim;
use crate::commit::opening::{self as journal_opening, Damage, Unreadable};
use crate::disk::Disk;
use crate::fault::Fault;
use crate::forged;
use crate::index::Index;
use crate::project::Projector;
use crate::replay::{judge, unfit_beside};
use crate::segments::Segments;
use crate::shared::Shared;
use crate::starts::Starts;
use crate::storage::Storage;
use crate::store::Options;
use crate::views::opening::{Content, Reading, Snapshots, fresh, move_snapshots, quarantine};
use crate::views::{Digest, Progress, Status, Views};

/// What was found when a store was opened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Opening {
    /// How many entries the journal holds.
    pub entries: u64,
    /// Why the views are made anew, where they are.
    pub rebuilt: Option<String>,
    /// Where the views that could not be used were set aside.
    pub quarantined: Option<PathBuf>,
    /// Bytes of a write that was cut short and never acknowledged; they are gone.
    pub torn_bytes: u64,
    /// Acknowledged entries that are lost.
    pub damage: Vec<Damage>,
    /// Places of the journal that cannot be read; what they held is under `damage`, if anything.
    pub unreadable: Vec<Unreadable>,
}

/// Views that may be used, or why not.
#[derive(Debug, Default)]
struct Survey {
    content: Option<Content>,
    ahead: Vec<(LogName, u64)>,
    unfit: Option<String>,
}

/// Opens all parts of a store and returns what its storage thread needs.
pub(crate) fn open(
    dir: &Path,
    disk: Arc<dyn Disk>,
    projector: &Arc<dyn Projector>,
    options: &Options,
) -> Result<(Storage, Vec<Progress>, Opening), Fault> {
    let lock = claim::lock(dir)?;
    claim::check_format(dir, &*disk)?;
    let local = dir.join("local");
    disk.create_dir(&local).map_err(Fault::io("create", &local))?;
    let segments = Segments::new(dir, Arc::clone(&disk))?;
    let branches = Branches::load(dir.join("branches"), disk)?;
    let sled = dir.join("sled");
    move_snapshots(&sled, Snapshots::Unfinished)?;
    let reading = Reading::begin(&sled, options.cache_bytes);
    let mut found = journal_opening::open(segments.clone(), options.segment_bytes)?;
    let forged = forged::all(&found.index, &segments, &branches);
    let version = forged::version(projector.version(), &forged);
    let survey = survey(reading, (&found.index, &segments, &branches), version)?;
    for (name, seq) in &survey.ahead {
        let log = found.index.log_mut(name);
        (log.attested, log.closed) = (log.attested.max(*seq), true);
    }
    if found.needs_fence() || !survey.ahead.is_empty() {
        // Written down before the views go, which may be all that tells of the loss.
        found.journal.begin_segment(&found.index)?;
    }
    let mut opening = Opening {
        entries: found.index.entries(),
        torn_bytes: found.torn_bytes,
        damage: journal_opening::damage(&found.index, &found.doubtful),
        unreadable: found.unreadable,
        ..Opening::default()
    };
    let (views, progress) =
        fit_views((dir, &sled), survey, (version, options.cache_bytes), &mut opening);
    let shared =
        Shared::new((dir.to_owned(), lock), segments, found.index, views, (branches, forged));
    let storage = Storage {
        shared: Arc::new(shared),
        journal: found.journal,
        projector: Arc::clone(projector),
        entropy: Arc::clone(&options.entropy),
        writers: BTreeMap::new(),
        starts: Starts::default(),
    };
    Ok((storage, progress, opening))
}

/// Compares what sled holds with the journal.
fn survey(
    reading: Reading,
    (index, segments, branches): (&Index, &Segments, &Branches),
    version: u32,
) -> Result<Survey, Fault> {
    let content = match reading.found() {
        Ok(content) => content,
        Err(fault) => return Ok(Survey { unfit: Some(fault.to_string()), ..Survey::default() }),
    };
    let judgement = judge(index, segments, &content.progress)?;
    let unfit = judgement.unfit.or_else(|| unfit_beside(branches, &content.beside));
    let (ahead, mut unfit) = (judgement.ahead, unfit);
    let is_new = content.version.is_none() && content.progress.is_empty();
    if !is_new && content.version != Some(version) {
        let why = "another version of the program made them, or with entries that do not count";
        unfit = unfit.or_else(|| Some(why.to_owned()));
    }
    Ok(Survey { content: Some(content), ahead, unfit })
}

/// Takes the views that were found, or sets them aside and begins empty ones.
fn fit_views(
    (dir, sled): (&Path, &Path),
    survey: Survey,
    (version, cache_bytes): (u32, u64),
    opening: &mut Opening,
) -> (Views, Vec<Progress>) {
    let content = match (survey.content, survey.unfit) {
        (Some(content), None) => content,
        (content, unfit) => {
            drop(content);
            opening.rebuilt = unfit;
            let begun = quarantine(dir, sled).and_then(|aside| {
                opening.quarantined = Some(aside);
                fresh(sled, cache_bytes, version)
            });
            return (begun.unwrap_or_else(|fault| broken(&fault)), Vec::new());
        }
    };
    let Content { db, digest, version: found, progress, .. } = content;
    let views = Views::new(Some(db), digest, Status::Rebuilding);
    if found.is_none()
        && let Err(fault) = views.begin(version)
    {
        return (broken(&fault), Vec::new());
    }
    if progress.is_empty() && opening.entries != 0 {
        opening.rebuilt = Some("they were missing".to_owned());
    }
    (views, progress)
}

fn broken(fault: &Fault) -> Views {
    Views::new(None, Digest::default(), Status::Broken(fault.to_string()))
}
