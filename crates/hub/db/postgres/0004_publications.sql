-- The versions of forms and vocabularies that were published: a view, folded from the hub's lanes.

-- `subject` is 1 for a form, 2 for a vocabulary. Of two entries with one version that of the later
-- epoch of the hub holds, and in one epoch the later. `hash` is of what it says, `payload` the
-- entry's content.
CREATE TABLE publication (
    subject BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    published_ms BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (subject, name, version)
);

-- The records that name a version which is not here: they are shown anew when one comes.
CREATE TABLE record_wanting (
    subject BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    PRIMARY KEY (subject, name, site, id)
);
CREATE INDEX record_wanting_record ON record_wanting (site, id);
