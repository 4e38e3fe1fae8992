/*
 * Request: making one, its fields, its history. See request.h.
 *
 * Invariants: a row never stands without a staff member who looks after it and a time by which it
 * is answered; its history is only added to.
 */
#include "admission/request.h"

#include <stdlib.h>
#include <string.h>

#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

static const char identity_purpose[] = "request.identity", words_purpose[] = "request.words",
                  line_purpose[] = "request_event.words";

bool requests_open(struct requests **out, const char *share_folder, const struct care *care,
                   struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_FILE);
  struct privacy *privacy = care_privacy(care);
  struct request_rules *rules;
  bool is_loaded = request_rules_load(&rules, file_join(arena, share_folder, "knowledge"),
                                      privacy->catalog, error);
  arena_free(arena);
  if (!is_loaded) return false;
  struct requests *requests = memory_allocate_zero(1, sizeof *requests);
  *requests = (struct requests){.rules = rules, .care = care, .privacy = privacy};
  *out = requests;
  return true;
}

void requests_close(struct requests *requests)
{
  if (!requests) return;
  request_rules_free(requests->rules);
  free(requests);
}

const struct request_rules *requests_rules(const struct requests *requests)
{
  return requests->rules;
}

void requests_register_due(struct requests *requests, struct due_registry *registry)
{
  due_register(registry, "request.answer", request_answer_rings, requests);
  due_register(registry, "request.callback", callback_rings, requests);
  due_register(registry, "waitlist.interim", waitlist_interim_rings, requests);
  due_register(registry, "waitlist.admit", waitlist_admit_rings, requests);
  due_register(registry, "waitlist.admit-most", waitlist_admit_rings, requests);
  due_register(registry, "waitlist.contact", waitlist_contact_rings, requests);
  due_register(registry, "capacity.notice", capacity_rings, requests);
}

/* --- Identity ------------------------------------------------------------------------------ */

static const char *const field_names[REQUEST_FIELDS] = {
    [REQUEST_GIVEN] = "given",
    [REQUEST_FAMILY] = "family",
    [REQUEST_BIRTH_DATE] = "birth_date",
    [REQUEST_PHONE] = "phone",
    [REQUEST_EMAIL] = "email",
    [REQUEST_ASKER] = "asker",
    [REQUEST_ASKER_PHONE] = "asker_phone",
    [REQUEST_ASKER_FROM] = "asker_from",
};

const char *request_field_name(enum request_field field)
{
  return field_names[field];
}

bool request_identity_write(struct arena *arena, const struct request_identity *identity,
                            struct text *out, struct error *error)
{
  struct value *document = value_object(arena);
  struct text_buffer json;
  for (size_t i = 0; i < REQUEST_FIELDS; i++)
    if (identity->at[i].length)
      value_set(document, field_names[i], value_text(arena, identity->at[i]));
  *out = TEXT("");
  if (value_count(document) == 0) return true;
  text_buffer_init(&json, LIMIT_REQUEST_IDENTITY);
  json_write(document, &json);
  bool is_written = !json.over;
  if (is_written) *out = text_copy(arena, text_buffer_get(&json));
  text_buffer_fini(&json);
  return is_written || error_set(error, ERROR_TOO_LARGE, "error.request.text", "",
                                 "request: an identity over its limit");
}

static bool read_field(struct text key, const struct value *value, struct request_identity *out)
{
  for (size_t i = 0; i < REQUEST_FIELDS; i++) {
    if (!text_equal(key, text_from(field_names[i]))) continue;
    out->at[i] = value_text_get(value);
    return value_kind_get(value) == VALUE_TEXT;
  }
  return false;
}

bool request_identity_read(struct arena *arena, struct text document, struct request_identity *out,
                           struct error *error)
{
  const struct value *object, *value;
  struct request_identity identity = {.at = {TEXT("")}};
  struct text key;
  if (document.length > LIMIT_REQUEST_IDENTITY || !json_read(arena, document, &object, error) ||
      value_kind_get(object) != VALUE_OBJECT)
    return error_set(error, ERROR_REFUSED, "error.request.text", "", "request: no identity");
  for (size_t i = 0; value_member(object, i, &key, &value); i++)
    if (!read_field(key, value, &identity))
      return error_set(error, ERROR_REFUSED, "error.request.text", "",
                       "request: an identity with a member that is none");
  *out = identity;
  return true;
}

