-- what lists of what is due read by: when, without opening what is not shown (src/coverage, src/admission, src/care)
-- The day on which something open is due: of what was asked when the plan must have decided, of an approval when it is looked at again, of a
-- denial the first last day. 9223372036854775807: no law is known; 0: nothing is open.
ALTER TABLE coverage_authorization ADD COLUMN due_on BIGINT NOT NULL DEFAULT 0;
ALTER TABLE coverage_denial ADD COLUMN due_on BIGINT NOT NULL DEFAULT 0;

-- What stands already is due when its clock rings, or rang. The day of a moment is counted from noon, so that midnight of any place lies on its own day.
UPDATE coverage_authorization SET due_on = CASE WHEN review_on > 0 THEN review_on ELSE to_on END WHERE state = 'approved';
UPDATE coverage_authorization SET due_on = coalesce(
  (SELECT (d.at + 43200000000) / 86400000000 - 1 FROM due d WHERE d.program_id = coverage_authorization.program_id
    AND d.kind = 'coverage.decision' AND d.subject_id = coverage_authorization.id),
  (SELECT (l.late_at + 43200000000) / 86400000000 - 1 FROM coverage_late l WHERE l.program_id = coverage_authorization.program_id
    AND l.kind = 'coverage.decision' AND l.subject_id = coverage_authorization.id), 9223372036854775807) WHERE state = 'asked';
UPDATE coverage_denial SET due_on = coalesce(
  (SELECT (d.at + 43200000000) / 86400000000 FROM due d WHERE d.program_id = coverage_denial.program_id
    AND d.kind = 'coverage.appeal' AND d.subject_id = coverage_denial.id),
  (SELECT (l.late_at + 43200000000) / 86400000000 FROM coverage_late l WHERE l.program_id = coverage_denial.program_id
    AND l.kind = 'coverage.appeal' AND l.subject_id = coverage_denial.id), 9223372036854775807) WHERE outcome = '';

CREATE INDEX coverage_authorization_due ON coverage_authorization (program_id, due_on, id, to_on, person_id) WHERE due_on > 0;
-- Approvals that are over are taken out by this one.
CREATE INDEX coverage_authorization_over ON coverage_authorization (program_id, to_on) WHERE due_on > 0 AND to_on > 0;
CREATE INDEX coverage_denial_due ON coverage_denial (program_id, due_on, id, person_id) WHERE due_on > 0;
DROP INDEX coverage_authorization_by_state;
DROP INDEX coverage_denial_by_outcome;

CREATE INDEX intake_late_by_time ON intake_late (program_id, late_at, intake_id, item);
CREATE INDEX intake_late_first ON intake_late (program_id, intake_id, late_at, item);

-- Who is of a site, and who is gone.
CREATE INDEX person_by_site ON person (program_id, site_id, id);
CREATE INDEX person_erased ON person (program_id, id) WHERE erased_at > 0;
