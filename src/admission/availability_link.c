/*
 * Availability told from outside: links for programs without this software, a tap, a checked claim,
 * a file. See availability.h. Not here: what the board says (availability.c).
 *
 * Invariants: a link answers for one facility and level and opens nothing else; no count is ever
 * told, only yes, likely or no; the newer word stands.
 */
#include "admission/bed_private.h"

static const struct text link_purpose = {"availability", 12};

/* --- Links ----------------------------------------------------------------------------------- */

struct text availability_link_write(struct arena *arena, const struct seal_key *key,
                                    const struct availability_link *link, int64_t now,
                                    int64_t seconds)
{
  struct text bytes = text_format(arena, "%.*s %.*s%s%.*s", TEXT_PRINT(link->facility_id),
                                  TEXT_PRINT(link->level_of_care), link->id.length ? " " : "",
                                  TEXT_PRINT(link->id));
  return seal_write(arena, key, link_purpose, bytes, now, seconds);
}

bool availability_link_read(struct arena *arena, const struct seal_key *key, struct text token,
                            int64_t now, struct availability_link *out, struct error *error)
{
  struct seal seal;
  struct availability_link link;
  if (!seal_read(arena, key, link_purpose, token, now, &seal, error)) return false;
  struct text rest = seal.bytes;
  if (!text_split_next(&rest, ' ', &link.facility_id) ||
      !text_split_next(&rest, ' ', &link.level_of_care) || link.level_of_care.length == 0)
    return error_set(error, ERROR_REFUSED, "error.seal.broken", "",
                     "admission: a link without facility or level");
  link.id = rest;
  link.issued = seal.issued;
  *out = link;
  return true;
}

/* --- What is told ---------------------------------------------------------------------------- */

bool availability_put(struct store_transaction *transaction, const struct beds *beds,
                      const struct availability_link *link, struct text source, struct text answer,
                      int64_t as_of, int64_t now, struct error *error)
{
  size_t index;
  if (!bed_code_find(beds, AVAILABILITY_SOURCES, source, &index) ||
      !text_equal(bed_code_cell(beds, AVAILABILITY_SOURCES, index, "told"), TEXT("yes")))
    return bed_refuse(error, "error.care.code", "the field source");
  if (!text_equal(answer, TEXT("yes")) && !text_equal(answer, TEXT("likely")) &&
      !text_equal(answer, TEXT("no")))
    return bed_refuse(error, "error.care.code", "the field answer");
  if (!care_code_is(beds->care, CARE_LEVELS, link->level_of_care))
    return bed_refuse(error, "error.care.code", "the field level_of_care");
  if (as_of > now) return bed_refuse(error, "error.care.future", "the field as_of");
  return store_execute(
      transaction,
      "INSERT INTO availability (program_id, site_id, level_of_care, place_kind, facility_id,"
      " source, answer, places, offerable, expected, as_of, changed_at) VALUES ('', $1, $2, '', $1,"
      " $3, $4, 0, 0, 0, $5, $6)"
      " ON CONFLICT (program_id, site_id, level_of_care, place_kind) DO UPDATE SET"
      " source = excluded.source, answer = excluded.answer, as_of = excluded.as_of,"
      " changed_at = excluded.changed_at WHERE availability.as_of <= excluded.as_of",
      STORE_BIND(STORE_T(link->facility_id), STORE_T(link->level_of_care), STORE_T(source),
                 STORE_T(answer), STORE_N(as_of), STORE_N(now)),
      NULL, error);
}

/* --- Links taken back ------------------------------------------------------------------------ */

/* Does its row say that it holds? A row that is gone says no. */
static bool row_holds(struct store_transaction *transaction, struct text id, bool *out,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_asked = store_query(transaction, &cursor,
                              "SELECT 1 FROM availability_link WHERE id = $1 AND ended_at = 0",
                              STORE_BIND(STORE_T(id)), error);
  return bed_any(is_asked, &cursor, out, error);
}

bool availability_link_holds(struct store_transaction *transaction,
                             const struct availability_link *link, bool *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_over = false, is_there = true;
  bool is_asked =
      store_query(transaction, &cursor,
                  "SELECT 1 FROM availability_link_end WHERE facility_id = $1 AND ended_at >= $2",
                  STORE_BIND(STORE_T(link->facility_id), STORE_N(link->issued)), error);
  if (!bed_any(is_asked, &cursor, &is_over, error) ||
      (link->id.length && !row_holds(transaction, link->id, &is_there, error)))
    return false;
  *out = !is_over && is_there;
  return true;
}

bool availability_link_end(struct store_transaction *transaction, struct text facility_id,
                           int64_t now, struct error *error)
{
  return store_execute(transaction,
                       "INSERT INTO availability_link_end (facility_id, ended_at) VALUES ($1, $2)"
                       " ON CONFLICT (facility_id) DO UPDATE SET ended_at = excluded.ended_at",
                       STORE_BIND(STORE_T(facility_id), STORE_N(now)), NULL, error) &&
         store_execute(transaction,
                       "UPDATE availability_link SET ended_at = $2 WHERE facility_id = $1"
                       " AND ended_at = 0",
                       STORE_BIND(STORE_T(facility_id), STORE_N(now)), NULL, error);
}

bool availability_tap(struct store_transaction *transaction, const struct beds *beds,
                      struct arena *arena, const struct seal_key *key, struct text token,
                      struct text answer, int64_t now, struct error *error)
{
  struct availability_link link;
  bool holds = false;
  if (!availability_link_read(arena, key, token, now, &link, error) ||
      !availability_link_holds(transaction, &link, &holds, error))
    return false;
  if (!holds)
    return error_set(error, ERROR_REFUSED, "error.seal.expired", "",
                     "admission: a link that was taken back");
  return availability_put(transaction, beds, &link, TEXT("tap"), answer, now, now, error) &&
         store_execute(transaction, "UPDATE availability_link SET tapped_at = $2 WHERE id = $1",
                       STORE_BIND(STORE_T(link.id), STORE_N(now)), NULL, error);
}
