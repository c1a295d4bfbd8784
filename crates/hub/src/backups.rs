//! Copies of the hub that are made by themselves, each day, while it runs.
//!
//! A copy counts once it was read back and found sound. Only then do older ones go, and never the last
//! good one. What was made, and what failed, is noted in the data directory for whoever asks.

mod folder;
mod note;
mod when;

use std::path::{Path, PathBuf};

use terminal::{Asking, PassphraseFault};
use tokio::sync::watch;

pub(crate) use self::note::{Failed, Good, Note};
use crate::clock;
use crate::limits::BACKUP_LOOK;
use crate::truth::Truth;
use crate::truth::backup::{self, BackupFault};

/// When copies are made, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The folder.
    pub to: PathBuf,
    /// The minute of the day, by the country's time.
    pub daily: u32,
    /// How many are kept.
    pub keep: u32,
    /// The file with the passphrase.
    pub passphrase_file: PathBuf,
}

/// A copy was not made.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Passphrase(#[from] PassphraseFault),
    #[error(transparent)]
    Backup(#[from] BackupFault),
    #[error("the database is damaged, and so is {file}: {what}")]
    Damaged { file: String, what: String },
    #[error("{}: {error}", folder.display())]
    Folder { folder: PathBuf, error: std::io::Error },
}

/// Makes a copy whenever one is due, until the hub stops.
pub(crate) async fn run(
    truth: Truth,
    plan: Plan,
    data: PathBuf,
    mut stopped: watch::Receiver<bool>,
) {
    let keeping = async {
        loop {
            look(&truth, &plan, &data).await;
            tokio::time::sleep(BACKUP_LOOK).await;
        }
    };
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = keeping => {}
    }
}

/// Makes a copy if one is due, and notes what came of it.
async fn look(truth: &Truth, plan: &Plan, data: &Path) {
    let mut note = Note::read(data);
    let now_ms = clock::wall_ms();
    let good_ms = note.good.as_ref().map(|good| good.at_ms);
    let failed_ms = note.failure.as_ref().map(|failure| failure.at_ms);
    let is_new = note.since_ms.is_none();
    note.since_ms = note.since_ms.or(Some(now_ms));
    if !when::is_due(now_ms, plan.daily, good_ms, failed_ms) {
        if is_new {
            noted(&note, data);
        }
        return;
    }
    match copy(truth, plan, now_ms).await {
        Ok(file) => {
            tracing::info!(file, "a copy was made and read back");
            note.good = Some(Good { at_ms: now_ms, file });
            note.failure = None;
        }
        Err(fault) => {
            tracing::error!(%fault, "no good copy was made");
            note.failure = Some(Failed { at_ms: now_ms, what: fault.to_string() });
        }
    }
    noted(&note, data);
}

fn noted(note: &Note, data: &Path) {
    if let Err(error) = note.write(data) {
        tracing::error!(%error, "what was copied can't be noted");
    }
}

/// Makes one copy, reads it back, and removes those that are not kept.
async fn copy(truth: &Truth, plan: &Plan, now_ms: i64) -> Result<String, Fault> {
    let passphrase = terminal::passphrase(Some(&plan.passphrase_file), Asking::Twice)?;
    let folder = |error| Fault::Folder { folder: plan.to.clone(), error };
    let name = folder::name(&truth.key(), now_ms);
    let mut quiet = |_done, _total| ();
    let file = plan.to.join(&name);
    let written = backup::write(truth, &file, &passphrase, &mut quiet).await?;
    let shown = written.file.display().to_string();
    let mut damage = written.damage;
    if damage.is_empty() {
        damage = backup::check(&written.file, &passphrase, &mut quiet)?.damage;
    }
    if let Some(what) = damage.into_iter().next() {
        folder::thin_damaged(&plan.to, &truth.key(), &written.file).map_err(folder)?;
        return Err(Fault::Damaged { file: shown, what });
    }
    let gone = folder::thin(&plan.to, &truth.key(), &name, plan.keep).map_err(folder)?;
    tracing::debug!(gone, "older copies were removed");
    Ok(shown)
}
