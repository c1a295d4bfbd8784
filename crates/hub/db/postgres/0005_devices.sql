-- Where each device belonged, in order: the site, its letter there, and the sites that had merged
-- into it, with a space between. `everyone` says whether the hub vouches for it to all sites. A
-- letter once given at a site is never given again.
CREATE TABLE posting (
    device BYTEA NOT NULL,
    number BIGINT NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    letter TEXT COLLATE "C" NOT NULL,
    predecessors TEXT COLLATE "C" NOT NULL,
    from_ms BIGINT NOT NULL,
    everyone BOOLEAN NOT NULL,
    PRIMARY KEY (device, number)
);
CREATE INDEX posting_site ON posting (site);
INSERT INTO posting (device, number, site, letter, predecessors, from_ms, everyone)
SELECT key, 1, site, letter, '', enrolled_ms, FALSE FROM device WHERE site <> '';

-- The device whose place the new one takes.
ALTER TABLE invitation ADD COLUMN replaces BYTEA;

-- Runs of sound entries that came after their device was revoked. `decided_ms` says when somebody
-- let them in.
CREATE TABLE quarantine (
    id BIGINT NOT NULL PRIMARY KEY,
    device BYTEA NOT NULL,
    epoch BYTEA NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_id BYTEA NOT NULL,
    prev_id BYTEA NOT NULL,
    size BIGINT NOT NULL,
    arrived_ms BIGINT NOT NULL,
    decided_ms BIGINT,
    decided_by TEXT COLLATE "C"
);
CREATE INDEX quarantine_device ON quarantine (device);

-- The frames of those runs, uncompressed.
CREATE TABLE quarantine_frame (
    item BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last_id BYTEA NOT NULL,
    prev_id BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    arrived_ms BIGINT NOT NULL,
    PRIMARY KEY (item, first)
);

-- What was last refused of each device, by lane and reason.
CREATE TABLE refusal (
    device BYTEA NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (device, lane, why)
);
