-- files from outside that belong to a person's record (src/care/file.h)
-- Times are microseconds UTC, 0: none. Codes are words of knowledge/. An id '' means none. Columns BYTEA are sealed under the person's key.

CREATE TABLE person_file (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- file-kinds.csv
  form TEXT NOT NULL CHECK (form IN ('jpeg', 'png', 'pdf')),
  size BIGINT NOT NULL,               -- bytes, before sealing
  about BYTEA NOT NULL,               -- JSON: what it is called, the hash of its bytes
  owner TEXT NOT NULL,                -- what it belongs to: '' the person, else a word of the desk, and the id there
  owner_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  removed_at BIGINT NOT NULL,
  removed_account_id TEXT NOT NULL,
  removed_reason TEXT NOT NULL,       -- file-reasons.csv
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (removed_at = 0 OR removed_reason <> '')
);
CREATE INDEX person_file_by_person ON person_file (program_id, person_id, made_at);

-- Its bytes, in pieces; gone when a reason says that they must not be kept.
CREATE TABLE person_file_piece (
  program_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  piece BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (program_id, file_id, piece)
);
CREATE INDEX person_file_piece_by_person ON person_file_piece (program_id, person_id);
