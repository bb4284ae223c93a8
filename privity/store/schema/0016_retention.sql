-- Messages that are older than `message_lifetime_ms`.

-- One row: everything up to `pos` was looked through.
CREATE TABLE messages_let_go (pos INTEGER NOT NULL);
INSERT INTO messages_let_go (pos) VALUES (0);

-- Messages that would be gone if they were not the newest of their rooms: the next event names them.
CREATE TABLE messages_kept (pos INTEGER PRIMARY KEY);

-- What a redaction emptied: the redaction stays as long as that does.
CREATE INDEX events_redacted ON events (redacted_because) WHERE redacted_because IS NOT NULL;
