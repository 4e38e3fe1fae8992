/*
 * consent: keeping consents, ending them, and loading them. See consent.h. What was signed is never
 * changed: revoking and ending add to the row. What had left before stays in the accounting, as a
 * revocation does not reach back.
 */
#include "privacy/consent.h"

#include "privacy/consent_content.h"
#include "privacy/privacy.h"
#include "privacy/sealed.h"

/* --- Making ---------------------------------------------------------------------------------- */

static bool check_lengths(const struct consent *consent, struct error *error)
{
  const struct text answers[] = {consent->patient_name,  consent->description,
                                 consent->purpose,       consent->right_to_revoke,
                                 consent->how_to_revoke, consent->expires_event,
                                 consent->authority,     consent->consequences_of_refusing};
  bool fits = consent->recipient_count <= LIMIT_CONSENT_RECIPIENTS;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
    if (answers[i].length > LIMIT_CONSENT_WORDS) fits = false;
  return fits || error_set(error, ERROR_TOO_LARGE, "error.consent.long", "",
                           "an answer or the list of recipients is too long");
}

/* The words that were signed are those of this consent, by this person. */
static bool check_signature(struct store_transaction *transaction, const struct access *access,
                            const struct consent *consent, struct arena *arena, struct error *error)
{
  struct signature signature;
  struct text words;
  if (!signature_load(transaction, access, arena, consent->signature_id, &signature, error) ||
      !consent_render(access->privacy, arena, consent, consent->language, &words, error))
    return false;
  if (text_equal(words, signature.signed_bytes) && text_equal(signature.role, consent->signed_by))
    return true;
  return error_set(error, ERROR_REFUSED, "error.consent.other-words",
                   "Show the words again and have them signed.",
                   "what was signed is not this consent");
}

bool consent_create(struct store_transaction *transaction, const struct access *access,
                    struct consent *consent, struct arena *arena, struct error *error)
{
  struct consent_problem *problems;
  struct consent kept = *consent;
  struct text content, sealed;
  kept.person_id = access->person_id;
  kept.signed_at = kept.signed_at ? kept.signed_at : access->now;
  kept.revoked_at = kept.ended_at = 0;
  if (!sealed_person(access, error) || !check_lengths(&kept, error)) return false;
  if (consent_check(access->privacy, arena, &kept, access->now, &problems) > 0)
    return error_set(error, ERROR_REFUSED, "error.consent.incomplete", "", "%s is missing or wrong",
                     problems[0].field);
  int64_t end = consent_end(&kept);
  if (end <= access->now)
    return error_set(error, ERROR_REFUSED, "error.consent.over", "", "it has ended already");
  if (!check_signature(transaction, access, &kept, arena, error) ||
      !consent_content_write(arena, &kept, &content, error) ||
      !sealed_write(access, arena, kept.person_id, "consent.content", content, &sealed, error))
    return false;
  kept.id = sealed_id(arena, access->now);
  kept.version = 1;
  if (!store_execute(
          transaction,
          "INSERT INTO consent (program_id, id, person_id, kind, content, signature_id, "
          "form_version, signed_at, ends_at, ended_at, ending, revoked_at, revoked_how, made_by, "
          "made_at, changed_by, version) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $12, 0, '', $10, $11, '', 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(kept.id), STORE_T(kept.person_id),
                     STORE_T(kept.kind), STORE_B(sealed), STORE_T(kept.signature_id),
                     STORE_T(kept.form_version), STORE_N(kept.signed_at),
                     STORE_N(end == INT64_MAX ? 0 : end), STORE_T(access->actor->account_id),
                     STORE_N(access->now), STORE_B(TEXT(""))),
          NULL, error))
    return false;
  if (end != INT64_MAX && !due_set(transaction, access->program_id, "consent.expires", kept.id,
                                   kept.person_id, end, error))
    return false;
  *consent = kept;
  return true;
}

/* --- Loading --------------------------------------------------------------------------------- */

