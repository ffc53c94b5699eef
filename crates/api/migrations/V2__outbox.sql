-- What is to be handed over to somebody far away: written with what causes it, delivered afterwards, at least once.
CREATE TABLE outbox (
    id              TEXT NOT NULL PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('mail')),
    -- the address that it goes to
    target          TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 320),
    template        TEXT NOT NULL CHECK (length(template) BETWEEN 1 AND 50),
    -- what the template is filled with: JSON
    payload         TEXT NOT NULL CHECK (length(payload) <= 65536 AND json_valid(payload)),
    -- the same cause is written once
    idempotency_key TEXT NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    state           TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'sent', 'dead')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    -- when it is tried, at the earliest
    next_at         INTEGER NOT NULL CHECK (next_at >= 0),
    -- until when the one who tries it has it alone
    leased_until    INTEGER CHECK (leased_until >= 0),
    last_error      TEXT CHECK (length(last_error) <= 500),
    created_at      INTEGER NOT NULL CHECK (created_at >= 0),
    sent_at         INTEGER CHECK (sent_at >= 0),
    -- when it was given up
    dead_at         INTEGER CHECK (dead_at >= 0),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'dead') = (dead_at IS NOT NULL))
) STRICT;

CREATE INDEX outbox_by_created ON outbox (created_at DESC, id DESC);
CREATE INDEX outbox_by_state ON outbox (state, created_at DESC, id DESC);
CREATE INDEX outbox_by_next ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_by_lease ON outbox (leased_until) WHERE state = 'leased';
CREATE INDEX outbox_by_sent ON outbox (sent_at) WHERE state = 'sent';
