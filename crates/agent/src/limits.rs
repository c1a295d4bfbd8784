//! Every bound of the agent, with its unit and its reason.

use std::time::Duration;

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

/// Seconds a question to the local API may take, and a body to come; what is written takes as long as
/// it does, and so does an exchange with the hub.
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

/// Crossings of the link that are told apart, a log: a few years of daily contact.
pub const ARRIVALS_MAX: usize = 2048;

/// Bytes of the file that says when entries crossed the link: the marks of some hundred logs.
pub const ARRIVALS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Catalogues that are kept compiled: that of now, and those a projection passes through.
pub const CATALOGUES_MAX: usize = 8;

/// Records of one page of an export: a second's work, and the agent answers others in between.
pub const EXPORT_RECORDS: usize = 500;

/// Records that are looked at for one page of an export, where a filter holds most of them back.
pub const EXPORT_LOOKED_AT: u64 = 20_000;

/// The shortest poll that may be chosen: hub and link are shared with others.
pub const POLL_MIN: Duration = Duration::from_secs(1);

/// The longest poll that may be chosen: a week, after which `doctor` warns of silence.
pub const POLL_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The shortest wait after failures that may be chosen: a handshake on a good link.
pub const BACKOFF_MIN: Duration = Duration::from_millis(10);

/// The longest wait after failures that may be chosen: a day, so that no link stays unused.
pub const BACKOFF_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Free bytes below which `doctor` warns: some months of records.
pub const DISK_FREE_WARN_BYTES: u64 = 1024 * 1024 * 1024;

/// Free bytes below which `doctor` says that it fails: some days of records.
pub const DISK_FREE_FAIL_BYTES: u64 = 100 * 1024 * 1024;

/// Milliseconds between this clock and the hub's above which `doctor` warns: people would notice.
pub const CLOCK_SKEW_WARN_MS: i64 = 5 * 60 * 1000;

/// Milliseconds without the hub after which `doctor` warns, if anything waits: a week.
pub const SILENCE_WARN_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Seconds for which `doctor` waits for the hub: a satellite with a queue answers in that time.
pub const LINK_CHECK_SECONDS: u64 = 30;

/// How often in a row a device may hear that it moved or forgot: more means that the hub can't
/// decide.
pub const LIVES_MAX: usize = 4;

/// Bytes of one piece of the kernel's news of interfaces; it writes at most 32 KiB at once.
pub const NEWS_BYTES_MAX: usize = 32 * 1024;

/// Times that the hub lacked what it had acknowledged that are kept: the first ones are the evidence.
pub const REMOVED_MAX: usize = 64;
