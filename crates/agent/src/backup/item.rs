//! What stands in a backup, one after the other: a head, files, frames, an end that counts them.
//!
//! ```text
//! 1 | head        2 | length of the path 2 | path | bytes
//! 4 | end         3 | id before the first entry 32 | frame
//! ```

use journal::codec::{self, CodecError};
use journal::{DeviceKey, EntryId, Frame, LogName};
use serde::{Deserialize, Serialize};
use store::CopiedFile;

/// The format of backups that this program writes; older ones it reads.
pub(super) const FORMAT: u32 = 1;

/// Bytes of a head: a device that follows some thousand logs still fits.
const HEAD_BYTES_MAX: usize = 1024 * 1024;

/// An item.
#[derive(Debug)]
pub(super) enum Item {
    Head(Head),
    File(CopiedFile),
    Frame(EntryId, Box<Frame>),
    End(End),
}

/// What the copy is of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The format of the backup.
    pub(super) format: u32,
    /// The format of the data directory that it was taken of.
    pub(super) data_format: u32,
    /// The version of the program.
    pub(super) software: String,
    /// When it was made, by the machine's clock, in milliseconds since 1970.
    pub(super) made_ms: i64,
    /// The hub's key, which is pinned before the store is opened.
    pub(super) hub: DeviceKey,
    /// Where each log stood.
    pub(super) heads: Vec<(LogName, u64)>,
}

/// How much stands before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) files: u64,
    pub(super) frames: u64,
    pub(super) entries: u64,
}

impl Item {
    /// Returns the item's bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        Ok(match self {
            Self::Head(head) => [vec![1], codec::encode(head, HEAD_BYTES_MAX)?].concat(),
            Self::File((path, bytes)) => {
                let len = u16::try_from(path.len()).unwrap_or(u16::MAX).to_le_bytes();
                [&[2], len.as_slice(), path.as_bytes(), bytes].concat()
            }
            Self::Frame(prev, frame) => {
                let frame = frame.to_bytes()?;
                [[3].as_slice(), &prev.0, &frame].concat()
            }
            Self::End(end) => [vec![4], codec::encode(end, HEAD_BYTES_MAX)?].concat(),
        })
    }

    /// Reads an item.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let malformed = || "malformed".to_owned();
        let (tag, rest) = bytes.split_first().ok_or_else(malformed)?;
        match tag {
            1 => codec::decode(rest, HEAD_BYTES_MAX).map(Self::Head).map_err(|it| it.to_string()),
            2 => {
                let (len, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
                let len = usize::from(u16::from_le_bytes(*len));
                let (path, bytes) = rest.split_at_checked(len).ok_or_else(malformed)?;
                let path = std::str::from_utf8(path).map_err(|error| error.to_string())?;
                Ok(Self::File((path.to_owned(), bytes.to_vec())))
            }
            3 => {
                let (prev, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
                let frame = Frame::from_bytes(rest).map_err(|fault| fault.to_string())?;
                Ok(Self::Frame(EntryId(*prev), Box::new(frame)))
            }
            4 => codec::decode(rest, HEAD_BYTES_MAX).map(Self::End).map_err(|it| it.to_string()),
            _ => Err("a newer program made it: install that one here".to_owned()),
        }
    }
}
