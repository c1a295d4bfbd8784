//! Writing a backup: small files first, then the frames, so nothing a file says is ahead of them.

use std::io::{BufWriter, Write};
use std::path::Path;

use journal::DeviceKey;
use seal::{Cost, ItemWriter, ItemsFault};
use store::{Fault, Store};
use terminal::Fresh;

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
    // Whoever asks over the local API was not asked at a terminal.
    terminal::check_length(&passphrase.0)
        .map_err(|fault| Problem::new(Cause::Refused, fault.to_string()))?;
    let failed = |error: std::io::Error| unwritable(file, &error);
    let fresh = Fresh::begin(file).map_err(failed)?;
    let end = fill(source, &fresh, file, passphrase, progress)?;
    let bytes = fresh.finish(file).map_err(failed)?;
    Ok(Tally { bytes, frames: end.frames, entries: end.entries })
}

/// Writes all of it, and returns how much that was.
fn fill(
    source: Source<'_>,
    fresh: &Fresh,
    file: &Path,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<End, Problem> {
    let out = BufWriter::new(fresh.file());
    let keys = (random()?, random()?);
    let begun = ItemWriter::begin(out, passphrase.0.as_bytes(), keys, Cost::default());
    let items = begun.map_err(|fault| unusable(file, &fault))?;
    let mut copy = Copy { file, items, end: End { files: 0, frames: 0, entries: 0 } };
    copy.fill(source, progress)?;
    let Copy { items, end, .. } = copy;
    let out = items.finish().map_err(|fault| unusable(file, &fault))?;
    out.into_inner().map_err(|error| unwritable(file, &error.into_error()))?;
    Ok(end)
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

fn unwritable(file: &Path, error: &std::io::Error) -> Problem {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        let words = format!("{} exists already: give another name", file.display());
        return Problem::new(Cause::Refused, words);
    }
    Problem::new(Cause::Unavailable, format!("cannot write {}: {error}", file.display()))
}
