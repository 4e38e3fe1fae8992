-- rooms, beds and the one timeline of their uses; what is published of it (src/admission)
-- Times are microseconds UTC, 0: none. Codes are words of knowledge/. An id '' means none.

CREATE TABLE room (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  name TEXT NOT NULL,
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX room_by_unit ON room (program_id, unit_id);

CREATE TABLE bed (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  room_id TEXT NOT NULL,              -- '': stands alone
  name TEXT NOT NULL,
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  policy TEXT NOT NULL,               -- bed-policies.csv: for whom
  licensed BIGINT NOT NULL,
  staffed BIGINT NOT NULL,
  accessible BIGINT NOT NULL,
  accepts_child BIGINT NOT NULL,
  isolation BIGINT NOT NULL,
  funding TEXT NOT NULL,              -- codes, separated by spaces; '': any
  medicines TEXT NOT NULL,            -- medicines for opioid use disorder that a person may keep, separated by spaces
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX bed_by_name ON bed (program_id, unit_id, room_id, name) WHERE closed_at = 0;
CREATE INDEX bed_by_room ON bed (program_id, room_id) WHERE room_id <> '';

-- What a unit sets for its beds; without a row, the program's settings hold.
CREATE TABLE bed_unit (
  program_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  cleaning_minutes BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, unit_id)
);

-- One row for each use of a bed. A hold and a stay are rows of the same table, so that they can never meet.
-- A row says [start_at, until_at): until_at is end_at, else a hold's expires_at, else the end of all time.
-- Rows with error_at count no longer; what stands instead names them in corrects_id.
CREATE TABLE bed_use (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  bed_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('hold', 'occupied', 'leave', 'cleaning', 'blocked')),
  start_at BIGINT NOT NULL,
  end_at BIGINT NOT NULL,             -- 0: it goes on
  until_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,         -- of a hold
  expected_at BIGINT NOT NULL,        -- of a hold: when the person comes; of a leave: comes back
  hold_kind TEXT NOT NULL,            -- hold-kinds.csv
  extended_at BIGINT NOT NULL,        -- a hold is extended once
  extend_reason TEXT NOT NULL,        -- bed-reasons.csv
  episode_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  person_id TEXT NOT NULL,            -- whose key seals the words
  placed_as TEXT NOT NULL,            -- placement-groups.csv, for beds whose policy asks who shares the room
  after_id TEXT NOT NULL,             -- the use it follows in the same bed
  reason TEXT NOT NULL,               -- bed-reasons.csv: why it began
  words BYTEA NOT NULL,               -- in words, sealed
  end_reason TEXT NOT NULL,           -- bed-endings.csv: how it ended
  release_reason TEXT NOT NULL,       -- bed-reasons.csv: why it was ended
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ended_account_id TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  corrects_id TEXT NOT NULL,          -- the row this one stands for
  error_at BIGINT NOT NULL,           -- entered in error: when, by whom, why
  error_account_id TEXT NOT NULL,
  error_reason TEXT NOT NULL,         -- correction-reasons.csv
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (end_at = 0 OR end_at >= start_at),
  CHECK (kind = 'hold' OR expires_at = 0),
  CHECK (kind <> 'hold' OR expires_at > start_at),
  CHECK (kind <> 'hold' OR episode_id <> '' OR request_id <> ''),
  CHECK (kind NOT IN ('occupied', 'leave') OR episode_id <> ''),
  CHECK (kind NOT IN ('cleaning', 'blocked') OR (episode_id = '' AND request_id = '')),
  CHECK (until_at = CASE WHEN end_at <> 0 THEN end_at WHEN expires_at <> 0 THEN expires_at ELSE 9223372036854775807 END)
);
CREATE INDEX bed_use_by_bed ON bed_use (program_id, bed_id, start_at);
CREATE INDEX bed_use_by_change ON bed_use (program_id, changed_at);
CREATE INDEX bed_use_by_end ON bed_use (program_id, until_at);
CREATE INDEX bed_use_by_episode ON bed_use (program_id, episode_id) WHERE episode_id <> '';
CREATE INDEX bed_use_by_request ON bed_use (program_id, request_id) WHERE request_id <> '';
CREATE INDEX bed_use_by_person ON bed_use (program_id, person_id) WHERE person_id <> '';

-- sqlite:
CREATE TRIGGER bed_use_added BEFORE INSERT ON bed_use
WHEN NEW.error_at = 0 AND NEW.until_at > NEW.start_at AND (
  EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id AND u.bed_id = NEW.bed_id AND u.error_at = 0
          AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at)
  OR (NEW.episode_id <> '' AND EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id
          AND u.episode_id = NEW.episode_id AND u.episode_id <> '' AND u.error_at = 0
          AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at))
  OR (NEW.request_id <> '' AND EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id
          AND u.request_id = NEW.request_id AND u.request_id <> '' AND u.error_at = 0
          AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at)))
BEGIN SELECT RAISE(ABORT, 'the bed or the person has another use at that time'); END;
CREATE TRIGGER bed_use_moved BEFORE UPDATE OF program_id, bed_id, episode_id, request_id, start_at, until_at, error_at ON bed_use
WHEN NEW.error_at = 0 AND NEW.until_at > NEW.start_at AND (
  EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id AND u.bed_id = NEW.bed_id AND u.id <> OLD.id
          AND u.error_at = 0 AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at)
  OR (NEW.episode_id <> '' AND EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id
          AND u.episode_id = NEW.episode_id AND u.episode_id <> '' AND u.id <> OLD.id AND u.error_at = 0
          AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at))
  OR (NEW.request_id <> '' AND EXISTS (SELECT 1 FROM bed_use u WHERE u.program_id = NEW.program_id
          AND u.request_id = NEW.request_id AND u.request_id <> '' AND u.id <> OLD.id AND u.error_at = 0
          AND u.until_at > u.start_at AND u.start_at < NEW.until_at AND NEW.start_at < u.until_at)))
