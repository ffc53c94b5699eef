-- What administrators set: a row for each setting that is not left as it is without them. Text, as environment variables have it.
CREATE TABLE setting (
    name       TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
    value      TEXT CHECK (length(value) <= 5000),
    -- a secret, sealed for this name with a key made from the secret key
    sealed     BLOB,
    updated_at INTEGER NOT NULL CHECK (updated_at >= 0),
    CHECK ((value IS NULL) <> (sealed IS NULL))
) STRICT, WITHOUT ROWID;

-- They are changed as a whole: one number counts the changes.
CREATE TABLE setting_revision (
    number   INTEGER NOT NULL PRIMARY KEY CHECK (number = 1),
    revision INTEGER NOT NULL CHECK (revision >= 1)
) STRICT;
INSERT INTO setting_revision (number, revision) VALUES (1, 1);
