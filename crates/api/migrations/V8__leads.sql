-- What visitors are asked, as the team defines it.
CREATE TABLE form (
    id            TEXT NOT NULL PRIMARY KEY,
    slug          TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 100),
    title         TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    kind          TEXT NOT NULL CHECK (kind IN ('contact', 'download', 'webinar')),
    -- JSON array of fields
    fields        TEXT NOT NULL CHECK (json_type(fields) = 'array'),
    -- JSON array of addresses that are told of each lead
    notify        TEXT NOT NULL CHECK (json_type(notify) = 'array'),
    -- 1: who sends it confirms the address by a link
    double_opt_in INTEGER NOT NULL CHECK (double_opt_in IN (0, 1)),
    -- said after sending
    thanks        TEXT NOT NULL,
    -- days after which leads are deleted
    kept_days     INTEGER NOT NULL CHECK (kept_days BETWEEN 1 AND 3650),
    -- 0: nothing can be sent
    open          INTEGER NOT NULL CHECK (open IN (0, 1)),
    revision      INTEGER NOT NULL CHECK (revision >= 1),
    created_at    INTEGER NOT NULL CHECK (created_at >= 0),
    updated_at    INTEGER NOT NULL CHECK (updated_at >= 0)
) STRICT;

CREATE TABLE lead (
    id         TEXT NOT NULL PRIMARY KEY,
    form_id    TEXT NOT NULL REFERENCES form (id),
    -- of the form's token: the same form sent twice is one lead
    nonce      TEXT NOT NULL UNIQUE,
    -- of the first field for one
    email      TEXT COLLATE NOCASE,
    -- JSON array of name, label and value, as they were asked
    answers    TEXT NOT NULL CHECK (json_type(answers) = 'array'),
    state      TEXT NOT NULL CHECK (state IN ('unconfirmed', 'new', 'in-work', 'done')),
    note       TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    -- when it is deleted
    expires_at INTEGER NOT NULL CHECK (expires_at >= created_at)
) STRICT;

CREATE INDEX lead_by_time ON lead (created_at DESC, id DESC);
CREATE INDEX lead_by_form ON lead (form_id, created_at DESC);
CREATE INDEX lead_by_email ON lead (email);
CREATE INDEX lead_by_expiry ON lead (expires_at);

-- Letters that quote a lead, or go to who sent it: they go with it.
CREATE TABLE lead_letter (
    lead_id   TEXT NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
    outbox_id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    PRIMARY KEY (lead_id, outbox_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX lead_letter_by_outbox ON lead_letter (outbox_id);
