/*
 * intake_evidence: what other records say of an intake's items: codes, ids and times, no words. See
 * intake_private.h. Consents and facts count while they hold, so that what is taken back is asked
 * for again. No state; any thread.
 */
#include "admission/intake_private.h"

struct gathering {
  struct store_transaction *transaction;
  const struct access *access;
  struct arena *arena;
  const struct intake *intake;
  struct intake_evidence *items;
  size_t count;
  struct error *error;
};

static void add(struct gathering *gathering, struct intake_evidence evidence)
{
  if (gathering->count < LIMIT_INTAKE_EVIDENCE) gathering->items[gathering->count++] = evidence;
}

/* Rows of (of, value, id, at), of whichever table. */
static bool read_rows(struct gathering *gathering, enum intake_evidence_kind kind, bool is_asked,
                      struct store_cursor **asked)
{
  struct store_cursor *cursor = *asked; /* set by the query, an argument beside it */
  bool more = false, is_read = is_asked;
  while (is_read && (is_read = store_next(cursor, &more, gathering->error)) && more)
    add(gathering, (struct intake_evidence){.kind = kind,
                                            .of = intake_column(gathering->arena, cursor, 0),
                                            .value = intake_column(gathering->arena, cursor, 1),
                                            .id = intake_column(gathering->arena, cursor, 2),
                                            .at = store_column_integer(cursor, 3)});
  store_cursor_close(cursor);
  return is_read;
}

/* --- Of the person --------------------------------------------------------------------------- */

/* The person's record and all that were merged into it. */
#define SAME                                                                                       \
  "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT m.id FROM person m"           \
  " JOIN same ON m.merged_into = same.id AND m.merged_into <> '' WHERE m.program_id = $1) "

static const char facts_sql[] =
    "" SAME "SELECT kind, value, id, since_at FROM fact WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) AND error_at = 0"
    " AND since_at <= $3 AND (until_at = 0 OR until_at > $3)"
    " ORDER BY since_at, id";
static bool read_facts(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(
      gathering, INTAKE_FACT,
      store_query(gathering->transaction, &cursor, facts_sql, bindings, 3, gathering->error),
      &cursor);
}

static const char consents_sql[] =
    "" SAME "SELECT kind, '', id, signed_at FROM consent WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) AND revoked_at = 0"
    " AND ended_at = 0 AND (ends_at = 0 OR ends_at > $3)"
    " ORDER BY signed_at, id";
static bool read_consents(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(
      gathering, INTAKE_CONSENT,
      store_query(gathering->transaction, &cursor, consents_sql, bindings, 3, gathering->error),
      &cursor);
}

static const char notices_sql[] = "" SAME "SELECT version, '', id, at FROM notice_given"
                                  " WHERE program_id = $1 AND at <= $3"
                                  " AND person_id IN (SELECT id FROM same) ORDER BY at, id";
static bool read_notices(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(
      gathering, INTAKE_NOTICE,
      store_query(gathering->transaction, &cursor, notices_sql, bindings, 3, gathering->error),
      &cursor);
}

static bool read_photo(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(gathering, INTAKE_PHOTO,
                   store_query(gathering->transaction, &cursor,
                               "SELECT '', '', person_id, made_at FROM person_photo"
                               " WHERE program_id = $1 AND person_id = $2 AND made_at <= $3",
                               bindings, 3, gathering->error),
                   &cursor);
}

static const char team_sql[] =
    "" SAME "SELECT role, '', id, from_at FROM care_team WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) AND from_at <= $3"
    " AND (until_at = 0 OR until_at > $3) ORDER BY from_at, id";
static bool read_team(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(
      gathering, INTAKE_TEAM,
      store_query(gathering->transaction, &cursor, team_sql, bindings, 3, gathering->error),
      &cursor);
}

static const char instruments_sql[] = "" SAME "SELECT instrument, '', id, at FROM intake_instrument"
                                      " WHERE program_id = $1 AND at <= $3"
                                      " AND person_id IN (SELECT id FROM same) ORDER BY at, id";
static bool read_instruments(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(
      gathering, INTAKE_INSTRUMENT,
      store_query(gathering->transaction, &cursor, instruments_sql, bindings, 3, gathering->error),
      &cursor);
}

