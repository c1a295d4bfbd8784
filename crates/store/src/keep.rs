//! Keeping frames that others wrote: checked, cut to what is new, put where they belong.

use journal::{Entry, EntryId, Frame, FrameFault, Head, LogId};

use crate::batch::{Batch, Sound};
use crate::branches::Side;
use crate::fault::Fault;

/// What became of each frame, in the order in which they were handed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    /// One for each frame.
    pub frames: Vec<Keeping>,
}

/// What became of a frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Keeping {
    /// So many of its entries were new; now all are durable.
    Stored {
        /// How many.
        entries: u64,
    },
    /// All of it was held already.
    Repeated,
    /// It is of a branch that stands beside the journal; its new entries are durable.
    Forked {
        /// The first position of it that is not on the journal's line.
        at: u64,
    },
    /// It does not hold; nothing of it was stored.
    Refused(FrameFault),
    /// The entry before its first is not held, so it can't be checked; nothing of it was stored.
    Gap {
        /// Where the log stands here.
        held: Head,
    },
}

/// Checks a frame and stages what is new of it.
pub(crate) fn keep(batch: &mut Batch<'_>, frame: Frame) -> Result<Keeping, Fault> {
    if frame.first == 0 || frame.items.is_empty() {
        return Ok(Keeping::Refused(FrameFault::Count));
    }
    let log = frame.log.id();
    let mut refused = None;
    if let Some(prev) = batch.id_at(&log, frame.first - 1)? {
        match frame.verify(prev) {
            Ok(entries) => return keep_sound(batch, frame, prev, entries),
            Err(fault) => refused = Some(fault),
        }
    }
    let anchors = batch.shared.branches().ids_at(&log, frame.first - 1);
    for prev in anchors {
        match frame.verify(prev) {
            Ok(entries) => {
                let at = frame.first;
                return keep_beside(batch, &Side { frame: &frame, at, prev, entries: &entries });
            }
            Err(fault) => refused = Some(refused.unwrap_or(fault)),
        }
    }
    Ok(refused.map_or_else(|| Keeping::Gap { held: batch.head(&log) }, Keeping::Refused))
}

/// Checks a frame of a copy, whose anchor the copy names, and stages what is new of it.
pub(crate) fn keep_anchored(
    batch: &mut Batch<'_>,
    frame: Frame,
    prev: EntryId,
) -> Result<Keeping, Fault> {
    if frame.first == 0 || frame.items.is_empty() {
        return Ok(Keeping::Refused(FrameFault::Count));
    }
    let held = batch.id_at(&frame.log.id(), frame.first - 1)?;
    if held.is_some_and(|held| held != prev) {
        let (first, last) = (frame.first, frame.last());
        return Ok(Keeping::Refused(FrameFault::Altered { first, last }));
    }
    match frame.verify(prev) {
        Ok(entries) => keep_sound(batch, frame, prev, entries),
        Err(fault) => Ok(Keeping::Refused(fault)),
    }
}

fn keep_sound(
    batch: &mut Batch<'_>,
    frame: Frame,
    prev: EntryId,
    entries: Vec<Entry>,
) -> Result<Keeping, Fault> {
    let log = frame.log.id();
    let missing = batch.missing(&log, frame.first, frame.last());
    if let Some(at) = fork_position(batch, &log, &entries, &missing)? {
        let before = entries.iter().rfind(|entry| entry.header.seq < at).map(|entry| entry.id);
        let prev = before.unwrap_or(prev);
        return keep_beside(batch, &Side { frame: &frame, at, prev, entries: &entries });
    }
    let Some((from, _)) = missing.first().copied() else { return Ok(Keeping::Repeated) };
    let before = entries.iter().rfind(|entry| entry.header.seq < from).map(|entry| entry.id);
    let Some(frame) = frame.starting_at(from) else { return Ok(Keeping::Repeated) };
    let bytes = match frame.to_bytes() {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Keeping::Refused(error.into())),
    };
    let entries: Vec<Entry> =
        entries.into_iter().filter(|entry| from <= entry.header.seq).collect();
    let count = missing.iter().map(|(first, last)| last - first + 1).sum();
    batch.stage(Sound { frame, prev: before.unwrap_or(prev), entries, bytes }, missing);
    Ok(Keeping::Stored { entries: count })
}

/// Keeps a frame of a branch that stands beside the journal; it is projected with its group.
fn keep_beside(batch: &mut Batch<'_>, side: &Side<'_>) -> Result<Keeping, Fault> {
    if !batch.shared.branches().keep(side)? {
        return Ok(Keeping::Repeated);
    }
    batch.beside.push((side.frame.log.id(), side.at..=side.frame.last()));
    Ok(Keeping::Forked { at: side.at })
}

/// Returns the first position that is not on the journal's line.
///
/// A frame that ends where a hole of the line ends is of the line only if what follows there names
/// its last entry. Of a hole that another branch passes over nobody can tell which of its entries
/// the line lost, so all that lie in it stand beside.
fn fork_position(
    batch: &Batch<'_>,
    log: &LogId,
    entries: &[Entry],
    missing: &[(u64, u64)],
) -> Result<Option<u64>, Fault> {
    let hole_before = |at: u64| missing.iter().find(|(_, last)| last + 1 == at);
    if let Some(at) = first_other(batch, log, entries, missing)? {
        return Ok(Some(hole_before(at).map_or(at, |(first, _)| *first)));
    }
    let Some(last) = entries.last() else { return Ok(None) };
    let Some((first, _)) = hole_before(last.header.seq + 1) else { return Ok(None) };
    let named = batch.prev_of(log, last.header.seq + 1)?;
    Ok(named.filter(|named| *named != last.id).map(|_other| *first))
}

/// Returns the first position at which another entry is held.
///
/// Two chains that agree at a position agree before it, so few positions must be looked at.
fn first_other(
    batch: &Batch<'_>,
    log: &LogId,
    entries: &[Entry],
    missing: &[(u64, u64)],
) -> Result<Option<u64>, Fault> {
    let is_held = |entry: &&Entry| {
        !missing.iter().any(|(first, last)| (*first..=*last).contains(&entry.header.seq))
    };
    let held: Vec<&Entry> = entries.iter().filter(is_held).collect();
    let same = |entry: &Entry| Ok(batch.id_at(log, entry.header.seq)? == Some(entry.id));
    let Some(top) = held.last() else { return Ok(None) };
    if same(top)? {
        return Ok(None);
    }
    let (mut agree, mut differ) = (0, held.len() - 1);
    while agree < differ {
        let middle = agree.midpoint(differ);
        match held.get(middle) {
            Some(entry) if same(entry)? => agree = middle + 1,
            Some(_) | None => differ = middle,
        }
    }
    Ok(held.get(differ).map(|entry| entry.header.seq))
}
