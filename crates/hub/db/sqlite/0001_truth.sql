-- The truth: what was received and written. Nothing here can be computed again.
-- Times are milliseconds since 1970; keys, ids and hashes are raw bytes.

-- Facts of this hub: its epoch, the number of this layout.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- Devices that were let in, and keys that asked to be. `state` is active, revoked or waiting.
-- The last five columns are what the device last said of itself.
CREATE TABLE device (
    key BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    letter TEXT NOT NULL,
    site TEXT NOT NULL,
    publishes BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    enrolled_ms BIGINT NOT NULL,
    last_contact_ms BIGINT,
    waiting_json TEXT,
    software TEXT,
    clock_skew_ms BIGINT,
    told_epoch BLOB
);
CREATE INDEX device_site ON device (site);

-- One row a log. `lane` is everyone or site/<code>, `site` what its first entry names, `start` the
-- payload of that entry. `folded_seq` is the cursor of the fold: the one column that is a view's.
CREATE TABLE log (
    id INTEGER NOT NULL PRIMARY KEY,
    log_id BLOB NOT NULL UNIQUE,
    device BLOB NOT NULL,
    epoch BLOB NOT NULL,
    lane TEXT NOT NULL,
    site TEXT,
    start BLOB,
    head_seq BIGINT NOT NULL,
    head_id BLOB NOT NULL,
    folded_seq BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX log_device ON log (device);
CREATE INDEX log_lane ON log (lane);

-- Sound frames in line, uncompressed, without overlap or gap.
CREATE TABLE frame (
    log BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_id BLOB NOT NULL,
    prev_id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    arrived_ms BIGINT NOT NULL,
    PRIMARY KEY (log, first)
);
CREATE INDEX frame_last ON frame (log, last);

-- Sound frames of the further branches of a forked log; the first branch stands in `frame`.
CREATE TABLE branch (
    log BIGINT NOT NULL,
    branch BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_id BLOB NOT NULL,
    prev_id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    arrived_ms BIGINT NOT NULL,
    PRIMARY KEY (log, branch, first)
);

-- Every receipt given, as it was signed.
CREATE TABLE receipt (
    device BLOB NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (device, number)
);

-- One-time codes; only the hash of a code's secret is kept.
CREATE TABLE invitation (
    token_hash BLOB NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_by BLOB
);

-- Tokens of the API; only their hash is kept.
CREATE TABLE token (
    name TEXT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    revoked BOOLEAN NOT NULL
);
