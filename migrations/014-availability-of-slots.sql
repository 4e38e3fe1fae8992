-- What is said of free places counts beds and places of slots apart: each has a row, each its own "as of" (src/admission)
-- A row of beds ('bed') and one of slots ('slot') may stand at one level; of what was told by others ('') there is one.
CREATE TABLE availability_place (
  program_id TEXT NOT NULL,           -- '': told by a program without this software; site_id is the facility's id then
  site_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  place_kind TEXT NOT NULL CHECK (place_kind IN ('bed', 'slot', '')),
  facility_id TEXT NOT NULL,          -- in the directory, or ''
  source TEXT NOT NULL,               -- availability-sources.csv
  answer TEXT NOT NULL,               -- yes, likely, no
  places BIGINT NOT NULL,             -- of the level, not closed; 0 where it was told
  offerable BIGINT NOT NULL,
  expected BIGINT NOT NULL,           -- a day from now, by plan
  as_of BIGINT NOT NULL,              -- when somebody last saw that it is so
  changed_at BIGINT NOT NULL,         -- when this row last changed, for those who follow
  PRIMARY KEY (program_id, site_id, level_of_care, place_kind)
);
INSERT INTO availability_place (program_id, site_id, level_of_care, place_kind, facility_id, source, answer, places, offerable,
  expected, as_of, changed_at)
  SELECT program_id, site_id, level_of_care, CASE WHEN program_id = '' THEN '' ELSE 'bed' END, facility_id, source, answer, beds,
  offerable, expected, as_of, changed_at FROM availability;
DROP TABLE availability;
ALTER TABLE availability_place RENAME TO availability;
CREATE INDEX availability_by_change ON availability (changed_at);
CREATE INDEX availability_by_facility ON availability (facility_id);

-- Slots that stand already are published by the clock.
INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
  SELECT program_id, 'availability.derive', site_id, '', max(changed_at), max(changed_at), 0, '', 0 FROM slot
  WHERE closed_at = 0 GROUP BY program_id, site_id
  ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET at = excluded.at, try_at = excluded.try_at, attempts = 0;
