/*
 * Merge: making two records one, and undoing it. See duplicate.h.
 *
 * Invariants: a merge changes one column of one row, person.merged_into; all else of both records
 * stays as it is, so that undoing it restores every byte. The history of merges is its own table.
 */
#include "care/care_private.h"

static bool refuse(const char *person, struct error *error)
{
  return error_set(error, ERROR_CONFLICT, person, "", "care: these records cannot be joined so");
}

/* The record as it must be: of this program, standing, not erased, of this version. */
static bool stands(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text id, int64_t version, struct error *error)
{
  struct person person;
  if (!person_load_row(transaction, access, arena, id, &person, error) ||
      !care_saved(person.version == version, error))
    return false;
  if (person.merged_into.length || person.erase_at) return refuse("error.care.merge.state", error);
  return true;
}

static bool set_state(struct store_transaction *transaction, const struct access *access,
                      struct text a, struct text b, struct text state, struct error *error)
{
  bool is_first = text_compare(a, b) < 0;
  return store_execute(transaction,
                       "UPDATE duplicate SET state = $4, account_id = $5, decided_at = $6,"
                       " version = version + 1"
                       " WHERE program_id = $1 AND person_a = $2 AND person_b = $3",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(is_first ? a : b),
                                  STORE_T(is_first ? b : a), STORE_T(state),
                                  STORE_T(care_account(access)), STORE_N(access->now)),
                       NULL, error);
}

bool person_merge(struct store_transaction *transaction, const struct access *access,
                  struct text kept_id, int64_t kept_version, struct text merged_id,
                  int64_t merged_version, struct error *error)
{
  if (!care_may(access, "person", "merge", kept_id, error)) return false;
  if (text_equal(kept_id, merged_id)) return refuse("error.care.merge.self", error);
  /* Joining shows the other record. */
  if (!care_reaches(transaction, access, merged_id, error)) return false;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  int64_t changed = 0;
  bool is_done =
      stands(transaction, access, arena, kept_id, kept_version, error) &&
      stands(transaction, access, arena, merged_id, merged_version, error) &&
      store_execute(transaction,
                    "UPDATE person SET merged_into = $3 WHERE program_id = $1 AND id = $2"
                    " AND merged_into = ''",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(merged_id), STORE_T(kept_id)),
                    &changed, error) &&
      care_saved(changed, error) &&
      store_execute(transaction,
                    "INSERT INTO person_merge (program_id, id, kept_id, merged_id, account_id, at,"
                    " undone_account_id, undone_at) VALUES ($1, $2, $3, $4, $5, $6, '', 0)",
                    STORE_BIND(STORE_T(access->program_id),
                               STORE_T(care_new_id(arena, access->now)), STORE_T(kept_id),
                               STORE_T(merged_id), STORE_T(care_account(access)),
                               STORE_N(access->now)),
                    NULL, error) &&
      set_state(transaction, access, kept_id, merged_id, TEXT("merged"), error);
  arena_free(arena);
  return is_done;
}

bool person_unmerge(struct store_transaction *transaction, const struct access *access,
                    struct text merged_id, int64_t merged_version, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct person person;
  int64_t changed = 0;
  bool is_done =
      care_may_row(transaction, access, "person", "merge", merged_id, error) &&
      person_load_row(transaction, access, arena, merged_id, &person, error) &&
      care_saved(person.version == merged_version, error) &&
      (person.merged_into.length > 0 || refuse("error.care.merge.none", error)) &&
      (person.erase_at == 0 || refuse("error.care.merge.state", error)) &&
      store_execute(transaction,
                    "UPDATE person SET merged_into = '' WHERE program_id = $1 AND id = $2",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(merged_id)), &changed, error) &&
      care_saved(changed, error) &&
      store_execute(transaction,
                    "UPDATE person_merge SET undone_account_id = $3, undone_at = $4"
                    " WHERE program_id = $1 AND merged_id = $2 AND undone_at = 0",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(merged_id),
                               STORE_T(care_account(access)), STORE_N(access->now)),
                    NULL, error) &&
      set_state(transaction, access, person.merged_into, merged_id, TEXT("suggested"), error);
  arena_free(arena);
  return is_done;
}

bool person_merged_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text kept_id, struct person **out,
                        size_t *count, struct error *error)
{
  if (!care_may(access, "person", access->act, kept_id, error)) return false;
  struct text *ids = arena_allocate_array(arena, LIMIT_PERSON_SHOWN, sizeof *ids);
  struct person *people = arena_allocate_array(arena, LIMIT_PERSON_SHOWN, sizeof *people);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id FROM person WHERE program_id = $1 AND merged_into = $2"
      " AND merged_into <> '' ORDER BY id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(kept_id), STORE_N(LIMIT_PERSON_SHOWN)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[found++] = care_column(arena, cursor, 0);
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++)
    is_read = person_load_row(transaction, access, arena, ids[i], &people[i], error);
  if (!is_read) return false;
  *out = people;
  *count = found;
  return true;
}
