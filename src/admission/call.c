/*
 * Call: the log, and the queue of who is called back. See call.h.
 */
#include "admission/call.h"

#include "admission/request_private.h"

static const char words_purpose[] = "request_call.words";

/* --- Attempts ------------------------------------------------------------------------------ */

static bool is_attempt(const struct requests *requests, const struct call *call)
{
  return request_code_says(requests->rules, CALL_KINDS, call->kind, "is_attempt", "yes") &&
         !request_code_says(requests->rules, CONTACT_RESULTS, call->result, "is_reached", "yes");
}

int64_t call_attempts(const struct requests *requests, const struct call *calls, size_t count)
{
  int64_t touched_at = INT64_MIN, attempts = 0;
  for (size_t i = 0; i < count; i++)
    if (!is_attempt(requests, &calls[i]) && calls[i].at > touched_at) touched_at = calls[i].at;
  for (size_t i = 0; i < count; i++)
    if (is_attempt(requests, &calls[i]) && calls[i].at > touched_at) attempts++;
  return attempts;
}

bool call_contact_find(struct store_transaction *transaction, const struct requests *requests,
                       struct text program_id, struct arena *arena, struct text request_id,
                       int64_t *last_at, int64_t *attempts, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct call *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  bool more = false;
  size_t count = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT kind, result, at FROM request_call WHERE program_id = $1 AND request_id = $2"
      " ORDER BY at DESC, id DESC LIMIT $3",
      STORE_BIND(STORE_T(program_id), STORE_T(request_id), STORE_N(LIMIT_REQUEST_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[count++] = (struct call){.kind = request_column(arena, cursor, 0),
                                 .result = request_column(arena, cursor, 1),
                                 .at = store_column_integer(cursor, 2)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *last_at = count ? all[0].at : 0;
  *attempts = call_attempts(requests, all, count);
  return true;
}

/* --- The log ------------------------------------------------------------------------------- */

static bool is_script(const struct requests *requests, struct text script)
{
  for (size_t i = 0; i < call_step_count(requests->rules); i++)
    if (text_equal(call_step_get(requests->rules, i)->script, script)) return true;
  return false;
}

static void check(const struct requests *requests, const struct access *access,
                  const struct call *call, struct field_problems *problems)
{
  const struct request_rules *rules = requests->rules;
  if (!request_code_is(rules, CALL_KINDS, call->kind))
    field_problem_add(problems, "kind", "error.request.code");
  if (!request_code_is(rules, CONTACT_WAYS, call->way))
    field_problem_add(problems, "way", "error.request.code");
  if (!request_code_is(rules, CONTACT_RESULTS, call->result))
    field_problem_add(problems, "result", "error.request.code");
  if (call->script.length && !is_script(requests, call->script))
    field_problem_add(problems, "script", "error.request.code");
  if (call->at > access->now) field_problem_add(problems, "at", "error.request.future");
  if (call->minutes < 0 || call->minutes > LIMIT_DELIVERED_MINUTES)
    field_problem_add(problems, "minutes", "error.request.required");
}

static bool insert(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, const struct request *request, const struct call *call,
                   struct error *error)
{
  struct text sealed;
  return request_seal(access, arena, request_owner(request), words_purpose, call->words, &sealed,
                      error) &&
         store_execute(transaction,
                       "INSERT INTO request_call (program_id, id, request_id, kind, way, result,"
                       " script, at, minutes, staff_id, account_id, words, made_at) VALUES ($1, $2,"
                       " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(call->id),
                                  STORE_T(call->request_id), STORE_T(call->kind),
                                  STORE_T(call->way), STORE_T(call->result), STORE_T(call->script),
                                  STORE_N(call->at), STORE_N(call->minutes),
                                  STORE_T(call->staff_id), STORE_T(call->account_id),
                                  STORE_B(sealed), STORE_N(access->now)),
                       NULL, error);
}

static bool end_callback(struct store_transaction *transaction, const struct access *access,
                         struct text callback_id, const struct call *call, struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE callback SET done_at = $4, call_id = $5, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND request_id = $3 AND done_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(callback_id),
                                  STORE_T(call->request_id), STORE_N(access->now),
                                  STORE_T(call->id)),
                       &changed, error) &&
         request_saved(changed, error) &&
         due_clear(transaction, access->program_id, "request.callback", callback_id, error);
}

