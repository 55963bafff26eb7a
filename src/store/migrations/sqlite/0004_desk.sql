-- People who answer: who they are, who waits for them, what calls leave for them, and who did what.
-- Instants are milliseconds since 1970 UTC. What is called sealed is encrypted under the key of its call.

-- Operators, supervisors and admins.
CREATE TABLE operators (
    no          INTEGER PRIMARY KEY,
    number      TEXT    NOT NULL UNIQUE, -- digits: what they log in with, and what callers are told
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
    password    TEXT    NOT NULL,        -- Argon2id hash with its parameters
    must_change INTEGER NOT NULL,        -- the password was issued by somebody else
    languages   TEXT    NOT NULL,        -- skills: a JSON list of languages
    subjects    TEXT    NOT NULL,        -- skills: a JSON list of topics; an empty one is all of them
    address     TEXT,                    -- where they are rung; NULL: at their desk in the browser
    made_at     INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

-- Who is logged in. token is the hash of what the cookie holds.
CREATE TABLE logins (
    token    BLOB    PRIMARY KEY,
    operator INTEGER NOT NULL REFERENCES operators (no),
    csrf     TEXT    NOT NULL,
    made_at  INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL,
    ends_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_of_operator ON logins (operator);

-- Tries to log in that failed, by the number that was given, known or not.
CREATE TABLE login_tries (
    number TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX login_tries_by_number ON login_tries (number, at);

-- What each operator does now. A row is made at the first login.
CREATE TABLE presence (
    operator   INTEGER PRIMARY KEY REFERENCES operators (no),
    state      TEXT    NOT NULL CHECK (state IN ('offline', 'available', 'away', 'reserved', 'talking', 'wrap-up')),
    reason     TEXT    NOT NULL, -- why away, a word; '' otherwise
    since      INTEGER NOT NULL, -- of the state
    idle_since INTEGER NOT NULL, -- since their last talk, or since they came: who has waited longest is rung first
    seen_until INTEGER NOT NULL, -- their desk is open until then, unless it is heard of again
    ends_at    INTEGER,          -- when a reservation lapses or a wrap-up is over by itself
    waiting    INTEGER           -- waiting.no of whom they are reserved for, or talk to
) STRICT;
-- Nobody talks to two callers.
CREATE UNIQUE INDEX presence_of_waiting ON presence (waiting) WHERE waiting IS NOT NULL;

-- What operators did, for occupancy: a row when a state ends. Append-only.
CREATE TABLE presence_log (
    operator INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL
) STRICT;
CREATE INDEX presence_log_by_time ON presence_log (until);

-- Whoever wanted a person: waits, talks, is to be called back, or did. A row for each wait of a call.
CREATE TABLE waiting (
    no         INTEGER PRIMARY KEY,
    call       BLOB    NOT NULL,        -- calls.id
    line       TEXT    NOT NULL,
    queue      TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('call', 'call-back')),
    simulated  INTEGER NOT NULL,
    language   TEXT    NOT NULL,
    subject    TEXT    NOT NULL,        -- the topic; '' if there is none
    priority   INTEGER NOT NULL,        -- higher is first
    caller     BLOB,                    -- keyed hash of the calling number; NULL if it was withheld
    arrived_at INTEGER NOT NULL,        -- what decides the place: kept by who calls again and who is called back
    joined_at  INTEGER NOT NULL,        -- when this call came to the queue
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'reserved', 'talking', 'over')),
    seen_until INTEGER NOT NULL,        -- the caller is there until then, unless heard of again
    told_wait_s INTEGER,                -- the bound that was told first, to see later whether it held
    told_mean_s INTEGER,                -- the expected wait behind it
    operator   INTEGER,                 -- operators.no: reserved, talking, or who talked
    turn_at    INTEGER,                 -- when an operator was first reserved for them
    reserved_at INTEGER,
    rung_at    INTEGER,                 -- since when the operator's telephone rings
    answered_at INTEGER,
    ended_at   INTEGER,
    outcome    TEXT CHECK (outcome IN ('served', 'overflow', 'abandoned', 'left', 'message', 'called-back', 'not-reached', 'too-long')),
    contact    BLOB,                    -- of a call-back: the number to call, sealed
    due_at     INTEGER,                 -- of a call-back: until when it was promised
    tries      INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER,                 -- of a call-back that was tried: when to try again
    result     TEXT NOT NULL DEFAULT '', -- the operator's result code
    note       BLOB,                    -- the operator's note, sealed
    transfer_to TEXT,                   -- where the operator passes the caller on: 'operator 1002', 'queue NAME'; NULL: nowhere
    transfer_note BLOB,                 -- for whoever is next, sealed
    wanted     INTEGER,                 -- operators.no of whom the caller was passed on to
    dial_ended INTEGER NOT NULL DEFAULT 0 -- the last dial of the call whose end has been told
) STRICT;
CREATE INDEX waiting_of_call ON waiting (call);
-- Nobody waits twice.
CREATE UNIQUE INDEX waiting_once ON waiting (call) WHERE state <> 'over';
CREATE INDEX waiting_now ON waiting (line, queue, priority DESC, arrived_at) WHERE state <> 'over';
CREATE INDEX waiting_by_caller ON waiting (caller, ended_at) WHERE caller IS NOT NULL;
CREATE INDEX waiting_by_time ON waiting (joined_at);

-- Whose data an operator looks at: earlier calls of the same member.
CREATE INDEX looks_by_person ON looks (person_no, at);

