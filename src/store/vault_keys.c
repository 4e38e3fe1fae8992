/*
 * The keys of the vault: rows of the key store, and the master keys that wrap them.
 * It is not where keys are destroyed (vault_erased.c) or wrapped anew (vault_rotate.c).
 *
 * Invariants: a row, once written, changes only by erasure or rotation; so of two processes that
 * make a subject's key at once one row wins and both use it. Table vault_state names the master
 * key that wraps; a process that lacks it loads the key file again, once, before it gives up.
 * Threads: any.
 */
#include <string.h>

#include "store/vault_private.h"

/* --- Subjects ------------------------------------------------------------------------------ */

static bool is_id(struct text id)
{
  for (size_t i = 0; i < id.length; i++) {
    char c = id.at[i];
    bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '_' || c == '.';
    if (!good) return false;
  }
  return id.length <= LIMIT_VAULT_ID;
}

bool vault_subject_check(struct vault_subject subject, struct error *error)
{
  if (is_id(subject.program_id) && is_id(subject.person_id) &&
      (subject.program_id.length || !subject.person_id.length))
    return true;
  return error_set(error, ERROR_REFUSED, "error.vault.subject", "",
                   "an id that is not 1 to %d letters, digits, '-', '_' or '.'", LIMIT_VAULT_ID);
}

/* --- Master keys --------------------------------------------------------------------------- */

static void write_mark(const unsigned char key[VAULT_KEY], struct vault_mark_text *out)
{
  unsigned char mark[VAULT_MARK];
  vault_mark(key, mark);
  sodium_bin2hex(out->at, sizeof out->at, mark, sizeof mark);
}

bool vault_master_load(struct vault *vault, struct error *error)
{
  struct seal_key *new = NULL;
  if (!seal_key_load(&new, vault->key_path, error)) return false;
  pthread_mutex_lock(&vault->lock);
  struct seal_key *old = vault->master;
  vault->master = new;
  pthread_mutex_unlock(&vault->lock);
  seal_key_free(old);
  return true;
}

void vault_master_first(struct vault *vault, struct vault_mark_text *out)
{
  pthread_mutex_lock(&vault->lock);
  write_mark(seal_key_bytes(vault->master, 0), out);
  pthread_mutex_unlock(&vault->lock);
}

/* Copy the master key of a mark; wipe it after use. */
static bool copy_master(struct vault *vault, const struct vault_mark_text *mark,
                        unsigned char out[VAULT_KEY])
{
  bool found = false;
  pthread_mutex_lock(&vault->lock);
  for (size_t i = 0; !found && i < seal_key_count(vault->master); i++) {
    struct vault_mark_text other;
    write_mark(seal_key_bytes(vault->master, i), &other);
    found = strcmp(mark->at, other.at) == 0;
    if (found) memcpy(out, seal_key_bytes(vault->master, i), VAULT_KEY);
  }
  pthread_mutex_unlock(&vault->lock);
  return found;
}

static bool find_master(struct vault *vault, const struct vault_mark_text *mark,
                        unsigned char out[VAULT_KEY], struct error *error)
{
  if (copy_master(vault, mark, out)) return true;
  if (!vault_master_load(vault, error)) return false;
  if (copy_master(vault, mark, out)) return true;
  return error_set(error, ERROR_SYSTEM, "error.vault.master",
                   "Bring back the key file that belongs to this key store, or add its line.",
                   "%s has no key of mark %s, which wraps keys of the key store", vault->key_path,
                   mark->at);
}

bool vault_wrap(struct vault *vault, struct arena *arena, const struct vault_mark_text *master,
                struct vault_subject subject, const unsigned char key[VAULT_KEY], struct text *out,
                struct error *error)
{
  unsigned char by[VAULT_KEY];
  if (!find_master(vault, master, by, error)) return false;
  *out = vault_box(arena, by, "key", subject, "", (struct text){(const char *)key, VAULT_KEY});
  sodium_memzero(by, sizeof by);
  return true;
}

