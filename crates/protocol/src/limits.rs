//! Every bound of the protocol, with its unit and its reason.

use journal::limits::{FRAME_BYTES_MAX, RECEIPT_BYTES_MAX};

/// The versions of the protocol this software speaks, best first.
///
/// A device of version 2 names every branch that it follows, so branches go down to it. One of
/// version 3 takes its own earlier logs back, and brings up what the hub lacks of logs it follows.
pub const VERSIONS: &[u16] = &[3, 2, 1];

/// Branches of one log: a machine that is set back more often than this needs a person.
pub const BRANCHES_PER_LOG_MAX: usize = 16;

/// Branches of all logs of one device beyond the first of each: bounds what a clone can cost.
pub const BRANCHES_MAX: usize = 64;

/// Epochs that a device may begin in a day: each is a loss of memory, or a move.
pub const EPOCHS_PER_DAY_MAX: usize = 8;

/// Bytes of one compressed frame: what a cut link can cost, unless one entry is larger.
pub const PACKED_FRAME_BYTES_MAX: usize = 64 * 1024;

/// Bytes of one compressed frame on the slowest link: with less, what a frame costs by itself counts.
pub const PACKED_FRAME_BYTES_MIN: usize = 2 * 1024;

/// Milliseconds of upload that one frame should take at the goodput measured.
pub const FRAME_MS: u64 = 150;

/// Bytes of a Hello: a device that follows some hundred logs still fits.
pub const HELLO_BYTES_MAX: usize = 256 * 1024;

/// Bytes of one message of any kind.
pub const MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX;

/// Compressed bytes of frames in one step up, at the least: one small frame on a dying link.
pub const STEP_BYTES_MIN: usize = 4 * 1024;

/// Compressed bytes of frames in one step up, at the most; a longer step saves nothing more.
pub const STEP_BYTES_MAX: usize = 256 * 1024;

/// Uncompressed bytes loaded for one step up: about what compresses to a full step.
pub const STEP_LOAD_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of a whole request: a step and its Hello, with room for one large entry.
pub const REQUEST_BYTES_MAX: usize = STEP_BYTES_MAX + HELLO_BYTES_MAX + 2 * FRAME_BYTES_MAX;

/// Uncompressed bytes of frames in one answer: bounds the hub's memory for each exchange.
pub const ANSWER_LOAD_BYTES_MAX: usize = 512 * 1024;

/// Bytes of a whole answer an agent reads.
pub const ANSWER_BYTES_MAX: usize = RECEIPT_BYTES_MAX + 4 * FRAME_BYTES_MAX;

/// Milliseconds of upload that one step should take at the goodput measured.
pub const STEP_MS: u64 = 2_500;

/// Steps of one exchange; more means that the two sides talk past each other.
pub const STEPS_MAX: u32 = 100_000;

/// Steps in a row that move nothing; then the exchange ends and says so.
pub const IDLE_STEPS_MAX: u32 = 6;

/// Characters of a device's name.
pub const DEVICE_NAME_CHARS_MAX: usize = 64;

const _: () = assert!(PACKED_FRAME_BYTES_MAX <= STEP_BYTES_MAX, "a step must hold a full frame");
