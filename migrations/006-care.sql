-- programs, sites, units, staff, people, episodes, delivered days and services, dated facts (src/care)
-- Times are microseconds UTC, 0: none. Dates are text YYYY-MM-DD, '': none. Codes are words of knowledge/. An id '' means none.
-- Columns BYTEA are sealed under the person's key, those of a program's own facts under the program's.

CREATE TABLE program (
  program_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- program-kinds.csv
  zone TEXT NOT NULL,                 -- of the tz database
  state TEXT NOT NULL,                -- whose law holds: two letters
  phone TEXT NOT NULL,
  languages TEXT NOT NULL,            -- codes, separated by spaces
  street TEXT NOT NULL DEFAULT '',
  city TEXT NOT NULL DEFAULT '',
  zip TEXT NOT NULL DEFAULT '',
  hours TEXT NOT NULL DEFAULT '',     -- in words
  license_number TEXT NOT NULL DEFAULT '',
  license_expires_on TEXT NOT NULL DEFAULT '',
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE program_setting (
  program_id TEXT NOT NULL,
  name TEXT NOT NULL,                 -- program-settings.csv
  value TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, name)
);

CREATE TABLE site (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  street TEXT NOT NULL,
  city TEXT NOT NULL,
  state TEXT NOT NULL,
  zip TEXT NOT NULL,
  zone TEXT NOT NULL,                 -- '': the program's
  phone TEXT NOT NULL,
  facility_id TEXT NOT NULL,          -- in the directory
  hours TEXT NOT NULL DEFAULT '',     -- in words
  license_number TEXT NOT NULL DEFAULT '',
  license_expires_on TEXT NOT NULL DEFAULT '',
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);

