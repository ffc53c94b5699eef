-- Pages that the search index does not have yet. They are added a little later, many at once, and at the latest before somebody searches: the
-- index writes out what it was given at the end of each write, which takes longer for one page than the page itself.
CREATE TABLE page_search_waiting (
    -- of the page
    number INTEGER NOT NULL PRIMARY KEY
) STRICT;

DROP TRIGGER page_search_insert;
DROP TRIGGER page_search_delete;
DROP TRIGGER page_search_update;

CREATE TRIGGER page_search_insert AFTER INSERT ON page BEGIN
    INSERT INTO page_search_waiting (number) VALUES (new.number);
END;
-- What the index has is taken out at once, since that needs the text as it was.
CREATE TRIGGER page_search_delete AFTER DELETE ON page BEGIN
    INSERT INTO page_search (page_search, rowid, title, summary, plain)
    SELECT 'delete', old.number, old.title, old.summary, old.plain
    WHERE NOT EXISTS (SELECT 1 FROM page_search_waiting WHERE number = old.number);
    DELETE FROM page_search_waiting WHERE number = old.number;
END;
CREATE TRIGGER page_search_update AFTER UPDATE OF title, summary, plain ON page BEGIN
    INSERT INTO page_search (page_search, rowid, title, summary, plain)
    SELECT 'delete', old.number, old.title, old.summary, old.plain
    WHERE NOT EXISTS (SELECT 1 FROM page_search_waiting WHERE number = old.number);
    INSERT OR IGNORE INTO page_search_waiting (number) VALUES (new.number);
END;
