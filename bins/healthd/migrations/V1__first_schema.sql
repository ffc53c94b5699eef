-- Times are unix milliseconds in UTC (`*_at`), lengths of time say their unit, every table is STRICT with an explicit primary key.
-- A released migration is never edited, not even its comments: its checksum is in every database.

-- What is watched. A check that left the settings keeps its row as long as something refers to it.
CREATE TABLE subject (
    id         INTEGER NOT NULL PRIMARY KEY,
    -- the name of the site in the settings; empty for the one that the settings describe
    site       TEXT NOT NULL,
    -- the name of the check; empty for the site as a whole
    check_name TEXT NOT NULL,
    -- when it was watched first
    first_at   INTEGER NOT NULL CHECK (first_at >= 0),
    UNIQUE (site, check_name)
) STRICT;

-- What was seen: one row for each answer, at most one in each interval. In the order of time, so that it grows at its end and is cut at its
-- beginning.
CREATE TABLE sample (
    at         INTEGER NOT NULL CHECK (at >= 0),
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    -- 0 pass, 1 warn, 2 fail, 3 unknown, 4 suppressed, 5 maintenance
    status     INTEGER NOT NULL CHECK (status BETWEEN 0 AND 5),
    -- how long the check ran, in microseconds
    took_us    INTEGER CHECK (took_us >= 0),
    -- its first measurement, in its unit
    reading    REAL,
    PRIMARY KEY (at, subject_id)
) STRICT, WITHOUT ROWID;

-- How long it was how in each hour. What is missing of an hour nobody knows: healthd did not run.
CREATE TABLE hour (
    -- the beginning of the hour
    at             INTEGER NOT NULL CHECK (at >= 0),
    subject_id     INTEGER NOT NULL REFERENCES subject (id),
    pass_ms        INTEGER NOT NULL DEFAULT 0,
    warn_ms        INTEGER NOT NULL DEFAULT 0,
    fail_ms        INTEGER NOT NULL DEFAULT 0,
    unknown_ms     INTEGER NOT NULL DEFAULT 0,
    maintenance_ms INTEGER NOT NULL DEFAULT 0,
    answers        INTEGER NOT NULL DEFAULT 0,
    took_min_us    INTEGER,
    took_sum_us    INTEGER NOT NULL DEFAULT 0,
    took_max_us    INTEGER,
    PRIMARY KEY (subject_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    -- never used twice, so that messages can be told apart for ever
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site       TEXT NOT NULL,
    check_name TEXT NOT NULL,
    title      TEXT NOT NULL,
    -- 1 where its failure is one of the site
    critical   INTEGER NOT NULL CHECK (critical IN (0, 1)),
    -- words of magnetiq_health::Status
    status     TEXT NOT NULL,
    worst      TEXT NOT NULL,
    -- the cause at its worst, a sentence for people
    says       TEXT NOT NULL,
    -- JSON: the names of the checks that are down because of it
    also_down  TEXT NOT NULL,
    started_at INTEGER NOT NULL CHECK (started_at >= 0),
    ended_at   INTEGER CHECK (ended_at >= started_at),
    -- 1 where it ended while nobody looked
    unseen_end INTEGER NOT NULL DEFAULT 0 CHECK (unseen_end IN (0, 1))
) STRICT;

-- Never two open ones of one check.
CREATE UNIQUE INDEX incident_open ON incident (check_name) WHERE ended_at IS NULL;
CREATE INDEX incident_by_start ON incident (started_at DESC);

-- What a channel took, written after it did: what is not here is said again.
CREATE TABLE notice (
    incident_id INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    channel     TEXT NOT NULL,
    -- what was said: open.fail, worse.fail, reminder.1, resolved
    kind        TEXT NOT NULL,
    -- the id of the message; one that says several things is in several rows
    message     TEXT NOT NULL,
    sent_at     INTEGER NOT NULL CHECK (sent_at >= 0),
    PRIMARY KEY (incident_id, channel, kind)
) STRICT, WITHOUT ROWID;

-- Windows of maintenance that run or are to come.
CREATE TABLE maintenance (
    -- JSON of magnetiq_health::Scope
    scope    TEXT NOT NULL PRIMARY KEY,
    from_at  INTEGER NOT NULL,
    until_at INTEGER NOT NULL CHECK (until_at > from_at),
    reason   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
