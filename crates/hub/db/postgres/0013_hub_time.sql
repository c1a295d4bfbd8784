-- By which clock a time of the hub was told: the run, the machine's start and the milliseconds since,
-- 24 bytes. None stands beside what older software wrote.
ALTER TABLE receipt ADD COLUMN clock BYTEA;
ALTER TABLE frame ADD COLUMN clock BYTEA;
ALTER TABLE quarantine_frame ADD COLUMN clock BYTEA;
ALTER TABLE device ADD COLUMN enrolled_clock BYTEA;
CREATE INDEX receipt_older ON receipt (at_ms) WHERE clock IS NULL;

-- Truth: what the hub's own lane says of the hub's time, in the order in which it was said: pieces
-- that began and words that the clock is right. `last_ms` is the last time that a piece showed.
CREATE TABLE hub_time (
    number BIGINT NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    last_ms BIGINT NOT NULL
);
