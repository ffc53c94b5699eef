-- In the trash: hidden from everybody but the trash, with an address that no page can have, and the one that it had beside it.
ALTER TABLE page ADD COLUMN deleted_at INTEGER CHECK (deleted_at >= 0);
ALTER TABLE page ADD COLUMN former_slug TEXT;
CREATE INDEX page_by_deleted ON page (deleted_at) WHERE deleted_at IS NOT NULL;

-- When it is shown and hidden by itself.
ALTER TABLE page ADD COLUMN publish_at INTEGER CHECK (publish_at >= 0);
ALTER TABLE page ADD COLUMN unpublish_at INTEGER CHECK (unpublish_at >= 0);
CREATE INDEX page_by_publish ON page (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX page_by_unpublish ON page (unpublish_at) WHERE unpublish_at IS NOT NULL;

-- What search engines and previews of links read, where it differs from what visitors read.
ALTER TABLE page ADD COLUMN seo_title TEXT NOT NULL DEFAULT '';
ALTER TABLE page ADD COLUMN seo_description TEXT NOT NULL DEFAULT '';
ALTER TABLE page ADD COLUMN canonical TEXT NOT NULL DEFAULT '';
ALTER TABLE page ADD COLUMN noindex INTEGER NOT NULL DEFAULT 0 CHECK (noindex IN (0, 1));

CREATE TABLE page_tag (
    page_number INTEGER NOT NULL REFERENCES page (number) ON DELETE CASCADE,
    -- lower case
    tag         TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 50),
    PRIMARY KEY (page_number, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX page_tag_by_tag ON page_tag (tag);
