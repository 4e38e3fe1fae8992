-- links for one tap: for whom each was made, until when, and whether it was taken back (src/admission)
-- The token itself stands nowhere: it is sealed, and names the row.
CREATE TABLE availability_link (
  id TEXT NOT NULL PRIMARY KEY,
  program_id TEXT NOT NULL,           -- whose administrator made it; '': the installation's, or the command line
  facility_id TEXT NOT NULL,          -- in the directory
  level_of_care TEXT NOT NULL,        -- levels-of-care.csv
  for_whom TEXT NOT NULL,             -- whom it was handed to, in the words of who made it
  account_id TEXT NOT NULL,           -- '': by the command line
  made_at BIGINT NOT NULL,            -- microseconds UTC
  until_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,           -- taken back or renewed; 0: not
  tapped_at BIGINT NOT NULL           -- when it last answered; 0: never
);
CREATE INDEX availability_link_by_program ON availability_link (program_id, id);
CREATE INDEX availability_link_by_facility ON availability_link (facility_id);
