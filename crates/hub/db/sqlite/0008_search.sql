-- Searching: the texts of records once more, where a part of a word is found without reading all.
-- These are views that may lag behind: what waits in `to_search` is read as it stands.

-- Records whose text is not there yet, or was another one.
CREATE TABLE to_search (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (site, id)
);

-- By which number the text of a record goes.
CREATE TABLE searched (
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    PRIMARY KEY (site, id)
);

CREATE VIRTUAL TABLE record_text USING fts5 (
    search, tokenize = 'trigram', columnsize = 0, detail = none
);

INSERT INTO to_search (site, id) SELECT site, id FROM record;
