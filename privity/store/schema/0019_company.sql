-- What else a process of a cluster says of itself: whether its bus carries, and what it was told.

ALTER TABLE processes ADD COLUMN is_woken INTEGER NOT NULL DEFAULT 1;
ALTER TABLE processes ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
