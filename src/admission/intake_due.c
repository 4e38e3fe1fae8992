/*
 * intake_due: the clock of an intake: what became late is kept, what will be is set. See
 * intake_record.h.
 *
 * The clock rings just after the next item's time, and once a day besides while anything is open,
 * since facts and consents that other rooms write set no clock here. It does all its work in the
 * transaction that took its row away. Threads: the sweeper's, or the request's.
 */
#include "admission/intake_private.h"

static const char late_kind[] = "intake.late";
#define DAY INT64_C(86400000000)

static bool keep_late(struct store_transaction *transaction, const struct access *access,
                      const struct intake_view *view, struct error *error)
{
  for (size_t i = 0; i < view->count; i++) {
    const struct intake_answer *answer = &view->answers[i];
    const struct store_value bindings[] = {STORE_T(access->program_id), STORE_T(view->intake.id),
                                           STORE_T(answer->item->code), STORE_N(answer->due_at),
                                           STORE_N(access->now)};
    bool is_late = answer->standing == INTAKE_LATE;
    if (is_late ? !store_execute(transaction,
                                 "INSERT INTO intake_late (program_id, intake_id, item, late_at,"
                                 " made_at) VALUES ($1, $2, $3, $4, $5)"
                                 " ON CONFLICT (program_id, intake_id, item) DO NOTHING",
                                 bindings, 5, NULL, error)
                : !store_execute(transaction,
                                 "DELETE FROM intake_late WHERE program_id = $1"
                                 " AND intake_id = $2 AND item = $3",
                                 bindings, 3, NULL, error))
      return false;
  }
  return true;
}

bool intake_clock(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, struct arena *arena, struct text intake_id,
                  struct error *error)
{
  struct intake_view view;
  if (!intake_view_load(transaction, intakes, access, arena, intake_id, &view, error)) return false;
  if (view.intake.ended_at)
    return store_execute(
               transaction, "DELETE FROM intake_late WHERE program_id = $1 AND intake_id = $2",
               STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id)), NULL, error) &&
           due_clear(transaction, access->program_id, late_kind, intake_id, error);
  if (!keep_late(transaction, access, &view, error)) return false;
  if (view.progress.settled == view.progress.needed)
    return due_clear(transaction, access->program_id, late_kind, intake_id, error);
  int64_t at = access->now + DAY;
  if (view.progress.next_late && view.progress.next_late + 1 < at) at = view.progress.next_late + 1;
  return due_set(transaction, access->program_id, late_kind, intake_id, view.intake.person_id, at,
                 error);
}

/* Whose intake it is now; "": nobody's any more. */
static bool find_person(struct store_transaction *transaction, struct arena *arena,
                        const struct due_item *item, struct text *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  struct text person_id = TEXT("");
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT i.person_id FROM intake i JOIN person p ON p.program_id = i.program_id"
                  " AND p.id = i.person_id AND p.erased_at = 0"
                  " WHERE i.program_id = $1 AND i.id = $2",
                  STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) person_id = intake_column(arena, cursor, 0);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = person_id;
  return person_id.length == 0 ||
         person_standing(transaction, arena, item->program_id, person_id, out, error);
}

bool intake_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                  int64_t now, struct error *error)
{
  const struct intakes *intakes = context;
  struct arena *arena = arena_new(LIMIT_INTAKE_ARENA);
  struct actor actor = actor_system(item->program_id);
  struct role_subject subject = {.is_site = true};
  struct access access;
  bool is_done = find_person(transaction, arena, item, &subject.person_id, error);
  if (is_done && subject.person_id.length)
    is_done = access_open(transaction, care_privacy(intakes->care), &actor, "intake", "write",
                          &subject, item->subject_id, now, &access, error) &&
              intake_clock(transaction, intakes, &access, arena, item->subject_id, error);
  arena_free(arena);
  return is_done;
}

/* --- What is late ---------------------------------------------------------------------------- */

/* Does the access's scope reach this person? Of a record that was joined with others alone; all
 * else the query has answered. */
static bool reaches(struct store_transaction *transaction, const struct access *access,
                    struct text person_id, bool *out, struct error *error)
{
  struct role_subject subject;
  if (!care_subject_load(transaction, access->program_id, person_id, access->actor, access->now,
                         &subject, error))
    return false;
  *out = role_scope_reaches(access->scope, &subject);
  return true;
}

/* Late items, and of each whether the scope reaches the record itself, as care_subject_load() has
 * it, and whether the record was joined with another. */
static const char overdue_sql[] =
    "SELECT l.intake_id, i.person_id, l.item, l.late_at, CASE WHEN CAST($3 AS BIGINT) = 1"
    " OR EXISTS (SELECT 1 FROM care_team c WHERE c.program_id = $1 AND c.staff_id = $5"
    " AND c.staff_id <> '' AND c.person_id = i.person_id AND c.from_at <= $6"
    " AND (c.until_at = 0 OR c.until_at > $6)) OR ($4 <> '' AND (p.site_id = $4"
    " OR EXISTS (SELECT 1 FROM episode e WHERE e.program_id = $1 AND e.site_id = $4"
    " AND e.person_id = i.person_id))) THEN 1 ELSE 0 END, CASE WHEN p.merged_into <> ''"
    " OR EXISTS (SELECT 1 FROM person v WHERE v.program_id = $1 AND v.merged_into = p.id"
    " AND v.merged_into <> '') THEN 1 ELSE 0 END"
    " FROM intake_late l JOIN intake i ON i.program_id = l.program_id AND i.id = l.intake_id"
    " JOIN person p ON p.program_id = i.program_id AND p.id = i.person_id"
    " WHERE l.program_id = $1 ORDER BY l.late_at, l.intake_id, l.item LIMIT $2";

struct late_row {
  struct intake_overdue row;
  bool is_reached, is_joined;
};

static bool read_overdue(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct late_row *rows, size_t *count,
                         struct error *error)
{
  const struct actor *actor = access->actor;
  bool is_all =
      access->scope == SCOPE_PROGRAM || (access->scope == SCOPE_SITE && actor->site_id.length == 0);
  bool has_site = access->scope == SCOPE_SITE, has_staff = access->scope >= SCOPE_CASELOAD;
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor, overdue_sql,
                  STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_CARE_ROWS), STORE_N(is_all),
                             STORE_T(has_site ? actor->site_id : TEXT("")),
                             STORE_T(has_staff ? actor->staff_id : TEXT("")), STORE_N(access->now)),
                  error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[(*count)++] =
        (struct late_row){{intake_column(arena, cursor, 0), intake_column(arena, cursor, 1),
                           intake_column(arena, cursor, 2), store_column_integer(cursor, 3)},
                          store_column_integer(cursor, 4) != 0,
                          store_column_integer(cursor, 5) != 0};
  store_cursor_close(cursor);
  return is_read;
}

bool intake_overdue_list(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct intake_overdue **out, size_t *count,
                         struct error *error)
{
  if (!text_equal(text_from(access->object), TEXT("intake")))
    return error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "admission: not for intakes");
  struct late_row *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct intake_overdue *kept = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *kept);
  size_t found = 0, kept_count = 0;
  if (!read_overdue(transaction, access, arena, rows, &found, error)) return false;
  for (size_t i = 0; i < found; i++) {
    bool is_reached = rows[i].is_reached;
    if (!is_reached && rows[i].is_joined &&
        !reaches(transaction, access, rows[i].row.person_id, &is_reached, error))
      return false;
    if (is_reached) kept[kept_count++] = rows[i].row;
  }
  *out = kept;
  *count = kept_count;
  return true;
}
