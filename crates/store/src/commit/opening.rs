//! Finding out what a journal holds: what is whole, what was torn, what was lost.
//!
//! A write that power cut short is cut away. A bad place in front of acknowledged data is loss: it
//! is named as exactly as what follows allows, and a log that may have lost its last entries is
//! closed, since continuing it would use a position twice.

use std::collections::{BTreeMap, BTreeSet};

use journal::{EntryId, LogId, LogName};

use super::{Journal, OpenSegment};
use crate::fault::Fault;
use crate::index::{Index, ItemPlace, Span};
use crate::item::{Body, Extent, Fence, Found, Held, Piece, Scan, scan};
use crate::segments::{Segments, id_in};

/// Acknowledged entries that the journal does not hold any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The log.
    pub log: LogName,
    /// The first entry that is missing.
    pub first: u64,
    /// The last; `None` where nothing tells whether, and how many, stood at the log's end.
    pub last: Option<u64>,
}

/// A place of the journal that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable {
    /// The number of the segment.
    pub segment: u32,
    /// The first bad byte.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
}

/// A journal that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) index: Index,
    /// Bytes of a write that was cut short.
    pub(crate) torn_bytes: u64,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Logs that may have lost entries at their end.
    pub(crate) doubtful: BTreeSet<LogId>,
}

/// What has been found so far.
#[derive(Debug, Default)]
struct Survey {
    index: Index,
    unreadable: Vec<Unreadable>,
    doubtful: BTreeSet<LogId>,
}

/// The last segment that holds anything.
struct Tail {
    number: u32,
    end: u64,
    last_batch: u64,
    torn: u64,
    damaged: bool,
    /// The last group and what was torn behind it.
    bytes: Vec<u8>,
}

/// Opens the journal.
pub(crate) fn open(segments: Segments, segment_bytes: u64) -> Result<Opened, Fault> {
    let numbers = segments.list()?;
    let mut survey = Survey::default();
    let mut tail = None;
    for (number, extent) in extents(&segments, &numbers)? {
        let bytes = segments.read(number)?;
        let scan = scan(number, &bytes, extent);
        if scan.pieces.is_empty() {
            continue; // Its fence never became durable, so nothing in it was acknowledged.
        }
        tail = Some(Tail::of(number, &scan, &bytes));
        for piece in scan.pieces {
            survey.take(number, piece);
        }
    }
    survey.close_ends();
    let Survey { index, unreadable, doubtful } = survey;
    let torn_bytes = tail.as_ref().map_or(0, |tail| tail.torn);
    let previous = tail.as_ref().map(|tail| (tail.number, tail.end));
    let open = match tail {
        Some(tail) if !tail.damaged => Some(tail.resume(&segments)?),
        Some(_) | None => None,
    };
    let next = numbers.last().map_or(1, |last| last + 1);
    let journal = Journal { segments, segment_bytes, open, previous, next };
    Ok(Opened { journal, index, torn_bytes, unreadable, doubtful })
}

/// Returns the acknowledged entries that are missing, and the ends that are in doubt.
pub(crate) fn damage(index: &Index, doubtful: &BTreeSet<LogId>) -> Vec<Damage> {
    let mut damage = Vec::new();
    for (id, log) in index.logs() {
        let lost = |(first, last)| Damage { log: log.name.clone(), first, last: Some(last) };
        damage.extend(log.gaps().into_iter().map(lost));
        if doubtful.contains(id) && log.attested == log.last() {
            damage.push(Damage { log: log.name.clone(), first: log.last() + 1, last: None });
        }
    }
    damage
}

impl Opened {
    /// Whether this must be written down before anything else is: a fence that says what is lost.
    pub(crate) fn needs_fence(&self) -> bool {
        let cannot_resume = self.journal.open.is_none() && self.journal.previous.is_some();
        cannot_resume || !self.doubtful.is_empty()
    }
}