static bool read_row(const struct access *access, struct arena *arena,
                     const struct store_cursor *row, struct consent *out, struct error *error)
{
  struct text content, ending;
  const struct value *said = NULL;
  if (!sealed_read(access, arena, access->person_id, "consent.content", store_column_bytes(row, 2),
                   &content, error) ||
      !consent_content_read(arena, content, out, error) ||
      !sealed_read(access, arena, access->person_id, "consent.ending", store_column_bytes(row, 10),
                   &ending, error) ||
      (ending.length && !json_read(arena, ending, &said, error)))
    return false;
  out->ending_who = sealed_member(said, "who");
  out->ending_on = sealed_member(said, "on");
  out->id = text_copy(arena, store_column_text(row, 0));
  out->person_id = access->person_id;
  out->kind = text_copy(arena, store_column_text(row, 1));
  out->signature_id = text_copy(arena, store_column_text(row, 3));
  out->form_version = text_copy(arena, store_column_text(row, 4));
  out->signed_at = store_column_integer(row, 5);
  out->ended_at = store_column_integer(row, 6);
  out->revoked_at = store_column_integer(row, 7);
  out->revoked_how = text_copy(arena, store_column_text(row, 8));
  out->version = store_column_integer(row, 9);
  return true;
}

bool consent_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct consent **out, size_t *count, struct error *error)
{
  struct store_cursor *row = NULL;
  struct consent *consents = arena_allocate_array(arena, LIMIT_CONSENTS + 1, sizeof *consents);
  size_t found = 0;
  bool more = true, is_read = true;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row,
                   "SELECT id, kind, content, signature_id, form_version, signed_at, ended_at, "
                   "revoked_at, revoked_how, version, ending FROM consent "
                   "WHERE program_id = $1 AND person_id = $2 "
                   "ORDER BY signed_at DESC, id DESC LIMIT $3",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_N(LIMIT_CONSENTS)),
                   error))
    return false;
  while (is_read && (is_read = store_next(row, &more, error)) && more)
    is_read = read_row(access, arena, row, &consents[found++], error);
  store_cursor_close(row);
  if (!is_read) return false;
  *out = consents;
  *count = found;
  return true;
}

