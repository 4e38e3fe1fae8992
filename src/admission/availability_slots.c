/*
 * Availability of places without a bed: rows for the finder, of slots. See availability.h; of beds:
 * availability.c.
 *
 * Invariant: a row of slots is what stands in the slots that are open, at the time of the last act;
 * no count comes from anywhere else.
 */
#include "admission/availability.h"
#include "admission/request_private.h"

/* Levels at which no slot is open any more. */
static bool clear_levels(struct store_transaction *transaction, struct text program_id,
                         struct text site_id, int64_t now, struct error *error)
{
  return store_execute(
      transaction,
      "UPDATE availability SET answer = 'no', places = 0, offerable = 0, expected = 0,"
      " changed_at = $3 WHERE program_id = $1 AND site_id = $2 AND place_kind = 'slot'"
      " AND places > 0 AND level_of_care NOT IN (SELECT level_of_care FROM slot"
      " WHERE program_id = $1 AND site_id = $2 AND closed_at = 0)",
      STORE_BIND(STORE_T(program_id), STORE_T(site_id), STORE_N(now)), NULL, error);
}

bool availability_derive_slots(struct store_transaction *transaction, struct text program_id,
                               struct text site_id, int64_t now, bool is_seen, struct error *error)
{
  return store_execute(
             transaction,
             "INSERT INTO availability (program_id, site_id, level_of_care, place_kind,"
             " facility_id, source, answer, places, offerable, expected, as_of, changed_at)"
             " SELECT s.program_id, s.id, l.level_of_care, 'slot',"
             " CASE WHEN s.closed_at = 0 THEN s.facility_id ELSE '' END, 'slots',"
             " CASE WHEN sum(l.capacity - l.taken) > 0 THEN 'yes' ELSE 'no' END,"
             " CAST(sum(l.capacity) AS BIGINT), CAST(sum(l.capacity - l.taken) AS BIGINT),"
             " CAST(sum(l.capacity - l.taken) AS BIGINT),"
             " CASE WHEN CAST($4 AS BIGINT) = 1 THEN CAST($3 AS BIGINT) ELSE max(l.changed_at) END,"
             " CAST($3 AS BIGINT) FROM slot l JOIN site s ON s.program_id = l.program_id"
             " AND s.id = l.site_id WHERE l.program_id = $1 AND l.site_id = $2 AND l.closed_at = 0"
             " GROUP BY s.program_id, s.id, s.closed_at, s.facility_id, l.level_of_care"
             " ON CONFLICT (program_id, site_id, level_of_care, place_kind) DO UPDATE SET"
             " facility_id = excluded.facility_id, answer = excluded.answer,"
             " places = excluded.places, offerable = excluded.offerable,"
             " expected = excluded.expected,"
             " as_of = CASE WHEN CAST($4 AS BIGINT) = 1 THEN excluded.as_of"
             " ELSE availability.as_of END, changed_at = excluded.changed_at",
             STORE_BIND(STORE_T(program_id), STORE_T(site_id), STORE_N(now), STORE_N(is_seen)),
             NULL, error) &&
         clear_levels(transaction, program_id, site_id, now, error);
}

bool availability_confirm_slots(struct store_transaction *transaction, const struct access *access,
                                struct text site_id, struct error *error)
{
  struct text only = request_site_of(access);
  if (!request_may_list(access, "write", error)) return false;
  if (only.length && !text_equal(only, site_id))
    return access_refuse(access, TEXT(""), "error.403.text", error);
  return availability_derive_slots(transaction, access->program_id, site_id, access->now, true,
                                   error);
}
