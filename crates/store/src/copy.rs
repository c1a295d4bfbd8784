//! Copying a store while it is in use, and making one of a copy.
//!
//! A copy is the frames of the journal, in the order in which they were written, and the small
//! files beside it. It never touches sled, whose rows are made anew. What a copy is sealed with and
//! where it goes is not known here.

use std::path::Path;

use journal::{EntryId, Frame};

use crate::batch::Batch;
use crate::disk::{Disk, replace};
use crate::fault::Fault;
use crate::keep::{Keeping, Kept, keep_anchored};
use crate::store::Store;

/// The directories whose files are copied whole.
const AREAS: [&str; 2] = ["local", "branches"];

/// A file of a store, by its path in the data directory.
pub type CopiedFile = (String, Vec<u8>);

impl Store {
    /// Returns the small files as they are now. Take them before the frames: so nothing they say
    /// is ahead of the journal's copy.
    ///
    /// # Errors
    ///
    /// Returns what the disk says.
    pub fn files(&self) -> Result<Vec<CopiedFile>, Fault> {
        let shared = self.shared();
        let disk = shared.segments.disk();
        let mut files = Vec::new();
        for area in AREAS {
            let dir = shared.data.join(area);
            for name in disk.list(&dir).map_err(Fault::io("list", &dir))? {
                if is_plain(&name) {
                    let path = dir.join(&name);
                    let bytes = disk.read(&path).map_err(Fault::io("read", &path))?;
                    files.push((format!("{area}/{name}"), bytes));
                }
            }
        }
        Ok(files)
    }

    /// Hands every frame that is durable now to `take`, with the id of the entry before its first,
    /// in the order of writing. What is written meanwhile is left out.
    ///
    /// # Errors
    ///
    /// Returns what `take` returned, or why a frame can't be read.
    pub fn each_frame<E: From<Fault>>(
        &self,
        mut take: impl FnMut(EntryId, Frame) -> Result<(), E>,
    ) -> Result<(), E> {
        let shared = self.shared();
        let mut spans = Vec::new();
        for (_, log) in shared.index().logs() {
            spans.extend_from_slice(&log.spans);
        }
        spans.sort_unstable_by_key(|span| (span.at, span.first));
        // An item that fills several gaps is one frame.
        spans.dedup_by_key(|span| span.at);
        let mut refused = None;
        shared.segments.each(&spans, |_span, held| match take(held.prev, held.frame) {
            Ok(()) => Ok(true),
            Err(error) => {
                refused = Some(error);
                Ok(false)
            }
        })?;
        refused.map_or(Ok(()), Err)
    }

    /// Keeps frames of a copy, each after the entry it was written after, also where that is lost.
    ///
    /// # Errors
    ///
    /// Returns why nothing was saved.
    pub fn keep_copied(&self, frames: Vec<(EntryId, Frame)>) -> Result<Kept, Fault> {
        let keep_all = move |batch: &mut Batch<'_>| {
            let keep = |(prev, frame)| keep_anchored(batch, frame, prev);
            frames.into_iter().map(keep).collect::<Result<Vec<Keeping>, _>>()
        };
        let (frames, saved) = self.request(keep_all)?;
        saved?;
        Ok(Kept { frames: frames? })
    }
}

/// Writes a copied file into a data directory that no store has opened.
///
/// # Errors
///
/// Returns [`Fault::LocalName`] if its path is none of a store's, or what the disk says.
pub fn put_copied(data: &Path, disk: &dyn Disk, (path, bytes): &CopiedFile) -> Result<(), Fault> {
    let parts = path.split_once('/').filter(|(area, name)| AREAS.contains(area) && is_plain(name));
    let (area, name) = parts.ok_or_else(|| Fault::LocalName(path.clone()))?;
    let dir = data.join(area);
    disk.create_dir(&dir).map_err(Fault::io("create", &dir))?;
    replace(disk, &dir.join(name), bytes)
}

/// Whether a file is one of the store's; one that ends in `.tmp` is a write that was cut short.
fn is_plain(name: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b".-_".contains(&c);
    !name.is_empty() && name.bytes().all(plain) && !name.starts_with('.') && !name.ends_with(".tmp")
}