bool vault_unwrap(struct vault *vault, struct arena *arena, const struct vault_mark_text *master,
                  struct vault_subject subject, struct text wrapped, unsigned char out[VAULT_KEY],
                  struct error *error)
{
  unsigned char by[VAULT_KEY];
  struct text key;
  const char *wrong;
  if (!find_master(vault, master, by, error)) return false;
  bool good =
      vault_unbox(arena, by, "key", subject, "", wrapped, &key, &wrong) && key.length == VAULT_KEY;
  sodium_memzero(by, sizeof by);
  if (!good)
    return error_set(
        error, ERROR_SYSTEM, "error.vault.broken", "Restore the key store from its backup.",
        "a key of the key store does not open by the master key of mark %s", master->at);
  memcpy(out, key.at, VAULT_KEY);
  sodium_memzero((char *)(uintptr_t)key.at, key.length);
  return true;
}

/* --- The state ----------------------------------------------------------------------------- */

static bool copy_mark(struct text mark, struct vault_mark_text *out, struct error *error)
{
  if (mark.length != sizeof out->at - 1)
    return error_set(error, ERROR_SYSTEM, "error.store.damaged",
                     "Restore the key store from its backup.", "a bad mark in the key store");
  memcpy(out->at, mark.at, mark.length);
  out->at[mark.length] = 0;
  return true;
}

bool vault_state_read(struct store_transaction *transaction, struct vault_mark_text *master,
                      int64_t *to_scrub, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *master = (struct vault_mark_text){0};
  *to_scrub = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT master, overwritten, scrubbed FROM vault_state WHERE id = 1",
                   STORE_BIND_NONE, error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good && more) {
    int64_t overwritten = store_column_integer(cursor, 1);
    *to_scrub = overwritten > store_column_integer(cursor, 2) ? overwritten : 0;
    good = copy_mark(store_column_text(cursor, 0), master, error);
  }
  store_cursor_close(cursor);
  return good;
}

bool vault_state_to_scrub(struct store_transaction *transaction, struct error *error)
{
  return store_execute(transaction,
                       "UPDATE vault_state SET overwritten = overwritten + 1 WHERE id = 1",
                       STORE_BIND_NONE, NULL, error);
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct row {
  struct vault *vault;
  struct vault_subject subject;
  struct arena *arena;
  bool exists;
  int64_t erased;
  struct vault_mark_text master;
  struct text wrapped; /* in the arena */
};

static bool read_row(struct store_transaction *transaction, void *context, struct error *error)
{
  struct row *row = context;
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor,
                   "SELECT wrapped, master, erased FROM vault_key"
                   " WHERE program_id = $1 AND person_id = $2",
                   STORE_BIND(STORE_T(row->subject.program_id), STORE_T(row->subject.person_id)),
                   error))
    return false;
  bool good = store_next(cursor, &row->exists, error);
  if (good && row->exists) {
    row->erased = store_column_integer(cursor, 2);
    row->wrapped = text_copy(row->arena, store_column_bytes(cursor, 0));
    good = row->erased || copy_mark(store_column_text(cursor, 1), &row->master, error);
  }
  store_cursor_close(cursor);
  return good;
}

static bool fail_erased(struct error *error)
{
  return error_set(error, ERROR_NOT_FOUND, "error.vault.erased", "",
                   "the key of this person was destroyed");
}

static bool use_row(struct row *row, unsigned char out[VAULT_KEY], struct error *error)
{
  if (!row->exists)
    return error_set(error, ERROR_SYSTEM, "error.vault.missing",
                     "Restore the key store from its backup: it is older than the database.",
                     "the key store has no key for this record");
  if (row->erased) return fail_erased(error);
  return vault_unwrap(row->vault, row->arena, &row->master, row->subject, row->wrapped, out, error);
}

bool vault_key_find(struct vault *vault, struct vault_subject subject, bool fresh,
                    unsigned char out[VAULT_KEY], struct error *error)
{
  if (!vault_subject_check(subject, error)) return false;
  if (!fresh && vault_cache_get(vault, subject, out)) return true;
  struct row row = {.vault = vault, .subject = subject, .arena = arena_new(LIMIT_ARENA_REQUEST)};
  int64_t since = time_monotonic();
  bool good = store_read(vault->keys, read_row, &row, error) && use_row(&row, out, error);
  if (good) vault_cache_put(vault, subject, out, since);
  arena_free(row.arena);
  return good;
}