-- What callers recorded, and talks if that is switched on.
CREATE TABLE recordings (
    no         INTEGER PRIMARY KEY,
    call       BLOB    NOT NULL,
    name       TEXT    NOT NULL UNIQUE, -- what flows and the desk know it by; cannot be guessed
    kind       TEXT    NOT NULL CHECK (kind IN ('message', 'statement', 'reason', 'talk')),
    made_at    INTEGER NOT NULL,
    length_ms  INTEGER NOT NULL,
    source     BLOB,                    -- where the provider has it, sealed; NULL once it is here
    sound      BLOB,                    -- WAV, sealed; NULL until it is here, and after retention
    tries      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX recordings_of_call ON recordings (call);
CREATE INDEX recordings_to_fetch ON recordings (no) WHERE source IS NOT NULL AND sound IS NULL;

-- Messages, complaints by those harmed, reports by others.
CREATE TABLE tickets (
    no         INTEGER PRIMARY KEY,
    reference  TEXT    NOT NULL UNIQUE, -- digits: what the caller keys to hear how it stands
    kind       TEXT    NOT NULL CHECK (kind IN ('message', 'complaint', 'report')),
    call       BLOB    NOT NULL,
    line       TEXT    NOT NULL,
    simulated  INTEGER NOT NULL,
    language   TEXT    NOT NULL,
    subject    TEXT    NOT NULL,        -- what it is about: the type of a complaint, the topic of a message
    since      INTEGER,                 -- since which month, as 202603
    contact    BLOB,                    -- the number to call, sealed
    member     TEXT,                    -- person_no of the verified member
    recording  TEXT,                    -- recordings.name
    confidential INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL CHECK (state IN ('registered', 'in-progress', 'settled', 'forwarded', 'rejected')),
    made_at    INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    operator   INTEGER                  -- who works on it
) STRICT;
CREATE INDEX tickets_open ON tickets (line, due_at) WHERE state IN ('registered', 'in-progress');

-- What was done about a ticket. Append-only.
CREATE TABLE ticket_log (
    ticket   INTEGER NOT NULL REFERENCES tickets (no),
    at       INTEGER NOT NULL,
    operator INTEGER,
    state    TEXT    NOT NULL,
    note     BLOB                       -- sealed under the key of the ticket's call
) STRICT;
CREATE INDEX ticket_log_of_ticket ON ticket_log (ticket);

-- References that callers keyed and that were none. caller: keyed hash of the calling number.
CREATE TABLE reference_misses (
    call   BLOB    NOT NULL,
    caller BLOB,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX reference_misses_by_time ON reference_misses (at);

-- How callers rated the service.
CREATE TABLE surveys (
    call      BLOB    PRIMARY KEY,
    line      TEXT    NOT NULL,
    simulated INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    score     INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    operator  INTEGER,                  -- who talked with the caller; NULL for self-service
    recording TEXT                      -- recordings.name of the reason
) STRICT, WITHOUT ROWID;

-- Cards that were reported lost by telephone: valid until then unless confirmed in writing.
CREATE TABLE card_losses (
    person_no TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    until     TEXT    NOT NULL,         -- the last day, as 2026-03-31
    call      BLOB    NOT NULL,
    PRIMARY KEY (person_no, at)
) STRICT, WITHOUT ROWID;

-- What must still happen outside because of a turn or of an operator. Repeated until it is done if repeating is
-- harmless (redirect); marked before sending if it is not (call, sms).
CREATE TABLE outbox (
    no        INTEGER PRIMARY KEY,
    call      BLOB    NOT NULL,
    profile   TEXT    NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('redirect', 'call', 'sms')),
    body      BLOB    NOT NULL,         -- JSON, sealed
    recipient BLOB,                     -- whom an sms of a caller's goes to, as a keyed hash: texts are counted by it
    made_at   INTEGER NOT NULL,
    next_at   INTEGER NOT NULL,
    tries     INTEGER NOT NULL DEFAULT 0,
    state     TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'done', 'failed', 'unknown')),
    trouble   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'due';
CREATE INDEX outbox_by_recipient ON outbox (recipient, made_at) WHERE recipient IS NOT NULL;

-- Who did what at the desk, on the wall or on the command line. Append-only.
CREATE TABLE audit (
    no       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    operator INTEGER,                   -- NULL: the command line
    who      TEXT    NOT NULL,          -- the operator's number, or the user of the command line
    action   TEXT    NOT NULL,          -- a word: logged-in, looked-up, revealed, switched, ...
    call     BLOB,
    subject  TEXT    NOT NULL,          -- whom or what it was done to: person_no, ticket, operator number, switch
    reason   TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- Without it a row could be replaced by one with its number: that fires no trigger of deleting.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE no = NEW.no)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER presence_log_is_not_changed BEFORE UPDATE ON presence_log BEGIN SELECT RAISE(ABORT, 'the log of presence is append-only'); END;
CREATE TRIGGER ticket_log_is_not_changed BEFORE UPDATE ON ticket_log BEGIN SELECT RAISE(ABORT, 'the log of a ticket is append-only'); END;
CREATE TRIGGER ticket_log_is_not_deleted BEFORE DELETE ON ticket_log BEGIN SELECT RAISE(ABORT, 'the log of a ticket is append-only'); END;

-- What is counted of each call that has ended, for figures. Written with its last turn; names of nodes and words of the
-- line, no key, value or number, so that it is read without the call's key and stays when that is deleted.
CREATE TABLE counted_calls (
    no         INTEGER PRIMARY KEY, -- calls.no
    line       TEXT    NOT NULL,
    simulated  INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    end_cause  TEXT    NOT NULL,
    node       TEXT,                -- where it stood
    tally      TEXT    NOT NULL     -- JSON: tasks, where it was asked again, checks of a PIN, whether a person was wanted
) STRICT;
CREATE INDEX counted_calls_by_time ON counted_calls (line, started_at);

-- Figures go by time.
CREATE INDEX surveys_by_time ON surveys (at);
CREATE INDEX tickets_by_time ON tickets (made_at);
