//! Every bound of the hub's truth and sync port, with its unit and its reason.
//!
//! What an administrator may change stands in the configuration instead.

use std::time::Duration;

/// How long a writer waits for another process: a rebuild on the command line takes turns with us.
pub const BUSY: Duration = Duration::from_secs(30);

/// Connections to the database that only read: more than pages and exchanges need at once.
pub const READERS: u32 = 8;

/// Commits remembered outside the database: more than a standby can be behind in one blow, and a
/// file of a few pages.
pub const MARKS: usize = 256;

/// Of those, how many of each kind every new connection is asked for: the newest are lost first.
pub const MARKS_ASKED: usize = 8;

/// Days for which people are reminded that the hub was set back: until every courier was there.
pub const SET_BACK_SHOWN_DAYS: i64 = 30;

/// Keys not known here that are listed as waiting: strangers can't fill the disk.
pub const WAITING_DEVICES_MAX: i64 = 1000;

/// Characters kept of what a device calls its software.
pub const SOFTWARE_CHARS_MAX: usize = 64;

/// Bytes set aside of one revoked device: a year of records, yet a stolen key can't fill the disk.
pub const QUARANTINE_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// Epochs that a device may begin in all: each is a loss of memory, or a move.
pub const DEVICE_EPOCHS_MAX: u32 = 64;

/// Characters kept of why something of a device was refused.
pub const REFUSAL_CHARS_MAX: usize = 300;

/// Days without contact after which a site counts as silent: a weekly courier is no alarm.
pub const SITE_SILENT_DAYS: i64 = 8;

/// Times a decision is tried again because something of its site arrived meanwhile.
pub const DECISION_TRIES: usize = 16;

/// Requests for records that are answered in one go: more wait for the next one.
pub const RECALLS_MAX: i64 = 500;

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

/// Connections to a `PostgreSQL` server: pages, exchanges and the fold; two hubs and their command
/// lines stay below the 100 that a server allows as installed.
pub const POSTGRES_CONNECTIONS: u32 = 24;

/// Catalogues of forms and lists that are kept compiled: that of now, and those of a rebuild.
pub const CATALOGUES_MAX: usize = 8;

/// How long a request waits for a connection to a `PostgreSQL` server: one that is down is told of
/// before a page or a device gives up.
pub const POSTGRES_WAIT: Duration = Duration::from_secs(5);

/// How long a request waits for a connection before another server of the address is looked for:
/// long beside a handshake, short beside `POSTGRES_WAIT`.
pub const POSTGRES_HOST_WAIT: Duration = Duration::from_millis(500);

/// How often the hub tries whether it could receive: with `PROBE_WAIT` it is known within 25 seconds.
pub const PROBE_EVERY: Duration = Duration::from_secs(15);

/// How soon it tries again after it could not: what was mended is seen at once.
pub const PROBE_AGAIN: Duration = Duration::from_secs(1);

/// How long such a try may take: longer than a busy disk, shorter than a device waits.
pub const PROBE_WAIT: Duration = Duration::from_secs(8);

/// How long such a try waits for a lock that somebody else holds.
pub const PROBE_LOCK_WAIT: Duration = Duration::from_secs(5);

const _: () = assert!(
    PROBE_LOCK_WAIT.as_secs() < PROBE_WAIT.as_secs()
        && PROBE_EVERY.as_secs() + PROBE_WAIT.as_secs() < PROBE_LATE.as_secs(),
    "a lock is named before the try ends, and a try that ends is not late"
);

/// After how long without a result the tries themselves hang.
pub const PROBE_LATE: Duration = Duration::from_secs(25);

/// Bytes that must be free where a file's database is: a frame and what the engine writes beside it.
pub const PROBE_ROOM_BYTES: u64 = 8 * 1024 * 1024;

/// How many times as long as reading a whole file took the hub waits before it does so again.
pub const PROBE_FILE_SHARE: u32 = 100;

/// How long a question whether the hub is ready may wait for the database.
pub const READY_WAIT: Duration = Duration::from_secs(5);

/// Records of one page of an export: all that it holds at a time.
pub const EXPORT_RECORDS: u32 = 500;

/// Rows that are read at once for a copy: of frames some megabytes, at the worst as many as rows.
pub const BACKUP_PAGE_ROWS: i64 = 64;

/// Bytes of rows after which an item of a copy is closed; one row more may follow.
pub const BACKUP_PAGE_BYTES: usize = 1024 * 1024;

/// Bytes of one item of a copy: a page and one frame more.
pub const BACKUP_ITEM_BYTES_MAX: usize = seal::limits::ITEM_BYTES_MAX;

/// How often the hub looks whether a copy is due: a clock that was set is noticed within that.
pub const BACKUP_LOOK: Duration = Duration::from_secs(20);

/// Milliseconds after which a copy that failed is tried again.
pub const BACKUP_AGAIN_MS: i64 = 15 * 60 * 1000;

/// Milliseconds without a good copy after which `doctor` says that it fails: three nights.
pub const BACKUP_LATE_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// Rows of a damaged table that are tried one by one before the steps become longer: more than stand
/// on a page.
pub const AROUND_STEPS: u32 = 4096;

/// Rows of a table that are named one by one where they can't be read.
pub const LOSSES_NAMED_MAX: usize = 200;

/// Rows that are brought back with one statement: both engines take that many values.
pub const RESTORE_ROWS: usize = 50;

/// Bytes of one line of `record add`: a payload is at most 128 KiB, and JSON may take six bytes a
/// letter.
pub const ADD_LINE_BYTES_MAX: u64 = 1024 * 1024;

/// Lines of one transaction of `record add`: what the devices wait for is short.
pub const ADD_LINES: usize = 100;

/// Free bytes below which `doctor` warns: a year of records of all sites.
pub const DISK_FREE_WARN_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// Free bytes below which `doctor` says that it fails: some days of records.
pub const DISK_FREE_FAIL_BYTES: u64 = 200 * 1024 * 1024;

/// Milliseconds that this clock may be off before `doctor` says so: people would notice.
pub const CLOCK_SKEW_WARN_MS: i64 = 5 * 60 * 1000;

/// How often the clock is looked at while nobody calls, and noted which time it shows: a jump back by
/// less than `PIECE_TOLERANCE_MS` is none, so half of that is soon enough.
pub const CLOCK_LOOK_EVERY: Duration = Duration::from_secs(20);

/// Devices whose clocks are needed to judge the hub's: one or two may be wrong themselves.
pub const CLOCK_CHECK_DEVICES_MIN: usize = 3;

/// Entries not folded yet above which `doctor` warns: half a minute's work.
pub const FOLD_LAG_WARN_ENTRIES: u64 = 100_000;

/// Bytes of a text that records are found by: `PostgreSQL` refuses a row whose indexed text is too
/// long for a page, and of what a device may write there is no end.
pub const FOUND_BY_BYTES_MAX: usize = 512;

/// The highest number of a receipt that a device is believed to have: above it no room would be left.
pub const RECEIPT_NAMED_MAX: u64 = u64::MAX / 4;

/// Rows of a view that are compared at once: a record's state may be large.
pub const VIEW_PAGE_ROWS: i64 = 200;

/// Faults of one view that are named: a table emptied by somebody is said in one page.
pub const VIEW_FAULTS_MAX: usize = 100;
