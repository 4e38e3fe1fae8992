-- The audit: what was done, by whom, to whose record; the list of clocks; the outbox.
-- Contracts: src/privacy/audit.h, src/store/due.h, src/privacy/outbox.h. Times are microseconds UTC.

-- Entries that were written with their act and wait for the sealer. Cheap: one insert, one index.
CREATE TABLE audit_waiting (
  program_id TEXT NOT NULL,           -- '' is the installation itself
  id TEXT NOT NULL,                   -- UUIDv7; grows within a process
  at BIGINT NOT NULL,
  entry BYTEA NOT NULL,               -- the entry's own part of the canonical bytes (docs/audit.md)
  PRIMARY KEY (program_id, id)
)
-- sqlite:
WITHOUT ROWID
-- all:
;

-- The chain of a program: hash = SHA-256(prev | canonical bytes of all other columns but prev and hash).
CREATE TABLE audit_entry (
  program_id TEXT NOT NULL,
  seq BIGINT NOT NULL,                -- from 1, without a gap
  format BIGINT NOT NULL,             -- of the canonical bytes
  id TEXT NOT NULL,
  sealed_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,           -- staff, person, family, system, command, nobody
  account_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,           -- as it was then
  station_id TEXT NOT NULL,
  object TEXT NOT NULL,               -- object and act: words of knowledge/roles.csv
  act TEXT NOT NULL,
  object_id TEXT NOT NULL,
  person_id TEXT NOT NULL,            -- whose record, or ''
  purpose TEXT NOT NULL,
  outcome TEXT NOT NULL,              -- done, denied, failed
  detail TEXT NOT NULL,               -- JSON: ids, counts, names of fields; never a record's words
  prev BYTEA NOT NULL CHECK (length(prev) = 32),
  hash BYTEA NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (program_id, seq)
)
-- sqlite:
WITHOUT ROWID
-- all:
;
CREATE UNIQUE INDEX audit_entry_id ON audit_entry (program_id, id);
-- Each way of reading goes down an index in its own order.
CREATE INDEX audit_entry_time ON audit_entry (program_id, at, seq);
CREATE INDEX audit_entry_act ON audit_entry (program_id, object, act, at, seq);
CREATE INDEX audit_entry_person ON audit_entry (program_id, person_id, at, seq) WHERE person_id <> '';
CREATE INDEX audit_entry_account ON audit_entry (program_id, account_id, at, seq) WHERE account_id <> '';

-- One sealer at a time, over all processes: each batch writes this row first.
CREATE TABLE audit_sealer (id BIGINT NOT NULL PRIMARY KEY, turn BIGINT NOT NULL);
INSERT INTO audit_sealer (id, turn) VALUES (1, 0);

-- What an entry stands for is history: neither changed nor taken away, and in order.
-- sqlite:
CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit: an entry is never changed'); END;
CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit: an entry is never taken away'); END;
CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry
WHEN NEW.seq <> COALESCE((SELECT seq FROM audit_entry WHERE program_id = NEW.program_id
                          ORDER BY seq DESC LIMIT 1), 0) + 1
  OR NEW.prev <> COALESCE((SELECT hash FROM audit_entry WHERE program_id = NEW.program_id
                           ORDER BY seq DESC LIMIT 1), zeroblob(32))
BEGIN SELECT RAISE(ABORT, 'audit: not the next entry of its chain'); END;
CREATE TRIGGER audit_entry_sealed AFTER INSERT ON audit_entry
BEGIN DELETE FROM audit_waiting WHERE program_id = NEW.program_id AND id = NEW.id; END;
CREATE TRIGGER audit_waiting_update BEFORE UPDATE ON audit_waiting
BEGIN SELECT RAISE(ABORT, 'audit: a waiting entry is never changed'); END;
CREATE TRIGGER audit_waiting_delete BEFORE DELETE ON audit_waiting
WHEN NOT EXISTS (SELECT 1 FROM audit_entry WHERE program_id = OLD.program_id AND id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'audit: a waiting entry goes when it stands in its chain'); END;
-- postgresql:
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit: an entry is neither changed nor taken away' USING ERRCODE = '23514';
END $$;
CREATE FUNCTION audit_entry_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT seq, hash INTO last FROM audit_entry WHERE program_id = NEW.program_id ORDER BY seq DESC LIMIT 1;
  IF NEW.seq <> COALESCE(last.seq, 0) + 1 OR NEW.prev <> COALESCE(last.hash, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'audit: not the next entry of its chain' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION audit_entry_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM audit_waiting WHERE program_id = NEW.program_id AND id = NEW.id;
  RETURN NULL;
END $$;
CREATE FUNCTION audit_waiting_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_entry WHERE program_id = OLD.program_id AND id = OLD.id) THEN
    RAISE EXCEPTION 'audit: a waiting entry goes when it stands in its chain' USING ERRCODE = '23514';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER audit_entry_change BEFORE UPDATE OR DELETE ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_next();
CREATE TRIGGER audit_entry_sealed AFTER INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_sealed();
CREATE TRIGGER audit_waiting_update BEFORE UPDATE ON audit_waiting
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_waiting_truncate BEFORE TRUNCATE ON audit_waiting
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_waiting_delete BEFORE DELETE ON audit_waiting
  FOR EACH ROW EXECUTE FUNCTION audit_waiting_delete();
-- all:

-- The only list of clocks: one row for each program, kind and subject.
CREATE TABLE due (
  program_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  person_id TEXT NOT NULL,            -- whom it is about, or ''
  at BIGINT NOT NULL,
  try_at BIGINT NOT NULL,             -- `at`, or later after a handler failed
  attempts BIGINT NOT NULL,           -- how often it failed
  owner TEXT NOT NULL,                -- who holds the lease, or ''
  leased_until BIGINT NOT NULL,
  PRIMARY KEY (program_id, kind, subject_id)
);
CREATE INDEX due_by_kind ON due (kind, try_at);
CREATE INDEX due_failed ON due (try_at) WHERE attempts > 0;
CREATE INDEX due_by_program ON due (program_id, at);

-- Messages that leave the machine. Address and values are sealed.
CREATE TABLE outbox_message (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,            -- '' when it goes to staff
  key TEXT NOT NULL,                  -- a second message with this key is the same one
  channel TEXT NOT NULL,              -- email, text
  address BYTEA NOT NULL,             -- sealed: outbox_message.address
  facts BYTEA NOT NULL,               -- sealed JSON of the template's names: outbox_message.facts
  language TEXT NOT NULL,
  template_key TEXT NOT NULL,
  state TEXT NOT NULL,                -- waiting, sending, sent, unsure, failed
  why TEXT NOT NULL,                  -- a code: connect, refused, …
  made_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,            -- 0: not sent
  attempts BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX outbox_message_key ON outbox_message (program_id, key);
CREATE INDEX outbox_message_state ON outbox_message (program_id, state, made_at);

-- Who agreed to which channel.
CREATE TABLE outbox_consent (
  program_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  allowed BIGINT NOT NULL,
  how TEXT NOT NULL,                  -- a code or the id of a consent
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, person_id, channel)
);

-- Addresses whose owner sent STOP, over all programs, as a keyed hash.
CREATE TABLE outbox_stop (
  channel TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  stopped BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, address_hash)
);
