/*
 * Request change: answers, staff, facts: each one step of the row, with its line in the history.
 * See request.h.
 */
#include <string.h>

#include "admission/request_private.h"

const char *const request_clocks[] = {"request.answer",   "waitlist.interim",    "waitlist.admit",
                                      "waitlist.contact", "waitlist.admit-most", NULL};

/* --- States -------------------------------------------------------------------------------- */

static bool clear_clocks(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct request *request, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text ids[LIMIT_REQUEST_STEPS];
  size_t count = 0;
  bool more = false;
  for (size_t i = 0; request_clocks[i]; i++)
    if (!due_clear(transaction, access->program_id, request_clocks[i], request->id, error))
      return false;
  do {
    count = 0;
    bool is_read = store_query(
        transaction, &cursor,
        "UPDATE callback SET done_at = $3, version = version + 1 WHERE program_id = $1 AND id IN"
        " (SELECT id FROM callback WHERE program_id = $1 AND request_id = $2 AND done_at = 0"
        " LIMIT $4) RETURNING id",
        STORE_BIND(STORE_T(access->program_id), STORE_T(request->id), STORE_N(access->now),
                   STORE_N(LIMIT_REQUEST_STEPS)),
        error);
    while (is_read && (is_read = store_next(cursor, &more, error)) && more)
      ids[count++] = request_column(arena, cursor, 0);
    store_cursor_close(cursor);
    for (size_t i = 0; is_read && i < count; i++)
      is_read = due_clear(transaction, access->program_id, "request.callback", ids[i], error);
    if (!is_read) return false;
  } while (count == LIMIT_REQUEST_STEPS);
  return true;
}

static bool is_next(const struct requests *requests, const struct request *request,
                    const char *state)
{
  return request_code_says(requests->rules, REQUEST_STATES, request->state, "next", state);
}

bool request_move_to(struct store_transaction *transaction, const struct requests *requests,
                     const struct access *access, struct arena *arena, struct request *request,
                     const struct request_move *move, struct error *error)
{
  struct text state = text_from(move->state);
  int64_t changed = 0;
  if (!is_next(requests, request, move->state))
    return error_set(error, ERROR_REFUSED, "error.request.step", "",
                     "request: a state that does not follow");
  bool is_answered =
      request_code_says(requests->rules, REQUEST_STATES, state, "is_answered", "yes");
  bool is_end = request_code_says(requests->rules, REQUEST_STATES, state, "is_end", "yes");
  struct request next = *request;
  next.state = state;
  if (is_answered && next.answered_at == 0) next.answered_at = access->now;
  if (is_end) next.ended_at = access->now;
  if (move->reason.length) next.reason = move->reason;
  if (move->outcome.length) next.outcome = move->outcome;
  next.changed_at = access->now;
  if (!store_execute(transaction,
                     "UPDATE request SET state = $3, answered_at = $4, ended_at = $5, reason = $6,"
                     " outcome = $7, changed_at = $8, version = version + 1 WHERE program_id = $1"
                     " AND id = $2 AND version = $9",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(next.id), STORE_T(next.state),
                                STORE_N(next.answered_at), STORE_N(next.ended_at),
                                STORE_T(next.reason), STORE_T(next.outcome), STORE_N(access->now),
                                STORE_N(request->version)),
                     &changed, error) ||
      !request_saved(changed, error) ||
      !request_note(transaction, access, arena, &next, &move->line, error) ||
      (is_answered &&
       !due_clear(transaction, access->program_id, "request.answer", next.id, error)))
    return false;
  if (is_end && (!clear_clocks(transaction, access, arena, &next, error) ||
                 !waitlist_left(transaction, requests, access, arena, &next, error)))
    return false;
  next.version++;
  *request = next;
  return true;
}

bool request_answer(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text id,
                    const struct request_answer *answer, int64_t version, struct error *error)
{
  struct request request;
  struct request_move move = {.state = answer->is_accepted ? "accepted" : "declined",
                              .reason = answer->reason,
                              .outcome = TEXT("")};
  move.line = (struct request_line){move.state, answer->reason, answer->words};
  bool has_reason = request_code_is(requests->rules, REQUEST_DECLINE_REASONS, answer->reason);
  if (!request_row_for(transaction, access, "write", arena, id, version, &request, error))
    return false;
  if (answer->is_accepted ? answer->reason.length > 0 : !has_reason)
    return error_set(error, ERROR_REFUSED, "error.request.reason", "",
                     "request: an answer without its reason, or with one it cannot have");
  return request_move_to(transaction, requests, access, arena, &request, &move, error);
}

/* --- Staff --------------------------------------------------------------------------------- */

