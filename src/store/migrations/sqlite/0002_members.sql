-- The insured people and what callers ask about them: names as in the domain reference 2.2, money in fen, months as
-- 202603, dates as 2026-03-31, instants in milliseconds. Every table but members is read by its primary key from one
-- person's side, so that a question costs the same for a hundred people and for a million. No foreign keys: rows come
-- from `members import` and the demo only, which check more than a key could, and millions of them.

CREATE TABLE members (
    person_no    TEXT PRIMARY KEY,
    id_no        TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    sex          TEXT NOT NULL CHECK (sex IN ('male', 'female')),
    birth        TEXT NOT NULL,
    doc_type     TEXT NOT NULL CHECK (doc_type IN ('citizen', 'hmt-permit', 'foreign-pr', 'other')),
    card_no      TEXT,
    -- The digits of card_no, which is all that a telephone can send. Several cards may have the same.
    card_digits  TEXT,
    phone        TEXT,
    status       TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended', 'retired')),
    first_joined TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_card ON members (card_digits) WHERE card_digits IS NOT NULL;

CREATE TABLE employers (
    employer_no   TEXT PRIMARY KEY,
    employer_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The medical-insurance personal account. Total and stage follow from these columns, so they are not stored.
CREATE TABLE accounts (
    person_no         TEXT PRIMARY KEY,
    state             TEXT NOT NULL CHECK (state IN ('normal', 'sealed', 'frozen', 'closed')),
    as_of             TEXT NOT NULL,
    current           INTEGER NOT NULL CHECK (current >= 0),
    previous          INTEGER NOT NULL CHECK (previous >= 0),
    self_pay_standard INTEGER NOT NULL CHECK (self_pay_standard >= 0),
    self_pay_used     INTEGER NOT NULL CHECK (self_pay_used BETWEEN 0 AND self_pay_standard)
) STRICT, WITHOUT ROWID;

-- Outpatient costs of a medical year, named by the year in which it begins (1 July); the total is their sum.
CREATE TABLE account_costs (
    person_no    TEXT NOT NULL,
    medical_year INTEGER NOT NULL,
    fund         INTEGER NOT NULL CHECK (fund >= 0),
    account      INTEGER NOT NULL CHECK (account >= 0),
    cash         INTEGER NOT NULL CHECK (cash >= 0),
    PRIMARY KEY (person_no, medical_year)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_credits (
    person_no   TEXT NOT NULL,
    credited_on TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    PRIMARY KEY (person_no, credited_on)
) STRICT, WITHOUT ROWID;

-- for_period is the month that it is for, settled_period the month in which it was settled: later for a back-payment,
-- none while nothing has come. Two employers in a month and several kinds are normal. The values of insurance, kind and
-- status are checked where rows are written: a CHECK on each of millions of rows would cost more than it finds.
CREATE TABLE payments (
    person_no       TEXT NOT NULL,
    for_period      INTEGER NOT NULL,
    insurance       TEXT NOT NULL,
    employer_no     TEXT NOT NULL,
    kind            TEXT NOT NULL,
    base            INTEGER NOT NULL,
    employer_amount INTEGER NOT NULL,
    personal        INTEGER NOT NULL,
    status          TEXT NOT NULL,
    settled_period  INTEGER,
    PRIMARY KEY (person_no, for_period, insurance, employer_no, kind)
) STRICT, WITHOUT ROWID;

-- The summary of the personal rights record.
CREATE TABLE rights (
    person_no           TEXT PRIMARY KEY,
    as_of               TEXT NOT NULL,
    pension_months      INTEGER NOT NULL,
    medical_months      INTEGER NOT NULL,
    unemployment_months INTEGER NOT NULL,
    injury_months       INTEGER NOT NULL,
    pension_account     INTEGER NOT NULL,
    year_months         INTEGER NOT NULL CHECK (year_months BETWEEN 0 AND 12),
    interest            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Filings for treatment elsewhere; the one filed last counts.
CREATE TABLE filings (
    person_no   TEXT NOT NULL,
    filed_on    TEXT NOT NULL,
    place       TEXT NOT NULL,
    filing      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('active', 'pending', 'rejected', 'expired', 'cancelled')),
    valid_from  TEXT,
    valid_until TEXT,
    PRIMARY KEY (person_no, filed_on)
) STRICT, WITHOUT ROWID;

-- Argon2id hashes with their parameters. An initial PIN was issued by the bureau and must be changed first.
CREATE TABLE pins (
    person_no TEXT PRIMARY KEY,
    hash      TEXT NOT NULL,
    initial   INTEGER NOT NULL,
    set_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When an outlet opened the telephone to somebody again: tries up to then count no more.
CREATE TABLE unlocks (
    person_no TEXT PRIMARY KEY,
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tries of a PIN, written before the PIN is checked. person and caller are keyed hashes: of people who may not exist,
-- of numbers that may be withheld (NULL). failed is 1 until the PIN proved right; verdict is NULL until it was checked.
CREATE TABLE tries (
    call     BLOB NOT NULL,
    leg      INTEGER NOT NULL,
    turn     INTEGER NOT NULL,
    person   BLOB NOT NULL,
    caller   BLOB,
    at       INTEGER NOT NULL,
    failed   INTEGER NOT NULL DEFAULT 1,
    verdict  TEXT,
    tries_left INTEGER,
    PRIMARY KEY (call, leg, turn)
) STRICT, WITHOUT ROWID;

CREATE INDEX tries_by_person ON tries (person, failed, at);
CREATE INDEX tries_by_caller ON tries (caller, at) WHERE caller IS NOT NULL AND failed = 1;

-- Whom a call has verified. full is 0 while the PIN is an initial one: then it is good for setting a PIN only.
CREATE TABLE verifications (
    call        BLOB PRIMARY KEY,
    person_no   TEXT NOT NULL,
    verified_at INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL,
    full        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who looked at whose data: append-only.
CREATE TABLE looks (
    at        INTEGER NOT NULL,
    call      BLOB NOT NULL,
    person_no TEXT NOT NULL,
    lookup    TEXT NOT NULL,
    outcome   TEXT NOT NULL
) STRICT;

CREATE TRIGGER looks_are_not_changed BEFORE UPDATE ON looks
BEGIN
    SELECT RAISE(ABORT, 'looks are append-only');
END;

CREATE TRIGGER looks_are_not_deleted BEFORE DELETE ON looks
BEGIN
    SELECT RAISE(ABORT, 'looks are append-only');
END;
