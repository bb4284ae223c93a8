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
