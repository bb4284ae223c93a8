-- Events that their senders asked to be sent later, unless they say otherwise before (MSC4140):
-- how a call learns that somebody's device is gone.

CREATE TABLE delayed_events (
    delay_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    type TEXT NOT NULL,
    state_key TEXT,
    content BLOB NOT NULL,
    delay_ms INTEGER NOT NULL,
    since_ts INTEGER NOT NULL,
    due_ts INTEGER NOT NULL
);
CREATE INDEX delayed_events_by_due ON delayed_events (due_ts);
CREATE INDEX delayed_events_of_user ON delayed_events (user_id, delay_id);
