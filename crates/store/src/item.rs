//! What a segment is made of: items, each a frame or a fence, and how they are found again.
//!
//! ```text
//! magic 4 | bytes of what follows batch 4 | batch 8 | seal 8 | body
//! body of a frame: 1 | id before its first entry 32 | id of its last entry 32 | frame
//! body of a fence: 2 | fence
//! ```
//! `batch` is the offset at which the item's group commit began. A group commit is written only
//! when the one before is durable; so a bad place with a good item of a *later* group behind it
//! held acknowledged data, while a bad place in the last group may be a write that power cut short.

use std::ops::Range;

use journal::{EntryId, Frame, LogId, LogName, codec};
use serde::{Deserialize, Serialize};

use crate::limits::ITEM_BYTES_MAX;
use crate::sealing::{Place, SEAL_BYTES, seal, unseal};

const MAGIC: [u8; 4] = [0xA5, b'J', b'R', 1];

/// Bytes of an item before its sealed body.
pub(crate) const HEAD_BYTES: usize = 16;

/// Bytes of an item that are not its body.
pub(crate) const FRAMING_BYTES: usize = HEAD_BYTES + SEAL_BYTES;

/// What an item says.
#[derive(Debug)]
pub(crate) enum Body {
    /// Entries.
    Frame(Held),
    /// How the journal stood when the segment was begun; the first item of each.
    Fence(Fence),
}

/// A frame with what is needed to rebuild its entries without the frame before it.
#[derive(Debug)]
pub(crate) struct Held {
    /// The id of the entry before the first.
    pub(crate) prev: EntryId,
    /// The id of the last entry.
    pub(crate) head: EntryId,
    /// The frame.
    pub(crate) frame: Frame,
}

/// How the journal stood when a segment was begun.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fence {
    /// The segment before, and how many of its bytes count: those beyond were never acknowledged.
    pub(crate) previous: Option<(u32, u64)>,
    /// The number of the last acknowledged entry of each log, even where it is lost.
    pub(crate) heads: Vec<(LogName, u64)>,
    /// Logs that must never be continued, since they have a hole at their end.
    pub(crate) closed: Vec<LogId>,
}

/// An item where it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) offset: u64,
    pub(crate) len: u32,
    pub(crate) batch: u64,
    pub(crate) body: Body,
}

/// A stretch of a segment.
#[derive(Debug)]
pub(crate) enum Piece {
    Good(Box<Found>),
    Bad(Range<u64>),
}

/// What a segment holds.
#[derive(Debug)]
pub(crate) struct Scan {
    /// In the order in which they stand.
    pub(crate) pieces: Vec<Piece>,
    /// Where the next group would be written.
    pub(crate) end: u64,
    /// Where the last group begins.
    pub(crate) last_batch: u64,
    /// Bytes behind the end that are not zero: a write that was cut short.
    pub(crate) torn: u64,
}

/// How much of a segment counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// So many bytes, by the fence of the next one.
    Bytes(u64),
    /// All that is good; the end may be torn.
    Open,
}

/// Returns the body of an item that holds `frame`.
pub(crate) fn frame_body(prev: EntryId, head: EntryId, frame: &[u8]) -> Vec<u8> {
    [&[1], prev.0.as_slice(), &head.0, frame].concat()
}

impl Fence {
    /// Returns the body of an item that holds this.
    pub(crate) fn to_body(&self) -> Result<Vec<u8>, codec::CodecError> {
        Ok([vec![2], codec::encode(self, ITEM_BYTES_MAX - 1)?].concat())
    }
}

impl Found {
    /// Returns where the next item begins.
    pub(crate) const fn end(&self) -> u64 {
        self.offset + self.len as u64
    }
}

/// Appends an item to `out`, which will be written to the segment at `place.batch`.
pub(crate) fn encode(segment: u32, batch: u64, body: &[u8], out: &mut Vec<u8>) {
    let offset = batch + out.len() as u64;
    let len = u32::try_from(SEAL_BYTES + body.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&batch.to_le_bytes());
    seal(Place::Item { segment, offset, batch }, body, out);
}

