-- What the next version of the tests brings. Two pages of one title, which the version before allows, keep it from being made.
CREATE TABLE next_version (page TEXT PRIMARY KEY, title TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO next_version SELECT id, title FROM page;
