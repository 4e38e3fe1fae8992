-- Whom a session was shown on the bed board since it opened it, as the audit has it: a board that shows itself anew adds to the audit
-- only who is new on it (src/admission)
CREATE TABLE board_watch (
  session_id TEXT NOT NULL PRIMARY KEY,
  program_id TEXT NOT NULL,
  person_ids TEXT NOT NULL,           -- by their order, separated by spaces
  at BIGINT NOT NULL                  -- when the board was opened
);
CREATE INDEX board_watch_by_time ON board_watch (at);
