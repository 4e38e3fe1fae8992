/*
 * account_language: in which language the program writes to whoever has an account. See account.h.
 * No state; any thread.
 */
#include "privacy/account_private.h"

struct language_write {
  const struct actor *by;
  struct text language;
  int64_t now;
};

static bool write_language(struct store_transaction *transaction, void *context,
                           struct error *error)
{
  const struct language_write *write = context;
  return store_execute(transaction, "UPDATE account SET language = $2 WHERE id = $1",
                       STORE_BIND(STORE_T(write->by->account_id), STORE_T(write->language)), NULL,
                       error) &&
         sign_in_audit(transaction, write->by, "account", "language", write->by->account_id,
                       AUDIT_DONE, write->now, error);
}

bool account_set_language(struct privacy *privacy, struct actor *by, struct text language,
                          int64_t now, struct error *error)
{
  size_t index;
  struct language_write write = {by, language, now};
  if (!catalog_language_find(privacy->catalog, language, &index))
    return error_set(error, ERROR_REFUSED, "error.account.language", "", "an unknown language");
  return store_write(privacy->store, write_language, &write, error);
}

bool account_language_load(struct store_transaction *transaction, struct arena *arena,
                           struct text account_id, struct text *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor, "SELECT language FROM account WHERE id = $1",
                   STORE_BIND(STORE_T(account_id)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read) *out = more ? text_copy(arena, store_column_text(cursor, 0)) : TEXT("");
  store_cursor_close(cursor);
  return is_read;
}
