-- Carried answers are sealed in their links and stored nowhere. This holds the ids of links that a person took
-- back, until the link would have expired anyway.
CREATE TABLE carry_revoked (
  id TEXT NOT NULL PRIMARY KEY,       -- of the seal; lower-case hexadecimal
  expires BIGINT NOT NULL             -- microseconds UTC; the row goes then
);
