-- What accounts need beyond their passwords.

-- The session of a registration that this invitation was shown in: what is still to come of it finds
-- the invitation again.
ALTER TABLE invitations ADD COLUMN session_hash BLOB;
CREATE INDEX invitations_by_session ON invitations (session_hash) WHERE session_hash IS NOT NULL;

-- Tokens with which a further device logs in, once and soon.
CREATE TABLE login_tokens (
    token_hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_ts INTEGER NOT NULL
);
CREATE INDEX login_tokens_of_user ON login_tokens (user_id);

-- The words by which people are found: of their names and ids, folded, as bytes so that every
-- database orders them alike. An account that is not indexed is before it is next looked for.
ALTER TABLE accounts ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX accounts_unindexed ON accounts (user_id) WHERE is_indexed = 0;
CREATE TABLE user_words (
    word BLOB NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX user_words_of_user ON user_words (user_id);

-- Fields of profiles besides the name and the avatar, as JSON.
CREATE TABLE profile_fields (
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- Suspended: may read and leave, not speak. Locking is another thing, and either may be lifted alone.
ALTER TABLE accounts ADD COLUMN is_suspended INTEGER NOT NULL DEFAULT 0;
-- A guest came without proof of anything (unsafe_guests).
ALTER TABLE accounts ADD COLUMN is_guest INTEGER NOT NULL DEFAULT 0;
CREATE INDEX accounts_of_guests ON accounts (user_id) WHERE is_guest = 1;

-- A device of each person that sleeps: keys and messages as of any device, no tokens, and what its
-- owner needs to wake it, encrypted by their client (MSC3814).
CREATE TABLE dehydrated_devices (
    user_id TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    data BLOB NOT NULL
);
