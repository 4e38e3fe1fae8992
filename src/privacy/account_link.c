/*
 * account: which record of the staff an account leads to. See account.h. The record itself is a
 * later room's, which says whether there is one (privacy_check_place()). Any thread.
 */
#include "privacy/account_private.h"

bool account_of_staff(struct store_transaction *transaction, struct arena *arena,
                      struct text program_id, struct text staff_id, struct account *out,
                      bool *is_there, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text id = TEXT("");
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT a.id FROM account a WHERE a.staff_id = $2 AND a.staff_id <> ''"
                             " AND EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id"
                             " AND r.program_id IN ($1, '')) ORDER BY a.id LIMIT 1",
                             STORE_BIND(STORE_T(program_id), STORE_T(staff_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) id = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  if (!is_read) return false;
  *is_there = more;
  return !more || account_load(transaction, arena, id, out, error);
}

static bool set_staff(struct store_transaction *transaction, struct text id, struct text before,
                      struct text after, struct error *error)
{
  int64_t changed = 0;
  if (!store_execute(transaction,
                     "UPDATE account SET staff_id = $3, version = version + 1 WHERE id = $1"
                     " AND staff_id = $2",
                     STORE_BIND(STORE_T(id), STORE_T(before), STORE_T(after)), &changed, error))
    return false;
  return changed == 1 || error_set(error, ERROR_CONFLICT, "error.account.changed",
                                   "Look at it again.", "the account leads to another record");
}

bool account_link_staff(struct store_transaction *transaction, struct privacy *privacy,
                        struct actor *by, struct arena *arena, struct text id, struct text staff_id,
                        int64_t now, struct error *error)
{
  const struct privacy_place place = {.program_id = by->program_id, .staff_id = staff_id};
  struct account account, other;
  bool is_taken = false;
  if (!account_open(transaction, privacy, by, arena, id, "write", now, &account, error) ||
      !privacy_check_place(privacy, transaction, &place, "error.care.staff", error) ||
      !account_of_staff(transaction, arena, by->program_id, staff_id, &other, &is_taken, error))
    return false;
  if (text_equal(id, by->account_id)) {
    access_note_denial(by, "account", "write", TEXT(""));
    return error_set(error, ERROR_FORBIDDEN, "error.account.self", "",
                     "one's own account leads to a caseload by another's word");
  }
  if (account.person_id.length)
    return error_set(error, ERROR_REFUSED, "error.account.person", "",
                     "an account of a person in care is of no staff member");
  if (is_taken)
    return error_set(error, ERROR_CONFLICT, "error.account.linked", "End the other one first.",
                     "another account leads to this record");
  return set_staff(transaction, id, TEXT(""), staff_id, error);
}

bool account_unlink_staff(struct store_transaction *transaction, struct privacy *privacy,
                          struct actor *by, struct arena *arena, struct text id,
                          struct text staff_id, int64_t now, struct error *error)
{
  struct account account;
  return account_open(transaction, privacy, by, arena, id, "write", now, &account, error) &&
         set_staff(transaction, id, staff_id, TEXT(""), error);
}
