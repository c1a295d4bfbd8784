//! `rebuild`: the views from the logs; and from a damaged database a new one of what is truth.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::json;
use terminal::Bar;

use super::global::Global;
use super::{out, record};
use crate::config::Config;
use crate::db::{Db, Place};
use crate::failure::Failure;
use crate::truth::backup::{self, Rescued};
use crate::truth::{Fault, Truth, verify};
use crate::{fold, keys, print};

/// What is said where the hub's own first entry is lost.
const BEGINNING: &str = "the beginning of the hub's own log is lost, so no hub can go on from this \
                         file: restore the last backup, and keep this file for what came after it";

/// Folds all views again from the logs.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Make a new database of what can be read of a damaged one.
    #[arg(long, requires = "to")]
    from_truth: bool,
    /// The file of the new database, which must not be there.
    #[arg(long, value_name = "FILE", requires = "from_truth")]
    to: Option<PathBuf>,
}

pub(super) async fn perform(global: &Global, args: Args) -> Result<(), Failure> {
    match args.to {
        Some(file) => from_truth(global, &file).await,
        None => record::rebuild(global).await,
    }
}

async fn from_truth(global: &Global, file: &Path) -> Result<(), Failure> {
    let config = global.config()?;
    let secret = keys::load(&config.data)?;
    let scratch = Scratch::beside(file)?;
    let (from, mut unread) = Db::open_damaged(&config.database_place()?, &scratch.0).await?;
    let unwritable =
        |error: std::io::Error| Failure::Refused(format!("{}: {error}", file.display()));
    keys::write_private(file, &[]).map_err(unwritable)?;
    let place = Place::Sqlite(file.to_owned());
    let to = Db::make(&place).await?;
    let mut bar = Bar::begin();
    let mut progress = |done, total| bar.show(done, total);
    let mut rescued = backup::rescue(&secret.public(), (&from, &to), &mut progress).await?;
    drop(bar);
    unread.append(&mut rescued.lost);
    rescued.lost = unread;
    from.close().await;
    drop(scratch);
    let (entries, faults) = match Truth::open(to.clone(), Arc::new(secret)).await {
        Ok(truth) => judged(&truth).await?,
        Err(fault @ (Fault::OtherHub | Fault::NotInitialised)) => {
            tracing::debug!(%fault, "the hub's own logs don't begin here");
            (0, vec![BEGINNING.to_owned()])
        }
        Err(fault) => return Err(fault.into()),
    };
    to.close().await;
    let value = json!({
        "file": file.display().to_string(),
        "rows": rescued.rows,
        "entries": entries,
        "lost": rescued.lost,
        "set_aside": rescued.set_aside,
        "faults": faults,
        "ok": rescued.lost.is_empty() && faults.is_empty(),
    });
    out::say(global, &value, || words(file, &rescued, &faults, entries))?;
    print::remark(&in_place(&config, file));
    if rescued.lost.is_empty() && faults.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// Folds what was saved, and says how much that is and what is wrong with it.
async fn judged(truth: &Truth) -> Result<(u64, Vec<String>), Failure> {
    let folded = fold::rebuild(truth).await?;
    let verdict = verify::verify(truth).await?;
    let views = if verdict.faults.is_empty() { fold::check(truth).await? } else { Vec::new() };
    let faults = verdict.faults.into_iter().map(|fault| fault.what);
    let faults = faults.chain(views.into_iter().map(|fault| fault.what)).collect();
    Ok((folded.entries, faults))
}

/// A folder for a copy of what is damaged; gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(file: &Path) -> Result<Self, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}.scratch", std::process::id()));
        let folder = PathBuf::from(name);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a copy is left over: remove it");
        }
    }
}

fn words(file: &Path, rescued: &Rescued, faults: &[String], entries: u64) -> String {
    let mut lines: Vec<String> = rescued.lost.iter().map(|what| format!("lost: {what}")).collect();
    lines.extend(rescued.set_aside.iter().map(|what| format!("in quarantine: {what}")));
    lines.extend(faults.iter().map(|what| format!("verify: {what}")));
    lines.push(format!("{} rows, {entries} entries in {}", rescued.rows, file.display()));
    lines.join("\n")
}

fn in_place(config: &Config, file: &Path) -> String {
    let file = file.display();
    match config.database_place() {
        Ok(Place::Sqlite(old)) => format!(
            "to put it in place: stop the hub, move {old} with {old}-wal and {old}-shm aside and keep \
             them, move {file} to {old}, start `ashuu-hub run`. Devices bring again what they have.",
            old = old.display()
        ),
        Ok(Place::Postgres(_)) | Err(_) => format!(
            "to put it in place: stop every process of the hub, set database = \"sqlite:{file}\", \
             start `ashuu-hub run`. Devices bring again what they have."
        ),
    }
}
