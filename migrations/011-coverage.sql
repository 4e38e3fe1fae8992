-- plans, what they answered, approvals, denials, what pays for a stay; a program's own fees (src/coverage)
-- Times are microseconds UTC, days count from 1970-01-01, money is cents; 0: none. Codes are words of knowledge/. Columns BYTEA are sealed
-- under the person's key.

-- Who pays for somebody's care.
CREATE TABLE coverage_plan (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  payer TEXT NOT NULL,                -- payer-kinds.csv
  turn BIGINT NOT NULL,               -- 1: asked first
  from_on BIGINT NOT NULL,
  to_on BIGINT NOT NULL,
  facts BYTEA NOT NULL,               -- JSON: names, numbers, addresses
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX coverage_plan_by_person ON coverage_plan (program_id, person_id);

-- What a plan says of one level of care: only added to, the last one counts.
CREATE TABLE benefits_worksheet (
  program_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  seq BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  answers BYTEA NOT NULL,             -- JSON, as benefits_write() makes it
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, plan_id, level_of_care, seq)
);
CREATE INDEX benefits_worksheet_by_person ON benefits_worksheet (program_id, person_id);

-- Questions that left for a plan as files (X12 270). The number of a file is never given twice in a program: rows stay.
CREATE TABLE coverage_question (
  program_id TEXT NOT NULL,
  control BIGINT NOT NULL,            -- of the interchange
  person_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,
  trace TEXT NOT NULL,                -- drawn by lot; comes back in the answer
  disclosure_id TEXT NOT NULL,
  sender TEXT NOT NULL,               -- of the program, to begin the next question with
  provider_name TEXT NOT NULL,
  provider_npi TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, control),
  CHECK (control BETWEEN 1 AND 999999999)
);
CREATE INDEX coverage_question_by_trace ON coverage_question (program_id, trace);

-- What was asked of a plan, and what it approved.
CREATE TABLE coverage_authorization (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,           -- '': no stay yet
  level_of_care TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'denied', 'withdrawn')),
  unit TEXT NOT NULL CHECK (unit IN ('day', 'visit', 'hour')),
  is_urgent BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_on BIGINT NOT NULL,           -- its day where the program is
  units_asked BIGINT NOT NULL,
  units BIGINT NOT NULL,
  from_on BIGINT NOT NULL,
  to_on BIGINT NOT NULL,
  review_on BIGINT NOT NULL,
  decided_on BIGINT NOT NULL,
  facts BYTEA NOT NULL,               -- JSON: number, who, words
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (state <> 'approved' OR (units > 0 AND from_on > 0 AND to_on >= from_on AND decided_on > 0))
);
CREATE INDEX coverage_authorization_by_person ON coverage_authorization (program_id, person_id);
CREATE INDEX coverage_authorization_by_state ON coverage_authorization (program_id, state);

-- That a plan said no, and what was done about it.
CREATE TABLE coverage_denial (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  authorization_id TEXT NOT NULL,     -- '': nothing was asked before
  level_of_care TEXT NOT NULL,
  payer TEXT NOT NULL,                -- of the plan, on that day
  reason TEXT NOT NULL,               -- denial-reasons.csv
  denied_on BIGINT NOT NULL,
  internal_on BIGINT NOT NULL,        -- the steps of an appeal, when each was taken
  external_on BIGINT NOT NULL,
  hearing_on BIGINT NOT NULL,
  internal_denied_on BIGINT NOT NULL, -- the plan said no again
  outcome TEXT NOT NULL CHECK (outcome IN ('', 'overturned', 'in-part', 'upheld', 'dropped')),
  ended_on BIGINT NOT NULL,
  facts BYTEA NOT NULL,               -- JSON: number, requested, words
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK ((outcome = '') = (ended_on = 0))
);
CREATE INDEX coverage_denial_by_person ON coverage_denial (program_id, person_id);
CREATE INDEX coverage_denial_by_outcome ON coverage_denial (program_id, outcome);

-- Each act on an authorization or a denial: only added to.
CREATE TABLE coverage_step (
  program_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  act TEXT NOT NULL,
  on_day BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, subject_id, seq)
);

-- Clocks that ran out before somebody acted; gone once it is settled.
CREATE TABLE coverage_late (
  program_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  late_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, kind, subject_id)
);

-- What pays for a stay.
CREATE TABLE stay_funding (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  episode_id TEXT NOT NULL,
  source TEXT NOT NULL,               -- funding-sources.csv
  plan_id TEXT NOT NULL,              -- of a plan, or ''
  from_on BIGINT NOT NULL,
  to_on BIGINT NOT NULL,
  facts BYTEA NOT NULL,               -- JSON: amount, words, a loan's terms
  ended_at BIGINT NOT NULL,           -- it does not pay after all
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX stay_funding_by_person ON stay_funding (program_id, person_id);

-- A program's own sliding fees. A version is never changed; of those that hold on a day the one that begins last counts.
CREATE TABLE fee_version (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  effective BIGINT NOT NULL,
  expires BIGINT NOT NULL,            -- the last day, 0: open
  approved_by TEXT NOT NULL,          -- who decided it, in the program's own words
  withdrawn_at BIGINT NOT NULL,       -- before it began
  account_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE TABLE fee_version_band (
  program_id TEXT NOT NULL,
  fee_version_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  above BIGINT NOT NULL,              -- percent of the guideline
  up_to BIGINT NOT NULL,              -- 0: no end
  kind TEXT NOT NULL CHECK (kind IN ('flat', 'share')),
  amount BIGINT NOT NULL,             -- cents, or percent
  PRIMARY KEY (program_id, fee_version_id, seq)
);
