//! Every bound of the agent, with its unit and its reason.

/// Bytes of one line of input: a payload is at most 128 KiB, and JSON may take six bytes a letter.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Lines that are saved in one go: an fsync serves them all, and a progress bar still moves.
pub const CHUNK_LINES: usize = 500;

/// Bytes after which a chunk is saved whatever its lines.
pub const CHUNK_BYTES: usize = 2 * 1024 * 1024;

/// Chunks that may wait between reading, judging and saving.
pub const CHUNKS_WAITING: usize = 2;

/// Bytes of a body with one record: one line of input.
pub const RECORD_BODY_BYTES_MAX: usize = LINE_BYTES_MAX;

/// Bytes of a body with a command: a chunk of lines, quoted once more.
pub const COMMAND_BODY_BYTES_MAX: usize = 4 * (CHUNK_BYTES + LINE_BYTES_MAX);

/// Seconds a request to the local API may take; an exchange with the hub takes as long as it does.
pub const REQUEST_SECONDS_MAX: u64 = 60;

/// Seconds in which the head of a request must have come: slow senders can't hold connections.
pub const HEADER_SECONDS_MAX: u64 = 10;

/// Connections to the local API at once: browsers of one office.
pub const CONNECTIONS_MAX: usize = 128;

/// Milliseconds for which a command waits for another one to leave the data directory.
pub const LOCK_WAIT_MS_MAX: u64 = 10_000;

/// Milliseconds between two looks at a locked data directory.
pub const LOCK_PAUSE_MS: u64 = 50;

/// Seconds that open requests have to end when the agent is stopped.
pub const STOP_SECONDS_MAX: u64 = 5;
