//! Every bound of the journal, with its unit and its reason.

/// Bytes of one payload: a record with every long text full; photographs travel as attachments.
pub const PAYLOAD_BYTES_MAX: usize = 128 * 1024;

/// Bytes of one frame before compression: what a receiver may have to hold for one frame.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// Entries of one frame: bounds the work behind one signature.
pub const FRAME_ENTRIES_MAX: usize = 4096;

/// Payload bytes after which a writer closes a frame, so that it fits 64 KiB even uncompressed.
pub const FRAME_CLOSE_BYTES: usize = 44 * 1024;

/// Entries after which a writer closes a frame, for the same reason.
pub const FRAME_CLOSE_ENTRIES: usize = 256;

/// Entries that share one salt seed: erasing one entry forgets the seed of at most this many.
pub const RUN_ENTRIES_MAX: usize = 256;

/// Bytes of one receipt: a device with some hundred logs still fits.
pub const RECEIPT_BYTES_MAX: usize = 256 * 1024;

/// Characters of a site's code.
pub const SITE_CODE_CHARS_MAX: usize = 32;

const _: () = assert!(
    PAYLOAD_BYTES_MAX + FRAME_CLOSE_BYTES < FRAME_BYTES_MAX,
    "a frame with one full payload must fit"
);
