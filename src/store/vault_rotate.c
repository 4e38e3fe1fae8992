/*
 * Rotation: a new master key in front of the key file, and every key wrapped by it anew. The keys
 * themselves stay, so that no field is sealed again and no reader waits.
 *
 * Table vault_state names the master key that wraps. It changes first, so that keys made meanwhile
 * are wrapped by the new one; rows under another are what is left to do. So a rotation that was cut
 * off goes on where it was, and two at once do the same work. The old lines of the file stay: they
 * open the copies of the key store that were made before.
 * Threads: any.
 */
#include <string.h>

#include "store/vault_private.h"

enum { BATCH = 200 };

struct rotation {
  struct vault *vault;
  struct arena *arena; /* of a batch */
  struct vault_mark_text master, next;
  struct vault_status status;
  size_t moved;
};

/* --- What there is ------------------------------------------------------------------------- */

static bool read_status(struct store_transaction *transaction, void *context, struct error *error)
{
  struct rotation *rotation = context;
  struct vault_status *status = &rotation->status;
  struct store_cursor *cursor = NULL;
  bool more = true;
  int64_t masters = status->master_keys, to_scrub;
  *status = (struct vault_status){.master_keys = masters};
  if (!vault_state_read(transaction, &rotation->master, &to_scrub, error) ||
      !store_query(transaction, &cursor,
                   "SELECT master, count(*) FROM vault_key GROUP BY master ORDER BY master",
                   STORE_BIND_NONE, error))
    return false;
  status->to_scrub = to_scrub != 0;
  memcpy(status->master, rotation->master.at, sizeof status->master);
  bool good = true;
  while (good && (good = store_next(cursor, &more, error)) && more) {
    struct text master = store_column_text(cursor, 0);
    int64_t count = store_column_integer(cursor, 1);
    if (!master.length) status->erased += count;
    else status->keys += count;
    if (master.length && !text_equal(master, text_from(rotation->master.at)))
      status->by_older += count;
  }
  store_cursor_close(cursor);
  return good;
}

bool vault_status_read(struct vault *vault, struct vault_status *out, struct error *error)
{
  struct rotation rotation = {.vault = vault};
  pthread_mutex_lock(&vault->lock);
  rotation.status.master_keys = (int64_t)seal_key_count(vault->master);
  pthread_mutex_unlock(&vault->lock);
  if (!store_read(vault->keys, read_status, &rotation, error)) return false;
  *out = rotation.status;
  return true;
}

/* --- A new master key ---------------------------------------------------------------------- */

/* Unless somebody was faster; then theirs is the one. */
static bool set_master(struct store_transaction *transaction, void *context, struct error *error)
{
  struct rotation *rotation = context;
  return store_execute(
      transaction,
      "UPDATE vault_state SET master = $1, overwritten = overwritten + 1"
      " WHERE id = 1 AND master = $2",
      STORE_BIND(STORE_T(text_from(rotation->next.at)), STORE_T(text_from(rotation->master.at))),
      NULL, error);
}

/* The file's first key, when it wraps nothing yet (a rotation that was cut off here, or whoever
 * runs several servers and brought the file to each); else a new one. */
static bool begin_rotation(struct rotation *rotation, struct error *error)
{
  struct vault *vault = rotation->vault;
  if (!vault_master_load(vault, error)) return false;
  vault_master_first(vault, &rotation->next);
  if (strcmp(rotation->next.at, rotation->master.at) == 0) {
    struct seal_key *seen = NULL;
    bool good =
        seal_key_load(&seen, vault->key_path, error) && seal_key_add(vault->key_path, seen, error);
    seal_key_free(seen);
    if (!good || !vault_master_load(vault, error)) return false;
    vault_master_first(vault, &rotation->next);
  }
  return store_write(vault->keys, set_master, rotation, error) &&
         store_read(vault->keys, read_status, rotation, error);
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct wrapped_row {
  struct text program_id, person_id, wrapped;
  struct vault_mark_text master;
};

static bool read_rows(struct store_transaction *transaction, struct rotation *rotation,
                      struct wrapped_row rows[BATCH], size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = true, good = true;
  *count = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT program_id, person_id, wrapped, master FROM vault_key"
                   " WHERE master <> $1 AND master <> '' ORDER BY program_id, person_id LIMIT 200",
                   STORE_BIND(STORE_T(text_from(rotation->master.at))), error))
    return false;
  while (good && *count < BATCH && (good = store_next(cursor, &more, error)) && more) {
    struct wrapped_row *row = &rows[(*count)++];
    struct text master = store_column_text(cursor, 3);
    *row = (struct wrapped_row){
        .program_id = text_copy(rotation->arena, store_column_text(cursor, 0)),
        .person_id = text_copy(rotation->arena, store_column_text(cursor, 1)),
        .wrapped = text_copy(rotation->arena, store_column_bytes(cursor, 2)),
    };
    memcpy(row->master.at, text_start(master),
           master.length < sizeof row->master.at ? master.length : sizeof row->master.at - 1);
  }
  store_cursor_close(cursor);
  return good;
}

static bool move_row(struct store_transaction *transaction, struct rotation *rotation,
                     const struct wrapped_row *row, struct error *error)
{
  const struct vault_subject subject = {row->program_id, row->person_id};
  struct text wrapped;
  unsigned char key[VAULT_KEY];
  if (!vault_unwrap(rotation->vault, rotation->arena, &row->master, subject, row->wrapped, key,
                    error))
    return false;
  bool good = vault_wrap(rotation->vault, rotation->arena, &rotation->master, subject, key,
                         &wrapped, error);
  sodium_memzero(key, sizeof key);
  return good &&
         store_execute(transaction,
                       "UPDATE vault_key SET wrapped = $3, master = $4"
                       " WHERE program_id = $1 AND person_id = $2",
                       STORE_BIND(STORE_T(row->program_id), STORE_T(row->person_id),
                                  STORE_B(wrapped), STORE_T(text_from(rotation->master.at))),
                       NULL, error);
}

/* Wrap some rows by the master key that stands in the state now. */
static bool move_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  struct rotation *rotation = context;
  struct wrapped_row rows[BATCH];
  int64_t to_scrub;
  arena_clear(rotation->arena);
  if (!vault_state_read(transaction, &rotation->master, &to_scrub, error) ||
      !read_rows(transaction, rotation, rows, &rotation->moved, error))
    return false;
  for (size_t i = 0; i < rotation->moved; i++)
    if (!move_row(transaction, rotation, &rows[i], error)) return false;
  return !rotation->moved || vault_state_to_scrub(transaction, error);
}

bool vault_rotate(struct vault *vault, void (*progress)(void *context, int64_t done, int64_t all),
                  void *context, struct error *error)
{
  struct rotation rotation = {.vault = vault, .arena = arena_new(LIMIT_ARENA_REQUEST)};
  bool good = store_read(vault->keys, read_status, &rotation, error);
  if (good && rotation.status.by_older == 0) good = begin_rotation(&rotation, error);
  int64_t left = rotation.status.by_older, all = rotation.status.keys;
  while (good) {
    good = store_write(vault->keys, move_rows, &rotation, error);
    if (!good || !rotation.moved) break;
    left = left > (int64_t)rotation.moved ? left - (int64_t)rotation.moved : 0;
    if (progress) progress(context, all - left, all);
  }
  arena_free(rotation.arena);
  return good && vault_scrub(vault, error);
}
