-- keys of forms, so that a form acts once (src/web/desk)

-- redirect '' while an act is under way; answer: what its page shows once, sealed by the server's key
CREATE TABLE desk_key (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BYTEA NOT NULL,
  redirect TEXT NOT NULL,
  answer TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key, digest));
CREATE INDEX desk_key_made ON desk_key (made_at);
