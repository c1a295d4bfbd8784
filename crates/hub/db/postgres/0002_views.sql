-- The views: all of it is folded from the frames and can be dropped and folded again.

-- The newest card of each person; `log` and `seq` say which entry it is.
CREATE TABLE person (
    id BYTEA NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- The newest card of each site. `successor_of` is codes with a space between.
CREATE TABLE site (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_en TEXT COLLATE "C",
    name_ru TEXT COLLATE "C",
    name_ky TEXT COLLATE "C",
    kind TEXT COLLATE "C",
    region TEXT COLLATE "C",
    valid_from TEXT COLLATE "C",
    valid_to TEXT COLLATE "C",
    successor_of TEXT COLLATE "C" NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- The fold of each record, and what lists and filters ask of it. `id` is 16 bytes, `hash` 32.
-- What is large stands last: a list does not read that far. `occurred_ms` is 0 without a date.
CREATE TABLE record (
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    ref TEXT COLLATE "C",
    form TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    occurred_at TEXT COLLATE "C",
    occurred_ms BIGINT NOT NULL,
    conflict BOOLEAN NOT NULL,
    urgent BOOLEAN NOT NULL,
    voided TEXT COLLATE "C",
    entries BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (site, id)
);
CREATE INDEX record_id ON record (id);
CREATE INDEX record_when ON record (occurred_ms, site, id);
CREATE INDEX record_form ON record (form, occurred_ms);
CREATE INDEX record_conflict ON record (site, conflict);

-- Which entries bear a record, and what is known of when they were written.
CREATE TABLE record_entry (
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    entry_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    trusted_lo BIGINT,
    trusted_hi BIGINT,
    PRIMARY KEY (log, seq)
);
CREATE INDEX record_entry_record ON record_entry (site, id);

-- Every reference a record was ever given; a person may have any of them on paper.
CREATE TABLE reference (
    ref TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    PRIMARY KEY (ref, site, id)
);
CREATE INDEX reference_record ON reference (site, id);

-- What the fold remarks on an entry: an unknown kind, a change that does not count.
CREATE TABLE entry_finding (
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (log, seq, rule)
);