static bool read_contact(struct gathering *gathering)
{
  struct person person;
  if (!person_load(gathering->transaction, gathering->access, gathering->arena,
                   gathering->access->person_id, &person, gathering->error))
    return false;
  if (person.identity.contact_count)
    add(gathering,
        (struct intake_evidence){INTAKE_CONTACT, TEXT(""), TEXT(""), person.id, person.changed_at});
  return true;
}

/* --- Of the intake --------------------------------------------------------------------------- */

static bool read_stay(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(gathering, INTAKE_TEAM,
                   store_query(gathering->transaction, &cursor,
                               "SELECT 'case-manager', '', id, made_at FROM episode"
                               " WHERE program_id = $1 AND id = $2 AND care_manager <> ''",
                               bindings, 2, gathering->error),
                   &cursor);
}

static bool read_level(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(gathering, INTAKE_LEVEL,
                   store_query(gathering->transaction, &cursor,
                               "SELECT chosen, '', id, at FROM intake_level WHERE program_id = $1"
                               " AND intake_id = $2 ORDER BY at, id",
                               bindings, 2, gathering->error),
                   &cursor);
}

/* Some medicine, and every one counted by two. */
static bool read_counts(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  return read_rows(gathering, INTAKE_COUNT,
                   store_query(gathering->transaction, &cursor,
                               "SELECT '', '', max(id), max(second_at) FROM medication_count"
                               " WHERE program_id = $1 AND intake_id = $2"
                               " HAVING count(*) > 0 AND min(second_at) > 0",
                               bindings, 2, gathering->error),
                   &cursor);
}

/* The list is signed as it stands; and nothing that cannot stay is still to be dealt with. */
static bool read_inventory(struct gathering *gathering, const struct store_value *bindings)
{
  struct store_cursor *cursor = NULL;
  int64_t revision = 0, open = 0;
  if (!belongings_revision(gathering->transaction, gathering->access, gathering->intake->id,
                           &revision, gathering->error))
    return false;
  const struct store_value all[] = {bindings[0], bindings[1], STORE_N(revision)};
  size_t before = gathering->count;
  if (!read_rows(gathering, INTAKE_INVENTORY,
                 store_query(gathering->transaction, &cursor,
                             "SELECT '', '', id, at FROM belonging_signing WHERE program_id = $1"
                             " AND intake_id = $2 AND revision = $3 ORDER BY at, id",
                             all, 3, gathering->error),
                 &cursor))
    return false;
  if (gathering->count == before) return true;
  if (!intake_number(store_query(gathering->transaction, &cursor,
                                 "SELECT count(*) FROM belonging WHERE program_id = $1"
                                 " AND intake_id = $2 AND error_at = 0 AND restricted <> ''"
                                 " AND state IN ('received', 'destroy-asked')",
                                 bindings, 2, gathering->error),
                     &cursor, &open, gathering->error))
    return false;
  struct intake_evidence settled = gathering->items[before];
  settled.kind = INTAKE_RESTRICTED;
  if (open == 0) add(gathering, settled);
  return true;
}

bool intake_evidence_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct intake *intake,
                          struct intake_evidence **out, size_t *count, struct error *error)
{
  struct gathering gathering = {
      transaction,
      access,
      arena,
      intake,
      arena_allocate_array(arena, LIMIT_INTAKE_EVIDENCE, sizeof(struct intake_evidence)),
      0,
      error};
  const struct store_value person[] = {STORE_T(access->program_id), STORE_T(access->person_id),
                                       STORE_N(access->now)};
  const struct store_value of_intake[] = {STORE_T(access->program_id), STORE_T(intake->id)};
  const struct store_value of_stay[] = {STORE_T(access->program_id), STORE_T(intake->episode_id)};
  if (!read_facts(&gathering, person) || !read_consents(&gathering, person) ||
      !read_notices(&gathering, person) || !read_photo(&gathering, person) ||
      !read_team(&gathering, person) || !read_instruments(&gathering, person) ||
      !read_contact(&gathering) || !read_stay(&gathering, of_stay) ||
      !read_level(&gathering, of_intake) || !read_counts(&gathering, of_intake) ||
      !read_inventory(&gathering, of_intake))
    return false;
  *out = gathering.items;
  *count = gathering.count;
  return true;
}
