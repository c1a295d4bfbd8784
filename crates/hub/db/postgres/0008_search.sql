-- Searching: the texts of records once more, where a part of a word is found without reading all.
-- These are views that may lag behind: what waits in `to_search` is read as it stands.

-- Records whose text is not there yet, or was another one.
CREATE TABLE to_search (
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    PRIMARY KEY (site, id)
);

-- By which number the text of a record goes.
CREATE TABLE searched (
    site TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    PRIMARY KEY (site, id)
);

CREATE TABLE record_text (
    rowid BIGINT NOT NULL PRIMARY KEY,
    search TEXT NOT NULL
);

-- A server without the extension finds the same, more slowly.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX record_text_parts ON record_text USING gin (search gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
        RAISE NOTICE 'searching goes without an index: %', SQLERRM;
END
$$;

INSERT INTO to_search (site, id) SELECT site, id FROM record;
