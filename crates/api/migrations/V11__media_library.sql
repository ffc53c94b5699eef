-- What people say of a file.
ALTER TABLE media ADD COLUMN original_name TEXT NOT NULL DEFAULT '' CHECK (length(original_name) <= 255);
UPDATE media SET original_name = name;
ALTER TABLE media ADD COLUMN alt TEXT NOT NULL DEFAULT '' CHECK (length(alt) <= 1000);
-- What stays in view where a picture is cropped: from 0 (left, top) to 1 (right, bottom).
ALTER TABLE media ADD COLUMN focal_x REAL NOT NULL DEFAULT 0.5 CHECK (focal_x BETWEEN 0 AND 1);
ALTER TABLE media ADD COLUMN focal_y REAL NOT NULL DEFAULT 0.5 CHECK (focal_y BETWEEN 0 AND 1);
ALTER TABLE media ADD COLUMN uploaded_by TEXT REFERENCES account (id) ON DELETE SET NULL;
ALTER TABLE media ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0 CHECK (updated_at >= 0);
UPDATE media SET updated_at = created_at;
-- raised by each change that people make, for If-Match
ALTER TABLE media ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1);

CREATE INDEX media_by_uploader ON media (uploaded_by);

CREATE TABLE media_tag (
    media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    -- lower case
    tag      TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 50),
    PRIMARY KEY (media_id, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_tag_by_tag ON media_tag (tag);

-- Contents that a file had before its present one: what names them by their address shows the present one.
CREATE TABLE media_former (
    sha256      TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    media_id    TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    replaced_at INTEGER NOT NULL CHECK (replaced_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_former_by_media ON media_former (media_id);

-- The queue of smaller pictures: 'none' where there is nothing to be made of a file.
ALTER TABLE media ADD COLUMN variants TEXT NOT NULL DEFAULT 'none' CHECK (variants IN ('none', 'queued', 'made', 'failed'));
-- why there are none, or not all
ALTER TABLE media ADD COLUMN variants_reason TEXT CHECK (length(variants_reason) <= 500);
-- how often it was begun: a picture that ends the server each time is given up
ALTER TABLE media ADD COLUMN variants_attempts INTEGER NOT NULL DEFAULT 0 CHECK (variants_attempts >= 0);
-- by which presets they were made: where the settings say others now, they are made anew
ALTER TABLE media ADD COLUMN variants_recipe TEXT NOT NULL DEFAULT '';
UPDATE media SET variants = 'queued' WHERE media_type IN ('image/gif', 'image/jpeg', 'image/png', 'image/webp');

CREATE INDEX media_by_queue ON media (created_at, id) WHERE variants = 'queued';

-- The smaller pictures that there are. They can be made again, and so are in no backup.
CREATE TABLE media_variant (
    media_id   TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    preset     TEXT NOT NULL,
    -- made of content, preset and focal point: part of the file's name, and of its address
    version    TEXT NOT NULL,
    width      INTEGER NOT NULL CHECK (width > 0),
    height     INTEGER NOT NULL CHECK (height > 0),
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    -- 1: a part of the picture, and not all of it
    cropped    INTEGER NOT NULL CHECK (cropped IN (0, 1)),
    PRIMARY KEY (media_id, preset)
) STRICT, WITHOUT ROWID;

-- Files that come in parts, by tus.
CREATE TABLE media_upload (
    id           TEXT NOT NULL PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- as the client gave it
    name         TEXT NOT NULL CHECK (length(name) <= 255),
    metadata     TEXT NOT NULL,
    size_bytes   INTEGER NOT NULL CHECK (size_bytes > 0),
    -- how much of it is on disk, come what may
    offset_bytes INTEGER NOT NULL CHECK (offset_bytes BETWEEN 0 AND size_bytes),
    -- known when all of it is there
    sha256       TEXT CHECK (length(sha256) = 64),
    created_at   INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at   INTEGER NOT NULL CHECK (expires_at >= created_at),
    -- what became of it; it no longer counts
    media_id     TEXT REFERENCES media (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX media_upload_by_account ON media_upload (account_id);
CREATE INDEX media_upload_by_expiry ON media_upload (expires_at);
CREATE INDEX media_upload_by_media ON media_upload (media_id);
