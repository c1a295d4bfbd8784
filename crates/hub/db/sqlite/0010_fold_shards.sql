-- The fold by shards: a site and those it merged with are folded by themselves, side by side with
-- others; the empty shard is what goes to everyone. All of this is views and folded anew.

-- A shard: `version` counts its folds, `asked` what came for it. Who folds takes a lease on it first.
CREATE TABLE fold_shard (
    shard TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    waits_since_ms BIGINT,
    leased_until_ms BIGINT NOT NULL,
    leased_by BLOB
);
CREATE INDEX fold_shard_waits ON fold_shard (waits_since_ms) WHERE waits_since_ms IS NOT NULL;

-- How far a log is folded, and the time before which none of its later entries was written.
CREATE TABLE fold_cursor (
    shard TEXT NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    floor_ms BIGINT,
    PRIMARY KEY (shard, log)
);
CREATE UNIQUE INDEX fold_cursor_log ON fold_cursor (log);

-- The shard of each site that is not its own.
CREATE TABLE fold_lane (
    site TEXT NOT NULL PRIMARY KEY,
    shard TEXT NOT NULL
);
CREATE INDEX fold_lane_shard ON fold_lane (shard);

-- Records that are to be shown anew: something they name was published.
CREATE TABLE refold (
    shard TEXT NOT NULL,
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (shard, site, id)
);

-- The key of what is written for a record begins with its site.
DROP TABLE record_entry;
CREATE TABLE record_entry (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    entry_id BLOB NOT NULL,
    kind BIGINT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    trusted_lo BIGINT,
    trusted_hi BIGINT,
    PRIMARY KEY (site, log, seq)
);
CREATE INDEX record_entry_record ON record_entry (site, id);

DROP TABLE act;
CREATE TABLE act (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    short BLOB NOT NULL,
    claimed_ms BIGINT NOT NULL,
    centre_epoch BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (site, log, seq)
);
CREATE INDEX act_record ON act (site, id);

-- Cursors stand beside the logs.
ALTER TABLE log DROP COLUMN folded_seq;

DELETE FROM record;
DELETE FROM reference;
DELETE FROM entry_finding;
DELETE FROM site;
DELETE FROM person;
DELETE FROM named;
DELETE FROM publication;
DELETE FROM record_wanting;
DELETE FROM to_search;
