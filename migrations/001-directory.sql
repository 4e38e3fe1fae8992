-- The directory: releases of sources, facilities, and what each source says of each facility.
-- Dates are text YYYY-MM-DD. An empty text means that the source does not say.

-- A file that was imported. The latest as_of of a source is the release that stands.
CREATE TABLE directory_release (
  source TEXT NOT NULL,
  as_of TEXT NOT NULL,
  sha256 TEXT NOT NULL,               -- of the file; lower-case hexadecimal
  file_name TEXT NOT NULL,
  format TEXT NOT NULL,
  partial BIGINT NOT NULL,            -- 1: some of the source's rows only; nothing vanished by it
  imported_at BIGINT NOT NULL,        -- microseconds UTC
  rows_read BIGINT NOT NULL,
  rows_refused BIGINT NOT NULL,
  rows_merged BIGINT NOT NULL,
  facilities_fresh BIGINT NOT NULL,
  facilities_changed BIGINT NOT NULL,
  facilities_renamed BIGINT NOT NULL,
  facilities_unchanged BIGINT NOT NULL,
  facilities_vanished BIGINT NOT NULL,
  PRIMARY KEY (source, as_of, sha256)
);

-- One site. Its id is made of the first identity seen and then kept for ever.
CREATE TABLE facility (
  id TEXT NOT NULL PRIMARY KEY,
  identity TEXT NOT NULL,             -- folded names, street lines and ZIP that the id was made of
  first_listed TEXT NOT NULL,         -- as_of of the first release that names it
  vanished TEXT,                      -- as_of of the release from which no listing names it
  merged_into TEXT REFERENCES facility (id),
  invented BIGINT NOT NULL            -- 1: made up for the demo
);

-- What one source says of one facility, as last confirmed.
CREATE TABLE listing (
  facility_id TEXT NOT NULL REFERENCES facility (id),
  source TEXT NOT NULL,
  as_of TEXT NOT NULL,                -- the release that last confirmed it
  since TEXT NOT NULL,                -- the release that first had it
  field_dates TEXT NOT NULL,          -- "phone=2023-01-01 …": since when, where later than `since`
  withdrawn TEXT,                     -- as_of of the release in which the source no longer had it
  directories BIGINT NOT NULL,        -- bits: 1 substance use, 2 mental health, 4 opioid treatment
  name1 TEXT NOT NULL,
  name2 TEXT NOT NULL,
  street1 TEXT NOT NULL,
  street2 TEXT NOT NULL,
  city TEXT NOT NULL,
  state TEXT NOT NULL,
  zip TEXT NOT NULL,
  county TEXT NOT NULL,
  county_from_zip BIGINT NOT NULL,    -- 1: the county is the ZIP's, the source does not say
  phone TEXT NOT NULL,
  intake_phone TEXT NOT NULL,
  intake_phone2 TEXT NOT NULL,
  intake_phone3 TEXT NOT NULL,
  intake_phone4 TEXT NOT NULL,
  website TEXT NOT NULL,
  coordinates TEXT NOT NULL,          -- as given, when the source gives the address's own
  codes TEXT NOT NULL,
  unknown TEXT NOT NULL,
  latitude DOUBLE PRECISION NOT NULL,
  longitude DOUBLE PRECISION NOT NULL,
  quality BIGINT NOT NULL,            -- enum coordinate_quality
  external_id TEXT NOT NULL,          -- the source's own id of the row
  PRIMARY KEY (facility_id, source)
);
CREATE INDEX listing_by_source ON listing (source);
