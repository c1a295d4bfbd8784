//! Every bound of what is read at a terminal, with its unit and its reason.

/// Bytes of a passphrase: a long sentence.
pub const PASSPHRASE_BYTES_MAX: u64 = 1024;