/// Reads the item at `offset`, whose bytes `bytes` begin with.
pub(crate) fn decode(segment: u32, offset: u64, bytes: &[u8]) -> Option<Found> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    if *magic != MAGIC {
        return None;
    }
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (batch, rest) = rest.split_first_chunk::<8>()?;
    let sealed_len = u32::from_le_bytes(*len);
    let batch = u64::from_le_bytes(*batch);
    let sealed = rest.get(..usize::try_from(sealed_len).ok()?)?;
    if offset < batch || SEAL_BYTES + ITEM_BYTES_MAX < sealed.len() {
        return None;
    }
    let body = decode_body(unseal(Place::Item { segment, offset, batch }, sealed)?)?;
    let len = u32::try_from(HEAD_BYTES).ok()?.checked_add(sealed_len)?;
    Some(Found { offset, len, batch, body })
}

fn decode_body(body: &[u8]) -> Option<Body> {
    match body.split_first()? {
        (1, rest) => {
            let (prev, rest) = rest.split_first_chunk::<32>()?;
            let (head, frame) = rest.split_first_chunk::<32>()?;
            let frame = Frame::from_bytes(frame).ok()?;
            Some(Body::Frame(Held { prev: EntryId(*prev), head: EntryId(*head), frame }))
        }
        (2, rest) => codec::decode(rest, ITEM_BYTES_MAX).ok().map(Body::Fence),
        _ => None,
    }
}

/// Finds all items of a segment.
pub(crate) fn scan(segment: u32, bytes: &[u8], extent: Extent) -> Scan {
    let mut pieces = Vec::new();
    let (inside, stop) = match extent {
        Extent::Open => (bytes, bytes.len() as u64),
        Extent::Bytes(stop) => {
            let inside = usize::try_from(stop).ok().and_then(|stop| bytes.get(..stop));
            (inside.unwrap_or(bytes), stop)
        }
    };
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(found) = decode(segment, at as u64, rest) {
            at += found.len as usize;
            pieces.push(Piece::Good(Box::new(found)));
            continue;
        }
        if extent == Extent::Open && rest.iter().all(|byte| *byte == 0) {
            break;
        }
        let next = next_good(segment, inside, at + 1);
        pieces.push(Piece::Bad(at as u64..next as u64));
        at = next;
    }
    if extent == Extent::Open {
        cut_torn(&mut pieces);
    } else if (at as u64) < stop {
        pieces.push(Piece::Bad(at as u64..stop));
    }
    measured(pieces, bytes)
}

fn measured(pieces: Vec<Piece>, bytes: &[u8]) -> Scan {
    let end = match pieces.last() {
        Some(Piece::Good(found)) => found.end(),
        Some(Piece::Bad(range)) => range.end,
        None => 0,
    };
    let filled = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
    Scan { last_batch: last_batch(&pieces), torn: filled.saturating_sub(end), end, pieces }
}

fn next_good(segment: u32, bytes: &[u8], from: usize) -> usize {
    let good = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        rest.starts_with(&MAGIC) && decode(segment, *at as u64, rest).is_some()
    };
    (from..bytes.len()).find(good).unwrap_or(bytes.len())
}

/// Drops what stands from the first bad place of the last group on.
fn cut_torn(pieces: &mut Vec<Piece>) {
    let last_batch = last_batch(pieces);
    let torn = |piece: &Piece| matches!(piece, Piece::Bad(range) if last_batch <= range.start);
    if let Some(cut) = pieces.iter().position(torn) {
        pieces.truncate(cut);
    }
}

fn last_batch(pieces: &[Piece]) -> u64 {
    let batch = |piece: &Piece| match piece {
        Piece::Good(found) => Some(found.batch),
        Piece::Bad(_) => None,
    };
    pieces.iter().rev().find_map(batch).unwrap_or(0)
}

#[cfg(test)]
mod tests;
