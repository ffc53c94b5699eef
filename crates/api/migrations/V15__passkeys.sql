-- Passkeys (WebAuthn): what people's devices sign in with. Public keys only: who reads this table can't sign in with it.
CREATE TABLE passkey (
    id            TEXT NOT NULL PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- what the device calls it
    credential_id BLOB NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 16 AND 1023),
    -- one bit for each way to reach the device, as webauthn_rp encodes them
    transports    INTEGER NOT NULL CHECK (transports BETWEEN 0 AND 255),
    -- the public key, and what changes with each use (counter, whether there is a copy), as webauthn_rp encodes them
    static_state  BLOB NOT NULL,
    dynamic_state BLOB NOT NULL CHECK (length(dynamic_state) = 7),
    -- whether a copy is kept with the maker of the device, for its owner's others
    synced        INTEGER NOT NULL CHECK (synced IN (0, 1)),
    created_at    INTEGER NOT NULL CHECK (created_at >= 0),
    used_at       INTEGER CHECK (used_at >= 0),
    used_from     TEXT
) STRICT;

CREATE INDEX passkey_by_account ON passkey (account_id);

-- Attempts that were answered, by the SHA-256 of what they began with: none is answered twice. Kept until the attempt would have ended.
CREATE TABLE passkey_attempt (
    hash       TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL CHECK (expires_at >= 0)
) STRICT, WITHOUT ROWID;

-- INSERT OR REPLACE deletes without asking the trigger that forbids it.
CREATE TRIGGER audit_entry_is_not_replaced BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number) BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

-- JSON array of the parts of the admin area that a token is for; NULL: all
ALTER TABLE api_token ADD COLUMN areas TEXT CHECK (areas IS NULL OR json_valid(areas));
