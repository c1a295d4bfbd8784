//! Every bound of the hub's truth and sync port, with its unit and its reason.
//!
//! What an administrator may change stands in the configuration instead.

use std::time::Duration;

/// How long a writer waits for another process: a rebuild on the command line takes turns with us.
pub const BUSY: Duration = Duration::from_secs(30);

/// Connections to the database that only read: more than pages and exchanges need at once.
pub const READERS: u32 = 8;

/// Keys not known here that are listed as waiting: strangers can't fill the disk.
pub const WAITING_DEVICES_MAX: i64 = 1000;

/// Characters kept of what a device calls its software.
pub const SOFTWARE_CHARS_MAX: usize = 64;

/// How deep sites may have merged into each other: deeper is a circle.
pub const MERGERS_MAX: usize = 16;

/// Bytes of a request to be let in, and of its answer.
pub const ENROL_BYTES_MAX: usize = 4 * 1024;

/// TLS sessions remembered, so that a device that calls again soon sends fewer bytes.
pub const TLS_SESSIONS: usize = 1024;

/// How long exchanges may go on once the hub is told to stop.
pub const FAREWELL: Duration = Duration::from_secs(10);

/// How long to wait after the system refused a connection: mostly it is out of file handles.
pub const AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(200);