/* --- Checking ------------------------------------------------------------------------------ */

static bool is_kept(struct text t, size_t ceiling)
{
  if (t.length > ceiling || !text_is_utf8(t)) return false;
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\r' && c != '\t')) return false;
  }
  return true;
}

bool request_check_words(struct text words, struct error *error)
{
  return is_kept(words, LIMIT_CARE_WORDS) ||
         error_set(error, ERROR_REFUSED, "error.request.text", "", "request: words over a limit");
}

static bool is_phone(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] < '0' || t.at[i] > '9') return false;
  return t.length == 0 || t.length == 10;
}

static void check_identity(const struct request_identity *identity, struct text today,
                           struct field_problems *problems)
{
  int year, month, day;
  for (size_t i = 0; i < REQUEST_FIELDS; i++)
    if (!is_kept(identity->at[i], LIMIT_CARE_LINE))
      field_problem_add(problems, field_names[i], "error.request.text");
  struct text date = identity->at[REQUEST_BIRTH_DATE];
  if (date.length && (!time_read_date(date, &year, &month, &day) || text_compare(date, today) > 0))
    field_problem_add(problems, "birth_date", "error.request.date");
  if (!is_phone(identity->at[REQUEST_PHONE]))
    field_problem_add(problems, "phone", "error.request.phone");
  if (!is_phone(identity->at[REQUEST_ASKER_PHONE]))
    field_problem_add(problems, "asker_phone", "error.request.phone");
}

static void check_facts(const struct requests *requests, struct text urgency, struct text level,
                        int64_t pregnant, int64_t injecting, struct field_problems *problems)
{
  if (!urgency_find(requests->rules, urgency))
    field_problem_add(problems, "urgency", "error.request.code");
  if (level.length && !care_code_is(requests->care, CARE_LEVELS, level))
    field_problem_add(problems, "level_of_care", "error.request.code");
  if (pregnant < REQUEST_UNKNOWN || pregnant > 1)
    field_problem_add(problems, "pregnant", "error.request.code");
  if (injecting < REQUEST_UNKNOWN || injecting > 1)
    field_problem_add(problems, "injecting", "error.request.code");
}

void request_check(const struct requests *requests, const struct request *request,
                   struct text today, struct field_problems *problems)
{
  const struct request_rules *rules = requests->rules;
  struct text rest = request->consents, code;
  if (!request_code_is(rules, REQUEST_SOURCES, request->source))
    field_problem_add(problems, "source", "error.request.code");
  check_facts(requests, request->urgency, request->level_of_care, request->pregnant,
              request->injecting, problems);
  if (!care_code_is(requests->care, CARE_SPOKEN, request->language))
    field_problem_add(problems, "language", "error.request.code");
  while (text_word_next(&rest, &code))
    if (!request_code_is(rules, REQUEST_CONSENTS, code))
      field_problem_add(problems, "consents", "error.request.code");
  if (request->site_id.length == 0)
    field_problem_add(problems, "site_id", "error.request.required");
  check_identity(&request->identity, today, problems);
  if (!is_kept(request->words, LIMIT_CARE_WORDS))
    field_problem_add(problems, "words", "error.request.text");
}

bool request_refuse(const struct field_problems *problems, struct error *error)
{
  if (problems->count == 0) return true;
  return error_set(error, ERROR_REFUSED, problems->items[0].message, "", "request: the field %s",
                   problems->items[0].field);
}

bool request_check_staff(struct store_transaction *transaction, const struct access *access,
                         struct text staff_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!request_any(store_query(transaction, &cursor,
                               "SELECT 1 FROM staff WHERE program_id = $1 AND id = $2"
                               " AND left_at = 0",
                               STORE_BIND(STORE_T(access->program_id), STORE_T(staff_id)), error),
                   &cursor, &is_there, error))
    return false;
  return is_there || error_set(error, ERROR_REFUSED, "error.request.assigned", "",
                               "request: no such staff member");
}

/* --- Making -------------------------------------------------------------------------------- */

bool request_begin(struct privacy *privacy, struct arena *arena, struct text program_id,
                   int64_t now, struct text *subject_id, struct error *error)
{
  return person_begin(privacy, arena, program_id, now, subject_id, error);
}

