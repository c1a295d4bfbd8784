//! Frames as they travel: compressed, each small enough that a cut link costs little.

use journal::codec::CodecError;
use journal::limits::FRAME_BYTES_MAX;
use journal::{Frame, FrameFault};

use crate::limits::PACKED_FRAME_BYTES_MAX;

/// Frames joined before compressing: the first guess, halved while the result is too large.
const JOIN_BYTES: usize = 320 * 1024;

/// Joins consecutive frames of one log into as few as fit, and compresses each.
///
/// Returns the packed frames and the last entry's number of each, in order.
///
/// # Errors
///
/// Returns [`CodecError`] if a frame is larger than one may be.
pub fn pack(frames: Vec<Frame>, level: i32) -> Result<Vec<(Vec<u8>, u64)>, CodecError> {
    let mut packed = Vec::new();
    let mut rest = frames.as_slice();
    let mut join_bytes = JOIN_BYTES;
    while !rest.is_empty() {
        let take = fitting(rest, join_bytes);
        let (now, later) = rest.split_at(take);
        let Some(joined) = Frame::join(now.to_vec()) else {
            return Err(CodecError::Malformed("frames do not follow each other".to_owned()));
        };
        let bytes = compress(&joined.to_bytes()?, level)?;
        if PACKED_FRAME_BYTES_MAX < bytes.len() && 1 < take {
            join_bytes /= 2;
            continue;
        }
        packed.push((bytes, joined.last()));
        rest = later;
    }
    Ok(packed)
}

/// Reads a packed frame. Nothing of it is checked yet: see [`Frame::verify`].
///
/// # Errors
///
/// Returns [`FrameFault`] if it is none, or larger than one may be.
pub fn unpack(packed: &[u8]) -> Result<Frame, FrameFault> {
    let bytes = zstd::bulk::decompress(packed, FRAME_BYTES_MAX)
        .map_err(|error| CodecError::Malformed(error.to_string()))?;
    Frame::from_bytes(&bytes)
}

fn compress(bytes: &[u8], level: i32) -> Result<Vec<u8>, CodecError> {
    zstd::bulk::compress(bytes, level).map_err(|error| CodecError::Malformed(error.to_string()))
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
