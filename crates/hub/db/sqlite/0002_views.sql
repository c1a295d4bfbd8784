-- The views: all of it is folded from the frames and can be dropped and folded again.

-- The newest card of each person; `log` and `seq` say which entry it is.
CREATE TABLE person (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    site TEXT NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- The newest card of each site. `successor_of` is codes with a space between.
CREATE TABLE site (
    code TEXT NOT NULL PRIMARY KEY,
    name_en TEXT,
    name_ru TEXT,
    name_ky TEXT,
    kind TEXT,
    region TEXT,
    valid_from TEXT,
    valid_to TEXT,
    successor_of TEXT NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- The fold of each record, and what lists and filters ask of it. `id` is 16 bytes, `hash` 32.
-- What is large stands last: a list does not read that far. `occurred_ms` is 0 without a date.
CREATE TABLE record (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    ref TEXT,
    form TEXT NOT NULL,
    title TEXT NOT NULL,
    occurred_at TEXT,
    occurred_ms BIGINT NOT NULL,
    conflict BOOLEAN NOT NULL,
    urgent BOOLEAN NOT NULL,
    voided TEXT,
    entries BIGINT NOT NULL,
    hash BLOB NOT NULL,
    search TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (site, id)
);
CREATE INDEX record_id ON record (id);
CREATE INDEX record_when ON record (occurred_ms, site, id);
CREATE INDEX record_form ON record (form, occurred_ms);
CREATE INDEX record_conflict ON record (site, conflict);

-- Which entries bear a record, and what is known of when they were written.
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
    PRIMARY KEY (log, seq)
);
CREATE INDEX record_entry_record ON record_entry (site, id);

-- Every reference a record was ever given; a person may have any of them on paper.
CREATE TABLE reference (
    ref TEXT NOT NULL,
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (ref, site, id)
);
CREATE INDEX reference_record ON reference (site, id);

-- What the fold remarks on an entry: an unknown kind, a change that does not count.
CREATE TABLE entry_finding (
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rule TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (log, seq, rule)
);
