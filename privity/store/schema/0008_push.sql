-- Where notifications go, how far the stream was looked through for them, and which wait to be sent.

-- `since` is where the stream was when it was made: what came before is not for it. `ts` is when its
-- key was last given (ms), `badge` the count of unread messages that its gateway heard last.
CREATE TABLE pushers (
    pusher_id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    pushkey TEXT NOT NULL,
    app_display_name TEXT NOT NULL,
    device_display_name TEXT NOT NULL,
    profile_tag TEXT,
    lang TEXT NOT NULL,
    data BLOB NOT NULL,
    ts INTEGER NOT NULL,
    since INTEGER NOT NULL,
    badge INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX pushers_by_key ON pushers (app_id, pushkey, user_id);
CREATE INDEX pushers_of_user ON pushers (user_id, device_id);

-- One row: everything up to `pos` is in `notifications`, or was worth none.
CREATE TABLE push_progress (pos INTEGER NOT NULL);
INSERT INTO push_progress (pos) VALUES (0);

-- What waits to be sent, for each pusher by the position of what it tells. `event_id` is empty where
-- only the count of unread messages is told.
CREATE TABLE notifications (
    pusher_id INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    prio TEXT NOT NULL,
    ts INTEGER NOT NULL,
    PRIMARY KEY (pusher_id, pos)
);
