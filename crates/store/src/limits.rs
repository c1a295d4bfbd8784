//! Every bound of the store, with its unit and its reason.

use journal::limits::{FRAME_BYTES_MAX, PAYLOAD_BYTES_MAX};

/// Bytes a segment is preallocated to: large enough that rotation is rare, small enough to rewrite.
pub const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// Bytes of one item's body: a frame and its two ids, or a fence over some ten thousand logs.
pub const ITEM_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;

/// Requests that share one `fdatasync`: bounds how long the first of them waits for the last.
pub const GROUP_TASKS_MAX: usize = 1024;

/// Bytes that share one `fdatasync`, for the same reason; one request may be larger.
pub const GROUP_BYTES: usize = 2 * 1024 * 1024;

/// Requests that may wait before callers are held back.
pub const QUEUE_TASKS_MAX: usize = 1024;

/// Data bytes of one row in sled: with its checksum it stays below the 4 KiB that sled keeps inline.
pub const ROW_BYTES_MAX: usize = 4000;

/// Bytes of sled's cache unless the configuration says otherwise.
pub const CACHE_BYTES: u64 = 4 * 1024 * 1024;

/// Entries that are projected in one sled batch while catching up: bounds its memory.
pub const REPLAY_ENTRIES: usize = 1024;

/// Unusable copies of sled's directory that are kept for a look; they are never the only copy.
pub const QUARANTINES_MAX: usize = 2;

/// Bytes up to which small frames are joined when they are read for sending (uncompressed).
pub const JOIN_BYTES: usize = 60 * 1024;

/// Entries up to which small frames are joined.
pub const JOIN_ENTRIES: usize = 1024;

/// Bytes that are read at once when frames that lie together are read.
pub const READ_BYTES: u64 = 1024 * 1024;

/// Times that sled's lock is tried: it can outlive the process or the handle that held it.
pub const SLED_LOCK_TRIES: u32 = 100;

/// Milliseconds between two such tries.
pub const SLED_LOCK_PAUSE_MS: u64 = 20;

/// Characters of the name of a local file.
pub const LOCAL_NAME_CHARS_MAX: usize = 64;

const _: () = assert!(
    FRAME_BYTES_MAX + 128 <= ITEM_BYTES_MAX && PAYLOAD_BYTES_MAX < FRAME_BYTES_MAX,
    "every frame must fit an item"
);
const _: () = assert!(ROW_BYTES_MAX + 16 <= 4096, "a row with its checksum must fit 4 KiB");
