-- intakes, what was said of their items, medicines that were counted, belongings, packing lists (src/admission)
-- Times are microseconds UTC, 0: none. Codes are words of knowledge/. An id '' means none. Columns BYTEA are sealed under the person's key.

-- One for each stay.
CREATE TABLE intake (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  planned_at BIGINT NOT NULL,         -- when the person is expected
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX intake_once ON intake (program_id, episode_id);
CREATE INDEX intake_by_person ON intake (program_id, person_id);

-- That somebody was admitted: once for each stay, never changed.
CREATE TABLE intake_admission (
  program_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, episode_id)
);

-- What staff said of an item; the last one counts, the others are its history.
CREATE TABLE intake_item (
  program_id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  item TEXT NOT NULL,                 -- intake-items.csv
  seq BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'declined', 'not-needed')),
  reason TEXT NOT NULL,               -- intake-reasons.csv
  words BYTEA NOT NULL,               -- a note, or where the document is
  evidence_id TEXT NOT NULL,          -- a record of this program, or ''
  at BIGINT NOT NULL,                 -- when it was done
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, intake_id, item, seq)
);

-- Items that became late, as the clock found them; gone once they are settled.
CREATE TABLE intake_late (
  program_id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  item TEXT NOT NULL,
  late_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, intake_id, item)
);

-- An answered questionnaire, scored.
CREATE TABLE intake_instrument (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  instrument TEXT NOT NULL,           -- instruments.csv
  answers BYTEA NOT NULL,             -- JSON
  result BYTEA NOT NULL,              -- JSON
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX intake_instrument_by_person ON intake_instrument (program_id, person_id, at);

-- Which level of care the table suggested, and which a clinician chose. Never changed; the last one counts.
CREATE TABLE intake_level (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  suggested TEXT NOT NULL,            -- levels-of-care.csv, '': none
  chosen TEXT NOT NULL,               -- levels-of-care.csv
  facts BYTEA NOT NULL,               -- JSON
  reason BYTEA NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX intake_level_by_intake ON intake_level (program_id, intake_id, at);

-- A medicine that somebody brought, counted by two people, each alone.
CREATE TABLE medication_count (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  medicine BYTEA NOT NULL,            -- name, strength and form, as written on it
  first_count BIGINT NOT NULL,
  first_account_id TEXT NOT NULL,
  first_at BIGINT NOT NULL,
  second_count BIGINT NOT NULL,
  second_account_id TEXT NOT NULL,
  second_at BIGINT NOT NULL,          -- 0: not yet
  explanation BYTEA NOT NULL,         -- why the counts differ
  belonging_id TEXT NOT NULL,         -- where it is kept from then on
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (second_at = 0 OR (second_account_id <> '' AND second_account_id <> first_account_id)),
  CHECK (second_at = 0 OR first_count = second_count OR length(explanation) > 0)
);
CREATE INDEX medication_count_by_intake ON medication_count (program_id, intake_id);

-- A thing somebody brought. What it is never changes; a mistake is marked.
CREATE TABLE belonging (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  thing BYTEA NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  condition TEXT NOT NULL,            -- belongings-conditions.csv
  restricted TEXT NOT NULL,           -- restricted-items.csv, '': may stay
  count_id TEXT NOT NULL,             -- of a medicine
  state TEXT NOT NULL,                -- belongings-states.csv, of the last step
  place BYTEA NOT NULL,               -- of the last step
  error_at BIGINT NOT NULL,           -- entered in error
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX belonging_by_intake ON belonging (program_id, intake_id);

-- Its chain of custody: only added to.
CREATE TABLE belonging_step (
  program_id TEXT NOT NULL,
  belonging_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  state TEXT NOT NULL,
  place BYTEA NOT NULL,
  words BYTEA NOT NULL,
  account_id TEXT NOT NULL,
  other_account_id TEXT NOT NULL,     -- who asked for it, where two are needed
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, belonging_id, seq),
  CHECK (state <> 'destroyed' OR (other_account_id <> '' AND other_account_id <> account_id))
);

-- The list, signed by the person and by staff: two signatures over the same bytes.
CREATE TABLE belonging_signing (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  revision BIGINT NOT NULL,           -- of the list
  language TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  person_signature_id TEXT NOT NULL,
  staff_signature_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (person_signature_id <> staff_signature_id),
  FOREIGN KEY (program_id, person_signature_id) REFERENCES signature (program_id, id),
  FOREIGN KEY (program_id, staff_signature_id) REFERENCES signature (program_id, id)
);
CREATE INDEX belonging_signing_by_intake ON belonging_signing (program_id, intake_id, at);

-- A program's own lines of its packing list, in both languages. Nothing of people: plain. Taken back, never changed.
CREATE TABLE packing_line (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('bring', 'leave')),
  kind TEXT NOT NULL CHECK (kind IN ('medicine', 'paper', 'thing')),
  english TEXT NOT NULL,
  spanish TEXT NOT NULL,
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (side <> 'leave' OR kind <> 'medicine') -- nobody leaves medicine at home
);

-- What a program's welcome sheet says of a part in its own words.
CREATE TABLE welcome_words (
  program_id TEXT NOT NULL,
  part TEXT NOT NULL,                 -- welcome-parts.csv
  english TEXT NOT NULL,
  spanish TEXT NOT NULL,              -- both '': the words of welcome-parts.csv
  account_id TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, part)
);
