-- Which version new calls of a line started on, from when on, how that came and who saw to it. Append-only.
CREATE TABLE publications (
    no      INTEGER PRIMARY KEY,
    line    TEXT    NOT NULL,
    version TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    how     TEXT    NOT NULL CHECK (how IN ('published', 'rolled-back')),
    who     TEXT    NOT NULL
) STRICT;
CREATE INDEX publications_of_line ON publications (line, no);

INSERT INTO publications (line, version, at, how, who)
    SELECT line, version, since, 'published', 'unknown' FROM active;
