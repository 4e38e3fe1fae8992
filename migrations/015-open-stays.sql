-- Stays that go on, by where and what they are: the board looks for those without a bed among them, and lists of who is in care
-- need not read the stays that are over.
CREATE INDEX episode_open ON episode (program_id, site_id, level_of_care, begun_at) WHERE ended_at = 0;