/* Add a row unless there is one. */
static bool add_row(struct store_transaction *transaction, void *context, struct error *error)
{
  struct row *row = context;
  struct vault_mark_text master;
  int64_t to_scrub;
  if (!read_row(transaction, row, error)) return false;
  if (row->erased) return fail_erased(error);
  if (row->exists) return true;
  unsigned char key[VAULT_KEY];
  struct text wrapped;
  if (!vault_state_read(transaction, &master, &to_scrub, error)) return false;
  randombytes_buf(key, sizeof key);
  bool good = vault_wrap(row->vault, row->arena, &master, row->subject, key, &wrapped, error);
  sodium_memzero(key, sizeof key);
  return good &&
         store_execute(transaction,
                       "INSERT INTO vault_key (program_id, person_id, wrapped, master, made,"
                       " erased) VALUES ($1, $2, $3, $4, $5, 0)",
                       STORE_BIND(STORE_T(row->subject.program_id), STORE_T(row->subject.person_id),
                                  STORE_B(wrapped), STORE_T(text_from(master.at)),
                                  STORE_N(time_now())),
                       NULL, error);
}

bool vault_subject_make(struct vault *vault, struct vault_subject subject, struct error *error)
{
  unsigned char key[VAULT_KEY];
  if (!vault_subject_check(subject, error)) return false;
  if (vault_cache_get(vault, subject, key)) {
    sodium_memzero(key, sizeof key);
    return true;
  }
  struct row row = {.vault = vault, .subject = subject, .arena = arena_new(LIMIT_ARENA_REQUEST)};
  bool good = store_read(vault->keys, read_row, &row, error);
  if (good && row.erased) good = fail_erased(error);
  else if (good && !row.exists) good = store_write(vault->keys, add_row, &row, error);
  arena_free(row.arena);
  return good;
}

bool vault_is_erased(struct vault *vault, struct vault_subject subject, bool *out,
                     struct error *error)
{
  if (!vault_subject_check(subject, error)) return false;
  struct row row = {.vault = vault, .subject = subject, .arena = arena_new(LIMIT_ARENA_REQUEST)};
  bool good = store_read(vault->keys, read_row, &row, error);
  if (good) *out = row.erased != 0;
  arena_free(row.arena);
  return good;
}

/* --- Opening ------------------------------------------------------------------------------- */

struct opening {
  struct vault *vault;
  struct vault_mark_text master;
};

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct opening *opening = context;
  int64_t to_scrub;
  return vault_state_read(transaction, &opening->master, &to_scrub, error);
}

/* A new key store is wrapped by the file's first key; of two that begin at once, one says which. */
static bool begin_state(struct store_transaction *transaction, void *context, struct error *error)
{
  struct opening *opening = context;
  struct vault_mark_text first;
  vault_master_first(opening->vault, &first);
  return store_execute(transaction,
                       "INSERT INTO vault_state (id, master, overwritten, scrubbed)"
                       " VALUES (1, $1, 0, 0)"
                       " ON CONFLICT (id) DO NOTHING",
                       STORE_BIND(STORE_T(text_from(first.at))), NULL, error);
}

bool vault_master_open(struct vault *vault, struct error *error)
{
  static const struct vault_subject installation = {{"", 0}, {"", 0}};
  struct opening opening = {.vault = vault};
  if (!store_read(vault->keys, look, &opening, error)) return false;
  bool is_new = !opening.master.at[0];
  if (!is_new && !file_exists(vault->key_path)) /* or an empty key would be made for full rows */
    return error_set(error, ERROR_REFUSED, "error.vault.master",
                     "Bring the key file back from its copy.",
                     "%s is not there, and the key store is wrapped by it", vault->key_path);
  if (!vault_master_load(vault, error) ||
      (is_new && !(store_write(vault->keys, begin_state, &opening, error) &&
                   store_read(vault->keys, look, &opening, error))))
    return false;
  unsigned char key[VAULT_KEY];
  if (!find_master(vault, &opening.master, key, error)) return false;
  sodium_memzero(key, sizeof key);
  if (!vault_subject_make(vault, installation, error) ||
      !vault_key_find(vault, installation, true, key, error))
    return error_add_context(error, "key store");
  sodium_memzero(key, sizeof key);
  return true;
}
