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

struct text intake_place_write(struct arena *arena, const struct intake_place *place)
{
  return text_format(arena, "%lld-%.*s", (long long)place->first_at, TEXT_PRINT(place->intake_id));
}

bool intake_place_read(struct text text, struct intake_place *out)
{
  struct intake_place place;
  size_t dash = text_find(text, TEXT("-"));
  *out = (struct intake_place){.intake_id = TEXT("")};
  if (dash >= text.length || !text_read_integer(text_slice(text, 0, dash), &place.first_at))
    return false;
  place.intake_id = text_slice(text, dash + 1, text.length);
  if (place.intake_id.length != UUID_TEXT) return false;
  *out = place;
  return true;
}

/* $1 program, $2 … $6 the reach and its time. */
#define REACHED                                                                                    \
  CARE_LISTS("$1", "i.person_id", "$2", "$3", "$4", "$5", "$6")                                    \
  " AND " CARE_NOT_ERASED("$1", "i.person_id")

/* Each intake stands where its first item does; $7 and $8 the place, $9 how many intakes. */
static const char overdue_sql[] =
    "SELECT g.intake_id, g.person_id, m.item, m.late_at, g.late_at FROM (SELECT l.intake_id,"
    " i.person_id, l.late_at FROM intake_late l JOIN intake i ON i.program_id = l.program_id"
    " AND i.id = l.intake_id WHERE l.program_id = $1 AND l.late_at >= $7"
    " AND (l.late_at > $7 OR l.intake_id > $8) AND l.item = (SELECT o.item FROM intake_late o"
    " WHERE o.program_id = $1 AND o.intake_id = l.intake_id ORDER BY o.late_at, o.item LIMIT 1)"
    " AND " REACHED
    " ORDER BY l.late_at, l.intake_id LIMIT $9) g JOIN intake_late m ON m.program_id = $1"
    " AND m.intake_id = g.intake_id ORDER BY g.late_at, g.intake_id, m.late_at, m.item";
static const char count_sql[] =
    "SELECT count(*), CAST(coalesce(sum(g.items), 0) AS BIGINT) FROM (SELECT l.intake_id, count(*) "
    "AS items FROM intake_late l"
    " WHERE l.program_id = $1 GROUP BY l.intake_id) g JOIN intake i ON i.program_id = $1"
    " AND i.id = g.intake_id WHERE " REACHED;

enum { BEGINNING = 6, BINDINGS = 9 };
static void bind(const struct access *access, struct store_value out[BINDINGS])
{
  const struct care_reach reach = care_reach_of(access);
  const struct store_value bindings[BEGINNING] = {
      STORE_T(access->program_id), STORE_N(reach.is_all),        STORE_T(reach.site_id),
      STORE_T(reach.staff_id),     STORE_T(reach.own_person_id), STORE_N(access->now)};
  for (size_t i = 0; i < BEGINNING; i++) out[i] = bindings[i];
}

static bool may_list(const struct access *access, struct error *error)
{
  return text_equal(text_from(access->object), TEXT("intake")) ||
         error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "admission: not for intakes");
}

/* Rows of which nobody knows how many there are: an intake has as many as the rules have items. */
static bool read_overdue(struct arena *arena, struct store_cursor *cursor,
                         struct intake_overdue **out, size_t *count, struct error *error)
{
  size_t room = 256, found = 0;
  struct intake_overdue *rows = arena_allocate_array(arena, room, sizeof *rows);
  bool more = false, is_read;
  while ((is_read = store_next(cursor, &more, error)) && more) {
    if (found == room) {
      struct intake_overdue *wider = arena_allocate_array(arena, room * 2, sizeof *wider);
      for (size_t i = 0; i < found; i++) wider[i] = rows[i];
      rows = wider;
      room *= 2;
    }
    rows[found++] = (struct intake_overdue){.intake_id = intake_column(arena, cursor, 0),
                                            .person_id = intake_column(arena, cursor, 1),
                                            .item = intake_column(arena, cursor, 2),
                                            .late_at = store_column_integer(cursor, 3),
                                            .first_at = store_column_integer(cursor, 4)};
  }
  store_cursor_close(cursor);
  *out = rows;
  *count = found;
  return is_read;
}

bool intake_overdue_list(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct intake_place *after, size_t limit,
                         struct intake_overdue **out, size_t *count, struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  if (!may_list(access, error)) return false;
  bind(access, bindings);
  bindings[6] = STORE_N(after->first_at);
  bindings[7] = STORE_T(after->intake_id);
  bindings[8] = STORE_N(limit);
  return store_query(transaction, &cursor, overdue_sql, bindings, BINDINGS, error) &&
         read_overdue(arena, cursor, out, count, error);
}

bool intake_overdue_count(struct store_transaction *transaction, const struct access *access,
                          int64_t *items, int64_t *intakes, struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!may_list(access, error)) return false;
  bind(access, bindings);
  bool is_read = store_query(transaction, &cursor, count_sql, bindings, BEGINNING, error) &&
                 store_next(cursor, &more, error);
  if (is_read) {
    *intakes = store_column_integer(cursor, 0);
    *items = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  return is_read;
}
