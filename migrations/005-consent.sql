-- consents, disclosures, notices, signatures, emergency access (src/privacy)
-- Times are microseconds UTC, 0: none. Columns BYTEA are sealed under the person's key. Codes are words of knowledge/.

-- What somebody agreed to, to the byte. Never changed.
CREATE TABLE signature (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  method TEXT NOT NULL,               -- typed, drawn, scanned
  role TEXT NOT NULL,                 -- patient, personal-representative, staff, witness
  signer BYTEA NOT NULL,              -- the typed name
  authority BYTEA NOT NULL,           -- of a representative
  content_type TEXT NOT NULL,         -- of the image
  image BYTEA NOT NULL,
  signed_bytes BYTEA NOT NULL,
  sha256 TEXT NOT NULL,               -- of the bytes before they were sealed
  image_sha256 TEXT NOT NULL,
  account_id TEXT NOT NULL,           -- who took it
  witness_account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX signature_person ON signature (program_id, person_id);

CREATE TABLE consent (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- consent-kinds.csv
  content BYTEA NOT NULL,             -- its elements, JSON
  signature_id TEXT NOT NULL,
  form_version TEXT NOT NULL,         -- consent-forms.csv
  signed_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,            -- by its date; 0: no date says so
  ended_at BIGINT NOT NULL,           -- when it was written down that the event came which ends it
  ending BYTEA NOT NULL,              -- who says so, and the day it came, JSON
  revoked_at BIGINT NOT NULL,
  revoked_how TEXT NOT NULL,          -- written, oral
  made_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  FOREIGN KEY (program_id, signature_id) REFERENCES signature (program_id, id)
);
CREATE INDEX consent_person ON consent (program_id, person_id, signed_at);

-- What the law asks for beside words: an order and its findings, an agreement, an approval.
CREATE TABLE disclosure_evidence (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  basis TEXT NOT NULL,                -- disclosure-bases.csv
  facts BYTEA NOT NULL,               -- JSON, by name
  ends_at BIGINT NOT NULL,            -- 0: open
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);

-- The accounting (42 CFR 2.25): one row for each time that something left. Never changed.
CREATE TABLE disclosure (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  recipient BYTEA NOT NULL,           -- who got it, JSON
  purpose TEXT NOT NULL,              -- purposes.csv
  basis TEXT NOT NULL,                -- disclosure-bases.csv
  evidence_id TEXT NOT NULL,
  consent_ids TEXT NOT NULL,          -- separated by blanks
  document TEXT NOT NULL,             -- labels.csv
  fields TEXT NOT NULL,               -- names of the fields that left
  notice_version TEXT NOT NULL,       -- notices.csv
  language TEXT NOT NULL,
  counts BIGINT NOT NULL,             -- 1: stands in the accounting of 2.25
  sha256 TEXT NOT NULL,               -- of the document that left, to the byte
  account_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX disclosure_person ON disclosure (program_id, person_id, at);

-- The copies as they left, to the byte, in pieces: one may be larger than a sealed field.
CREATE TABLE disclosure_copy (
  program_id TEXT NOT NULL,
  disclosure_id TEXT NOT NULL,
  form TEXT NOT NULL,                 -- json, html
  piece BIGINT NOT NULL,              -- from 0
  person_id TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  sha256 TEXT NOT NULL,               -- of the whole form
  PRIMARY KEY (program_id, disclosure_id, form, piece),
  FOREIGN KEY (program_id, disclosure_id) REFERENCES disclosure (program_id, id)
);

-- That a person was offered the notice of their rights (42 CFR 2.22).
CREATE TABLE notice_given (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  version TEXT NOT NULL,              -- notices.csv
  language TEXT NOT NULL,
  how TEXT NOT NULL,                  -- given, declined, unable
  signature_id TEXT NOT NULL,         -- '': none
  reason BYTEA NOT NULL,              -- sealed: why there is no signature
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE INDEX notice_given_person ON notice_given (program_id, person_id, at);

-- Breaking the glass (42 CFR 2.51).
CREATE TABLE emergency_access (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  facts BYTEA NOT NULL,               -- recipient, affiliation, discloser, nature, JSON
  at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,           -- given up before
  reviewed_at BIGINT NOT NULL,
  reviewed_by TEXT NOT NULL,
  finding TEXT NOT NULL,              -- justified, not-justified
  review BYTEA NOT NULL,              -- in words
  PRIMARY KEY (program_id, id)
);
CREATE INDEX emergency_access_open ON emergency_access (program_id, person_id, account_id, ends_at);
CREATE INDEX emergency_access_review ON emergency_access (program_id, reviewed_at, at);

-- Sign-ins of family: each by the one consent that names them.
CREATE TABLE family_account (
  program_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  consent_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, account_id),
  FOREIGN KEY (program_id, consent_id) REFERENCES consent (program_id, id)
);
CREATE UNIQUE INDEX family_account_consent ON family_account (program_id, consent_id);
