-- Calls, their turns, the versions of lines, the switches of supervisors. Instants are milliseconds since 1970 UTC.

-- A call: written when it begins and when it ends, never between.
CREATE TABLE calls (
    no         INTEGER PRIMARY KEY, -- in the order in which calls began, so that those in progress lie together
    id         BLOB    NOT NULL UNIQUE,
    line       TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    profile    TEXT    NOT NULL,
    simulated  INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    end_cause  TEXT,
    kept       TEXT    NOT NULL DEFAULT 'all' -- what can still be read: 'all'; 'log', its documents are gone; 'none', its key is
) STRICT;
CREATE INDEX calls_in_progress ON calls (no) WHERE ended_at IS NULL;
CREATE INDEX calls_to_tidy ON calls (kept, ended_at) WHERE ended_at IS NOT NULL AND kept <> 'none';

-- The key of a call, wrapped by the data key. Deleting it makes all that is sealed under it unreadable.
CREATE TABLE call_keys (
    call INTEGER PRIMARY KEY, -- calls.no
    key  BLOB NOT NULL
) STRICT;

-- Where a call is: the one row that every turn writes again. No index but its key: each would cost a page a turn.
CREATE TABLE sessions (
    call     INTEGER PRIMARY KEY, -- calls.no
    turn     INTEGER NOT NULL,    -- of the caller's leg
    log_end  INTEGER NOT NULL,    -- turns.no of the newest turn on any leg
    wake_at  INTEGER NOT NULL,
    session  BLOB,                -- sealed; NULL once the call is tidied away
    document BLOB                 -- sealed, of the caller's leg; NULL once the call is tidied away
) STRICT;

-- The legs of operators; few calls have one.
CREATE TABLE legs (
    call      INTEGER NOT NULL, -- calls.no
    leg       INTEGER NOT NULL CHECK (leg > 0),
    turn      INTEGER NOT NULL,
    document  BLOB,             -- sealed; NULL once the call is tidied away
    ended_at  INTEGER,
    end_cause TEXT,
    PRIMARY KEY (call, leg)
) STRICT, WITHOUT ROWID;

-- What happened: append-only. The turns of a call are found from sessions.log_end backwards, without an index.
CREATE TABLE turns (
    no       INTEGER PRIMARY KEY,
    call     INTEGER NOT NULL, -- calls.no
    leg      INTEGER NOT NULL,
    turn     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    node     TEXT,
    log      BLOB    NOT NULL, -- sealed
    previous INTEGER NOT NULL  -- turns.no of the turn before, on any leg; 0 for the first
) STRICT;

-- The bundle of a version is all that the callers of a line can hear.
CREATE TABLE versions (
    line    TEXT    NOT NULL,
    version TEXT    NOT NULL,
    bundle  BLOB    NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (line, version)
) STRICT;

-- The version that new calls of a line start on.
CREATE TABLE active (
    line    TEXT    PRIMARY KEY,
    version TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    FOREIGN KEY (line, version) REFERENCES versions (line, version)
) STRICT, WITHOUT ROWID;

-- What a supervisor switched, as JSON.
CREATE TABLE switches (
    line   TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (line, name)
) STRICT, WITHOUT ROWID;

-- Written to learn whether the database can be written.
CREATE TABLE pings (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL
) STRICT;

-- How a turn on the caller's leg is written: one row here is the whole turn, so that many turns are one statement.
-- A turn that is not the next finds no `previous`, one of an unknown call no `call`, and turns takes neither.
CREATE VIEW commits AS
    SELECT id, line, version, profile, simulated, NULL AS key, 0 AS turn, 0 AS at, NULL AS node, NULL AS log,
           0 AS wake_at, NULL AS session, NULL AS document, end_cause
    FROM calls;

CREATE TRIGGER commits_insert INSTEAD OF INSERT ON commits
BEGIN
    INSERT INTO calls (id, line, version, profile, simulated, started_at)
        SELECT NEW.id, NEW.line, NEW.version, NEW.profile, NEW.simulated, NEW.at WHERE NEW.key IS NOT NULL;
    INSERT INTO call_keys (call, key)
        SELECT last_insert_rowid(), NEW.key WHERE NEW.key IS NOT NULL;
    INSERT INTO turns (call, leg, turn, at, node, log, previous)
        SELECT c.no, 0, NEW.turn, NEW.at, NEW.node, NEW.log,
               CASE WHEN s.call IS NULL AND NEW.turn = 1 THEN 0 WHEN s.turn = NEW.turn - 1 THEN s.log_end END
        FROM (SELECT 1) LEFT JOIN calls c ON c.id = NEW.id LEFT JOIN sessions s ON s.call = c.no;
    INSERT INTO sessions (call, turn, log_end, wake_at, session, document)
        SELECT no, NEW.turn, last_insert_rowid(), NEW.wake_at, NEW.session, NEW.document FROM calls WHERE id = NEW.id
        ON CONFLICT (call) DO UPDATE SET
            turn = excluded.turn, log_end = excluded.log_end, wake_at = excluded.wake_at,
            session = coalesce(excluded.session, session), document = excluded.document;
    UPDATE calls SET ended_at = coalesce(ended_at, NEW.at), end_cause = coalesce(end_cause, NEW.end_cause)
        WHERE NEW.end_cause IS NOT NULL AND id = NEW.id;
END;