bool consent_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct consent *out, struct error *error)
{
  struct consent *consents;
  size_t count;
  if (!consent_list(transaction, access, arena, &consents, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(consents[i].id, id)) {
      *out = consents[i];
      return true;
    }
  return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such consent");
}

/* --- Ending ---------------------------------------------------------------------------------- */

static bool check_revocation(const struct access *access, const struct consent *consent,
                             struct text how, struct error *error)
{
  const struct consent_kind *kind =
      consent_kind_find(access->privacy->consent_rules, consent->kind);
  int64_t from = 0;
  bool is_oral = text_equal(how, TEXT("oral"));
  if (!is_oral && !text_equal(how, TEXT("written")))
    return error_set(error, ERROR_REFUSED, "error.consent.how", "", "neither written nor oral");
  if (is_oral && (!kind || !kind->revoke_orally))
    return error_set(error, ERROR_REFUSED, "error.consent.written", "",
                     "this kind is revoked in writing");
  if (kind && kind->revoke_from_date && consent_date_read(consent->revocable_from, 0, &from) &&
      access->now < from)
    return error_set(error, ERROR_REFUSED, "error.consent.not-yet", "",
                     "42 CFR 2.35: not before its date");
  return true;
}

/* How it ends: taken back (`how`), or by its event (`ending`, sealed). */
struct how_it_ends {
  bool is_revoked;
  struct text how, ending;
};

static bool end(struct store_transaction *transaction, const struct access *access,
                struct text consent_id, const struct how_it_ends *ends, int64_t version,
                struct error *error)
{
  int64_t changed = 0;
  bool is_revoked = ends->is_revoked;
  if (!store_execute(transaction,
                     "UPDATE consent SET revoked_at = $1, revoked_how = $2, ended_at = $3, "
                     "ending = $9, changed_by = $4, version = version + 1 "
                     "WHERE program_id = $5 AND id = $6 AND person_id = $7 AND version = $8 "
                     "AND revoked_at = 0 AND ended_at = 0",
                     STORE_BIND(STORE_N(is_revoked ? access->now : 0), STORE_T(ends->how),
                                STORE_N(is_revoked ? 0 : access->now),
                                STORE_T(access->actor->account_id), STORE_T(access->program_id),
                                STORE_T(consent_id), STORE_T(access->person_id), STORE_N(version),
                                STORE_B(ends->ending)),
                     &changed, error))
    return false;
  if (changed != 1)
    return error_set(error, ERROR_CONFLICT, "error.store.conflict", "", "a stale version, or over");
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct value *detail = value_object(arena);
  value_set(detail, "state", value_text(arena, is_revoked ? TEXT("revoked") : TEXT("ended")));
  bool is_done = sealed_audit(transaction, access, consent_id, TEXT(""), detail, error) &&
                 due_clear(transaction, access->program_id, "consent.expires", consent_id, error);
  arena_free(arena);
  return is_done;
}

bool consent_revoke(struct store_transaction *transaction, const struct access *access,
                    struct text consent_id, struct text how, int64_t version, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct consent consent;
  bool may = consent_load(transaction, access, arena, consent_id, &consent, error) &&
             check_revocation(access, &consent, how, error);
  arena_free(arena);
  struct how_it_ends ends = {.is_revoked = true, .how = how, .ending = TEXT("")};
  return may && end(transaction, access, consent_id, &ends, version, error);
}

/* Who says so, on a day between signing and now, of a consent that an event ends. */
static bool check_ending(const struct access *access, const struct consent *consent,
                         const struct consent_ending *ending, struct error *error)
{
  int64_t begins, ends;
  if (text_is_empty(consent->expires_event) || text_equal(consent->expires_event, TEXT("none")))
    return error_set(error, ERROR_REFUSED, "error.consent.no-event", "", "it names no event");
  if (text_is_empty(text_trim(ending->who)) || ending->who.length > LIMIT_CONSENT_WORDS)
    return error_set(error, ERROR_REFUSED, "error.consent.ending-who", "", "nobody says so");
  if (!consent_date_read(ending->on, 0, &begins) || !consent_date_read(ending->on, 1, &ends) ||
      ends <= consent->signed_at || begins > access->now)
    return error_set(error, ERROR_REFUSED, "error.consent.ending-on", "",
                     "not a day since signing");
  return true;
}

bool consent_end_by_event(struct store_transaction *transaction, const struct access *access,
                          struct text consent_id, int64_t version,
                          const struct consent_ending *ending, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct consent consent;
  struct value *said = value_object(arena);
  struct text document;
  struct how_it_ends ends = {.how = TEXT("")};
  value_set(said, "who", value_text(arena, text_trim(ending->who)));
  value_set(said, "on", value_text(arena, ending->on));
  bool is_done = sealed_person(access, error) &&
                 consent_load(transaction, access, arena, consent_id, &consent, error) &&
                 check_ending(access, &consent, ending, error) &&
                 sealed_json(arena, said, &document, error) &&
                 sealed_write(access, arena, access->person_id, "consent.ending", document,
                              &ends.ending, error) &&
                 end(transaction, access, consent_id, &ends, version, error);
  arena_free(arena);
  return is_done;
}

/* --- Its clock ------------------------------------------------------------------------------- */

/* A consent whose last day is over needs nothing done to it: consent_is_active() says no from that
 * moment on. History says when. */
bool consent_expired(struct store_transaction *transaction, void *context,
                     const struct due_item *item, int64_t now, struct error *error)
{
  (void)context;
  struct store_cursor *row = NULL;
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct actor actor = actor_system(item->program_id);
  struct value *detail = value_object(arena);
  bool more = false;
  bool is_done =
      store_query(transaction, &row,
                  "SELECT person_id FROM consent WHERE program_id = $1 AND id = $2",
                  STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id)), error) &&
      store_next(row, &more, error);
  struct text person_id = is_done && more ? text_copy(arena, store_column_text(row, 0)) : TEXT("");
  if (row) store_cursor_close(row);
  value_set(detail, "state", value_text(arena, TEXT("expired")));
  struct audit_entry entry = {.program_id = item->program_id,
                              .actor = &actor,
                              .object = TEXT("consent"),
                              .act = TEXT("write"),
                              .object_id = item->subject_id,
                              .person_id = person_id,
                              .outcome = AUDIT_DONE,
                              .detail = detail,
                              .at = now};
  if (is_done && more) is_done = audit_append(transaction, &entry, error);
  arena_free(arena);
  return is_done;
}
