-- What reading a room needs: its threads, and what people report of it.

CREATE INDEX events_in_threads ON events (room_id, pos) WHERE rel_type = 'm.thread';

-- What people told the administrator of rooms, events and each other, the newest kept.
CREATE TABLE reports (
    report_id INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    reporter TEXT NOT NULL,
    room_id TEXT,
    event_id TEXT,
    user_id TEXT,
    reason TEXT NOT NULL
);
CREATE INDEX reports_by_reporter ON reports (reporter, report_id);

-- What is shown of who is here, if presence is on; `ts` is when they were last active.
CREATE TABLE presence (
    user_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    status_msg TEXT,
    ts INTEGER NOT NULL,
    activity TEXT NOT NULL,
    pos INTEGER NOT NULL
);
CREATE INDEX presence_by_pos ON presence (pos);
