//! `backup` and `restore`.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use journal::DeviceSecret;
use record::DateTime;
use serde_json::json;
use terminal::{Asking, Bar, PassphraseFault};

use super::global::Global;
use super::out;
use crate::config::Config;
use crate::db::{Db, Place};
use crate::failure::Failure;
use crate::keys::KeyFault;
use crate::open::forget_seen;
use crate::print;
use crate::truth::Truth;
use crate::truth::backup::{self, Backup, BackupFault, Checked, Head, Written};
use crate::{fold, keys};

/// Minutes that times here are ahead of UTC.
const OFFSET_MINUTES: i16 = 360;

/// Writes a copy of the whole hub into a new file, sealed with a passphrase.
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Write {
    #[command(subcommand)]
    other: Option<Other>,
    /// The file.
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Read the passphrase from the first line of this file [default: asked, or stdin].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// What else is done with copies.
#[derive(Debug, Subcommand)]
enum Other {
    /// Reads a copy as a whole: whether it is sound, and what it holds.
    #[command(after_help = "Example:\n  ashuu-hub backup check /media/stick/hub.ashuu")]
    Check(Check),
}

/// Reads a copy as a whole.
#[derive(Debug, ClapArgs)]
struct Check {
    /// The file.
    file: PathBuf,
    /// Read the passphrase from the first line of this file [default: asked, or stdin].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Makes a hub of a copy, where no hub is.
#[derive(Debug, ClapArgs)]
pub(super) struct Restore {
    /// The file.
    file: PathBuf,
    /// Read the passphrase from the first line of this file [default: asked, or stdin].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The database, as `sqlite:FILE` or `postgres://user:password@host:port/name`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

pub(super) async fn perform(global: &Global, args: Write) -> Result<(), Failure> {
    let Write { other, file, passphrase_file } = args;
    match (other, file) {
        (Some(Other::Check(args)), _) => check(global, &args),
        (None, Some(file)) => write(global, &file, passphrase_file.as_deref()).await,
        (None, None) => Err(Failure::Usage("name the file of the copy".to_owned())),
    }
}

async fn write(
    global: &Global,
    file: &Path,
    passphrase_file: Option<&Path>,
) -> Result<(), Failure> {
    let passphrase = terminal::passphrase(passphrase_file, Asking::Twice)?;
    let truth = crate::open::open(&global.config()?).await?;
    let mut bar = Bar::begin();
    let mut progress = |done, total| bar.show(done, total);
    let written = backup::write(&truth, file, &passphrase, &mut progress).await?;
    drop(bar);
    let Written { file, bytes, rows, damage } = written;
    let file = file.display().to_string();
    let value = json!({"file": file, "bytes": bytes, "rows": rows, "damage": damage});
    out::say(global, &value, || {
        let mut lines: Vec<String> = damage.iter().map(|what| format!("damaged: {what}")).collect();
        lines.push(format!("{rows} rows and the hub's key in {file}, {bytes} bytes, sealed"));
        lines.join("\n")
    })?;
    print::remark("without the passphrase nobody can read it: keep both, and apart");
    if damage.is_empty() {
        return Ok(());
    }
    print::remark(
        "the database is damaged, and so is this copy: keep the backups before it; \
         `ashuu-hub rebuild --from-truth --to FILE` saves what can be read",
    );
    Err(Failure::Found)
}

/// Reads a copy as a whole, and says what is wrong with it and what it holds.
fn check(global: &Global, args: &Check) -> Result<(), Failure> {
    let passphrase = terminal::passphrase(args.passphrase_file.as_deref(), Asking::Once)?;
    let mut bar = Bar::begin();
    let mut progress = |done, total| bar.show(done, total);
    let checked = backup::check(&args.file, &passphrase, &mut progress)?;
    drop(bar);
    let Checked { head, tables, damage } = checked;
    let rows: u64 = tables.values().sum();
    let made =
        |head: &Head| DateTime { utc_ms: head.made_ms, offset_minutes: OFFSET_MINUTES }.to_string();
    let value = json!({
        "ok": damage.is_empty(),
        "file": args.file.display().to_string(),
        "hub": head.as_ref().map(|head| head.hub.to_string()),
        "made_at": head.as_ref().map(made),
        "version": head.as_ref().map(|head| &head.software),
        "rows": rows,
        "tables": tables,
        "damage": damage,
    });
    out::say(global, &value, || {
        let mut lines: Vec<String> = damage.iter().map(|what| format!("damaged: {what}")).collect();
        let held = tables.iter().map(|(table, rows)| format!("{table} {rows}"));
        lines.extend(head.as_ref().map(|head| {
            format!("hub {} as of {}, by version {}", head.hub.short(), made(head), head.software)
        }));
        lines.push(format!("{rows} rows: {}", held.collect::<Vec<_>>().join(", ")));
        lines.join("\n")
    })?;
    if damage.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

pub(super) async fn restore(global: &Global, args: Restore) -> Result<(), Failure> {
    let mut config = global.config()?;
    if let Some(database) = args.database {
        config.database = database;
    }
    let passphrase = terminal::passphrase(args.passphrase_file.as_deref(), Asking::Once)?;
    let mut bar = Bar::begin();
    let mut first = |done, total| bar.show(done, 2 * total);
    Backup::open(&args.file, &passphrase, &mut first)?.check()?;
    let mut second = |done, total| bar.show(total + done, 2 * total);
    let mut copy = Backup::open(&args.file, &passphrase, &mut second)?;
    let made_ms = copy.head.made_ms;
    let secret = copy.key()?;
    let key = key_of(&config, &secret)?;
    let db = empty_place(&config).await?;
    if key == Key::New {
        keys::put(&config.data, &secret)?;
    }
    let again = keys::load(&config.data)?;
    let restored = backup::restore(&db, secret, copy).await.inspect_err(|_fault| {
        if key == Key::New {
            keys::forget(&config.data);
        }
    })?;
    config.note_database()?;
    forget_seen(&config)?;
    drop(bar);
    let truth = Truth::open(db, std::sync::Arc::new(again)).await?;
    let folded = fold::rebuild(&truth).await?;
    let made = DateTime { utc_ms: made_ms, offset_minutes: OFFSET_MINUTES }.to_string();
    let value = json!({
        "hub": truth.key().to_string(),
        "fingerprint": protocol::fingerprint(&truth.key()),
        "epoch": restored.epoch.to_string(),
        "epoch_count": restored.epoch_count,
        "lanes": restored.lanes,
        "made_at": made,
        "rows": restored.rows,
        "entries": folded.entries,
    });
    out::say(global, &value, || {
        format!(
            "The hub stands in {}, as of {made}: {} entries.\nEpoch {} was opened in {} lanes and \
             for receipts: what this hub said after the copy is not here.\nNext: ashuu-hub run; \
             never start the old one again beside this one.",
            config.data.display(),
            folded.entries,
            restored.epoch_count,
            restored.lanes
        )
    })
}

/// Whether a key has to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Key {
    New,
    /// A restore that was cut short wrote it.
    Here,
}

/// Looks for a key in the data directory; one of another hub is never written over.
fn key_of(config: &Config, secret: &DeviceSecret) -> Result<Key, Failure> {
    match keys::load(&config.data) {
        Ok(here) if here.public() == secret.public() => Ok(Key::Here),
        Ok(_) | Err(KeyFault::Malformed) => Err(Failure::Refused(format!(
            "{} holds a hub already: restore into an empty place (--data), or move this one aside",
            config.data.display()
        ))),
        Err(KeyFault::NotInitialised) => Ok(Key::New),
        Err(fault) => Err(fault.into()),
    }
}

/// Opens a database that no hub lives in.
async fn empty_place(config: &Config) -> Result<Db, Failure> {
    let place: Place = config.database_place()?;
    keys::make_data(&config.data)?;
    let db = Db::make(&place).await?;
    if Truth::is_founded(&db).await? {
        let words = format!("{place} holds a hub already: give another --database");
        return Err(Failure::Refused(words));
    }
    Ok(db)
}

impl From<PassphraseFault> for Failure {
    fn from(fault: PassphraseFault) -> Self {
        if fault.is_usage() {
            return Self::Usage(fault.to_string());
        }
        Self::Unavailable(fault.to_string())
    }
}

impl From<BackupFault> for Failure {
    fn from(fault: BackupFault) -> Self {
        match fault {
            BackupFault::File { fault: seal::ItemsFault::Io(_), .. } => {
                Self::Unavailable(fault.to_string())
            }
            BackupFault::File { .. } | BackupFault::Refused { .. } => {
                Self::Refused(fault.to_string())
            }
            BackupFault::Truth(fault) => fault.into(),
            BackupFault::Key(fault) => fault.into(),
        }
    }
}
