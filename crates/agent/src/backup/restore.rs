//! Making a machine of a backup, in an empty data directory.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use journal::{EntryId, Frame};
use store::{Keeping, RealDisk, Store, put_copied};

use super::item::Item;
use super::read::{Backup, refused};
use super::{Passphrase, Tally};
use crate::desk::{catalogues, open_store, pin};
use crate::identity::Identity;
use crate::problem::{Cause, Problem};

/// Stands in a data directory while it is being restored.
const MARK: &str = "restoring";

/// Frames that are kept at once.
const FRAMES_AT_ONCE: usize = 256;

/// What was made of a backup.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) identity: Identity,
    /// Which of the device's epochs it has now.
    pub(crate) epoch_count: u32,
    pub(crate) made_ms: i64,
    pub(crate) tally: Tally,
}

/// Whether a restore into this directory was begun and did not end.
pub(crate) fn is_unfinished(data: &Path) -> bool {
    data.join(MARK).exists()
}

/// Makes a machine of a backup. All of the file is checked before anything is written; `progress`
/// is told how many bytes of how many are done, of both ways through the file.
pub(crate) fn restore(
    data: &Path,
    file: &Path,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, Problem> {
    expect_empty(data)?;
    let mut first_half = |done, total| progress(done, 2 * total);
    Backup::open(file, passphrase, &mut first_half)?.check()?;
    let mut second_half = |done, total| progress(total + done, 2 * total);
    let backup = Backup::open(file, passphrase, &mut second_half)?;
    let restored = fill(data, file, backup);
    restored.inspect_err(|_problem| empty(data))
}

fn fill(data: &Path, file: &Path, mut backup: Backup<'_>) -> Result<Restored, Problem> {
    let unwritable = |error: io::Error| {
        let words = format!("cannot write {}: {error}", data.display());
        Problem::new(Cause::Unavailable, words)
    };
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(unwritable)?;
    let mark = data.join(MARK);
    File::create(&mark).and_then(|mark| mark.sync_all()).map_err(unwritable)?;
    pin(data, &backup.head.hub)?;
    let (mut store, mut frames, mut tally) = (None, Vec::new(), Tally::default());
    while let Some(item) = backup.next()? {
        match item {
            Item::File(copied) => put_copied(data, &RealDisk, &copied)?,
            Item::Frame(prev, frame) => {
                tally.frames += 1;
                tally.entries += frame.items.len() as u64;
                frames.push((prev, *frame));
            }
            Item::Head(_) | Item::End(_) => return Err(refused(file, "it has two heads")),
        }
        if FRAMES_AT_ONCE <= frames.len() {
            keep(opened(&mut store, data, &backup)?, std::mem::take(&mut frames), file)?;
        }
    }
    let store = opened(&mut store, data, &backup)?;
    keep(store, frames, file)?;
    store.settled()?;
    let before = Identity::load(store)?.ok_or_else(|| refused(file, "it holds no device key"))?;
    let identity = before.next_epoch(store)?;
    let epoch_count = identity.epoch_count(store)?;
    fs::remove_file(&mark).map_err(unwritable)?;
    File::open(data).and_then(|data| data.sync_all()).map_err(unwritable)?;
    tally.bytes = fs::metadata(file).map_or(0, |file| file.len());
    Ok(Restored { identity, epoch_count, made_ms: backup.head.made_ms, tally })
}

/// Opens the store once the small files are there, which stand before the frames.
fn opened<'s>(
    store: &'s mut Option<Store>,
    data: &Path,
    backup: &Backup<'_>,
) -> Result<&'s Store, Problem> {
    let opened = match store.take() {
        Some(store) => store,
        None => open_store(data, backup.head.hub, &catalogues()?)?,
    };
    Ok(store.insert(opened))
}

fn keep(store: &Store, frames: Vec<(EntryId, Frame)>, file: &Path) -> Result<(), Problem> {
    if frames.is_empty() {
        return Ok(());
    }
    let names: Vec<(String, u64)> =
        frames.iter().map(|(_, frame)| (frame.log.id().to_string(), frame.first)).collect();
    let kept = store.keep_copied(frames)?;
    for (keeping, (log, first)) in kept.frames.iter().zip(names) {
        if let Keeping::Refused(fault) = keeping {
            return Err(refused(file, &format!("log {log} from entry {first}: {fault}")));
        }
    }
    Ok(())
}

/// A machine is only made where nothing is that it could overwrite.
fn expect_empty(data: &Path) -> Result<(), Problem> {
    let mut entries = match fs::read_dir(data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let words = format!("cannot read {}: {error}", data.display());
            return Err(Problem::new(Cause::Unavailable, words));
        }
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let words = format!(
        "{} is not empty: restore into an empty directory (--data), or move this one aside",
        data.display()
    );
    Err(Problem::new(Cause::Refused, words))
}

/// Takes away what a restore that failed had made.
fn empty(data: &Path) {
    let Ok(entries) = fs::read_dir(data) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        if let Err(error) = gone {
            tracing::warn!(%error, path = %path.display(), "what was begun stays: remove it");
        }
    }
}
