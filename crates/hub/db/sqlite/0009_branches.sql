-- After a fork a log has several branches, and none comes before another: a row of `log` is one of
-- them. It holds the entries from `first` (whose id is `first_id`, the branch's name) to its head;
-- what stands before, up to the entry `prev_id`, is its parent's. `site` and `start` are those of the
-- first entry of the whole chain, `begun_ms` is when the first entry of the branch arrived. A row of
-- an older layout has no `first_id` yet: the program names it, and then makes rows of what stands in
-- the old table `branch`.
CREATE TABLE log_branch (
    id INTEGER NOT NULL PRIMARY KEY,
    log_id BLOB NOT NULL,
    device BLOB NOT NULL,
    epoch BLOB NOT NULL,
    lane TEXT NOT NULL,
    site TEXT,
    start BLOB,
    first BIGINT NOT NULL DEFAULT 1,
    first_id BLOB NOT NULL DEFAULT X'',
    prev_id BLOB NOT NULL DEFAULT X'',
    parent BIGINT,
    head_seq BIGINT NOT NULL,
    head_id BLOB NOT NULL,
    begun_ms BIGINT NOT NULL DEFAULT 0,
    folded_seq BIGINT NOT NULL DEFAULT 0,
    UNIQUE (log_id, first_id)
);
INSERT INTO log_branch (id, log_id, device, epoch, lane, site, start, head_seq, head_id)
SELECT id, log_id, device, epoch, lane, site, start, head_seq, head_id FROM log WHERE head_seq > 0;
DROP TABLE log;
ALTER TABLE log_branch RENAME TO log;
CREATE INDEX log_device ON log (device);
CREATE INDEX log_lane ON log (lane);

-- The entries at the numbers that more than one branch of their log has, and the row each stands in:
-- what is found without reading every branch. Found anew from the frames.
CREATE TABLE forked_entry (
    log_id BLOB NOT NULL,
    seq BIGINT NOT NULL,
    short BLOB NOT NULL,
    id BLOB NOT NULL,
    log BIGINT NOT NULL,
    PRIMARY KEY (log_id, seq, short, id)
);

-- The names of entries that two entries have: only who forges makes such. Found anew from the frames.
CREATE TABLE forgery (
    log_id BLOB NOT NULL,
    seq BIGINT NOT NULL,
    short BLOB NOT NULL,
    PRIMARY KEY (log_id, seq, short)
);

-- What the administrator lets a device begin, where that is not what all may: epochs in all and in a
-- day, and branches beyond the first of each log.
ALTER TABLE device ADD COLUMN epochs_max BIGINT;
ALTER TABLE device ADD COLUMN epochs_per_day_max BIGINT;
ALTER TABLE device ADD COLUMN branches_max BIGINT;

-- The views are folded again, with every branch.
DELETE FROM record;
DELETE FROM record_entry;
DELETE FROM reference;
DELETE FROM entry_finding;
DELETE FROM site;
DELETE FROM person;
DELETE FROM named;
DELETE FROM publication;
DELETE FROM record_wanting;
DELETE FROM act;
DELETE FROM to_search;
