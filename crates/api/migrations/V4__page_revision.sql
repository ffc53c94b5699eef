-- Who made the present state of a page, and by what.
ALTER TABLE page ADD COLUMN revised_by TEXT REFERENCES account (id) ON DELETE SET NULL;
ALTER TABLE page ADD COLUMN reason TEXT NOT NULL DEFAULT 'edited'
    CHECK (reason IN ('created', 'imported', 'edited', 'published', 'unpublished', 'restored'));

CREATE INDEX page_by_reviser ON page (revised_by);

-- Of pages that are older than this history only the first state is known: by whom, and by what.
UPDATE page SET reason = 'created', revised_by = author_id WHERE revision = 1;
UPDATE page SET reason = 'imported'
WHERE (number, revision) IN (SELECT page_number, page_revision FROM page_import);

-- The states that a page had before its present one. `body` is last, so that a list does not read it.
CREATE TABLE page_revision (
    page_number INTEGER NOT NULL REFERENCES page (number) ON DELETE CASCADE,
    revision    INTEGER NOT NULL CHECK (revision >= 1),
    saved_at    INTEGER NOT NULL CHECK (saved_at >= 0),
    author_id   TEXT REFERENCES account (id) ON DELETE SET NULL,
    reason      TEXT NOT NULL CHECK (reason IN ('created', 'imported', 'edited', 'published', 'unpublished', 'restored')),
    status      TEXT NOT NULL CHECK (status IN ('draft', 'published')),
    slug        TEXT NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    -- Markdown, as written
    body        TEXT NOT NULL,
    PRIMARY KEY (page_number, revision)
) STRICT;

CREATE INDEX page_revision_by_author ON page_revision (author_id);
