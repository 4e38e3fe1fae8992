-- which lines of our packing list a program leaves out, and in which order it says the others (src/admission)
-- Times are microseconds UTC. Nothing of people: plain.

CREATE TABLE packing_choice (
  program_id TEXT NOT NULL,
  item TEXT NOT NULL,                 -- packing-list.csv
  is_hidden BIGINT NOT NULL CHECK (is_hidden IN (0, 1)),
  position BIGINT NOT NULL,           -- among those of its group, 0: where packing-list.csv has it, behind the others
  account_id TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, item)
);