BEGIN SELECT RAISE(ABORT, 'the bed or the person has another use at that time'); END;
-- A stay that ends, by whatever page or program, leaves no bed in use.
CREATE TRIGGER bed_use_ends_with_episode AFTER UPDATE OF ended_at ON episode
WHEN NEW.ended_at <> 0 AND OLD.ended_at = 0
BEGIN
  UPDATE bed_use SET
    end_at = CASE WHEN NEW.ended_at < start_at THEN start_at WHEN NEW.ended_at > until_at THEN until_at ELSE NEW.ended_at END,
    until_at = CASE WHEN NEW.ended_at < start_at THEN start_at WHEN NEW.ended_at > until_at THEN until_at ELSE NEW.ended_at END,
    end_reason = 'stay-ended', changed_at = NEW.changed_at, version = version + 1
  WHERE program_id = NEW.program_id AND episode_id = NEW.id AND episode_id <> '' AND end_at = 0 AND error_at = 0;
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.site_id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
END;
-- Places that a unit gains or loses, and a site's facility, are published by the clock.
CREATE TRIGGER availability_of_unit AFTER UPDATE OF licensed, staffed, closed_at ON unit
BEGIN
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.site_id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
END;
CREATE TRIGGER availability_of_site AFTER UPDATE OF facility_id, closed_at ON site
BEGIN
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
END;
-- postgresql:
-- A range of texts with one member is the key of a row that has a timeline: docs/decisions/011.
CREATE TYPE timeline_key AS RANGE (SUBTYPE = text);
ALTER TABLE bed_use ADD CONSTRAINT bed_use_of_bed EXCLUDE USING gist (
  timeline_key(program_id || ' ' || bed_id, program_id || ' ' || bed_id, '[]') WITH &&,
  int8range(start_at, until_at) WITH &&) WHERE (error_at = 0);
ALTER TABLE bed_use ADD CONSTRAINT bed_use_of_episode EXCLUDE USING gist (
  timeline_key(program_id || ' ' || episode_id, program_id || ' ' || episode_id, '[]') WITH &&,
  int8range(start_at, until_at) WITH &&) WHERE (error_at = 0 AND episode_id <> '');
ALTER TABLE bed_use ADD CONSTRAINT bed_use_of_request EXCLUDE USING gist (
  timeline_key(program_id || ' ' || request_id, program_id || ' ' || request_id, '[]') WITH &&,
  int8range(start_at, until_at) WITH &&) WHERE (error_at = 0 AND request_id <> '');
CREATE FUNCTION bed_use_end_with_episode() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE bed_use SET
    end_at = CASE WHEN NEW.ended_at < start_at THEN start_at WHEN NEW.ended_at > until_at THEN until_at ELSE NEW.ended_at END,
    until_at = CASE WHEN NEW.ended_at < start_at THEN start_at WHEN NEW.ended_at > until_at THEN until_at ELSE NEW.ended_at END,
    end_reason = 'stay-ended', changed_at = NEW.changed_at, version = version + 1
  WHERE program_id = NEW.program_id AND episode_id = NEW.id AND episode_id <> '' AND end_at = 0 AND error_at = 0;
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.site_id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER bed_use_ends_with_episode AFTER UPDATE OF ended_at ON episode
FOR EACH ROW WHEN (NEW.ended_at <> 0 AND OLD.ended_at = 0) EXECUTE FUNCTION bed_use_end_with_episode();
CREATE FUNCTION availability_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.site_id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER availability_of_unit AFTER UPDATE OF licensed, staffed, closed_at ON unit
FOR EACH ROW EXECUTE FUNCTION availability_of_unit();
CREATE FUNCTION availability_of_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  VALUES (NEW.program_id, 'availability.derive', NEW.id, '', NEW.changed_at, NEW.changed_at, 0, '', 0)
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER availability_of_site AFTER UPDATE OF facility_id, closed_at ON site
FOR EACH ROW EXECUTE FUNCTION availability_of_site();
-- all:

-- What is said of free places at a facility, by level of care: derived from the timeline ('census'), or told by a program
-- without this software ('tap', 'claimed', 'imported'; program_id '' then, and site_id the facility's id). Nobody types a count.
CREATE TABLE availability (
  program_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  facility_id TEXT NOT NULL,          -- in the directory, or ''
  source TEXT NOT NULL,               -- availability-sources.csv
  answer TEXT NOT NULL,               -- yes, likely, no
  beds BIGINT NOT NULL,               -- of the level, not closed; 0 where it was told
  offerable BIGINT NOT NULL,
  expected BIGINT NOT NULL,           -- more within the next day, by plan
  as_of BIGINT NOT NULL,              -- when somebody last saw that it is so
  changed_at BIGINT NOT NULL,         -- when this row last changed, for those who follow
  PRIMARY KEY (program_id, site_id, level_of_care)
);
CREATE INDEX availability_by_change ON availability (changed_at);
