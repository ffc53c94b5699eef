-- Indexes of those pages alone that somebody asks for by them.

-- The list of the admin area leaves out what is in the trash, and is not to read through it: what was deleted last was changed last. Whoever
-- counts the pages that are there reads the index and none of their texts.
DROP INDEX page_by_updated;
CREATE INDEX page_by_updated ON page (updated_at DESC, id DESC) WHERE deleted_at IS NULL;

-- Visitors read what is published. A page is written as a draft first, and drafts need no place in these.
DROP INDEX page_by_published;
CREATE INDEX page_by_published ON page (published_at DESC, id DESC) WHERE status = 'published';
DROP INDEX page_by_language;
CREATE INDEX page_by_language ON page (language, published_at DESC, id DESC) WHERE status = 'published';
