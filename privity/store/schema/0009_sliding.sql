-- What each connection of sliding sync has been given, by version: the one that the device last
-- spoke of, and the one that was answered with after it. Nothing else of a connection is kept.

CREATE TABLE sliding_connections (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    conn_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    used_ts INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (user_id, device_id, conn_id, version)
);
