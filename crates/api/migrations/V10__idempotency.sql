-- Requests that a program may send twice, and what was answered the first time. Kept for a day.
CREATE TABLE idempotency (
    -- HMAC-SHA256 of account and key with the secret key
    key_hash    TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of method, address and body: another request with the same key is a mistake
    fingerprint TEXT NOT NULL,
    created_at  INTEGER NOT NULL CHECK (created_at >= 0),
    -- NULL: it runs, or the server was killed over it
    status      INTEGER,
    -- JSON object of the headers that belong to it
    headers     TEXT,
    body        BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_time ON idempotency (created_at);