static bool check_site(struct store_transaction *transaction, const struct access *access,
                       struct text site_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text only = request_site_of(access);
  bool is_there = false;
  if (only.length && !text_equal(only, site_id))
    return access_refuse(access, access->person_id, "error.403.text", error);
  if (!request_any(store_query(transaction, &cursor,
                               "SELECT 1 FROM site WHERE program_id = $1 AND id = $2"
                               " AND closed_at = 0",
                               STORE_BIND(STORE_T(access->program_id), STORE_T(site_id)), error),
                   &cursor, &is_there, error))
    return false;
  return is_there ||
         error_set(error, ERROR_REFUSED, "error.request.code", "", "request: no such site");
}

/* Who looks after it: named, else who acts, else the first who would be told. */
static bool find_assigned(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct request *request, struct error *error)
{
  struct request_escalation steps[LIMIT_REQUEST_STEPS];
  size_t count = 0;
  if (request->assigned.length == 0) request->assigned = access->actor->staff_id;
  if (request->assigned.length == 0) {
    if (!request_steps_load(transaction, access->program_id, arena, request->site_id,
                            request->urgency, steps, &count, error))
      return false;
    if (count) request->assigned = steps[0].staff_id;
  }
  return request_check_staff(transaction, access, request->assigned, error);
}

static bool insert(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, const struct request *r, struct error *error)
{
  struct text document, identity, words;
  return request_identity_write(arena, &r->identity, &document, error) &&
         request_seal(access, arena, request_owner(r), identity_purpose, document, &identity,
                      error) &&
         request_seal(access, arena, request_owner(r), words_purpose, r->words, &words, error) &&
         store_execute(
             transaction,
             "INSERT INTO request (program_id, id, subject_id, person_id, site_id, source, urgency,"
             " state, level_of_care, pregnant, injecting, language, consents, assigned, identity,"
             " words, reason, outcome, received_at, answer_by, answered_at, escalations, ended_at,"
             " made_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 'received', $8,"
             " $9, $10, $11, $12, $13, $14, $15, '', '', $16, $17, 0, 0, 0, $18, $18, 1)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(r->id), STORE_T(r->subject_id),
                        STORE_T(r->person_id), STORE_T(r->site_id), STORE_T(r->source),
                        STORE_T(r->urgency), STORE_T(r->level_of_care), STORE_N(r->pregnant),
                        STORE_N(r->injecting), STORE_T(r->language), STORE_T(r->consents),
                        STORE_T(r->assigned), STORE_B(identity), STORE_B(words),
                        STORE_N(r->received_at), STORE_N(r->answer_by), STORE_N(access->now)),
             NULL, error);
}

static struct request as_made(const struct access *access, struct arena *arena,
                              const struct request *request)
{
  struct request made = *request;
  made.id = request_new_id(arena, access->now);
  made.state = TEXT("received");
  made.reason = made.outcome = TEXT("");
  made.answered_at = made.escalations = made.ended_at = 0;
  if (made.received_at == 0) made.received_at = access->now;
  made.made_at = made.changed_at = access->now;
  made.version = 1;
  return made;
}

bool request_create(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct request *request,
                    struct error *error)
{
  struct field_problems problems = {.count = 0};
  struct request made = as_made(access, arena, request);
  struct request_line line = {"received", made.source, TEXT("")};
  const struct zone *zone;
  if (!request_may(access, "write", &made, error) ||
      !site_zone(transaction, access->program_id, made.site_id, &zone, error))
    return false;
  request_check(requests, &made, zone_format_date(arena, zone, access->now), &problems);
  if (made.received_at > access->now)
    field_problem_add(&problems, "received_at", "error.request.future");
  if (!request_refuse(&problems, error) || !check_site(transaction, access, made.site_id, error) ||
      !find_assigned(transaction, access, arena, &made, error) ||
      !request_answer_due(transaction, requests, access->program_id, arena, &made, &made.answer_by,
                          error) ||
      !insert(transaction, access, arena, &made, error) ||
      !request_note(transaction, access, arena, &made, &line, error) ||
      !due_set(transaction, access->program_id, "request.answer", made.id, made.person_id,
               made.answer_by, error) ||
      !request_tell(transaction, requests, access->program_id, arena, made.assigned,
                    text_format(arena, "request %.*s", TEXT_PRINT(made.id)), access->now, error))
    return false;
  *request = made;
  return true;
}

