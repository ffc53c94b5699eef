-- Sitemap and feeds are made of what stands in these indexes: a page's status, and whether programs are to find it, are behind all of its text.
CREATE INDEX page_by_found ON page (language, number, slug, live_at, translation_group) WHERE status = 'published' AND noindex = 0;
DROP INDEX page_by_language;
CREATE INDEX page_by_language ON page (language, published_at DESC, id DESC, noindex) WHERE status = 'published';
