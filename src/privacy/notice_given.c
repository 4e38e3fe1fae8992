/*
 * notice_given: that each person was offered the notice of their rights (42 CFR 2.22), and what
 * they did. See notice.h. Rows are added, never changed.
 */
#include "privacy/privacy.h"
#include "privacy/sealed.h"

bool notice_record(struct store_transaction *transaction, const struct access *access,
                   struct notice_given *given, struct arena *arena, struct error *error)
{
  static const char *const hows[] = {"given", "declined", "unable"};
  struct notice current;
  struct notice_given kept = *given;
  struct text reason;
  bool is_known = false;
  for (size_t i = 0; i < sizeof hows / sizeof *hows; i++)
    is_known = is_known || text_equal(kept.how, text_from(hows[i]));
  if (!sealed_person(access, error) ||
      !notice_current(access->privacy, kept.language, access->now, &current, error))
    return false;
  if (!is_known || !text_equal(kept.version, current.version))
    return error_set(error, ERROR_REFUSED, "error.notice.version", "",
                     "not the notice in force, or an unknown answer");
  bool is_given = text_equal(kept.how, TEXT("given"));
  bool has_reason = !text_is_empty(text_trim(kept.reason));
  if ((!has_reason && !(is_given && kept.signature_id.length)) ||
      (!is_given && kept.signature_id.length) || kept.reason.length > LIMIT_CONSENT_WORDS)
    return error_set(error, ERROR_REFUSED, "error.notice.reason", "",
                     "neither a signature nor a reason, or one that does not belong");
  if (!sealed_write(access, arena, access->person_id, "notice_given.reason", text_trim(kept.reason),
                    &reason, error))
    return false;
  kept.id = sealed_id(arena, access->now);
  kept.at = access->now;
  kept.account_id = access->actor->account_id;
  kept.language = current.language;
  if (!store_execute(
          transaction,
          "INSERT INTO notice_given (program_id, id, person_id, version, language, how, "
          "signature_id, reason, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(kept.id), STORE_T(access->person_id),
                     STORE_T(kept.version), STORE_T(kept.language), STORE_T(kept.how),
                     STORE_T(kept.signature_id), STORE_B(reason), STORE_T(kept.account_id),
                     STORE_N(kept.at)),
          NULL, error))
    return false;
  *given = kept;
  return true;
}

bool notice_list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct notice_given **out, size_t *count, struct error *error)
{
  struct store_cursor *row = NULL;
  struct notice_given *rows = arena_allocate_array(arena, LIMIT_CONSENTS + 1, sizeof *rows);
  size_t found = 0;
  bool more = true, is_read = true;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row,
                   "SELECT id, version, language, how, signature_id, account_id, at, reason "
                   "FROM notice_given WHERE program_id = $1 AND person_id = $2 "
                   "ORDER BY at DESC, id DESC LIMIT $3",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_N(LIMIT_CONSENTS)),
                   error))
    return false;
  while (is_read && (is_read = store_next(row, &more, error)) && more) {
    rows[found] = (struct notice_given){.id = text_copy(arena, store_column_text(row, 0)),
                                        .version = text_copy(arena, store_column_text(row, 1)),
                                        .language = text_copy(arena, store_column_text(row, 2)),
                                        .how = text_copy(arena, store_column_text(row, 3)),
                                        .signature_id = text_copy(arena, store_column_text(row, 4)),
                                        .account_id = text_copy(arena, store_column_text(row, 5)),
                                        .at = store_column_integer(row, 6)};
    is_read = sealed_read(access, arena, access->person_id, "notice_given.reason",
                          store_column_bytes(row, 7), &rows[found++].reason, error);
  }
  store_cursor_close(row);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}
