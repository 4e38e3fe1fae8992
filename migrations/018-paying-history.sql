-- who did what with what pays for a stay, and with a program's own fees (src/coverage)
-- Only added to. What is changed or undone is entered anew, as a row that stands for the one before it.
CREATE TABLE paying_step (
  program_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,           -- of stay_funding or fee_version
  seq BIGINT NOT NULL,                -- from 1
  act TEXT NOT NULL CHECK (act IN ('entered', 'ended', 'replaced', 'withdrawn')),
  other_id TEXT NOT NULL,             -- entered: for which row it stands anew, or ''; replaced: which row stands for it now
  account_id TEXT NOT NULL,           -- '': from before this was kept
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, subject_id, seq)
);
INSERT INTO paying_step (program_id, subject_id, seq, act, other_id, account_id, at)
  SELECT program_id, id, 1, 'entered', '', account_id, made_at FROM stay_funding;
INSERT INTO paying_step (program_id, subject_id, seq, act, other_id, account_id, at)
  SELECT program_id, id, 2, 'ended', '', '', ended_at FROM stay_funding WHERE ended_at > 0;
INSERT INTO paying_step (program_id, subject_id, seq, act, other_id, account_id, at)
  SELECT program_id, id, 1, 'entered', '', account_id, made_at FROM fee_version;
INSERT INTO paying_step (program_id, subject_id, seq, act, other_id, account_id, at)
  SELECT program_id, id, 2, 'withdrawn', '', '', withdrawn_at FROM fee_version WHERE withdrawn_at > 0;
