-- Aliases and the directory, looked up from the room's side too.

CREATE INDEX aliases_by_room ON aliases (room_id);
CREATE INDEX rooms_published ON rooms (room_id) WHERE is_published = 1;
