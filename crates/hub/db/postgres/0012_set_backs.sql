-- When the hub was set back, that is, had lost what it had signed, and opened its next epoch: the truth.
-- `lost` is the epoch of which something was lost.
CREATE TABLE set_back (
    epoch BYTEA NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    lost BYTEA NOT NULL,
    at_ms BIGINT NOT NULL,
    words TEXT NOT NULL
);
