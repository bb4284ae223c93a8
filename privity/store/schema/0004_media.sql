-- Media: what was uploaded, and which file on the disk (by SHA-256) holds it.

CREATE TABLE media (
    media_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    file_name TEXT,
    created_ts INTEGER NOT NULL
);
CREATE INDEX media_by_digest ON media (digest);
CREATE INDEX media_of_user ON media (user_id);

-- What of its quota each account has used up, in bytes.
CREATE TABLE media_kept (
    user_id TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL
);