bool call_add(struct store_transaction *transaction, const struct requests *requests,
              const struct access *access, struct arena *arena, struct call *call,
              struct text callback_id, struct error *error)
{
  struct request request;
  struct field_problems problems = {.count = 0};
  struct call made = *call;
  check(requests, access, call, &problems);
  if (!request_row_for(transaction, access, "write", arena, call->request_id, 0, &request, error) ||
      !request_refuse(&problems, error) || !request_check_words(call->words, error))
    return false;
  made.id = request_new_id(arena, access->now);
  made.staff_id = access->actor->staff_id;
  made.account_id = access->actor->account_id;
  made.made_at = access->now;
  bool is_reached =
      request_code_says(requests->rules, CONTACT_RESULTS, call->result, "is_reached", "yes");
  if (!insert(transaction, access, arena, &request, &made, error) ||
      !waitlist_contacted(transaction, requests, access, arena, &request, error) ||
      (is_reached && callback_id.length &&
       !end_callback(transaction, access, callback_id, &made, error)))
    return false;
  *call = made;
  return true;
}

bool call_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text request_id, struct call **out, size_t *count,
               struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_row_for(transaction, access, NULL, arena, request_id, 0, &request, error))
    return false;
  struct call *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT c.id, c.kind, c.way, c.result, c.script, c.at, c.minutes, c.staff_id, c.account_id,"
      " c.words, c.made_at, coalesce(a.shown_name, '') FROM request_call c"
      " LEFT JOIN account a ON a.id = c.account_id WHERE c.program_id = $1 AND c.request_id = $2"
      " ORDER BY c.at DESC, c.id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_N(LIMIT_REQUEST_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct call){.id = request_column(arena, cursor, 0),
                                 .request_id = request_id,
                                 .kind = request_column(arena, cursor, 1),
                                 .way = request_column(arena, cursor, 2),
                                 .result = request_column(arena, cursor, 3),
                                 .script = request_column(arena, cursor, 4),
                                 .at = store_column_integer(cursor, 5),
                                 .minutes = store_column_integer(cursor, 6),
                                 .staff_id = request_column(arena, cursor, 7),
                                 .account_id = request_column(arena, cursor, 8),
                                 .words = text_copy(arena, store_column_bytes(cursor, 9)),
                                 .made_at = store_column_integer(cursor, 10),
                                 .by = request_column(arena, cursor, 11)};
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++)
    is_read = request_unseal(access, arena, request_owner(&request), words_purpose, all[i].words,
                             &all[i].words, error);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

/* --- The queue ----------------------------------------------------------------------------- */

bool callback_add(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct callback *callback,
                  struct error *error)
{
  struct request request;
  if (!request_row_for(transaction, access, "write", arena, callback->request_id, 0, &request,
                       error))
    return false;
  if (!is_script(requests, callback->script))
    return error_set(error, ERROR_REFUSED, "error.request.code", "", "request: no such script");
  if (request.ended_at)
    return error_set(error, ERROR_REFUSED, "error.request.step", "", "request: it has ended");
  struct text id = request_new_id(arena, access->now);
  if (!store_execute(transaction,
                     "INSERT INTO callback (program_id, id, request_id, script, due_at, late_at,"
                     " done_at, call_id, made_at, version) VALUES ($1, $2, $3, $4, $5, 0, 0, '',"
                     " $6, 1)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id),
                                STORE_T(callback->request_id), STORE_T(callback->script),
                                STORE_N(callback->due_at), STORE_N(access->now)),
                     NULL, error) ||
      !due_set(transaction, access->program_id, "request.callback", id, request.person_id,
               callback->due_at, error))
    return false;
  callback->id = id;
  return true;
}

bool callback_add_once(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, struct callback *callback,
                       struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!request_any(store_query(transaction, &cursor,
                               "SELECT 1 FROM callback WHERE program_id = $1 AND request_id = $2"
                               " AND script = $3 AND done_at = 0",
                               STORE_BIND(STORE_T(access->program_id),
                                          STORE_T(callback->request_id), STORE_T(callback->script)),
                               error),
                   &cursor, &is_there, error))
    return false;
  return is_there || callback_add(transaction, requests, access, arena, callback, error);
}

