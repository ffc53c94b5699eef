-- NULL: invited, and no password chosen yet; the hash is then one that no password has.
ALTER TABLE account ADD COLUMN password_set_at INTEGER CHECK (password_set_at >= 0);
UPDATE account SET password_set_at = created_at;
ALTER TABLE account ADD COLUMN disabled_at INTEGER CHECK (disabled_at >= 0);
ALTER TABLE account ADD COLUMN signed_in_at INTEGER CHECK (signed_in_at >= 0);
-- raised by each change that people make, for If-Match
ALTER TABLE account ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1);

-- The id names a session in lists. One from before takes it from its hash, which signs nobody in.
ALTER TABLE account_session ADD COLUMN id TEXT;
UPDATE account_session SET id = substr(token_hash, 1, 8) || '-' || substr(token_hash, 9, 4) || '-4' || substr(token_hash, 14, 3)
    || '-8' || substr(token_hash, 18, 3) || '-' || substr(token_hash, 21, 12);
CREATE UNIQUE INDEX account_session_by_id ON account_session (id);
ALTER TABLE account_session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE account_session ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Addresses that somebody signed in from: failures of strangers don't make them wait.
CREATE TABLE account_address (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address    TEXT NOT NULL,
    seen_at    INTEGER NOT NULL CHECK (seen_at >= 0),
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- Links to choose a password. What is in the link is made from the id and the secret key when the letter is sent: who reads this table or
-- the outbox can't use it.
CREATE TABLE account_link (
    id         TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at INTEGER NOT NULL CHECK (expires_at >= created_at)
) STRICT;

CREATE INDEX account_link_by_account ON account_link (account_id);

-- The second factor.
CREATE TABLE account_totp (
    account_id   TEXT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- sealed with a key made from the secret key
    secret       BLOB NOT NULL,
    -- NULL: shown, and not yet confirmed by a code
    confirmed_at INTEGER CHECK (confirmed_at >= 0),
    -- the time step of the code that was used last: none is taken twice
    last_step    INTEGER NOT NULL DEFAULT 0 CHECK (last_step >= 0)
) STRICT;

CREATE TABLE account_recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- HMAC-SHA256 with the secret key
    code_hash  TEXT NOT NULL,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token (
    id         TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- HMAC-SHA256 with the secret key
    token_hash TEXT NOT NULL UNIQUE,
    -- what it may do at most; never more than its account
    role       TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'viewer')),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at INTEGER NOT NULL CHECK (expires_at >= created_at),
    used_at    INTEGER CHECK (used_at >= 0),
    used_from  TEXT
) STRICT;

CREATE INDEX api_token_by_account ON api_token (account_id);

-- Who changed what. Rows are written in the transaction of the change, and stay as they are.
CREATE TABLE audit_entry (
    -- rises by one each time: a gap would be an entry that somebody took out
    number       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL CHECK (at >= 0),
    -- no reference: the entry outlives the account
    actor_id     TEXT,
    actor        TEXT NOT NULL,
    via          TEXT NOT NULL CHECK (via IN ('session', 'token', 'link', 'command-line', 'server')),
    -- the client's address
    address      TEXT,
    action       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT,
    subject      TEXT NOT NULL,
    -- JSON objects; of a change only the fields that differ
    before       TEXT CHECK (before IS NULL OR json_valid(before)),
    after        TEXT CHECK (after IS NULL OR json_valid(after))
) STRICT;

CREATE INDEX audit_entry_by_subject ON audit_entry (subject_id, number DESC);

CREATE TRIGGER audit_entry_is_final BEFORE UPDATE ON audit_entry BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
