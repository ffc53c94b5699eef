-- Since when the present state of a page is a working copy, which its editor saves by itself while somebody writes: their next save takes its
-- place instead of keeping it among the revisions. NULL where somebody saved by hand.
ALTER TABLE page ADD COLUMN autosaved_since INTEGER CHECK (autosaved_since >= 0);