/* The identities stay sealed, in `sealed`. */
static bool read_queue(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct callback_cursor *after, size_t limit,
                       struct callback *all, struct text *owners, struct text *sealed,
                       size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT c.id, c.request_id, c.script, r.site_id, r.assigned, r.urgency, c.due_at, c.late_at,"
      " c.made_at, c.version, CASE WHEN r.person_id <> '' THEN r.person_id ELSE r.subject_id END,"
      " r.language, r.consents, r.identity"
      " FROM callback c JOIN request r ON r.program_id = c.program_id AND r.id = c.request_id"
      " WHERE c.program_id = $1 AND c.done_at = 0 AND ($2 = '' OR r.site_id = $2)"
      " AND ($4 = '' OR c.due_at > $5 OR (c.due_at = $5 AND c.id > $4))"
      " ORDER BY c.due_at, c.id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_site_of(access)), STORE_N(limit),
                 STORE_T(after->id), STORE_N(after->due_at)),
      error);
  for (; is_read && (is_read = store_next(cursor, &more, error)) && more; ++*count) {
    all[*count] = (struct callback){.id = request_column(arena, cursor, 0),
                                    .request_id = request_column(arena, cursor, 1),
                                    .script = request_column(arena, cursor, 2),
                                    .site_id = request_column(arena, cursor, 3),
                                    .assigned = request_column(arena, cursor, 4),
                                    .urgency = request_column(arena, cursor, 5),
                                    .due_at = store_column_integer(cursor, 6),
                                    .late_at = store_column_integer(cursor, 7),
                                    .made_at = store_column_integer(cursor, 8),
                                    .version = store_column_integer(cursor, 9),
                                    .language = request_column(arena, cursor, 11),
                                    .consents = request_column(arena, cursor, 12)};
    owners[*count] = request_column(arena, cursor, 10);
    sealed[*count] = text_copy(arena, store_column_bytes(cursor, 13));
  }
  store_cursor_close(cursor);
  return is_read;
}

bool callback_list(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct callback **out, size_t *count, struct error *error)
{
  struct callback_cursor start = {.id = TEXT("")};
  return callback_list_after(transaction, access, arena, &start, LIMIT_REQUEST_SHOWN, out, count,
                             error);
}

bool callback_list_after(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct callback_cursor *after, size_t limit,
                         struct callback **out, size_t *count, struct error *error)
{
  if (limit > LIMIT_REQUEST_SHOWN) limit = LIMIT_REQUEST_SHOWN;
  struct callback *all = arena_allocate_array(arena, LIMIT_REQUEST_SHOWN, sizeof *all);
  struct text *owners = arena_allocate_array(arena, LIMIT_REQUEST_SHOWN, sizeof *owners);
  struct text *sealed = arena_allocate_array(arena, LIMIT_REQUEST_SHOWN, sizeof *sealed);
  size_t found = 0;
  if (!request_may_list(access, "read", error)) return false;
  if (access->person_id.length)
    return access_refuse(access, access->person_id, "error.403.text", error);
  if (!read_queue(transaction, access, arena, after, limit, all, owners, sealed, &found, error))
    return false;
  for (size_t i = 0; i < found; i++)
    if (!request_open_identity(access, arena, owners[i], sealed[i], &all[i].identity, error))
      return false;
  if (found && !access_shown(transaction, access, owners, found, error)) return false;
  *out = all;
  *count = found;
  return true;
}

bool callback_list_of(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text request_id, struct callback **out,
                      size_t *count, struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_row_for(transaction, access, NULL, arena, request_id, 0, &request, error))
    return false;
  struct callback *all = arena_allocate_array(arena, LIMIT_REQUEST_SHOWN, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, script, due_at, late_at, made_at, version FROM callback WHERE program_id = $1"
      " AND request_id = $2 AND done_at = 0 ORDER BY due_at, id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_N(LIMIT_REQUEST_SHOWN)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct callback){.id = request_column(arena, cursor, 0),
                                     .request_id = request_id,
                                     .script = request_column(arena, cursor, 1),
                                     .due_at = store_column_integer(cursor, 2),
                                     .late_at = store_column_integer(cursor, 3),
                                     .made_at = store_column_integer(cursor, 4),
                                     .version = store_column_integer(cursor, 5)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

/* --- The clock ----------------------------------------------------------------------------- */

static bool find_request(struct store_transaction *transaction, const struct due_item *item,
                         struct arena *arena, struct text *request_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *request_id = TEXT("");
  bool is_read =
      store_query(
          transaction, &cursor,
          "UPDATE callback SET late_at = $3, version = version + 1 WHERE program_id = $1"
          " AND id = $2 AND done_at = 0 RETURNING request_id",
          STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id), STORE_N(item->at)),
          error) &&
      store_next(cursor, &more, error);
  if (is_read && more) *request_id = request_column(arena, cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

bool callback_rings(struct store_transaction *transaction, void *context,
                    const struct due_item *item, int64_t now, struct error *error)
{
  const struct requests *requests = context;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct request_sweep sweep;
  struct text request_id;
  bool found = false;
  bool is_done = find_request(transaction, item, arena, &request_id, error);
  if (is_done && request_id.length)
    is_done = request_sweep_open(transaction, requests, arena, item, request_id, now, &sweep,
                                 &found, error);
  if (is_done && found)
    is_done =
        request_tell(transaction, requests, item->program_id, arena, sweep.request.assigned,
                     text_format(arena, "callback %.*s", TEXT_PRINT(item->subject_id)), now, error);
  arena_free(arena);
  return is_done;
}
