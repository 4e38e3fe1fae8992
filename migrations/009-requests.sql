-- requests, their links and escalation; waiting lists; calls; slots; notices to the State (src/admission)
-- Times are microseconds UTC, 0: none. Codes are words of knowledge/. An id '' means none.
-- Columns BYTEA are sealed under request.person_id, or while there is none under request.subject_id; hashes say so.

CREATE TABLE request (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  subject_id TEXT NOT NULL,           -- whose key seals it until there is a record of the person
  person_id TEXT NOT NULL,            -- the person's record, once it is known
  site_id TEXT NOT NULL,
  source TEXT NOT NULL,               -- request-sources.csv
  urgency TEXT NOT NULL,              -- request-urgencies.csv
  state TEXT NOT NULL,                -- request-states.csv
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv; '': not known yet
  pregnant BIGINT NOT NULL,           -- 1 yes, 0 no, -1 not known
  injecting BIGINT NOT NULL,
  language TEXT NOT NULL,             -- languages.csv
  consents TEXT NOT NULL,             -- request-consents.csv, separated by spaces
  assigned TEXT NOT NULL,             -- a staff id, from the moment the request is made
  identity BYTEA NOT NULL,
  words BYTEA NOT NULL,
  reason TEXT NOT NULL,               -- decline-reasons.csv
  outcome TEXT NOT NULL,              -- waitlist-outcomes.csv
  received_at BIGINT NOT NULL,
  answer_by BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  escalations BIGINT NOT NULL,        -- how often the clock found it unanswered
  ended_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX request_open ON request (program_id, answer_by) WHERE ended_at = 0;
CREATE INDEX request_by_person ON request (program_id, person_id) WHERE person_id <> '';
CREATE INDEX request_by_subject ON request (program_id, subject_id);

-- What happened to a request, in its order; only added to.
CREATE TABLE request_event (
  program_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,                 -- request.event.* of the catalog
  code TEXT NOT NULL,                 -- of knowledge/, or an id, as the kind asks
  at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  words BYTEA NOT NULL,
  PRIMARY KEY (program_id, request_id, seq)
);

-- Private links: the hash of a token that nobody keeps.
CREATE TABLE request_link (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  hash BYTEA NOT NULL,                -- SHA-256
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX request_link_by_hash ON request_link (hash);
CREATE INDEX request_link_by_request ON request_link (program_id, request_id);

-- Who is told, step by step, when a request is not answered in time. site_id '': every site.
CREATE TABLE request_escalation (
  program_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  urgency TEXT NOT NULL,
  step BIGINT NOT NULL,
  staff_id TEXT NOT NULL,
  minutes BIGINT NOT NULL,            -- until the next step
  PRIMARY KEY (program_id, site_id, urgency, step)
);

-- Days on which a program differs from its week and the holidays.
CREATE TABLE business_day (
  program_id TEXT NOT NULL,
  date TEXT NOT NULL,
  is_open BIGINT NOT NULL,
  PRIMARY KEY (program_id, date)
);

-- Calls and other contacts about a request.
CREATE TABLE request_call (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- call-kinds.csv
  way TEXT NOT NULL,                  -- contact-ways.csv
  result TEXT NOT NULL,               -- contact-results.csv
  script TEXT NOT NULL,               -- call-scripts.csv
  at BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  staff_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  words BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX request_call_by_request ON request_call (program_id, request_id, at);

-- Who is to be called back, and by when.
CREATE TABLE callback (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  script TEXT NOT NULL,               -- call-scripts.csv
  due_at BIGINT NOT NULL,
  late_at BIGINT NOT NULL,            -- when the clock found it late
  done_at BIGINT NOT NULL,
  call_id TEXT NOT NULL,              -- the call that ended it
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX callback_open ON callback (program_id, due_at) WHERE done_at = 0;
CREATE INDEX callback_by_request ON callback (program_id, request_id);

-- Who waits; one row for each request that came on a list.
CREATE TABLE waitlist_entry (
  program_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  level_of_care TEXT NOT NULL,
  since_at BIGINT NOT NULL,           -- when they asked: the law counts from there
  entered_at BIGINT NOT NULL,
  identifier TEXT NOT NULL,           -- of who injects: 45 CFR 96.126(c)
  interim_at BIGINT NOT NULL,         -- when the last interim service that is owed was given
  interim_late_at BIGINT NOT NULL,    -- when a clock found the law's time past
  admit_late_at BIGINT NOT NULL,
  contact_at BIGINT NOT NULL,         -- the last contact or attempt
  attempts BIGINT NOT NULL,           -- to reach them, since the last answer
  place_kind TEXT NOT NULL,           -- bed or slot, while a place is offered
  place_id TEXT NOT NULL,
  offered_at BIGINT NOT NULL,
  left_at BIGINT NOT NULL,            -- the list, with an outcome
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, request_id)
);
CREATE INDEX waitlist_entry_open ON waitlist_entry (program_id, site_id, level_of_care) WHERE left_at = 0;
CREATE UNIQUE INDEX waitlist_entry_place ON waitlist_entry (program_id, place_id) WHERE place_kind = 'bed' AND left_at = 0;

-- Which name stands for which person on the lists, by a keyed hash; gone when nobody waits under it.
CREATE TABLE waitlist_identifier (
  program_id TEXT NOT NULL,
  mark BYTEA NOT NULL,
  identifier TEXT NOT NULL,
  PRIMARY KEY (program_id, mark)
);

CREATE TABLE interim_given (
  program_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  service TEXT NOT NULL,              -- interim-services.csv
  at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (program_id, request_id, service)
);

-- Who was passed over, for whom, and why.
CREATE TABLE waitlist_skip (
  program_id TEXT NOT NULL,
  request_id TEXT NOT NULL,           -- passed over
  for_request_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,               -- skip-reasons.csv
  place_kind TEXT NOT NULL,
  place_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (program_id, request_id, for_request_id, at)
);

-- Places of care without a bed: day, evening, weekend, hours for doses. Never more taken than there are.
CREATE TABLE slot (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- slot-kinds.csv
  level_of_care TEXT NOT NULL,
  name TEXT NOT NULL,
  weekdays TEXT NOT NULL,             -- 0 Sunday to 6 Saturday, separated by spaces
  begins BIGINT NOT NULL,             -- minutes after midnight where the site is
  ends BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  closed_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK (taken >= 0 AND taken <= capacity)
);
CREATE TABLE slot_use (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  slot_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  held_at BIGINT NOT NULL,
  enrolled_at BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX slot_use_once ON slot_use (program_id, slot_id, request_id) WHERE left_at = 0;
CREATE INDEX slot_use_by_request ON slot_use (program_id, request_id);

-- The State is told when so many places are taken: 45 CFR 96.126(a).
CREATE TABLE capacity_notice (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  places TEXT NOT NULL,               -- bed or slot
  reached_at BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  late_at BIGINT NOT NULL,
  told_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  over_at BIGINT NOT NULL,            -- when fewer were taken again
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX capacity_notice_open ON capacity_notice (program_id, places) WHERE over_at = 0;