/// Returns how much of each segment counts, by the fences of those behind.
fn extents(segments: &Segments, numbers: &[u32]) -> Result<BTreeMap<u32, Extent>, Fault> {
    let mut extents = BTreeMap::new();
    let mut behind: Option<Fence> = None;
    for number in numbers.iter().rev() {
        let extent = match behind.as_ref().map(|fence| fence.previous) {
            None => Extent::Open,
            Some(Some((previous, bytes))) if previous == *number => Extent::Bytes(bytes),
            Some(Some((previous, _))) if *number < previous => Extent::Open, // That one is gone.
            Some(_) => continue, // The fence behind passes over it: it never became one.
        };
        extents.insert(*number, extent);
        behind = segments.fence(*number)?;
    }
    Ok(extents)
}

impl Survey {
    fn take(&mut self, segment: u32, piece: Piece) {
        match piece {
            Piece::Bad(range) => {
                let bytes = range.end - range.start;
                self.unreadable.push(Unreadable { segment, offset: range.start, bytes });
                self.doubtful = self.index.logs().map(|(id, _)| *id).collect();
            }
            Piece::Good(found) => self.take_good(segment, *found),
        }
    }

    fn take_good(&mut self, segment: u32, found: Found) {
        let Found { offset, len, body, .. } = found;
        match body {
            Body::Fence(fence) => self.take_fence(fence),
            Body::Frame(held) => self.take_frame(ItemPlace { segment, offset, len }, &held),
        }
    }

    fn take_fence(&mut self, fence: Fence) {
        for (name, seq) in fence.heads {
            self.doubtful.remove(&name.id());
            let log = self.index.log_mut(&name);
            log.attested = log.attested.max(seq);
        }
        for log in fence.closed {
            self.index.close(&log);
        }
    }

    fn take_frame(&mut self, at: ItemPlace, held: &Held) {
        let frame = &held.frame;
        let (first, last) = (frame.first, frame.last());
        let id = frame.log.id();
        let log = self.index.log_mut(&frame.log);
        let before = match first {
            1 => Some(EntryId(id.0)),
            _ => log.find(first - 1).filter(|span| span.last == first - 1).map(|span| span.id),
        };
        let mut spans = Vec::new();
        let mut sound = before.is_none_or(|before| before == held.prev);
        for (first, last) in log.missing(first, last) {
            match id_in(held, last) {
                Ok(Some(id)) => spans.push(Span { first, last, id, at }),
                Ok(None) | Err(_) => sound = false,
            }
        }
        if !sound {
            let ItemPlace { segment, offset, len } = at;
            self.unreadable.push(Unreadable { segment, offset, bytes: u64::from(len) });
            return;
        }
        spans.into_iter().for_each(|span| log.insert(span));
        self.doubtful.remove(&id);
    }

    fn close_ends(&mut self) {
        let short = |(id, log): (&LogId, &crate::index::LogIndex)| {
            (log.last() < log.attested).then_some(*id)
        };
        let mut ends: Vec<LogId> = self.index.logs().filter_map(short).collect();
        ends.extend(&self.doubtful);
        ends.iter().for_each(|log| self.index.close(log));
    }
}

impl Tail {
    fn of(number: u32, scan: &Scan, bytes: &[u8]) -> Self {
        let from = usize::try_from(scan.last_batch).unwrap_or(usize::MAX);
        let to = usize::try_from(scan.end + scan.torn).unwrap_or(usize::MAX);
        let damaged = scan.pieces.iter().any(|piece| matches!(piece, Piece::Bad(_)));
        let bytes = bytes.get(from..to.min(bytes.len())).unwrap_or_default().to_vec();
        let Scan { end, last_batch, torn, .. } = *scan;
        Self { number, end, last_batch, torn, damaged, bytes }
    }

    /// Writes the last group once more and zeros over what was torn, and syncs.
    ///
    /// What a process reads back may be in memory only, even after a sync that failed before this
    /// process began; after this it is on the disk, and the segment can be continued.
    fn resume(mut self, segments: &Segments) -> Result<OpenSegment, Fault> {
        let path = segments.path(self.number);
        let good = usize::try_from(self.end - self.last_batch).unwrap_or(usize::MAX);
        self.bytes.iter_mut().skip(good).for_each(|byte| *byte = 0);
        let file = segments.disk().open(&path).map_err(Fault::io("open", &path))?;
        file.write_at(self.last_batch, &self.bytes).map_err(Fault::io("write", &path))?;
        file.sync().map_err(Fault::io("sync", &path))?;
        Ok(OpenSegment { number: self.number, file, end: self.end })
    }
}
