-- Media that is promised and comes later, thumbnails, files that nobody needs any more, and the
-- lease of the process that cleans up.

-- Addresses that were given out before anything lies there (POST /_matrix/media/v1/create).
CREATE TABLE media_awaited (
    media_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_ts INTEGER NOT NULL
);
CREATE INDEX media_awaited_of_user ON media_awaited (user_id, expires_ts);
CREATE INDEX media_awaited_by_age ON media_awaited (expires_ts);

-- Where in the stream media came that was promised: who waits for it, in any process, hears of it.
ALTER TABLE media ADD COLUMN pos INTEGER;
CREATE INDEX media_by_pos ON media (pos) WHERE pos IS NOT NULL;
CREATE INDEX media_by_age ON media (created_ts);

-- Smaller copies of pictures; `of_digest` is the file that was made smaller. Where both digests are
-- the same, the picture itself is small enough.
CREATE TABLE thumbnails (
    of_digest TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    method TEXT NOT NULL,
    is_animated INTEGER NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    made_ts INTEGER NOT NULL,
    PRIMARY KEY (of_digest, width, height, method, is_animated)
);
CREATE INDEX thumbnails_by_digest ON thumbnails (digest);
CREATE INDEX thumbnails_by_age ON thumbnails (made_ts);

-- Files that had a row and lost it. They are removed after a while, unless a row names them again.
CREATE TABLE files_unnamed (digest TEXT PRIMARY KEY, since_ts INTEGER NOT NULL);
CREATE INDEX files_unnamed_by_age ON files_unnamed (since_ts);

-- Work that one process at a time does: who, and until when unless renewed.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_ts INTEGER NOT NULL
);
