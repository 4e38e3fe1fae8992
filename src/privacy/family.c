/*
 * family: see family.h. No state; any thread.
 */
#include "privacy/family.h"

#include "privacy/account_private.h"
#include "privacy/sealed.h"

bool family_consent_fits(const struct privacy *privacy, const struct consent *consent, int64_t now)
{
  return text_equal(consent->kind, TEXT("family")) && consent->recipient_count == 1 &&
         !text_is_empty(text_trim(consent->recipients[0].name)) &&
         consent_is_active(privacy, consent, now);
}

/* --- The account ----------------------------------------------------------------------------- */

/* One text of one row, "" when there is none. */
static bool read_id(struct store_cursor *row, struct arena *arena, struct text *out,
                    struct error *error)
{
  bool more = false, is_read = store_next(row, &more, error);
  *out = is_read && more ? text_copy(arena, store_column_text(row, 0)) : TEXT("");
  store_cursor_close(row);
  return is_read;
}

bool family_account_find(struct store_transaction *transaction, struct arena *arena,
                         struct text program_id, struct text consent_id, struct account *out,
                         bool *is_there, struct error *error)
{
  struct store_cursor *row = NULL;
  struct text id;
  if (!store_query(
          transaction, &row,
          "SELECT account_id FROM family_account WHERE program_id = $1 AND consent_id = $2",
          STORE_BIND(STORE_T(program_id), STORE_T(consent_id)), error) ||
      !read_id(row, arena, &id, error))
    return false;
  *is_there = !text_is_empty(id);
  return !*is_there || account_load(transaction, arena, id, out, error);
}

bool family_account_create(struct store_transaction *transaction, const struct access *access,
                           struct arena *arena, struct text consent_id,
                           const struct account_own *made, struct error *error)
{
  struct account_role role = {
      .program_id = access->program_id, .site_id = TEXT(""), .role = TEXT("family")};
  struct account_new wanted = {.shown_name = TEXT(""),
                               .email = TEXT(""),
                               .staff_id = TEXT(""),
                               .person_id = access->person_id,
                               .roles = &role,
                               .role_count = 1};
  struct account account;
  struct consent consent;
  bool is_there = false;
  bool is_meant = text_equal(text_from(access->object), TEXT("own-account")) &&
                  text_equal(text_from(access->act), TEXT("write"));
  if (!is_meant)
    return error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "not opened for an account");
  if (!consent_load(transaction, access, arena, consent_id, &consent, error) ||
      !family_account_find(transaction, arena, access->program_id, consent_id, &account, &is_there,
                           error))
    return false;
  if (!family_consent_fits(access->privacy, &consent, access->now))
    return error_set(error, ERROR_REFUSED, "error.family.consent", "", "the consent does not fit");
  if (is_there)
    return error_set(error, ERROR_CONFLICT, "error.account.own", "Give it a new code.",
                     "the consent has an account");
  return account_insert(transaction, made->id, &wanted, made->sign_in_name, made->hash, true,
                        access->now, error) &&
         store_execute(transaction,
                       "INSERT INTO family_account (program_id, account_id, person_id, consent_id, "
                       "made_at) VALUES ($1, $2, $3, $4, $5)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(made->id),
                                  STORE_T(access->person_id), STORE_T(consent_id),
                                  STORE_N(access->now)),
                       NULL, error);
}

/* --- Sharing --------------------------------------------------------------------------------- */

bool family_consent_load(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct consent *out, bool *holds, struct error *error)
{
  struct store_cursor *row = NULL;
  struct text id;
  *holds = false;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row,
                   "SELECT consent_id FROM family_account WHERE program_id = $1 "
                   "AND account_id = $2 AND person_id = $3",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->actor->account_id),
                              STORE_T(access->person_id)),
                   error) ||
      !read_id(row, arena, &id, error))
    return false;
  if (text_is_empty(id))
    return error_set(error, ERROR_FORBIDDEN, "error.family.nothing", "", "no consent is linked");
  if (!consent_load(transaction, access, arena, id, out, error)) return false;
  *holds = family_consent_fits(access->privacy, out, access->now);
  return true;
}

bool family_disclose(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct value *record, struct text language,
                     struct disclosed *out, struct error *error)
{
  struct consent consent;
  bool holds;
  if (!family_consent_load(transaction, access, arena, &consent, &holds, error)) return false;
  if (!holds)
    return error_set(error, ERROR_FORBIDDEN, "error.family.nothing", "", "the consent is over");
  struct disclose_request request = {.document = TEXT("record"),
                                     .content = record,
                                     .person_id = access->person_id,
                                     .recipient = consent.recipients[0],
                                     .purpose_code = consent.purpose_codes[0],
                                     .basis = TEXT("consent"),
                                     .consent_id = consent.id,
                                     .language = language};
  return disclose(transaction, access, arena, &request, out, error);
}
