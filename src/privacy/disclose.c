/*
 * disclose: the exit. See disclose.h. What is decided is in disclose_decide.c and
 * disclose_filter.c; here stand who may ask, what evidence there is, and what is written: the
 * document that leaves, the accounting row with its hash, and a line of the audit, in the caller's
 * transaction.
 */
#include <assert.h>

#include "privacy/disclose.h"

#include "privacy/consent_content.h"
#include "privacy/privacy.h"
#include "privacy/sealed.h"

static bool refuse(struct error *error, const char *person, const char *log)
{
  return error_set(error, ERROR_FORBIDDEN, person, "", "%s", log);
}

void disclose_deny(struct actor *actor, const struct access *access)
{
  struct actor_denial *denial = &actor->denial;
  *denial = (struct actor_denial){.is_set = true, .object = "disclosure", .act = "write"};
  struct text person = text_slice(access->person_id, 0, sizeof denial->person_id - 1);
  struct text program = text_slice(access->program_id, 0, sizeof denial->program_id - 1);
  for (size_t i = 0; i < person.length; i++) denial->person_id[i] = person.at[i];
  for (size_t i = 0; i < program.length; i++) denial->program_id[i] = program.at[i];
}

/* --- Who may ask ----------------------------------------------------------------------------- */

static bool opened_for(const struct access *access, const char *object, const char *act)
{
  return text_equal(text_from(access->object), text_from(object)) &&
         text_equal(text_from(access->act), text_from(act));
}

static bool check_access(const struct access *access, const struct disclose_request *request,
                         struct error *error)
{
  bool is_own = text_equal(request->basis, TEXT("patient-access"));
  bool is_emergency = text_equal(request->basis, TEXT("emergency"));
  bool is_shared =
      text_equal(request->basis, TEXT("consent")) && !text_is_empty(request->consent_id);
  bool is_right = opened_for(access, "disclosure", "write") ||
                  (is_own && opened_for(access, "person", "export")) ||
                  (is_emergency && opened_for(access, "emergency", "open")) ||
                  (is_shared && opened_for(access, "shared-record", "read"));
  if (!sealed_person(access, error)) return false;
  if (!is_right) return refuse(error, "error.403.text", "the access is not one to disclose by");
  if (!text_equal(access->person_id, request->person_id))
    return refuse(error, "error.403.text", "the access is for another person");
  const char *key = disclose_basis_check(access->privacy, access->actor, request, access->now);
  return !key || refuse(error, key, "the basis does not allow it");
}

/* --- Evidence -------------------------------------------------------------------------------- */

static bool check_emergency(struct store_transaction *transaction, const struct access *access,
                            const struct disclose_request *request, struct error *error)
{
  struct text id;
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  bool is_found = emergency_find_open(transaction, access->actor, access->person_id, access->now,
                                      arena, &id, error);
  bool is_it = is_found && text_equal(id, request->evidence_id) && !text_is_empty(id);
  arena_free(arena);
  if (!is_found) return false;
  return is_it ||
         refuse(error, "error.disclose.evidence", "no open emergency access of this actor");
}

static bool check_evidence(struct store_transaction *transaction, const struct access *access,
                           const struct disclose_request *request, struct error *error)
{
  const struct disclosure_basis *basis =
      disclosure_basis_find(access->privacy->consent_rules, request->basis);
  if (basis->evidence.count == 0) return true;
  if (text_equal(basis->name, TEXT("emergency")))
    return check_emergency(transaction, access, request, error);
  struct store_cursor *row = NULL;
  bool more = false;
  if (!store_query(transaction, &row,
                   "SELECT id FROM disclosure_evidence WHERE program_id = $1 AND id = $2 "
                   "AND person_id = $3 AND basis = $4 AND (ends_at = 0 OR ends_at > $5)",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(request->evidence_id),
                              STORE_T(access->person_id), STORE_T(basis->name),
                              STORE_N(access->now)),
                   error))
    return false;
  bool is_read = store_next(row, &more, error);
  store_cursor_close(row);
  if (!is_read) return false;
  return more || refuse(error, "error.disclose.evidence", "no evidence for this basis");
}

