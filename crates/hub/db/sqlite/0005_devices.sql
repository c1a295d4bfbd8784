-- Where each device belonged, in order: the site, its letter there, and the sites that had merged
-- into it, with a space between. `everyone` says whether the hub vouches for it to all sites. A
-- letter once given at a site is never given again.
CREATE TABLE posting (
    device BLOB NOT NULL,
    number BIGINT NOT NULL,
    site TEXT NOT NULL,
    letter TEXT NOT NULL,
    predecessors TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    everyone BOOLEAN NOT NULL,
    PRIMARY KEY (device, number)
);
CREATE INDEX posting_site ON posting (site);
INSERT INTO posting (device, number, site, letter, predecessors, from_ms, everyone)
SELECT key, 1, site, letter, '', enrolled_ms, FALSE FROM device WHERE site <> '';

-- The device whose place the new one takes.
ALTER TABLE invitation ADD COLUMN replaces BLOB;

-- Runs of sound entries that came after their device was revoked. `decided_ms` says when somebody
-- let them in.
CREATE TABLE quarantine (
    id INTEGER NOT NULL PRIMARY KEY,
    device BLOB NOT NULL,
    epoch BLOB NOT NULL,
    lane TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_id BLOB NOT NULL,
    prev_id BLOB NOT NULL,
    size BIGINT NOT NULL,
    arrived_ms BIGINT NOT NULL,
    decided_ms BIGINT,
    decided_by TEXT
);
CREATE INDEX quarantine_device ON quarantine (device);

-- The frames of those runs, uncompressed.
CREATE TABLE quarantine_frame (
    item BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last_id BLOB NOT NULL,
    prev_id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    arrived_ms BIGINT NOT NULL,
    PRIMARY KEY (item, first)
);

-- What was last refused of each device, by lane and reason.
CREATE TABLE refusal (
    device BLOB NOT NULL,
    lane TEXT NOT NULL,
    why TEXT NOT NULL,
    words TEXT NOT NULL,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (device, lane, why)
);
