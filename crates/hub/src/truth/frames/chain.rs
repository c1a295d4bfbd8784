//! Frames along a chain, through the branches that it passes, to be sent down.

use std::collections::BTreeMap;

use journal::limits::FRAME_ENTRIES_MAX;
use journal::{Frame, Head, ShortId};

use super::reaching;
use crate::db::Conn;
use crate::truth::Fault;
use crate::truth::logs::tree::{Stretch, Tree};

/// Returns frames of the chain that leads to `head`, each following the one before: after the last
/// entry that it has in common with any of the entries `has`, at least one, about `bytes`.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
pub async fn load(
    conn: &mut Conn,
    tree: &Tree,
    head: Head,
    has: &[(u64, ShortId)],
    bytes: usize,
) -> Result<Vec<Frame>, Fault> {
    let Some(log) = tree.holding(conn, head).await? else { return Ok(Vec::new()) };
    let chain = tree.chain(log);
    let reaches = Stretch::ends(&chain);
    let ends = tree.branches().iter().map(|log| ((log.head.seq, log.head.id.short()), log));
    let ends: BTreeMap<_, _> = ends.collect();
    let mut common = 0;
    for (seq, short) in has {
        if let Some(log) = ends.get(&(*seq, *short)) {
            common = common.max(tree.common(&reaches, (log, *seq)));
            continue;
        }
        for (_id, held) in tree.named(conn, *seq, *short).await? {
            common = common.max(tree.common(&reaches, (held, *seq)));
        }
    }
    let mut sending = Sending { frames: Vec::new(), size: 0, room: bytes, begun: None };
    let mut next = common + 1;
    for part in chain {
        while next <= part.to {
            let Some(row) = reaching(conn, part.log.number, next).await? else {
                return Ok(sending.frames);
            };
            let Some(frame) = row.frame.starting_at(next) else { return Ok(sending.frames) };
            next = part.to.min(frame.last()) + 1;
            if !sending.takes(frame, part.to) {
                return Ok(sending.frames);
            }
        }
    }
    Ok(sending.frames)
}

/// The frames that are to be sent.
struct Sending {
    frames: Vec<Frame>,
    size: usize,
    room: usize,
    /// The beginning of a frame that another branch goes on from in its middle, and all of it. No
    /// signature stands where it is cut: what follows on that branch brings one.
    begun: Option<(Frame, Frame)>,
}

impl Sending {
    /// Takes the next frame up to entry `to`; returns whether there is room for more.
    fn takes(&mut self, frame: Frame, to: u64) -> bool {
        let (beginning, whole) = match self.begun.take() {
            None => (ending_at(frame.clone(), to), frame),
            Some((before, all_before)) => {
                match (joined(&before, ending_at(frame.clone(), to)), joined(&before, frame)) {
                    (Some(beginning), Some(whole)) => (beginning, whole),
                    // Both are too much for one frame. The device gets all of the first one, and
                    // what parts from it the next time.
                    (None, _) | (_, None) => {
                        self.push(all_before);
                        return false;
                    }
                }
            }
        };
        if beginning.last() < whole.last() {
            self.begun = Some((beginning, whole));
            return true;
        }
        self.push(whole)
    }

    fn push(&mut self, frame: Frame) -> bool {
        self.size += frame.size();
        let fits = self.size <= self.room || self.frames.is_empty();
        if fits {
            self.frames.push(frame);
        }
        self.size < self.room
    }
}

/// Returns two frames as one, if that is not too large.
fn joined(before: &Frame, mut next: Frame) -> Option<Frame> {
    next = Frame::join(vec![before.clone(), next])?;
    let fits = next.items.len() <= FRAME_ENTRIES_MAX && next.to_bytes().is_ok();
    fits.then_some(next)
}

/// Drops the entries behind `seq`. The signature is no longer that of the last one.
fn ending_at(mut frame: Frame, seq: u64) -> Frame {
    if frame.last() <= seq {
        return frame;
    }
    let count = (seq + 1).saturating_sub(frame.first);
    frame.items.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    frame.salts.retain(|run| run.first <= seq);
    if let Some(run) = frame.salts.last_mut() {
        run.count = run.count.min(seq + 1 - run.first);
    }
    frame
}
