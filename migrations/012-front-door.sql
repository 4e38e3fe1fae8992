-- sites whose door is open to requests from outside, what came through it, and the operator's line (src/admission)
-- Times are microseconds UTC, 0: none. An id '' means none. Nothing here says who asked.

CREATE TABLE front_door (
  program_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,             -- looks after what comes in
  people BIGINT NOT NULL,             -- 1: takes what people ask for themselves or for somebody of theirs
  programs BIGINT NOT NULL,           -- 1: takes what other programs send
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, site_id)
);

-- Which requests strangers made, to count them.
CREATE TABLE front_door_request (
  program_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  way TEXT NOT NULL,                  -- carry, talk, refer
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, request_id)
);
CREATE INDEX front_door_request_made ON front_door_request (program_id, made_at);

-- The line that whoever runs the installation offers; there is one.
CREATE TABLE talk_line (
  id TEXT NOT NULL,                   -- line
  name TEXT NOT NULL,
  phone TEXT NOT NULL,                -- ten digits or ''
  text_phone TEXT NOT NULL,           -- the same, for text messages
  days TEXT NOT NULL,                 -- 0 Sunday to 6 Saturday, separated by spaces
  begins BIGINT NOT NULL,             -- minutes after midnight in the zone
  ends BIGINT NOT NULL,               -- at or before begins: on the next day
  zone TEXT NOT NULL,                 -- of the tz database
  program_id TEXT NOT NULL,           -- who calls back; '': nobody
  site_id TEXT NOT NULL,
  urgency TEXT NOT NULL,              -- request-urgencies.csv: by when they call back
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (id)
);
