-- Files that pages, or their drafts, name and that are not there. One that comes later is shown by these pages from then on, and can't be deleted.
CREATE TABLE page_media_missing (
    page_number INTEGER NOT NULL REFERENCES page (number) ON DELETE CASCADE,
    sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (sha256, page_number)
) STRICT, WITHOUT ROWID;

CREATE INDEX page_media_missing_by_page ON page_media_missing (page_number);

INSERT INTO page_media_missing (page_number, sha256)
WITH RECURSIVE named (page_number, sha256, rest) AS (
    SELECT number, '', body FROM page
    UNION ALL SELECT page_number, '', body FROM page_draft
    UNION ALL SELECT page_number, substr(rest, instr(rest, '/media/') + 7, 64), substr(rest, instr(rest, '/media/') + 7) FROM named
        WHERE instr(rest, '/media/') > 0
)
SELECT DISTINCT page_number, sha256 FROM named
WHERE length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'
    AND sha256 NOT IN (SELECT sha256 FROM media) AND sha256 NOT IN (SELECT sha256 FROM media_former);
