-- Times are unix milliseconds in UTC (`*_at`), ids are UUIDv7 text, every table is STRICT with an explicit primary key.
-- A released migration is never edited, not even its comments: its checksum is in every database.

CREATE TABLE account (
    id            TEXT NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name          TEXT NOT NULL,
    -- PHC string, argon2id
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;

CREATE TABLE account_session (
    -- HMAC-SHA256 of the token in the cookie: who reads this table can't sign in with it
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    seen_at    INTEGER NOT NULL CHECK (seen_at >= created_at),
    expires_at INTEGER NOT NULL CHECK (expires_at >= created_at)
) STRICT;

CREATE INDEX account_session_account ON account_session (account_id);

CREATE TABLE page (
    -- row number that the search index refers to; a declared key survives VACUUM
    number       INTEGER NOT NULL PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    slug         TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 200),
    title        TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    summary      TEXT NOT NULL CHECK (length(summary) <= 500),
    -- Markdown, as written
    body         TEXT NOT NULL,
    -- sanitised HTML and plain text made from `body` by this version of the renderer
    html         TEXT NOT NULL,
    plain        TEXT NOT NULL,
    renderer     INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('draft', 'published')),
    revision     INTEGER NOT NULL CHECK (revision >= 1),
    author_id    TEXT REFERENCES account (id) ON DELETE SET NULL,
    created_at   INTEGER NOT NULL CHECK (created_at >= 0),
    updated_at   INTEGER NOT NULL CHECK (updated_at >= 0),
    -- when it was first published; kept when it is taken back, so that it returns to its place
    published_at INTEGER CHECK (published_at >= 0),
    CHECK (status = 'draft' OR published_at IS NOT NULL)
) STRICT;

CREATE INDEX page_by_published ON page (status, published_at DESC, id DESC);
CREATE INDEX page_by_updated ON page (updated_at DESC, id DESC);
CREATE INDEX page_by_author ON page (author_id);

CREATE VIRTUAL TABLE page_search USING fts5 (
    title, summary, plain,
    content = 'page', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER page_search_insert AFTER INSERT ON page BEGIN
    INSERT INTO page_search (rowid, title, summary, plain) VALUES (new.number, new.title, new.summary, new.plain);
END;
CREATE TRIGGER page_search_delete AFTER DELETE ON page BEGIN
    INSERT INTO page_search (page_search, rowid, title, summary, plain) VALUES ('delete', old.number, old.title, old.summary, old.plain);
END;
CREATE TRIGGER page_search_update AFTER UPDATE OF title, summary, plain ON page BEGIN
    INSERT INTO page_search (page_search, rowid, title, summary, plain) VALUES ('delete', old.number, old.title, old.summary, old.plain);
    INSERT INTO page_search (rowid, title, summary, plain) VALUES (new.number, new.title, new.summary, new.plain);
END;

CREATE TABLE media (
    id         TEXT NOT NULL PRIMARY KEY,
    -- lower-case hex; also the name of the file
    sha256     TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    -- pixels, for pictures
    width      INTEGER CHECK (width > 0),
    height     INTEGER CHECK (height > 0),
    created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;

CREATE INDEX media_by_created ON media (created_at DESC, id DESC);

-- Which pages show which media: a file in use can't be deleted.
CREATE TABLE page_media (
    page_number INTEGER NOT NULL REFERENCES page (number) ON DELETE CASCADE,
    media_id    TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (page_number, media_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX page_media_by_media ON page_media (media_id);

-- Where an imported page came from: a second import changes nothing, and an edit made here is never overwritten.
CREATE TABLE page_import (
    -- name of the imported folder, and the path of the file in it
    source        TEXT NOT NULL PRIMARY KEY,
    page_number   INTEGER NOT NULL UNIQUE REFERENCES page (number) ON DELETE CASCADE,
    -- SHA-256 of what the file made, lower-case hex
    content_hash  TEXT NOT NULL,
    -- revision of the page that the import wrote
    page_revision INTEGER NOT NULL
) STRICT;
