-- the key store: keys of people, programs and the installation, wrapped by a master key (src/store/vault*.c)

-- One key for each subject. An erased one keeps its row, without the key, so that none is made anew.
CREATE TABLE vault_key (
  program_id TEXT NOT NULL,
  person_id TEXT NOT NULL,   -- '': the program's own
  wrapped BYTEA NOT NULL,    -- empty when erased
  master TEXT NOT NULL,      -- mark of the master key that wrapped it; '' when erased
  made BIGINT NOT NULL,
  erased BIGINT NOT NULL,    -- 0: it lives
  PRIMARY KEY (program_id, person_id)
);
CREATE INDEX vault_key_master ON vault_key (master);
CREATE INDEX vault_key_erased ON vault_key (erased);

-- One row: which master key wraps from now on; how many changes overwrote keys, and up to which of them the files were
-- rewritten so that nothing of the old bytes is left.
CREATE TABLE vault_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  master TEXT NOT NULL,
  overwritten BIGINT NOT NULL,
  scrubbed BIGINT NOT NULL
);
