-- Changes of a published page that visitors do not see yet: there is a row while there are some. `page` has what visitors read, and
-- `page.revision`, `updated_at`, `revised_by` and `reason` belong to what an editor sees: to the row here where there is one.
CREATE TABLE page_draft (
    page_number     INTEGER NOT NULL PRIMARY KEY REFERENCES page (number) ON DELETE CASCADE,
    -- reserved until it is published or discarded: no page has it, and no other draft
    slug            TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 200),
    title           TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    summary         TEXT NOT NULL CHECK (length(summary) <= 500),
    body            TEXT NOT NULL,
    html            TEXT NOT NULL,
    plain           TEXT NOT NULL,
    renderer        INTEGER NOT NULL,
    seo_title       TEXT NOT NULL,
    seo_description TEXT NOT NULL,
    canonical       TEXT NOT NULL,
    noindex         INTEGER NOT NULL CHECK (noindex IN (0, 1)),
    -- JSON array of texts, in order
    tags            TEXT NOT NULL
) STRICT;

-- The admin area finds pages by the words of their drafts, too.
CREATE VIRTUAL TABLE page_draft_search USING fts5 (
    title, summary, plain,
    content = 'page_draft', content_rowid = 'page_number',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER page_draft_search_insert AFTER INSERT ON page_draft BEGIN
    INSERT INTO page_draft_search (rowid, title, summary, plain) VALUES (new.page_number, new.title, new.summary, new.plain);
END;
CREATE TRIGGER page_draft_search_delete AFTER DELETE ON page_draft BEGIN
    INSERT INTO page_draft_search (page_draft_search, rowid, title, summary, plain)
    VALUES ('delete', old.page_number, old.title, old.summary, old.plain);
END;
CREATE TRIGGER page_draft_search_update AFTER UPDATE OF title, summary, plain ON page_draft BEGIN
    INSERT INTO page_draft_search (page_draft_search, rowid, title, summary, plain)
    VALUES ('delete', old.page_number, old.title, old.summary, old.plain);
    INSERT INTO page_draft_search (rowid, title, summary, plain) VALUES (new.page_number, new.title, new.summary, new.plain);
END;

-- Of what visitors read: since when, and which revision of the page it is. NULL while the page is hidden.
ALTER TABLE page ADD COLUMN live_at INTEGER CHECK (live_at >= 0);
ALTER TABLE page ADD COLUMN live_revision INTEGER CHECK (live_revision >= 1);
UPDATE page SET live_at = updated_at, live_revision = revision WHERE status = 'published';

-- BCP 47; empty for the site's own language, whichever the settings name. Pages of other languages have its tag as the first part of their
-- slug, so that one unique slug is one address of the site.
ALTER TABLE page ADD COLUMN language TEXT NOT NULL DEFAULT '';
-- The pages that say the same in several languages have the same one: the id of one of them.
ALTER TABLE page ADD COLUMN translation_group TEXT;
CREATE INDEX page_by_language ON page (language, status, published_at DESC, id DESC);
CREATE UNIQUE INDEX page_by_translation ON page (translation_group, language)
    WHERE translation_group IS NOT NULL AND deleted_at IS NULL;

-- JSON; NULL in states that are older than this: not known.
ALTER TABLE page_revision ADD COLUMN tags TEXT;
ALTER TABLE page_revision ADD COLUMN seo TEXT;

-- Menus that editors make: a tree of links under a name, for each language.
CREATE TABLE menu (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    -- as in `page`
    language   TEXT NOT NULL,
    -- JSON: the items, nested
    items      TEXT NOT NULL,
    revision   INTEGER NOT NULL CHECK (revision >= 1),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    updated_at INTEGER NOT NULL CHECK (updated_at >= 0),
    UNIQUE (name, language)
) STRICT;
