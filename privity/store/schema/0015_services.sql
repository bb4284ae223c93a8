-- What each application service is sent: one transaction at a time, kept until the service took it.
-- Everything that it hears of up to `pos` was taken, or stands in `body`, which is never changed:
-- `body` is NULL while none waits. `txn_id` is the number of the newest transaction.
CREATE TABLE service_queues (
    service_id TEXT PRIMARY KEY,
    pos INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    body BLOB
);

-- Rooms in the directories of networks, which application services keep.
CREATE TABLE network_rooms (
    service_id TEXT NOT NULL,
    network_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    PRIMARY KEY (service_id, network_id, room_id)
);
