/*
 * Names: whom an id stands for, for lists of other rooms. See person.h.
 *
 * One look a person, narrowed to the access's scope within the query; names that were opened are
 * written to the audit, LIMIT_PERSON_SHOWN at a time. No state; any thread.
 */
#include <stdlib.h>

#include "care/care_private.h"

struct naming {
  struct store_transaction *transaction;
  const struct access *access;
  struct arena *arena;
  const struct text *ids;
};

static const char one_of_reach[] =
    "SELECT p.id, p.identity, p.language, p.site_id, p.has_photo, p.merged_into, p.erase_at,"
    " p.erased_at, p.made_at, p.changed_at, p.version FROM person p WHERE p.program_id = $1"
    " AND p.id = $2 AND " CARE_REACHES("p.program_id", "p.id", "$3", "$4", "$5", "$6", "$7");

static bool query_one(const struct naming *naming, struct text id, struct store_cursor **cursor,
                      struct error *error)
{
  const struct access *access = naming->access;
  const struct care_reach reach = care_reach_of(access);
  return store_query(naming->transaction, cursor, one_of_reach,
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(reach.is_all),
                                STORE_T(reach.site_id), STORE_T(reach.staff_id),
                                STORE_T(reach.own_person_id), STORE_N(access->now)),
                     error);
}

static bool name_one(const struct naming *naming, struct text id, struct person_name *out,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct person person;
  struct text sealed;
  bool more = false;
  bool is_read = query_one(naming, id, &cursor, error) && store_next(cursor, &more, error);
  if (is_read && more) person_row(naming->arena, cursor, &person, &sealed);
  store_cursor_close(cursor);
  *out = (struct person_name){.id = id, .name = TEXT("")};
  if (!is_read || !more) return is_read;
  if (!person_open_identity(naming->access, naming->arena, &person, sealed, error)) return false;
  out->is_erased = person.erase_at != 0;
  out->is_seen = true;
  if (!out->is_erased) out->name = person_full_name(naming->arena, &person.identity);
  return true;
}

static int compare_names(const void *a, const void *b)
{
  const struct person_name *x = a, *y = b;
  return text_compare(x->id, y->id);
}

/* Ids by their order, each once, without empty ones. */
static size_t unite(const struct text *ids, size_t count, struct person_name *out)
{
  size_t kept = 0, found = 0;
  for (size_t i = 0; i < count; i++)
    if (ids[i].length) out[found++] = (struct person_name){.id = ids[i]};
  if (found) qsort(out, found, sizeof *out, compare_names);
  for (size_t i = 0; i < found; i++)
    if (kept == 0 || !text_equal(out[kept - 1].id, out[i].id)) out[kept++] = out[i];
  return kept;
}

static bool say_shown(const struct naming *naming, const struct person_name *names, size_t count,
                      struct error *error)
{
  struct text ids[LIMIT_PERSON_SHOWN];
  size_t batch = 0;
  for (size_t i = 0; i < count; i++) {
    if (names[i].is_seen) ids[batch++] = names[i].id;
    if (batch && (batch == LIMIT_PERSON_SHOWN || i + 1 == count)) {
      if (!access_shown(naming->transaction, naming->access, ids, batch, error)) return false;
      batch = 0;
    }
  }
  return true;
}

bool person_names_load(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct text *ids, size_t count,
                       struct person_names *out, struct error *error)
{
  if (!care_may(access, "person", "search", TEXT(""), error)) return false;
  struct naming naming = {transaction, access, arena, ids};
  struct person_name *names = arena_allocate_array(arena, count + 1, sizeof *names);
  size_t found = unite(ids, count, names);
  if (found > LIMIT_PERSON_NAMED) found = LIMIT_PERSON_NAMED;
  for (size_t i = 0; i < found; i++)
    if (!name_one(&naming, names[i].id, &names[i], error)) return false;
  if (!say_shown(&naming, names, found, error)) return false;
  *out = (struct person_names){names, found};
  return true;
}

const struct person_name *person_names_find(const struct person_names *names, struct text id)
{
  struct person_name key = {.id = id};
  return names->count ? bsearch(&key, names->items, names->count, sizeof key, compare_names) : NULL;
}
