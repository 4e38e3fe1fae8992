/*
 * Request names: whom requests are about, for lists of other rooms and pages. Ids are asked for a
 * block at a time, so that a list costs a few statements and not one a row; whom it names is
 * written to the audit. See request.h. No state; any thread.
 */
#include <stdlib.h>
#include <string.h>

#include "admission/request_private.h"

enum { BLOCK = 20 }; /* ids of one statement: as many as stand in the literal below */

static const char of_ids[] =
    "SELECT id, person_id, subject_id, identity FROM request WHERE program_id = $1"
    " AND ($2 = '' OR site_id = $2) AND id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
    " $14, $15, $16, $17, $18, $19, $20, $21, $22)";

struct naming {
  struct store_transaction *transaction;
  const struct access *access;
  struct arena *arena;
  struct request_name *names; /* by id */
  struct text *shown;
  size_t count, shown_count;
};

static int compare_names(const void *a, const void *b)
{
  const struct request_name *x = a, *y = b;
  return text_compare(x->id, y->id);
}

static struct request_name *find_name(const struct naming *naming, struct text id)
{
  struct request_name key = {.id = id};
  return bsearch(&key, naming->names, naming->count, sizeof key, compare_names);
}

/* Ids by their order, each once, without empty ones. */
static size_t unite(const struct text *ids, size_t count, struct request_name *out)
{
  size_t kept = 0, found = 0;
  for (size_t i = 0; i < count; i++)
    if (ids[i].length)
      out[found++] = (struct request_name){.id = ids[i], .name = TEXT(""), .person_id = TEXT("")};
  if (found) qsort(out, found, sizeof *out, compare_names);
  for (size_t i = 0; i < found; i++)
    if (kept == 0 || !text_equal(out[kept - 1].id, out[i].id)) out[kept++] = out[i];
  return kept;
}

static bool open_name(struct naming *naming, const struct store_cursor *cursor, struct error *error)
{
  struct arena *arena = naming->arena;
  struct request_identity identity = {.at = {{NULL, 0}}};
  struct request_name *name = find_name(naming, store_column_text(cursor, 0));
  if (!name) return true; /* nobody asked for it */
  struct text person = request_column(arena, cursor, 1);
  struct text owner = person.length ? person : request_column(arena, cursor, 2), document;
  struct text sealed = text_copy(arena, store_column_bytes(cursor, 3));
  if (!request_unseal(naming->access, arena, owner, "request.identity", sealed, &document, error) ||
      (document.length && !request_identity_read(arena, document, &identity, error)))
    return false;
  name->person_id = person;
  name->is_seen = true;
  name->name = text_trim(text_format(arena, "%.*s %.*s", TEXT_PRINT(identity.at[REQUEST_GIVEN]),
                                     TEXT_PRINT(identity.at[REQUEST_FAMILY])));
  naming->shown[naming->shown_count++] = owner;
  return true;
}

static bool name_block(struct naming *naming, size_t from, struct error *error)
{
  struct store_value values[2 + BLOCK];
  struct store_cursor *cursor = NULL;
  bool more = false;
  values[0] = STORE_T(naming->access->program_id);
  values[1] = STORE_T(request_site_of(naming->access));
  for (size_t i = 0; i < BLOCK; i++)
    values[2 + i] =
        from + i < naming->count ? STORE_T(naming->names[from + i].id) : STORE_T(TEXT(""));
  bool is_read = store_query(naming->transaction, &cursor, of_ids, values, 2 + BLOCK, error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    is_read = open_name(naming, cursor, error);
  store_cursor_close(cursor);
  return is_read;
}

bool request_names_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct text *ids, size_t count,
                        struct request_names *out, struct error *error)
{
  struct naming naming = {.transaction = transaction, .access = access, .arena = arena};
  if (!request_may_list(access, NULL, error)) return false;
  naming.names = arena_allocate_array(arena, count + 1, sizeof *naming.names);
  naming.shown = arena_allocate_array(arena, count + 1, sizeof *naming.shown);
  naming.count = unite(ids, count, naming.names);
  if (naming.count > LIMIT_REQUEST_SHOWN) naming.count = LIMIT_REQUEST_SHOWN;
  for (size_t from = 0; from < naming.count; from += BLOCK)
    if (!name_block(&naming, from, error)) return false;
  if (naming.shown_count &&
      !access_shown(transaction, access, naming.shown, naming.shown_count, error))
    return false;
  *out = (struct request_names){naming.names, naming.count};
  return true;
}

const struct request_name *request_names_find(const struct request_names *names, struct text id)
{
  struct request_name key = {.id = id};
  return names->count ? bsearch(&key, names->items, names->count, sizeof key, compare_names) : NULL;
}

bool request_contact_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text id, struct request_contact *out,
                          struct error *error)
{
  struct request request;
  struct request_contact contact = {TEXT(""), TEXT("")};
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!request_row_for(transaction, access, NULL, arena, id, 0, &request, error)) return false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT coalesce(s.name, ''), p.phone FROM program p LEFT JOIN staff s"
                  " ON s.program_id = p.program_id AND s.id = $2 WHERE p.program_id = $1",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(request.assigned)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more)
    contact = (struct request_contact){request_column(arena, cursor, 0),
                                       request_column(arena, cursor, 1)};
  store_cursor_close(cursor);
  if (is_read) *out = contact;
  return is_read;
}
