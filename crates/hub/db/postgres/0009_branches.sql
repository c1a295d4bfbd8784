-- After a fork a log has several branches, and none comes before another: a row of `log` is one of
-- them. It holds the entries from `first` (whose id is `first_id`, the branch's name) to its head;
-- what stands before, up to the entry `prev_id`, is its parent's. `site` and `start` are those of the
-- first entry of the whole chain, `begun_ms` is when the first entry of the branch arrived. A row of
-- an older layout has no `first_id` yet: the program names it, and then makes rows of what stands in
-- the old table `branch`.
DELETE FROM log WHERE head_seq = 0;
ALTER TABLE log ADD COLUMN first BIGINT NOT NULL DEFAULT 1;
ALTER TABLE log ADD COLUMN first_id BYTEA NOT NULL DEFAULT '\x';
ALTER TABLE log ADD COLUMN prev_id BYTEA NOT NULL DEFAULT '\x';
ALTER TABLE log ADD COLUMN parent BIGINT;
ALTER TABLE log ADD COLUMN begun_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE log DROP CONSTRAINT log_log_id_key;
ALTER TABLE log ADD CONSTRAINT log_branch_name UNIQUE (log_id, first_id);
UPDATE log SET folded_seq = 0;

-- The entries at the numbers that more than one branch of their log has, and the row each stands in:
-- what is found without reading every branch. Found anew from the frames.
CREATE TABLE forked_entry (
    log_id BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    short BYTEA NOT NULL,
    id BYTEA NOT NULL,
    log BIGINT NOT NULL,
    PRIMARY KEY (log_id, seq, short, id)
);

-- The names of entries that two entries have: only who forges makes such. Found anew from the frames.
CREATE TABLE forgery (
    log_id BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    short BYTEA NOT NULL,
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