CREATE TABLE unit (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- unit-kinds.csv
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  licensed BIGINT NOT NULL,           -- places
  staffed BIGINT NOT NULL,            -- of them, those with staff
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX unit_by_site ON unit (program_id, site_id);

CREATE TABLE staff (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  external_id TEXT NOT NULL,          -- of the file it was imported from; '': none
  name TEXT NOT NULL,
  folded TEXT NOT NULL,               -- of the name, to sort and find
  profession TEXT NOT NULL,           -- professions.csv
  credential TEXT NOT NULL,
  license_number TEXT NOT NULL,
  license_state TEXT NOT NULL,
  license_expires_on TEXT NOT NULL,
  expired_at BIGINT NOT NULL,         -- when the clock found it expired
  weekly_minutes BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX staff_by_external_id ON staff (program_id, external_id) WHERE external_id <> '';

CREATE TABLE staff_site (
  program_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  PRIMARY KEY (program_id, staff_id, site_id)
);

-- Who a person is, sealed; beside it only what says nothing of who.
CREATE TABLE person (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  identity BYTEA NOT NULL,
  language TEXT NOT NULL,             -- languages.csv
  site_id TEXT NOT NULL,              -- where the record was begun
  has_photo BIGINT NOT NULL,
  merged_into TEXT NOT NULL,          -- the record that stands for this one now
  erase_at BIGINT NOT NULL,           -- when erasing was ordered
  erased_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX person_by_change ON person (program_id, changed_at);
CREATE INDEX person_by_merged ON person (program_id, merged_into) WHERE merged_into <> '';

-- Keyed hashes by which people are found; the key is the program's, outside this database.
CREATE TABLE person_index (
  program_id TEXT NOT NULL,
  kind BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  person_id TEXT NOT NULL,
  PRIMARY KEY (program_id, kind, hash, person_id)
);
CREATE INDEX person_index_by_person ON person_index (program_id, person_id);

CREATE TABLE person_photo (
  program_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, person_id)
);

-- Who looks after whom: a caseload.
CREATE TABLE care_team (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  role TEXT NOT NULL,                 -- care-team-roles.csv
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX care_team_by_person ON care_team (program_id, person_id);
CREATE INDEX care_team_by_staff ON care_team (program_id, staff_id, person_id);

-- A stay, from the plan to its end (EpisodeOfCare). Its history is in episode_status and episode_level.
CREATE TABLE episode (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  status TEXT NOT NULL,               -- episode-statuses.csv
  site_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  care_manager TEXT NOT NULL,         -- a staff id
  referral_source TEXT NOT NULL,      -- referral-sources.csv
  end_reason TEXT NOT NULL,           -- end-reasons.csv
  begun_at BIGINT NOT NULL,           -- when it first became active
  ended_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX episode_by_person ON episode (program_id, person_id);
CREATE INDEX episode_by_begun ON episode (program_id, begun_at);
CREATE INDEX episode_by_site ON episode (program_id, site_id, person_id);

CREATE TABLE episode_status (
  program_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  status TEXT NOT NULL,
  at BIGINT NOT NULL,                 -- from when it holds
  reason BYTEA NOT NULL,              -- in words, sealed
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, episode_id, seq)
);

CREATE TABLE episode_level (
  program_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  level_of_care TEXT NOT NULL,
  site_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, episode_id, seq)
);

-- A day of care that was given: one for each person, date and level. A correction marks the row and adds another.
CREATE TABLE delivered_day (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  date TEXT NOT NULL,                 -- of the site's zone
  level_of_care TEXT NOT NULL,
  site_id TEXT NOT NULL,
  source_room TEXT NOT NULL,
  source_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  error_at BIGINT NOT NULL,           -- entered in error: when, by whom, why
  error_account_id TEXT NOT NULL,
  error_reason TEXT NOT NULL,         -- correction-reasons.csv
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX delivered_day_once ON delivered_day (program_id, person_id, date, level_of_care) WHERE error_at = 0;

CREATE TABLE delivered_service (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- service-kinds.csv
  begun_at BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  staff_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  group_id TEXT NOT NULL,             -- the same for all who sat in one group
  source_room TEXT NOT NULL,
  source_id TEXT NOT NULL,
  corrects_id TEXT NOT NULL,          -- the row this one stands for
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  error_at BIGINT NOT NULL,
  error_account_id TEXT NOT NULL,
  error_reason TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX delivered_service_by_person ON delivered_service (program_id, person_id, begun_at);
CREATE INDEX delivered_service_by_group ON delivered_service (program_id, group_id) WHERE group_id <> '';

-- What is known of a person (or, with person_id '', of the program), since when, until when, and from where.
CREATE TABLE fact (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- fact-kinds.csv
  value TEXT NOT NULL,                -- a code, a whole number or a date, as the kind says
  words BYTEA NOT NULL,               -- in words, sealed; empty: none
  since_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,           -- 0: it goes on
  source_room TEXT NOT NULL,          -- who says so: a room's name ('care' when typed here)
  source_id TEXT NOT NULL,            -- the record of that room
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  error_at BIGINT NOT NULL,
  error_account_id TEXT NOT NULL,
  error_reason TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX fact_by_person ON fact (program_id, person_id, kind, since_at);
CREATE INDEX fact_by_source ON fact (program_id, source_room, source_id);

-- Two records that may be of one person. person_a < person_b.
CREATE TABLE duplicate (
  program_id TEXT NOT NULL,
  person_a TEXT NOT NULL,
  person_b TEXT NOT NULL,
  score BIGINT NOT NULL,              -- hundredths of a weight
  reasons TEXT NOT NULL,              -- names of duplicate-weights.csv, separated by spaces
  state TEXT NOT NULL,                -- suggested, different, merged
  found_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, person_a, person_b)
);
CREATE INDEX duplicate_by_state ON duplicate (program_id, state, score);

-- Merges and their undoing. A merge moves no row: person.merged_into alone says where a record counts.
CREATE TABLE person_merge (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kept_id TEXT NOT NULL,
  merged_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  undone_account_id TEXT NOT NULL,
  undone_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX person_merge_by_kept ON person_merge (program_id, kept_id);

-- Rows of an imported file that stand: the file's own id, hashed with the program's key, leads to the record.
CREATE TABLE import_row (
  program_id TEXT NOT NULL,
  what TEXT NOT NULL,                 -- people
  hash BYTEA NOT NULL,
  record_id TEXT NOT NULL,
  digest BYTEA NOT NULL,              -- of the row as it was last taken, keyed, to see whether it changed
  imported_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, what, hash)
);
CREATE INDEX import_row_by_record ON import_row (program_id, record_id);
