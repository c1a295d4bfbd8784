-- Reviews: what was said about records, who opened them, when a site had a decision.

-- Truth: the person a token speaks for; none until the token first says something.
ALTER TABLE token ADD COLUMN person BLOB;

-- Truth: who has looked at a record, and when first. `decides` is whether that person may decide.
CREATE TABLE opened (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    decides BOOLEAN NOT NULL,
    first_ms BIGINT NOT NULL,
    PRIMARY KEY (site, id, person)
);

-- Truth: when a device of a lane's site first showed that it holds the lane up to `seq`.
CREATE TABLE delivery (
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    device BLOB NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (log, seq)
);

-- A view: the acts of reviews. `centre_epoch` is the hub's epoch of an act of the centre, 0 of one
-- of a site; `short` is the start of the entry's id, `payload` the entry's content.
CREATE TABLE act (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    log BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    short BLOB NOT NULL,
    claimed_ms BIGINT NOT NULL,
    centre_epoch BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (log, seq)
);
CREATE INDEX act_record ON act (site, id);

-- The view of records anew, with the state of the review and what "late" is asked of. It is a view:
-- it is folded again from the logs. `signed_ms` is the first signing by corrected time, `arrived_ms`
-- the first arrival; 0 is unknown. `decided` is whether a decision stands, `recall_asked` whether
-- the site wants the record back and nobody has decided on that.
DROP TABLE record;
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
    review_state TEXT NOT NULL DEFAULT 'submitted',
    decided BOOLEAN NOT NULL DEFAULT FALSE,
    recall_asked BOOLEAN NOT NULL DEFAULT FALSE,
    severity BIGINT NOT NULL DEFAULT 0,
    signed_ms BIGINT NOT NULL DEFAULT 0,
    arrived_ms BIGINT NOT NULL DEFAULT 0,
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
CREATE INDEX record_review ON record (review_state, occurred_ms, site, id);
CREATE INDEX record_decided ON record (decided, occurred_ms, site, id);
CREATE INDEX record_recall ON record (site, id) WHERE recall_asked;

DELETE FROM record_entry;
DELETE FROM reference;
DELETE FROM entry_finding;
UPDATE log SET folded_seq = 0;
