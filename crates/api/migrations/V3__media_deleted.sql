-- Files that no row of media names any more. They go when no copy of the site is being made: a backup reads them after its copy of the rows.
CREATE TABLE media_deleted (
    sha256     TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    deleted_at INTEGER NOT NULL CHECK (deleted_at >= 0)
) STRICT;
