-- The clock, the rooms and their events.

-- One row. Its lock is the turn to write; its value the position of the newest committed entry.
CREATE TABLE clock (pos INTEGER NOT NULL);
INSERT INTO clock (pos) VALUES (0);

-- What this server is: name, signing key seed.
CREATE TABLE server (name TEXT PRIMARY KEY, value BLOB NOT NULL);

CREATE TABLE rooms (
    room_id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    creator TEXT NOT NULL,
    is_published INTEGER NOT NULL
);

-- Every event, in the order of the stream. `replaces` is the state event before it; a redacted
-- event keeps its place and id with what redaction left of it.
CREATE TABLE events (
    pos INTEGER PRIMARY KEY,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    state_key TEXT,
    sender TEXT NOT NULL,
    relates_to TEXT,
    rel_type TEXT,
    replaces TEXT,
    redacted_because TEXT,
    device_id TEXT,
    txn_scope TEXT,
    txn_id TEXT,
    pdu BLOB NOT NULL
);
CREATE INDEX events_by_room ON events (room_id, pos);
CREATE INDEX events_by_relation ON events (relates_to, pos) WHERE relates_to IS NOT NULL;
CREATE UNIQUE INDEX events_by_txn ON events (sender, device_id, room_id, txn_scope, txn_id)
    WHERE txn_id IS NOT NULL;

-- Every change of a room's state, one row each: the newest row of a key is the state now, the
-- newest at or below a position is the state then.
CREATE TABLE state (
    room_id TEXT NOT NULL,
    type TEXT NOT NULL,
    state_key TEXT NOT NULL,
    pos INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (room_id, type, state_key, pos)
);

-- Where each person stands now, room by room; `since` is where this membership began.
CREATE TABLE memberships (
    user_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    membership TEXT NOT NULL,
    event_id TEXT NOT NULL,
    pos INTEGER NOT NULL,
    since INTEGER NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, room_id)
);
CREATE INDEX memberships_by_room ON memberships (room_id, membership);

-- The newest receipt of each person, kind and thread. `event_pos` is where the event stands.
CREATE TABLE receipts (
    room_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    type TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_pos INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id, type, thread_id)
);
CREATE INDEX receipts_by_pos ON receipts (pos);

-- Account data; `room_id` is empty for what is global. `m.push_rules` is one of them.
CREATE TABLE account_data (
    user_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    type TEXT NOT NULL,
    content BLOB NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, type)
);
CREATE INDEX account_data_by_pos ON account_data (pos);
CREATE INDEX account_data_of_user ON account_data (user_id, pos);

CREATE TABLE filters (
    user_id TEXT NOT NULL,
    filter_id INTEGER NOT NULL,
    filter BLOB NOT NULL,
    PRIMARY KEY (user_id, filter_id)
);

-- Local aliases of rooms.
CREATE TABLE aliases (
    alias TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    creator TEXT NOT NULL
);
