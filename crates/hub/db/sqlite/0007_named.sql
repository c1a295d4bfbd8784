-- What finds a record by a text that no two of them should share: a service number, a course's code,
-- the number of a certificate. A view, folded from the logs.

CREATE TABLE named (
    form TEXT NOT NULL,
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    site TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (form, field, text, site, id)
);
CREATE INDEX named_record ON named (site, id);

DELETE FROM record;
DELETE FROM record_entry;
DELETE FROM reference;
DELETE FROM entry_finding;
DELETE FROM act;
DELETE FROM record_wanting;
UPDATE log SET folded_seq = 0;
