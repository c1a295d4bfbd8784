//! The files of a journal, `journal/NNNNNNNN.seg`, and reading items from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::{Entry, EntryId};

use crate::disk::Disk;
use crate::fault::Fault;
use crate::index::{ItemPlace, Span};
use crate::item::{self, Body, FRAMING_BYTES, Fence, Held};
use crate::limits::{ITEM_BYTES_MAX, READ_BYTES};

/// Bytes that are enough for most fences.
const FENCE_BYTES_USUAL: usize = 8192;

/// The files of a journal.
#[derive(Clone, Debug)]
pub(crate) struct Segments {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Segments {
    /// Makes the directory if need be.
    pub(crate) fn new(data: &Path, disk: Arc<dyn Disk>) -> Result<Self, Fault> {
        let dir = data.join("journal");
        disk.create_dir(&dir).map_err(Fault::io("create", &dir))?;
        Ok(Self { dir, disk })
    }

    /// Returns the disk.
    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Returns the directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns where a segment is.
    pub(crate) fn path(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:08}.seg"))
    }

    /// Returns the numbers of all segments, rising.
    pub(crate) fn list(&self) -> Result<Vec<u32>, Fault> {
        let names = self.disk.list(&self.dir).map_err(Fault::io("list", &self.dir))?;
        let number = |name: &String| name.strip_suffix(".seg")?.parse().ok();
        let mut numbers: Vec<u32> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Reads a segment whole.
    pub(crate) fn read(&self, number: u32) -> Result<Vec<u8>, Fault> {
        let path = self.path(number);
        self.disk.read(&path).map_err(Fault::io("read", &path))
    }

    /// Reads the fence that a segment begins with, if it is there and good.
    pub(crate) fn fence(&self, number: u32) -> Result<Option<Fence>, Fault> {
        let path = self.path(number);
        for most in [FENCE_BYTES_USUAL, FRAMING_BYTES + ITEM_BYTES_MAX] {
            let bytes = self.disk.read_at(&path, 0, most).map_err(Fault::io("read", &path))?;
            match item::decode(number, 0, &bytes).map(|found| found.body) {
                Some(Body::Fence(fence)) => return Ok(Some(fence)),
                Some(Body::Frame(_)) => return Ok(None),
                None => {}
            }
        }
        Ok(None)
    }

    /// Reads the frame that stands at a place.
    pub(crate) fn held(&self, at: ItemPlace) -> Result<Held, Fault> {
        let path = self.path(at.segment);
        let bytes = self
            .disk
            .read_at(&path, at.offset, at.len as usize)
            .map_err(Fault::io("read", &path))?;
        self.decode(at, &bytes)
    }

    /// Reads the entries of a span.
    pub(crate) fn entries(&self, span: &Span) -> Result<Vec<Entry>, Fault> {
        span_entries(span, &self.held(span.at)?)
    }

    /// Returns the id of an entry of a span.
    pub(crate) fn id_of(&self, span: &Span, seq: u64) -> Result<Option<EntryId>, Fault> {
        if seq == span.last {
            return Ok(Some(span.id));
        }
        id_in(&self.held(span.at)?, seq)
    }

    /// Hands each frame of `spans` to `take` until it returns `false`; neighbours are read at once.
    pub(crate) fn each(
        &self,
        spans: &[Span],
        mut take: impl FnMut(&Span, Held) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let mut rest = spans;
        while let Some(first) = rest.first() {
            let near = |span: &&Span| {
                span.at.segment == first.at.segment
                    && first.at.offset <= span.at.offset
                    && span.at.offset - first.at.offset < READ_BYTES
            };
            let count = rest.iter().take_while(near).count().max(1);
            let (group, others) = rest.split_at(count);
            rest = others;
            let path = self.path(first.at.segment);
            let end = group.iter().map(|span| span.at.offset + u64::from(span.at.len)).max();
            let len = usize::try_from(end.unwrap_or(0) - first.at.offset).unwrap_or(0);
            let bytes =
                self.disk.read_at(&path, first.at.offset, len).map_err(Fault::io("read", &path))?;
            for span in group {
                let from = usize::try_from(span.at.offset - first.at.offset).unwrap_or(len);
                let bytes = bytes.get(from..).unwrap_or_default();
                if !take(span, self.decode(span.at, bytes)?)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn decode(&self, at: ItemPlace, bytes: &[u8]) -> Result<Held, Fault> {
        match item::decode(at.segment, at.offset, bytes).map(|found| found.body) {
            Some(Body::Frame(held)) => Ok(held),
            Some(Body::Fence(_)) | None => {
                let path = self.path(at.segment);
                Err(Fault::Damaged(format!("{} at byte {}", path.display(), at.offset)))
            }
        }
    }
}

/// Returns those entries of a frame that are the span's.
pub(crate) fn span_entries(span: &Span, held: &Held) -> Result<Vec<Entry>, Fault> {
    let entries = rebuilt(held)?;
    let inside = |entry: &Entry| (span.first..=span.last).contains(&entry.header.seq);
    Ok(entries.into_iter().filter(inside).collect())
}

/// Returns the id of an entry of a frame.
pub(crate) fn id_in(held: &Held, seq: u64) -> Result<Option<EntryId>, Fault> {
    if seq == held.frame.last() {
        return Ok(Some(held.head));
    }
    Ok(rebuilt(held)?.iter().find(|entry| entry.header.seq == seq).map(|entry| entry.id))
}

fn rebuilt(held: &Held) -> Result<Vec<Entry>, Fault> {
    let frame = &held.frame;
    frame.rebuild(held.prev).map_err(|fault| {
        Fault::Damaged(format!("the frame of log {} from {}: {fault}", frame.log.id(), frame.first))
    })
}
