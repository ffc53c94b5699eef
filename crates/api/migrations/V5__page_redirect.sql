-- Addresses that published pages had. They lead to the page and not to another address, so that there are no chains and no circles; no page
-- has an address of these.
CREATE TABLE page_redirect (
    slug        TEXT NOT NULL PRIMARY KEY,
    page_number INTEGER NOT NULL REFERENCES page (number) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX page_redirect_by_page ON page_redirect (page_number);