bool disclosure_evidence_create(struct store_transaction *transaction, const struct access *access,
                                struct arena *arena, struct text basis_name,
                                const struct disclosure_fact *facts, size_t count,
                                struct text ends_on, struct text *id, struct error *error)
{
  const struct disclosure_basis *basis =
      disclosure_basis_find(access->privacy->consent_rules, basis_name);
  struct value *kept = value_object(arena);
  struct text document, sealed, made = sealed_id(arena, access->now);
  int64_t ends_at = 0;
  if (!sealed_person(access, error)) return false;
  if (!opened_for(access, "disclosure", "write"))
    return refuse(error, "error.403.text", "the access is not one to disclose by");
  if (!basis || basis->evidence.count == 0 || text_equal(basis_name, TEXT("emergency")))
    return refuse(error, "error.disclose.basis", "the basis has no evidence of this form");
  for (size_t i = 0; i < basis->evidence.count; i++) {
    struct text words = TEXT("");
    for (size_t j = 0; j < count; j++)
      if (text_equal(facts[j].name, basis->evidence.at[i])) words = text_trim(facts[j].words);
    if (text_is_empty(words) || words.length > LIMIT_CONSENT_WORDS)
      return error_set(error, ERROR_REFUSED, "error.disclose.evidence", "", "%.*s is missing",
                       TEXT_PRINT(basis->evidence.at[i]));
    value_set_text_key(kept, basis->evidence.at[i], value_text(arena, words));
  }
  if (!text_is_empty(ends_on) && !consent_date_read(ends_on, 1, &ends_at))
    return error_set(error, ERROR_REFUSED, "consent.wrong.date", "", "ends_on is no date");
  if (!sealed_json(arena, kept, &document, error) ||
      !sealed_write(access, arena, access->person_id, "disclosure_evidence.facts", document,
                    &sealed, error) ||
      !store_execute(transaction,
                     "INSERT INTO disclosure_evidence (program_id, id, person_id, basis, facts, "
                     "ends_at, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(made),
                                STORE_T(access->person_id), STORE_T(basis->name), STORE_B(sealed),
                                STORE_N(ends_at), STORE_T(access->actor->account_id),
                                STORE_N(access->now)),
                     NULL, error))
    return false;
  *id = made;
  return true;
}

/* --- What travels along ---------------------------------------------------------------------- */

/* A copy of each consent that was relied on, or the basis in words with its law. */
static bool write_scope(const struct access *access, struct arena *arena,
                        const struct disclose_request *request, const struct consent *consents,
                        const struct disclose_preview *preview, struct disclosed *out,
                        struct error *error)
{
  size_t language = consent_language(request->language);
  const struct disclosure_basis *basis =
      disclosure_basis_find(access->privacy->consent_rules, request->basis);
  struct text_buffer scope, ids;
  text_buffer_init(&scope, (size_t)LIMIT_CONSENT_TEXT * LIMIT_CONSENT_RECIPIENTS);
  text_buffer_init(&ids, LIMIT_DISCLOSE_FIELDS);
  bool is_done = true;
  assert(consents || preview->used_count == 0);
  for (size_t i = 0; i < preview->used_count && is_done; i++) {
    struct text words;
    const struct consent *consent = &consents[preview->used[i]];
    is_done = consent_render(access->privacy, arena, consent, request->language, &words, error);
    if (is_done) text_buffer_add(&scope, words);
    if (i) text_buffer_add_character(&ids, ' ');
    text_buffer_add(&ids, consent->id);
  }
  if (preview->used_count == 0)
    text_buffer_add_format(&scope, "%.*s. %.*s (%.*s)", TEXT_PRINT(basis->label[language]),
                           TEXT_PRINT(basis->hint[language]), TEXT_PRINT(basis->source));
  if (is_done && (scope.over || ids.over))
    is_done = error_set(error, ERROR_TOO_LARGE, "error.consent.long", "", "too many consents");
  if (is_done) {
    out->scope = text_copy(arena, text_buffer_get(&scope));
    out->consent_ids = text_copy(arena, text_buffer_get(&ids));
  }
  text_buffer_fini(&ids);
  text_buffer_fini(&scope);
  return is_done;
}

static bool find_notice(const struct access *access, const struct disclose_request *request,
                        struct disclosed *out, struct error *error)
{
  struct notice notice;
  enum notice_kind kind =
      request->short_notice ? NOTICE_REDISCLOSURE_SHORT : NOTICE_REDISCLOSURE_LONG;
  if (!notice_find(access->privacy->notices, kind, request->language, access->now, &notice, error))
    return false;
  out->notice = notice.body;
  out->notice_version = notice.version;
  out->notice_is_unsigned = notice.is_unsigned;
  return true;
}