/* Raise the version of a row that changed otherwise, and add a line. */
static bool changed_row(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct request *request, bool is_saved,
                        int64_t changed, const struct request_line *line, struct error *error)
{
  return is_saved && request_saved(changed, error) &&
         request_note(transaction, access, arena, request, line, error);
}

static bool is_open(const struct request *request, struct error *error)
{
  return request->ended_at == 0 ||
         error_set(error, ERROR_REFUSED, "error.request.step", "", "request: it has ended");
}

bool request_assign(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text id,
                    struct text staff_id, int64_t version, struct error *error)
{
  struct request request;
  struct request_line line = {"assigned", staff_id, TEXT("")};
  int64_t changed = 0;
  if (!request_row_for(transaction, access, "write", arena, id, version, &request, error) ||
      !is_open(&request, error) || !request_check_staff(transaction, access, staff_id, error))
    return false;
  bool is_saved =
      store_execute(transaction,
                    "UPDATE request SET assigned = $3, changed_at = $4, version = version + 1"
                    " WHERE program_id = $1 AND id = $2 AND version = $5",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(staff_id),
                               STORE_N(access->now), STORE_N(request.version)),
                    &changed, error);
  return changed_row(transaction, access, arena, &request, is_saved, changed, &line, error) &&
         request_tell(transaction, requests, access->program_id, arena, staff_id,
                      text_format(arena, "request %.*s assigned %lld", TEXT_PRINT(id),
                                  (long long)request.version),
                      access->now, error);
}

/* --- Facts --------------------------------------------------------------------------------- */

static bool save_facts(struct store_transaction *transaction, const struct access *access,
                       const struct request *next, int64_t *changed, struct error *error)
{
  return store_execute(
      transaction,
      "UPDATE request SET urgency = $3, level_of_care = $4, pregnant = $5, injecting = $6,"
      " answer_by = $7, changed_at = $8, version = version + 1 WHERE program_id = $1 AND id = $2"
      " AND version = $9",
      STORE_BIND(STORE_T(access->program_id), STORE_T(next->id), STORE_T(next->urgency),
                 STORE_T(next->level_of_care), STORE_N(next->pregnant), STORE_N(next->injecting),
                 STORE_N(next->answer_by), STORE_N(access->now), STORE_N(next->version)),
      changed, error);
}

static void check_facts(const struct requests *requests, const struct request_facts *facts,
                        struct field_problems *problems)
{
  if (!urgency_find(requests->rules, facts->urgency))
    field_problem_add(problems, "urgency", "error.request.code");
  if (facts->level_of_care.length &&
      !care_code_is(requests->care, CARE_LEVELS, facts->level_of_care))
    field_problem_add(problems, "level_of_care", "error.request.code");
  if (facts->pregnant < REQUEST_UNKNOWN || facts->pregnant > 1)
    field_problem_add(problems, "pregnant", "error.request.code");
  if (facts->injecting < REQUEST_UNKNOWN || facts->injecting > 1)
    field_problem_add(problems, "injecting", "error.request.code");
}

bool request_save_facts(struct store_transaction *transaction, const struct requests *requests,
                        const struct access *access, struct arena *arena, struct text id,
                        const struct request_facts *facts, int64_t version, struct error *error)
{
  struct request request;
  struct request_line line = {"facts", facts->urgency, TEXT("")};
  struct field_problems problems = {.count = 0};
  int64_t changed = 0;
  check_facts(requests, facts, &problems);
  if (!request_row_for(transaction, access, "write", arena, id, version, &request, error) ||
      !is_open(&request, error) || !request_refuse(&problems, error))
    return false;
  bool is_waiting =
      request_code_says(requests->rules, REQUEST_STATES, request.state, "is_waiting", "yes");
  if (is_waiting && facts->level_of_care.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.level", "",
                     "request: waits for no level");
  request.urgency = facts->urgency;
  request.level_of_care = facts->level_of_care;
  request.pregnant = facts->pregnant;
  request.injecting = facts->injecting;
  if (!request_answer_due(transaction, requests, access->program_id, arena, &request,
                          &request.answer_by, error))
    return false;
  bool is_saved = save_facts(transaction, access, &request, &changed, error);
  if (!changed_row(transaction, access, arena, &request, is_saved, changed, &line, error))
    return false;
  if (request.answered_at == 0 && !due_set(transaction, access->program_id, "request.answer", id,
                                           request.person_id, request.answer_by, error))
    return false;
  if (!is_waiting) return true;
  return store_execute(
             transaction,
             "UPDATE waitlist_entry SET level_of_care = $3, version = version + 1"
             " WHERE program_id = $1 AND request_id = $2",
             STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(request.level_of_care)),
             NULL, error) &&
         waitlist_identify(transaction, access, arena, &request, error) &&
         waitlist_clocks_set(transaction, requests, access, &request, error);
}
