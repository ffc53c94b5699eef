-- What visitors get once they sent a form, or confirmed their address: the address of a file or a page.
ALTER TABLE form ADD COLUMN link TEXT CHECK (length(link) BETWEEN 1 AND 2000);
-- Of a webinar: when it begins.
ALTER TABLE form ADD COLUMN starts_at INTEGER CHECK (starts_at >= 0);
