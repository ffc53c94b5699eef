-- Posts on social networks wait beside letters: the table is made anew, because a CHECK can't be changed.
CREATE TABLE outbox_new (
    id              TEXT NOT NULL PRIMARY KEY,
    -- by what it leaves
    kind            TEXT NOT NULL CHECK (kind IN ('mail', 'mastodon', 'linkedin', 'x')),
    -- the address that it goes to; of a post the host of the network
    target          TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 320),
    template        TEXT NOT NULL CHECK (length(template) BETWEEN 1 AND 50),
    -- what the template is filled with: JSON
    payload         TEXT NOT NULL CHECK (length(payload) <= 65536 AND json_valid(payload)),
    -- the same cause is written once
    idempotency_key TEXT NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    state           TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'sent', 'dead', 'cancelled')),
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
    -- when somebody took it back
    cancelled_at    INTEGER CHECK (cancelled_at >= 0),
    -- where it is to be seen, as the other side says
    receipt         TEXT CHECK (length(receipt) <= 500),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'dead') = (dead_at IS NOT NULL)),
    CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
) STRICT;

INSERT INTO outbox_new (id, kind, target, template, payload, idempotency_key, state, attempts, next_at, leased_until, last_error, created_at,
    sent_at, dead_at)
SELECT id, kind, target, template, payload, idempotency_key, state, attempts, next_at, leased_until, last_error, created_at, sent_at, dead_at
FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;

CREATE INDEX outbox_by_created ON outbox (created_at DESC, id DESC);
CREATE INDEX outbox_by_state ON outbox (state, created_at DESC, id DESC);
CREATE INDEX outbox_by_next ON outbox (kind, next_at) WHERE state = 'queued';
CREATE INDEX outbox_by_lease ON outbox (kind, leased_until) WHERE state = 'leased';
CREATE INDEX outbox_by_sent ON outbox (kind, sent_at) WHERE state = 'sent';

-- Networks that asked to be left alone, and until when: also after a restart.
CREATE TABLE outbox_pause (
    kind  TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL CHECK (until >= 0)
) STRICT, WITHOUT ROWID;

-- What is posted when a page is published.
CREATE TABLE page_announcement (
    page_number INTEGER NOT NULL PRIMARY KEY REFERENCES page (number) ON DELETE CASCADE,
    -- JSON array of pairs: a network, and what its posts in the outbox go to
    networks    TEXT NOT NULL CHECK (json_type(networks) = 'array'),
    -- the address of the site, without a slash at its end
    base        TEXT NOT NULL CHECK (length(base) BETWEEN 1 AND 500),
    text        TEXT NOT NULL CHECK (length(text) <= 5000),
    created_at  INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;
