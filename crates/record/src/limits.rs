//! Every bound of what is written about records, with its unit and its reason.

/// Characters of one remark of a review: a page of text; what is longer is an attachment.
pub const REMARK_CHARS_MAX: usize = 4000;

/// Remarks on fields in one act: more than the largest form has questions.
pub const FIELD_REMARKS_MAX: usize = 200;

/// Forms with older lists that are kept compiled: a few versions of each form; one more costs a
/// compilation.
pub const EDITIONS_MAX: usize = 64;

/// Bytes of one line of a table: a record is at most 128 KiB, and quotes may double.
pub const TABLE_LINE_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes of a table that are read ahead of the line that is being read.
pub const TABLE_AHEAD_BYTES: u64 = 64 * 1024;

/// Milliseconds by which a clock may be outside of what is certain before it is called in doubt.
pub const CLOCK_TOLERANCE_MS: i64 = 60 * 1_000;

/// Milliseconds by which two clocks of a hub may differ and still be one: nobody would notice.
pub const PIECE_TOLERANCE_MS: i64 = 2 * 60 * 1_000;
