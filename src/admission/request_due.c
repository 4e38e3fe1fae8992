/*
 * Request due: the clock of an answer that did not come: who is told, one step after the other. See
 * request.h. Handlers do all their work in the transaction that took the clock away.
 */
#include <string.h>

#include "admission/request_private.h"

static const int64_t MINUTE = 60LL * 1000000;

/* --- Telling ------------------------------------------------------------------------------- */

struct told {
  struct text account_id, email;
};

static bool find_told(struct store_transaction *transaction, struct text program_id,
                      struct arena *arena, struct text staff_id, struct told *out, size_t most,
                      size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT a.id, a.email FROM account a JOIN staff s ON s.id = a.staff_id"
                  " WHERE s.program_id = $1 AND s.id = $2 AND a.disabled_at = 0 AND a.email <> ''"
                  " ORDER BY a.id LIMIT $3",
                  STORE_BIND(STORE_T(program_id), STORE_T(staff_id), STORE_N(most)), error);
  for (*count = 0; is_read && (is_read = store_next(cursor, &more, error)) && more; ++*count)
    out[*count] = (struct told){request_column(arena, cursor, 0), request_column(arena, cursor, 1)};
  store_cursor_close(cursor);
  return is_read;
}

bool request_tell(struct store_transaction *transaction, const struct requests *requests,
                  struct text program_id, struct arena *arena, struct text staff_id,
                  struct text key, int64_t now, struct error *error)
{
  struct told told[LIMIT_REQUEST_STEPS];
  char id[UUID_TEXT + 1];
  size_t count = 0;
  if (!find_told(transaction, program_id, arena, staff_id, told, LIMIT_REQUEST_STEPS, &count,
                 error))
    return false;
  for (size_t i = 0; i < count; i++) {
    struct outbox_new wanted = {
        .program_id = program_id,
        .person_id = TEXT(""),
        .channel = OUTBOX_EMAIL,
        .address = told[i].email,
        .language = TEXT("en"),
        .template_key = "attention",
        .key = text_format(arena, "%.*s %.*s", TEXT_PRINT(key), TEXT_PRINT(told[i].account_id))};
    if (outbox_add(transaction, requests->privacy, &wanted, now, id, error)) continue;
    if (error->kind != ERROR_REFUSED) return false;
    error_clear(error); /* no address: the page shows it */
  }
  return true;
}

/* --- The sweeper's access ------------------------------------------------------------------ */

bool request_sweep_open(struct store_transaction *transaction, const struct requests *requests,
                        struct arena *arena, const struct due_item *item, struct text request_id,
                        int64_t now, struct request_sweep *out, bool *found, struct error *error)
{
  struct text sealed[2];
  *found = false;
  if (!request_row(transaction, item->program_id, arena, request_id, &out->request, sealed,
                   error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    return true;
  }
  struct role_subject subject = {.person_id = request_owner(&out->request)};
  out->actor = actor_system(item->program_id);
  *found = true;
  return access_open(transaction, requests->privacy, &out->actor, "request", "write", &subject,
                     request_id, now, &out->access, error);
}

/* --- Answers ------------------------------------------------------------------------------- */

/* Which step comes now, and how long until the next. Where nobody is named, or all were told: the
 * last, or whoever looks after it, again. */
static bool find_step(struct store_transaction *transaction, const struct requests *requests,
                      struct arena *arena, const struct due_item *item,
                      const struct request *request, struct request_escalation *out,
                      struct error *error)
{
  struct request_escalation steps[LIMIT_REQUEST_STEPS];
  const struct urgency *urgency = urgency_find(requests->rules, request->urgency);
  int64_t usual = urgency && urgency->minutes ? urgency->minutes : 24LL * 60;
  size_t count = 0;
  if (!request_steps_load(transaction, item->program_id, arena, request->site_id, request->urgency,
                          steps, &count, error))
    return false;
  size_t at = (size_t)request->escalations;
  if (count) *out = steps[at < count ? at : count - 1];
  else *out = (struct request_escalation){.staff_id = request->assigned, .minutes = usual};
  return true;
}

static bool escalate(struct store_transaction *transaction, const struct requests *requests,
                     struct arena *arena, const struct due_item *item, struct request_sweep *sweep,
                     int64_t now, struct error *error)
{
  struct request_escalation step;
  struct request *request = &sweep->request;
  if (!find_step(transaction, requests, arena, item, request, &step, error)) return false;
  struct text number = text_format(arena, "request %.*s late %lld", TEXT_PRINT(request->id),
                                   (long long)request->escalations);
  struct request_line line = {"escalated", step.staff_id, TEXT("")};
  if (!request_note(transaction, &sweep->access, arena, request, &line, error) ||
      !request_tell(transaction, requests, item->program_id, arena, step.staff_id, number, now,
                    error) ||
      !store_execute(transaction,
                     "UPDATE request SET escalations = escalations + 1 WHERE program_id = $1"
                     " AND id = $2",
                     STORE_BIND(STORE_T(item->program_id), STORE_T(request->id)), NULL, error))
    return false;
  return request->escalations + 1 >= LIMIT_REQUEST_ESCALATIONS ||
         due_set(transaction, item->program_id, "request.answer", request->id, request->person_id,
                 now + step.minutes * MINUTE, error);
}

bool request_answer_rings(struct store_transaction *transaction, void *context,
                          const struct due_item *item, int64_t now, struct error *error)
{
  const struct requests *requests = context;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct request_sweep sweep;
  bool found = false;
  bool is_done = request_sweep_open(transaction, requests, arena, item, item->subject_id, now,
                                    &sweep, &found, error);
  if (is_done && found && sweep.request.answered_at == 0 && sweep.request.ended_at == 0)
    is_done = escalate(transaction, requests, arena, item, &sweep, now, error);
  arena_free(arena);
  return is_done;
}
