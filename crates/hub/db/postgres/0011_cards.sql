-- Which of several cards about one person or site holds, and which publication of one version: the one
-- of the highest rank, whichever was folded first. Those of an older layout have none and give way.
ALTER TABLE person ADD COLUMN rank BYTEA NOT NULL DEFAULT '';
ALTER TABLE person DROP COLUMN log;
ALTER TABLE person DROP COLUMN seq;
ALTER TABLE site ADD COLUMN rank BYTEA NOT NULL DEFAULT '';
ALTER TABLE site DROP COLUMN log;
ALTER TABLE site DROP COLUMN seq;
ALTER TABLE publication ADD COLUMN rank BYTEA NOT NULL DEFAULT '';
ALTER TABLE publication DROP COLUMN epoch;
ALTER TABLE publication DROP COLUMN seq;
