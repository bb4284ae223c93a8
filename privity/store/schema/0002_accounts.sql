-- Accounts, their devices, tokens and invitations. Nothing secret is in clear: passwords are
-- argon2id, tokens SHA-256.

CREATE TABLE accounts (
    user_id TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    password_hash TEXT,
    created_ts INTEGER NOT NULL,
    is_admin INTEGER NOT NULL,
    standing TEXT NOT NULL,
    display_name TEXT,
    avatar_url TEXT
);

CREATE TABLE devices (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    display_name TEXT,
    created_ts INTEGER NOT NULL,
    last_seen_ts INTEGER,
    last_seen_ip TEXT,
    PRIMARY KEY (user_id, device_id)
);

-- `refresh_hash` is the refresh token that was given along with it, until it is first used.
CREATE TABLE access_tokens (
    token_hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    expires_ts INTEGER,
    refresh_hash BLOB
);
CREATE INDEX access_tokens_of_device ON access_tokens (user_id, device_id);

CREATE TABLE refresh_tokens (
    token_hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    replaced_by BLOB
);
CREATE INDEX refresh_tokens_of_device ON refresh_tokens (user_id, device_id);

CREATE TABLE invitations (
    token_hash BLOB PRIMARY KEY,
    address TEXT NOT NULL,
    is_admin INTEGER NOT NULL,
    created_ts INTEGER NOT NULL,
    expires_ts INTEGER NOT NULL,
    used_by TEXT
);

-- The newest change of each account that running processes must hear of (locked, logged out,
-- renamed): they drop what they keep in memory of it.
CREATE TABLE account_changes (user_id TEXT PRIMARY KEY, pos INTEGER NOT NULL);
CREATE INDEX account_changes_by_pos ON account_changes (pos);