/* --- What is written ------------------------------------------------------------------------- */

/* Labels of handling that go with whatever leaves, and none that would tell of what was kept. */
static struct value *handling(const struct access *access, struct arena *arena)
{
  const struct consent_rules *rules = access->privacy->consent_rules;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < rules->sensitivity_count; i++)
    if (rules->sensitivities[i].cover == LABEL_OF_HANDLING)
      value_add(list, value_text(arena, rules->sensitivities[i].name));
  return list;
}

/* The document, to the byte. */
static bool write_document(const struct access *access, struct arena *arena, struct disclosed *out,
                           struct error *error)
{
  struct value *document = value_object(arena);
  value_set(document, "notice", value_text(arena, out->notice));
  value_set(document, "notice_version", value_text(arena, out->notice_version));
  value_set(document, "security", handling(access, arena));
  value_set(document, "scope", value_text(arena, out->scope));
  value_set(document, "disclosure_id", value_text(arena, out->disclosure_id));
  value_set(document, "record", out->content);
  struct text_buffer bytes;
  text_buffer_init(&bytes, LIMIT_DISCLOSURE_COPY);
  json_write_pretty(document, &bytes);
  bool fits = !bytes.over;
  if (fits) out->document = text_copy(arena, text_buffer_get(&bytes));
  text_buffer_fini(&bytes);
  if (!fits)
    return error_set(error, ERROR_TOO_LARGE, "error.413.text", "", "the record is too large");
  hash_sha256(out->document, out->sha256);
  return true;
}

static bool write_row(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, const struct disclose_request *request,
                      const struct disclose_preview *preview, const struct disclosed *out,
                      struct error *error)
{
  const struct disclosure_basis *basis =
      disclosure_basis_find(access->privacy->consent_rules, request->basis);
  struct text recipient, sealed;
  struct consent_recipient to = request->recipient;
  if (basis->is_to_person) to = (struct consent_recipient){.name = TEXT("")};
  return sealed_json(arena, consent_recipient_write(arena, &to), &recipient, error) &&
         sealed_write(access, arena, access->person_id, "disclosure.recipient", recipient, &sealed,
                      error) &&
         store_execute(transaction,
                       "INSERT INTO disclosure (program_id, id, person_id, at, recipient, purpose, "
                       "basis, evidence_id, consent_ids, document, fields, notice_version, "
                       "language, counts, sha256, account_id, actor_name) VALUES ($1, $2, $3, $4, "
                       "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(out->disclosure_id),
                                  STORE_T(access->person_id), STORE_N(access->now), STORE_B(sealed),
                                  STORE_T(request->purpose_code), STORE_T(basis->name),
                                  STORE_T(request->evidence_id), STORE_T(out->consent_ids),
                                  STORE_T(request->document), STORE_T(preview->fields),
                                  STORE_T(out->notice_version), STORE_T(request->language),
                                  STORE_N(basis->counts), STORE_T(text_from(out->sha256)),
                                  STORE_T(access->actor->account_id), STORE_T(access->actor->name)),
                       NULL, error);
}

static bool write_audit(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct disclose_request *request,
                        const struct disclosed *out, struct error *error)
{
  struct value *detail = value_object(arena);
  value_set(detail, "basis", value_text(arena, request->basis));
  value_set(detail, "kind", value_text(arena, request->document));
  value_set(detail, "count", value_integer(arena, (int64_t)out->fields_given));
  struct value *ids = value_list(arena);
  struct text rest = out->consent_ids, id;
  while (text_word_next(&rest, &id)) value_add(ids, value_text(arena, id));
  value_set(detail, "ids", ids);
  return sealed_audit(transaction, access, out->disclosure_id, request->purpose_code, detail,
                      error);
}

/* Of the consents only the one that is asked for, where one is. */
static void narrow(const struct disclose_request *request, struct consent *consents, size_t *count)
{
  size_t kept = 0;
  if (text_is_empty(request->consent_id)) return;
  for (size_t i = 0; i < *count; i++)
    if (text_equal(consents[i].id, request->consent_id)) consents[kept++] = consents[i];
  *count = kept;
}

