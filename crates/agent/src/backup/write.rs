//! Writing a backup: small files first, then the frames, so nothing a file says is ahead of them.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use journal::DeviceKey;
use seal::{Cost, ItemWriter, ItemsFault};
use store::{Fault, Store};

use super::item::{End, FORMAT, Head, Item};
use super::{Passphrase, Tally, unusable};
use crate::clock;
use crate::identity::random;
use crate::problem::{Cause, Problem};

/// What is copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) store: &'a Store,
    pub(crate) hub: DeviceKey,
}

/// Writes a backup into a file that does not exist yet; durable when this returns. `progress` is
/// told how many entries of how many are copied.
pub(crate) fn write(
    source: Source<'_>,
    file: &Path,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Tally, Problem> {
    if file.try_exists().unwrap_or(true) {
        let words = format!("{} exists already: give another name", file.display());
        return Err(Problem::new(Cause::Refused, words));
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let written = write_beside(source, beside, passphrase, progress);
    let placed = written.and_then(|tally| place(beside, file).map(|()| tally));
    placed.inspect_err(|_problem| drop(fs::remove_file(beside)))
}

fn write_beside(
    source: Source<'_>,
    file: &Path,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Tally, Problem> {
    let failed = |error: std::io::Error| unwritable(file, &error);
    let mut options = OpenOptions::new();
    let out = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    let out = BufWriter::new(out.map_err(failed)?);
    let keys = (random()?, random()?);
    let begun = ItemWriter::begin(out, passphrase.0.as_bytes(), keys, Cost::default());
    let items = begun.map_err(|fault| unusable(file, &fault))?;
    let mut copy = Copy { file, items, end: End { files: 0, frames: 0, entries: 0 } };
    copy.fill(source, progress)?;
    let Copy { items, end, .. } = copy;
    let out = items.finish().map_err(|fault| unusable(file, &fault))?;
    let out = out.into_inner().map_err(|error| failed(error.into_error()))?;
    out.sync_all().map_err(failed)?;
    let bytes = out.metadata().map_err(failed)?.len();
    Ok(Tally { bytes, frames: end.frames, entries: end.entries })
}

/// A copy in the making.
struct Copy<'a, W> {
    file: &'a Path,
    items: ItemWriter<W>,
    end: End,
}

impl<W: Write> Copy<'_, W> {
    fn fill(
        &mut self,
        Source { store, hub }: Source<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Problem> {
        let files = store.files()?;
        let heads: Vec<_> = store.heads().into_iter().map(|(log, head)| (log, head.seq)).collect();
        let total = heads.iter().map(|(_, seq)| seq).sum();
        self.put(&Item::Head(Head {
            format: FORMAT,
            data_format: store::FORMAT,
            software: env!("CARGO_PKG_VERSION").to_owned(),
            made_ms: clock::now_ms(),
            hub,
            heads,
        }))?;
        for file in files {
            self.put(&Item::File(file))?;
            self.end.files += 1;
        }
        store.each_frame(|prev, frame| {
            let count = frame.items.len() as u64;
            self.put(&Item::Frame(prev, Box::new(frame)))?;
            self.end.frames += 1;
            self.end.entries += count;
            progress(self.end.entries, total);
            Ok::<_, Problem>(())
        })?;
        let end = self.end;
        self.put(&Item::End(end))
    }

    fn put(&mut self, item: &Item) -> Result<(), Problem> {
        let bytes = item.to_bytes().map_err(|error| {
            let fault = Fault::Damaged(format!("an item of the backup: {error}"));
            Problem::from(fault)
        })?;
        self.items.write(&bytes).map_err(|fault: ItemsFault| unusable(self.file, &fault))
    }
}

/// Gives the finished file its name, durably.
fn place(beside: &Path, file: &Path) -> Result<(), Problem> {
    let failed = |error: std::io::Error| unwritable(file, &error);
    fs::rename(beside, file).map_err(failed)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or_else(|| Path::new("."))).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

fn unwritable(file: &Path, error: &std::io::Error) -> Problem {
    Problem::new(Cause::Unavailable, format!("cannot write {}: {error}", file.display()))
}