/* --- History ------------------------------------------------------------------------------- */

bool request_note(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, const struct request *request,
                  const struct request_line *line, struct error *error)
{
  struct text sealed;
  return request_check_words(line->words, error) &&
         request_seal(access, arena, request_owner(request), line_purpose, line->words, &sealed,
                      error) &&
         store_execute(
             transaction,
             "INSERT INTO request_event (program_id, request_id, seq, kind, code, at, account_id,"
             " words) SELECT $1, $2, (SELECT coalesce(max(seq), 0) + 1 FROM request_event"
             " WHERE program_id = $1 AND request_id = $2), $3, $4, $5, $6, $7",
             STORE_BIND(STORE_T(access->program_id), STORE_T(request->id),
                        STORE_T(text_from(line->kind)), STORE_T(line->code), STORE_N(access->now),
                        STORE_T(access->actor->account_id), STORE_B(sealed)),
             NULL, error);
}

bool request_history(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct request_event **out, size_t *count,
                     struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_row_for(transaction, access, NULL, arena, id, 0, &request, error)) return false;
  struct request_event *events = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *events);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT e.kind, e.code, e.account_id, e.words, e.at, coalesce(a.shown_name, '')"
      " FROM request_event e LEFT JOIN account a ON a.id = e.account_id"
      " WHERE e.program_id = $1 AND e.request_id = $2 ORDER BY e.seq LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(LIMIT_REQUEST_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    events[found++] =
        (struct request_event){.kind = request_column(arena, cursor, 0),
                               .code = request_column(arena, cursor, 1),
                               .account_id = request_column(arena, cursor, 2),
                               .words = text_copy(arena, store_column_bytes(cursor, 3)),
                               .by = request_column(arena, cursor, 5),
                               .at = store_column_integer(cursor, 4)};
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++)
    is_read = request_unseal(access, arena, request_owner(&request), line_purpose, events[i].words,
                             &events[i].words, error);
  if (!is_read) return false;
  *out = events;
  *count = found;
  return true;
}

/* --- From a sealed assessment link ----------------------------------------------------------- */

static int64_t fact_of(const struct request_carried *carried, const char *name)
{
  size_t fact;
  if (!facts_find(carried->table, text_from(name), &fact)) return REQUEST_UNKNOWN;
  double value = carried->facts->value[fact];
  return value > 0 ? 1 : value < 1 ? 0 : REQUEST_UNKNOWN; /* what is not known is not a number */
}

/* The most or the least urgent code. */
static struct text urgency_at_end(const struct request_rules *rules, bool is_most)
{
  const struct urgency *found = NULL;
  for (size_t i = 0; i < request_code_count(rules, REQUEST_URGENCIES); i++) {
    const struct urgency *one = urgency_find(rules, request_code(rules, REQUEST_URGENCIES, i));
    if (!found || (is_most ? one->rank > found->rank : one->rank < found->rank)) found = one;
  }
  return found ? found->code : TEXT("");
}

bool request_from_carried(const struct requests *requests, const struct request_carried *carried,
                          int64_t now, struct request *out, struct error *error)
{
  struct care_result result;
  struct text rest = carried->consents, code;
  bool may_send = false;
  while (text_word_next(&rest, &code)) may_send = may_send || text_equal(code, TEXT("send"));
  if (!may_send)
    return error_set(error, ERROR_REFUSED, "error.request.consent", "",
                     "request: carried without a yes");
  if (carried->is_revoked || carried->until <= now)
    return error_set(error, ERROR_REFUSED, "error.request.carried", "",
                     "request: carried answers past their time");
  care_find(carried->table, carried->facts, NULL, &result);
  struct text level =
      result.level == LEVEL_NONE ? TEXT("") : levels_get(carried->table, result.level)->number;
  if (!care_code_is(requests->care, CARE_LEVELS, level)) level = TEXT("");
  out->source = TEXT("link");
  out->urgency = urgency_at_end(requests->rules, result.setting == CARE_EMERGENCY);
  out->level_of_care = level;
  out->pregnant = fact_of(carried, "pregnant");
  out->injecting = fact_of(carried, "injecting");
  out->consents = carried->consents;
  return true;
}