bool disclose(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, const struct disclose_request *request, struct disclosed *out,
              struct error *error)
{
  struct consent *consents = NULL;
  size_t count = 0;
  struct disclose_preview preview;
  struct disclosed left = {.notice = TEXT("")};
  if (!check_access(access, request, error) ||
      !check_evidence(transaction, access, request, error) ||
      (text_equal(request->basis, TEXT("consent")) &&
       !consent_list(transaction, access, arena, &consents, &count, error)))
    return false;
  narrow(request, consents, &count);
  disclose_preview(access->privacy, arena, consents, count, request, access->now, &preview);
  if (!preview.content) return refuse(error, "error.disclose.nothing", "nothing may leave");
  left.content = preview.content;
  left.fields_given = preview.fields_given;
  left.fields_kept = preview.fields_kept;
  left.disclosure_id = sealed_id(arena, access->now);
  struct disclosure_copy copy = {.form = TEXT("json")};
  if (!find_notice(access, request, &left, error) ||
      !write_scope(access, arena, request, consents, &preview, &left, error) ||
      !write_document(access, arena, &left, error) ||
      !write_row(transaction, access, arena, request, &preview, &left, error))
    return false;
  copy.bytes = left.document;
  if (!disclosure_copy_keep(transaction, access, arena, &left, &copy, error) ||
      !write_audit(transaction, access, arena, request, &left, error))
    return false;
  *out = left;
  return true;
}

/* --- The accounting -------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
  "SELECT id, at, recipient, purpose, basis, evidence_id, consent_ids, document, fields, "         \
  "notice_version, language, counts, account_id, actor_name, sha256 FROM disclosure "              \
  "WHERE program_id = $1 AND person_id = $2 "
static const char all_rows[] = "" COLUMNS "ORDER BY at DESC, id DESC LIMIT $3";
static const char one_row[] = "" COLUMNS "AND id = $3";

static bool read_row(const struct access *access, struct arena *arena,
                     const struct store_cursor *row, struct disclosure *out, struct error *error)
{
  struct text plain;
  const struct value *recipient;
  if (!sealed_read(access, arena, access->person_id, "disclosure.recipient",
                   store_column_bytes(row, 2), &plain, error) ||
      !json_read(arena, plain, &recipient, error))
    return false;
  *out = (struct disclosure){.id = text_copy(arena, store_column_text(row, 0)),
                             .person_id = access->person_id,
                             .at = store_column_integer(row, 1),
                             .recipient = sealed_member(recipient, "name"),
                             .purpose_code = text_copy(arena, store_column_text(row, 3)),
                             .basis = text_copy(arena, store_column_text(row, 4)),
                             .evidence_id = text_copy(arena, store_column_text(row, 5)),
                             .consent_ids = text_copy(arena, store_column_text(row, 6)),
                             .document = text_copy(arena, store_column_text(row, 7)),
                             .fields = text_copy(arena, store_column_text(row, 8)),
                             .notice_version = text_copy(arena, store_column_text(row, 9)),
                             .language = text_copy(arena, store_column_text(row, 10)),
                             .counts = store_column_integer(row, 11) != 0,
                             .account_id = text_copy(arena, store_column_text(row, 12)),
                             .actor_name = text_copy(arena, store_column_text(row, 13))};
  struct text hash = store_column_text(row, 14);
  for (size_t i = 0; i < hash.length && i < sizeof out->sha256 - 1; i++)
    out->sha256[i] = hash.at[i];
  return true;
}

bool disclosure_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct disclosure **out, size_t *count,
                     struct error *error)
{
  struct store_cursor *row = NULL;
  struct disclosure *rows = arena_allocate_array(arena, LIMIT_DISCLOSURES + 1, sizeof *rows);
  size_t found = 0;
  bool more = true, is_read = true;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row, all_rows,
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_N(LIMIT_DISCLOSURES)),
                   error))
    return false;
  while (is_read && (is_read = store_next(row, &more, error)) && more)
    is_read = read_row(access, arena, row, &rows[found++], error);
  store_cursor_close(row);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}

bool disclosure_load(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct disclosure *out,
                     struct error *error)
{
  struct store_cursor *row = NULL;
  struct disclosure found;
  bool more = false;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row, one_row,
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id), STORE_T(id)),
                   error))
    return false;
  bool is_read = store_next(row, &more, error);
  if (is_read && more) is_read = read_row(access, arena, row, &found, error);
  store_cursor_close(row);
  if (!is_read) return false;
  if (!more) return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such disclosure");
  *out = found;
  return true;
}
