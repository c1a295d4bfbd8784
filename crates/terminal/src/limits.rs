//! Every bound of what is read at a terminal, with its unit and its reason.

/// Characters of a passphrase that seals something, at the least: whoever has the file can guess for
/// as long as it takes.
pub const PASSPHRASE_CHARS_MIN: usize = 12;

/// Names that are tried for a file that is not finished: more are there only on purpose.
pub const FRESH_NAMES: u32 = 1000;

/// Bytes of a passphrase: a long sentence.
pub const PASSPHRASE_BYTES_MAX: u64 = 1024;
