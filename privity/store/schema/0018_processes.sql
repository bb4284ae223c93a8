-- The processes of a cluster, as each says of itself every few seconds; gone when it stops in order.

CREATE TABLE processes (
    process_id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    listen TEXT NOT NULL,
    version TEXT NOT NULL,
    bus TEXT NOT NULL,
    started_ts INTEGER NOT NULL,
    seen_ts INTEGER NOT NULL,
    behind INTEGER NOT NULL
);
