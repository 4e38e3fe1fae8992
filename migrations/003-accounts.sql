-- Accounts, roles, sessions, stations (src/privacy). An account is the installation's, its roles are of programs;
-- so these tables, but for stations, have no program first in their key. Times are microseconds UTC; 0: never.
-- Passwords and PINs are argon2id (libsodium's own form), tokens and codes SHA-256, TOTP secrets sealed.

CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  sign_in_name TEXT NOT NULL,         -- small letters, digits, . _ - + @
  shown_name TEXT NOT NULL,           -- of staff; '' for a person in care
  email TEXT NOT NULL,                -- of staff; '' for a person in care
  language TEXT NOT NULL DEFAULT '',  -- of messages to them; '': not chosen
  staff_id TEXT NOT NULL,
  person_id TEXT NOT NULL,            -- whose own account this is, or ''
  person_program_id TEXT NOT NULL,    -- and of which program
  password TEXT NOT NULL,
  must_change BIGINT NOT NULL,        -- 1: the first password, handed out by somebody else
  totp BYTEA NOT NULL,                -- sealed secret; empty: none
  totp_begun BYTEA NOT NULL,          -- sealed, not yet confirmed
  totp_step BIGINT NOT NULL,          -- the last time step that was used up
  pin TEXT NOT NULL,
  pin_failures BIGINT NOT NULL,
  badge BYTEA NOT NULL,               -- keyed hash; empty: none
  disabled_at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  last_sign_in_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_by_name ON account (sign_in_name);
CREATE UNIQUE INDEX account_by_badge ON account (badge) WHERE length(badge) > 0;

CREATE TABLE account_role (
  account_id TEXT NOT NULL REFERENCES account (id),
  program_id TEXT NOT NULL,           -- '': every program
  role TEXT NOT NULL,                 -- knowledge/roles.csv
  site_id TEXT NOT NULL,              -- '': every site of the program
  PRIMARY KEY (account_id, program_id, role)
);
CREATE INDEX account_role_by_program ON account_role (program_id, role);

-- Codes for when the second factor is lost; each works once.
CREATE TABLE account_recovery (
  account_id TEXT NOT NULL REFERENCES account (id),
  code BYTEA NOT NULL,
  PRIMARY KEY (account_id, code)
);

-- Failures by a hash: of the name that was typed, known or not, so that both look alike; or of the name with a browser that
-- its account signed in with before, a station or a session.
CREATE TABLE sign_in_failure (
  name BYTEA NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  refused BIGINT NOT NULL             -- tries since it was locked
);
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (failed_at);

-- Browsers with which an account was signed in before: strangers' tries at its name do not hold them up.
CREATE TABLE sign_in_device (
  device BYTEA NOT NULL,              -- hash of the token in its cookie
  account_id TEXT NOT NULL REFERENCES account (id),
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (device, account_id)
);
CREATE INDEX sign_in_device_by_account ON sign_in_device (account_id, seen_at);

-- A key that hashes badges, sealed under the installation's key.
CREATE TABLE account_key (
  name TEXT NOT NULL PRIMARY KEY,
  sealed BYTEA NOT NULL
);

-- The one-time code of the first administrator; one row, gone once used.
CREATE TABLE account_first (
  id BIGINT NOT NULL PRIMARY KEY,
  code BYTEA NOT NULL,
  ends_at BIGINT NOT NULL
);

CREATE TABLE station (
  program_id TEXT NOT NULL,
  id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  name TEXT NOT NULL,
  token BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, id)
);
CREATE UNIQUE INDEX station_by_token ON station (token);

CREATE TABLE station_shift (
  program_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, station_id, account_id)
);

CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  token BYTEA NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  station_id TEXT NOT NULL,           -- '' at a desk of one's own
  step BIGINT NOT NULL,               -- enum session_step
  program_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,            -- absolute
  proved_at BIGINT NOT NULL,
  tries BYTEA NOT NULL,               -- under which key wrong codes are counted until it is open (sign_in_failure)
  device BYTEA NOT NULL               -- hash of the browser's token, to remember once it is open; empty: not
);
CREATE UNIQUE INDEX session_by_token ON session (token);
CREATE INDEX session_by_account ON session (account_id);
CREATE INDEX session_by_end ON session (ends_at);
