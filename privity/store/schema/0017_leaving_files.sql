-- Files that are being removed from a bucket, or were lately: who sends the same at that very time
-- sends it again. `gone_pos` is where the stream stood when it was gone for sure.
CREATE TABLE files_leaving (
    digest TEXT PRIMARY KEY,
    since_ts INTEGER NOT NULL,
    gone_pos INTEGER
);
CREATE INDEX files_leaving_by_age ON files_leaving (since_ts);
