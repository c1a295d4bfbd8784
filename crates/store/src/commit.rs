//! The writing end of the journal: the commit point of everything.
//!
//! [`Journal::commit`] returns only when its items are durable. When a write or a sync fails, the
//! segment is never touched again: the next one begins with a fence that says up to which byte the
//! old one counts, so what was not acknowledged never comes back.

pub(crate) mod opening;

use crate::disk::DiskFile;
use crate::fault::Fault;
use crate::index::{Index, ItemPlace};
use crate::item::{self, FRAMING_BYTES, Fence};
use crate::segments::Segments;

/// The writing end.
#[derive(Debug)]
pub(crate) struct Journal {
    segments: Segments,
    segment_bytes: u64,
    /// The segment that is written to; none before the first write and after a fault.
    open: Option<OpenSegment>,
    /// The last segment that counts and how much of it does.
    previous: Option<(u32, u64)>,
    /// The number of the next segment.
    next: u32,
}

#[derive(Debug)]
struct OpenSegment {
    number: u32,
    file: Box<dyn DiskFile>,
    /// Where the next group is written; all before is durable.
    end: u64,
}

impl Journal {
    /// Makes `bodies` durable as one group and returns where each stands.
    ///
    /// On a fault nothing of the group was acknowledged, and nothing of it will count.
    pub(crate) fn commit(
        &mut self,
        bodies: &[Vec<u8>],
        index: &Index,
    ) -> Result<Vec<ItemPlace>, Fault> {
        let total: usize = bodies.iter().map(|body| FRAMING_BYTES + body.len()).sum();
        let fits = |open: &OpenSegment| open.end + total as u64 <= self.segment_bytes;
        if !self.open.as_ref().is_some_and(fits) {
            self.begin_segment(index)?;
        }
        let written = self.write(bodies, total);
        if written.is_err() {
            self.open = None;
            if let Err(fault) = self.begin_segment(index) {
                tracing::warn!(%fault, "no new segment could be begun; the next save tries again");
            }
        }
        written
    }

    /// Begins a segment with a fence that says how the journal stands.
    pub(crate) fn begin_segment(&mut self, index: &Index) -> Result<(), Fault> {
        let logs = index.logs();
        let closed = logs.filter(|(_, log)| log.closed).map(|(id, _)| *id).collect();
        let heads = index.logs().map(|(_, log)| (log.name.clone(), log.attested)).collect();
        let fence = Fence { previous: self.previous, heads, closed };
        let body = fence.to_body().map_err(|error| Fault::Damaged(format!("a fence: {error}")))?;
        let number = self.next;
        self.next += 1;
        self.open = None;
        let begun = self.create(number, &body);
        if begun.is_err() {
            let path = self.segments.path(number);
            if let Err(error) = self.segments.disk().remove(&path) {
                tracing::warn!(%error, number, "an unfinished segment stays; it counts for nothing");
            }
        }
        let open = begun?;
        self.previous = Some((number, open.end));
        self.open = Some(open);
        Ok(())
    }

    fn create(&self, number: u32, fence: &[u8]) -> Result<OpenSegment, Fault> {
        let path = self.segments.path(number);
        let file = self.segments.disk().create(&path).map_err(Fault::io("create", &path))?;
        let mut bytes = Vec::new();
        item::encode(number, 0, fence, &mut bytes);
        let end = bytes.len() as u64;
        let full = usize::try_from(self.segment_bytes).unwrap_or(0).max(bytes.len());
        bytes.resize(full, 0); // A sync into space that exists already need not write the length.
        file.write_at(0, &bytes).map_err(Fault::io("write", &path))?;
        file.sync().map_err(Fault::io("sync", &path))?;
        let dir = self.segments.dir();
        self.segments.disk().sync_dir(dir).map_err(Fault::io("sync", dir))?;
        Ok(OpenSegment { number, file, end })
    }

    fn write(&mut self, bodies: &[Vec<u8>], total: usize) -> Result<Vec<ItemPlace>, Fault> {
        let Some(open) = self.open.as_mut() else { return Err(Fault::Stopped) };
        let mut bytes = Vec::with_capacity(total);
        let mut places = Vec::with_capacity(bodies.len());
        for body in bodies {
            let from = bytes.len();
            item::encode(open.number, open.end, body, &mut bytes);
            let len = u32::try_from(bytes.len() - from).unwrap_or(u32::MAX);
            let offset = open.end + from as u64;
            places.push(ItemPlace { segment: open.number, offset, len });
        }
        let path = self.segments.path(open.number);
        open.file.write_at(open.end, &bytes).map_err(Fault::io("write", &path))?;
        open.file.sync().map_err(Fault::io("sync", &path))?;
        open.end += bytes.len() as u64;
        self.previous = Some((open.number, open.end));
        Ok(places)
    }
}
