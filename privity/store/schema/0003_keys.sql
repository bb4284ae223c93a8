-- Device keys, one-time keys, cross-signing, messages to devices, key backups.

CREATE TABLE device_keys (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    keys BLOB NOT NULL,
    PRIMARY KEY (user_id, device_id)
);

CREATE TABLE one_time_keys (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    key_id TEXT NOT NULL,
    added INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (user_id, device_id, algorithm, key_id)
);

-- One-time keys that were given out, the newest of each device: an upload that is sent again because
-- its answer was lost must not bring them back.
CREATE TABLE spent_one_time_keys (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id, public_key)
);

CREATE TABLE fallback_keys (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key BLOB NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id, algorithm)
);

CREATE TABLE cross_signing_keys (
    user_id TEXT NOT NULL,
    usage TEXT NOT NULL,
    keys BLOB NOT NULL,
    PRIMARY KEY (user_id, usage)
);

-- Signatures on devices and on cross-signing keys; `target_id` is a device id or a public key.
CREATE TABLE key_signatures (
    target_user_id TEXT NOT NULL,
    target_id TEXT NOT NULL,
    signer_user_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (target_user_id, target_id, signer_user_id, key_id)
);
CREATE INDEX key_signatures_by_signer ON key_signatures (signer_user_id, key_id);

-- The newest change of each person's device list: for all (`seen_by` is ''), and for each person
-- who signed their key, for whom alone that signature is.
CREATE TABLE device_list_changes (
    user_id TEXT NOT NULL,
    seen_by TEXT NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (user_id, seen_by)
);
CREATE INDEX device_list_changes_by_pos ON device_list_changes (pos);

-- Messages to devices, until the device says with its next sync that it has them.
CREATE TABLE inbox (
    pos INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    message BLOB NOT NULL
);
CREATE INDEX inbox_of_device ON inbox (user_id, device_id, pos);

-- Requests that must not be done twice (PUT /sendToDevice).
CREATE TABLE repeats (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    request TEXT NOT NULL,
    ts INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id, request)
);
CREATE INDEX repeats_by_age ON repeats (ts);

CREATE TABLE backups (
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    auth_data BLOB NOT NULL,
    etag INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    PRIMARY KEY (user_id, version)
);

CREATE TABLE backup_keys (
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    room_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    first_message_index INTEGER NOT NULL,
    forwarded_count INTEGER NOT NULL,
    is_verified INTEGER NOT NULL,
    session_data BLOB NOT NULL,
    PRIMARY KEY (user_id, version, room_id, session_id)
);

-- The newest change of each device's one-time or fallback keys: processes keep the counts in memory.
CREATE TABLE one_time_key_changes (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id)
);
CREATE INDEX one_time_key_changes_by_pos ON one_time_key_changes (pos);
