//! Every bound of a sealed stream, with its unit and its reason.

/// Bytes sealed under one tag: what either side holds in memory, and a small price for a tag.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Bytes of one item in a sealed stream: a frame or a page of rows, and what a reader may hold.
pub const ITEM_BYTES_MAX: usize = 4 * 1024 * 1024;

/// KiB of memory that deriving a key takes: a guess at a passphrase costs as much (RFC 9106).
pub const COST_KIB: u32 = 64 * 1024;

/// Passes over that memory: a second or so on an old computer.
pub const COST_PASSES: u32 = 3;

/// KiB that a header may ask for: a hostile file can't take all memory before it is refused.
pub const COST_KIB_MAX: u32 = 1024 * 1024;

/// Passes that a header may ask for, for the same reason.
pub const COST_PASSES_MAX: u32 = 16;

/// Lanes that a header may ask for; here all is computed in one thread.
pub const COST_LANES_MAX: u32 = 16;

const _: () = assert!(
    COST_KIB <= COST_KIB_MAX && COST_PASSES <= COST_PASSES_MAX,
    "what is sealed here must be opened here"
);
