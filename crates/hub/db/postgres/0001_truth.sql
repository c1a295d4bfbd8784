-- The truth: what was received and written. Nothing here can be computed again.
-- Times are milliseconds since 1970; keys, ids and hashes are raw bytes.

-- Facts of this hub: its epoch, the number of this layout.
CREATE TABLE meta (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Devices that were let in, and keys that asked to be. `state` is active, revoked or waiting.
-- The last five columns are what the device last said of itself.
CREATE TABLE device (
    key BYTEA NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    letter TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    publishes BOOLEAN NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    enrolled_ms BIGINT NOT NULL,
    last_contact_ms BIGINT,
    waiting_json TEXT COLLATE "C",
    software TEXT COLLATE "C",
    clock_skew_ms BIGINT,
    told_epoch BYTEA
);
CREATE INDEX device_site ON device (site);

-- One row a log. `lane` is everyone or site/<code>, `site` what its first entry names, `start` the
-- payload of that entry. `folded_seq` is the cursor of the fold: the one column that is a view's.
CREATE TABLE log (
    id BIGINT NOT NULL PRIMARY KEY,
    log_id BYTEA NOT NULL UNIQUE,
    device BYTEA NOT NULL,
    epoch BYTEA NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C",
    start BYTEA,
    head_seq BIGINT NOT NULL,
    head_id BYTEA NOT NULL,
    folded_seq BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX log_device ON log (device);
CREATE INDEX log_lane ON log (lane);

-- Sound frames in line, uncompressed, without overlap or gap.
CREATE TABLE frame (
    log BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_id BYTEA NOT NULL,
    prev_id BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
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
    last_id BYTEA NOT NULL,
    prev_id BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    arrived_ms BIGINT NOT NULL,
    PRIMARY KEY (log, branch, first)
);

-- Every receipt given, as it was signed.
CREATE TABLE receipt (
    device BYTEA NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (device, number)
);

-- One-time codes; only the hash of a code's secret is kept.
CREATE TABLE invitation (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    site TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_by BYTEA
);

-- Tokens of the API; only their hash is kept.
CREATE TABLE token (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    role TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    revoked BOOLEAN NOT NULL
);
