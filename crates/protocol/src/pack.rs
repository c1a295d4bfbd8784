//! Frames as they travel: compressed, each small enough that a cut link costs little.

use std::io::{self, Read as _, Write as _};

use journal::codec::CodecError;
use journal::limits::FRAME_BYTES_MAX;
use journal::{Frame, FrameFault};

use crate::limits::PACKED_FRAME_BYTES_MAX;

/// Bytes of frames joined before compressing, at the most.
const JOIN_BYTES: usize = 600 * 1024;

/// What part of its size text shrinks to, about: the first guess of how much fits a frame.
const SHRINKS_TO: usize = 10;

/// How far back, as a power of two, compressed text may refer: a whole step. Bounds a receiver's
/// memory, which refuses more.
const WINDOW_LOG: u32 = 22;

/// Packed frames in order, each with the number of its last entry.
pub type Packed = Vec<(Vec<u8>, u64)>;

/// The smallest window worth having: a few frames of a chatty log.
const WINDOW_LOG_MIN: u32 = 16;

/// How hard, how small and how much is packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// The zstd level.
    pub level: i32,
    /// Bytes of one packed frame, at the most, unless what is to be packed is one larger frame.
    pub frame_bytes: usize,
    /// Packed bytes of all frames together, at the most, unless the first is larger.
    pub step_bytes: usize,
}

impl Pace {
    /// Returns the pace at which all is packed, into frames as large as they may be.
    #[must_use]
    pub const fn whole(level: i32) -> Self {
        Self { level, frame_bytes: PACKED_FRAME_BYTES_MAX, step_bytes: usize::MAX }
    }
}

/// Joins consecutive frames of one log into as few as fit, and compresses each.
///
/// Returns the packed frames and the last entry's number of each, in order. The first stands
/// alone; each later one refers back to those before it, and can be read after them only.
///
/// # Errors
///
/// Returns [`CodecError`] if a frame is larger than one may be.
pub fn pack(frames: Vec<Frame>, pace: Pace) -> Result<Packed, CodecError> {
    let mut packed = Vec::new();
    let mut before = Vec::new();
    let mut rest = frames.as_slice();
    let mut join_bytes = pace.frame_bytes.saturating_mul(SHRINKS_TO).min(JOIN_BYTES);
    let mut size = 0;
    // What a step can't take any more is not packed to be thrown away.
    let fits = |size: usize| size == 0 || size.saturating_add(pace.frame_bytes) <= pace.step_bytes;
    while !rest.is_empty() && fits(size) {
        let take = fitting(rest, join_bytes);
        let (now, later) = rest.split_at(take);
        let Some(joined) = Frame::join(now.to_vec()) else {
            return Err(CodecError::Malformed("frames do not follow each other".to_owned()));
        };
        let bytes = joined.to_bytes()?;
        let small = compress(&bytes, &before, pace.level).map_err(malformed)?;
        if pace.frame_bytes < small.len() && 1 < take {
            join_bytes /= 2;
            continue;
        }
        if small.len() < pace.frame_bytes / 2 {
            join_bytes = (join_bytes * 2).min(JOIN_BYTES);
        }
        size += small.len();
        packed.push((small, joined.last()));
        before.extend_from_slice(&bytes);
        rest = later;
    }
    Ok(packed)
}

/// Reads packed frames in the order in which they were packed.
#[derive(Debug, Default)]
pub struct Unpacker {
    before: Vec<u8>,
}

impl Unpacker {
    /// Reads a frame that stands alone. Nothing of it is checked yet: see [`Frame::verify`].
    ///
    /// # Errors
    ///
    /// Returns [`FrameFault`] if it is none, or larger than one may be.
    pub fn first(&mut self, packed: &[u8]) -> Result<Frame, FrameFault> {
        self.before.clear();
        self.next(packed)
    }

    /// Reads a frame that refers back to those read before.
    ///
    /// # Errors
    ///
    /// Returns [`FrameFault`] if it is none, or larger than one may be.
    pub fn next(&mut self, packed: &[u8]) -> Result<Frame, FrameFault> {
        let bytes = decompress(packed, &self.before).map_err(malformed)?;
        let frame = Frame::from_bytes(&bytes)?;
        if 1 << WINDOW_LOG < self.before.len() + bytes.len() {
            self.before.clear(); // Out of reach, and a sender never gets here.
        }
        self.before.extend_from_slice(&bytes);
        Ok(frame)
    }
}

/// Reads a packed frame that stands alone.
///
/// # Errors
///
/// Returns [`FrameFault`] if it is none, or larger than one may be.
pub fn unpack(packed: &[u8]) -> Result<Frame, FrameFault> {
    Unpacker::default().first(packed)
}

fn compress(bytes: &[u8], before: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(Vec::new(), level, before)?;
    encoder.window_log(window_log(before.len() + bytes.len()))?;
    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The smallest window that reaches back so far: the encoder's tables grow with it.
fn window_log(bytes: usize) -> u32 {
    bytes.next_power_of_two().ilog2().clamp(WINDOW_LOG_MIN, WINDOW_LOG)
}

fn decompress(packed: &[u8], before: &[u8]) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(packed, before)?;
    decoder.window_log_max(WINDOW_LOG)?;
    let mut bytes = Vec::new();
    decoder.take(FRAME_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if FRAME_BYTES_MAX < bytes.len() {
        return Err(io::Error::other(format!("more than {FRAME_BYTES_MAX} bytes in one frame")));
    }
    Ok(bytes)
}

fn malformed(error: io::Error) -> CodecError {
    CodecError::Malformed(error.to_string())
}

/// How many of the first frames stay below `bytes` together; at least one.
fn fitting(frames: &[Frame], bytes: usize) -> usize {
    let mut total = 0;
    let mut entries = 0;
    let fits = |frame: &&Frame| {
        total += frame.size();
        entries += frame.items.len();
        total <= bytes && entries <= journal::limits::FRAME_ENTRIES_MAX
    };
    frames.iter().take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests;
