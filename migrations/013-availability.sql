-- One-tap links (migration 008, table availability) are sealed for one facility and level and stored nowhere. Here stands from
-- when on a facility's links hold: those made before were taken back.
CREATE TABLE availability_link_end (
  facility_id TEXT NOT NULL PRIMARY KEY,
  ended_at BIGINT NOT NULL            -- microseconds UTC
);
CREATE INDEX availability_by_facility ON availability (facility_id);
