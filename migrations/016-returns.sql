-- belongings that were given back: what at once, signed by whom, or why it was not signed (src/admission)
-- Times are microseconds UTC. Codes are words of knowledge/. An id '' means none. What was signed is sealed with its signatures.

CREATE TABLE belonging_return (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  intake_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  reason TEXT NOT NULL,               -- belongings-unsigned.csv, '': both signed
  language TEXT NOT NULL,             -- of the receipt
  sha256 TEXT NOT NULL,               -- of the receipt, '': not signed
  person_signature_id TEXT NOT NULL,
  staff_signature_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id),
  CHECK ((reason = '') = (person_signature_id <> '' AND staff_signature_id <> '' AND sha256 <> '')),
  CHECK (reason <> '' OR person_signature_id <> staff_signature_id)
);
CREATE INDEX belonging_return_by_intake ON belonging_return (program_id, intake_id, at);

-- Nothing is given back twice.
CREATE TABLE belonging_return_thing (
  program_id TEXT NOT NULL,
  belonging_id TEXT NOT NULL,
  return_id TEXT NOT NULL,
  PRIMARY KEY (program_id, belonging_id),
  FOREIGN KEY (program_id, return_id) REFERENCES belonging_return (program_id, id),
  FOREIGN KEY (program_id, belonging_id) REFERENCES belonging (program_id, id)
);
CREATE INDEX belonging_return_thing_by_return ON belonging_return_thing (program_id, return_id);
