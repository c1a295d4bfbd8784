//! `rebuild`: the views from the logs; and from a damaged database a new one of what is truth.

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
use crate::truth::{Truth, verify};
use crate::{fold, keys, print};

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
    let (from, mut unread) = Db::open_damaged(&config.database_place()?).await?;
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
    let truth = Truth::open(to, Arc::new(secret)).await?;
    let folded = fold::rebuild(&truth).await?;
    let verdict = verify::verify(&truth).await?;
    let views = if verdict.faults.is_empty() { fold::check(&truth).await? } else { Vec::new() };
    truth.db.close().await;
    let faults: Vec<String> = verdict
        .faults
        .iter()
        .map(|fault| fault.what.clone())
        .chain(views.into_iter().map(|fault| fault.what))
        .collect();
    let value = json!({
        "file": file.display().to_string(),
        "rows": rescued.rows,
        "entries": folded.entries,
        "lost": rescued.lost,
        "set_aside": rescued.set_aside,
        "faults": faults,
        "ok": rescued.lost.is_empty() && faults.is_empty(),
    });
    out::say(global, &value, || words(file, &rescued, &faults, folded.entries))?;
    print::remark(&in_place(&config, file));
    if rescued.lost.is_empty() && faults.is_empty() { Ok(()) } else { Err(Failure::Found) }
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
