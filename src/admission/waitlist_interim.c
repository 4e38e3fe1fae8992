/*
 * Waitlist interim: what is given to somebody who waits, until there is a place. See
 * waitlist_entry.h.
 *
 * Invariants: a service is written once, with when it was given; the entry says when the last that
 * is owed was given.
 */
#include "admission/waitlist_entry.h"

#include "admission/request_private.h"

/* When the last that is owed was given; 0: one is missing. */
static bool find_interim(struct store_transaction *transaction, const struct requests *requests,
                         const struct access *access, const struct request *request,
                         int64_t *given_at, struct error *error)
{
  int64_t last = 0, at = 0;
  for (size_t i = 0; i < interim_service_count(requests->rules); i++) {
    const struct interim_service *service = interim_service_get(requests->rules, i);
    struct store_cursor *cursor = NULL;
    if (!interim_service_is_owed(service, request->pregnant == 1, request->injecting == 1))
      continue;
    if (!request_number(store_query(transaction, &cursor,
                                    "SELECT at FROM interim_given WHERE program_id = $1"
                                    " AND request_id = $2 AND service = $3",
                                    STORE_BIND(STORE_T(access->program_id), STORE_T(request->id),
                                               STORE_T(service->code)),
                                    error),
                        &cursor, &at, error))
      return false;
    if (at == 0) {
      *given_at = 0;
      return true;
    }
    if (at > last) last = at;
  }
  *given_at = last;
  return true;
}

bool interim_give(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct text request_id,
                  struct text service, int64_t at, struct error *error)
{
  struct request request;
  struct request_line line = {"interim", service, TEXT("")};
  int64_t given_at = 0, changed = 0;
  if (!request_row_for(transaction, access, "write", arena, request_id, 0, &request, error))
    return false;
  if (!request_code_is(requests->rules, WAITLIST_INTERIM_SERVICES, service))
    return error_set(error, ERROR_REFUSED, "error.request.code", "", "request: no such service");
  if (at > access->now)
    return error_set(error, ERROR_REFUSED, "error.request.future", "", "request: not given yet");
  if (!store_execute(transaction,
                     "INSERT INTO interim_given (program_id, request_id, service, at, account_id)"
                     " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id, request_id, service)"
                     " DO NOTHING",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_T(service),
                                STORE_N(at), STORE_T(access->actor->account_id)),
                     &changed, error))
    return false;
  if (changed == 0) return true;
  return request_note(transaction, access, arena, &request, &line, error) &&
         find_interim(transaction, requests, access, &request, &given_at, error) &&
         store_execute(
             transaction,
             "UPDATE waitlist_entry SET interim_at = $3, version = version + 1"
             " WHERE program_id = $1 AND request_id = $2 AND left_at = 0",
             STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_N(given_at)), NULL,
             error) &&
         waitlist_clocks_set(transaction, requests, access, &request, error);
}

bool interim_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text request_id, struct interim_given **out,
                  size_t *count, struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_row_for(transaction, access, NULL, arena, request_id, 0, &request, error))
    return false;
  struct interim_given *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT service, at FROM interim_given WHERE program_id = $1 AND request_id = $2"
      " ORDER BY at, service LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_N(LIMIT_REQUEST_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] =
        (struct interim_given){request_column(arena, cursor, 0), store_column_integer(cursor, 1)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}
