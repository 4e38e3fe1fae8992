/*
 * Waitlist offer: a place, given to the first in order or to another for reasons of fit; given
 * back; taken; and the ways off a list. See waitlist_entry.h.
 */
#include <string.h>

#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

/* --- Who was passed over --------------------------------------------------------------------- */

static const struct waitlist_skip *find_skip(const struct waitlist_offer *offer,
                                             struct text request_id)
{
  for (size_t i = 0; i < offer->skip_count; i++)
    if (text_equal(offer->skips[i].request_id, request_id)) return &offer->skips[i];
  return NULL;
}

static bool write_skip(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text request_id,
                       const struct waitlist_offer *offer, const struct waitlist_skip *skip,
                       struct error *error)
{
  struct request passed = {.id = skip->request_id};
  struct request_line line = {"skipped", skip->reason, TEXT("")};
  return store_execute(
             transaction,
             "INSERT INTO waitlist_skip (program_id, request_id, for_request_id, at, reason,"
             " place_kind, place_id, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(skip->request_id), STORE_T(request_id),
                        STORE_N(access->now), STORE_T(skip->reason), STORE_T(offer->place_kind),
                        STORE_T(offer->place_id), STORE_T(access->actor->account_id)),
             NULL, error) &&
         request_note(transaction, access, arena, &passed, &line, error);
}

/* Everybody before has a reason: keep them, and write into the audit whose records were touched. */
static bool pass_over(struct store_transaction *transaction, const struct requests *requests,
                      const struct access *access, struct arena *arena, struct text request_id,
                      const struct waitlist_offer *offer, struct text *missing, struct error *error)
{
  struct waitlist_before *before;
  size_t count = 0;
  if (!waitlist_before_list(transaction, requests, access->program_id, arena, request_id, &before,
                            &count, error))
    return false;
  struct text *owners = arena_allocate_array(arena, count + 1, sizeof *owners);
  const struct waitlist_skip **skips = arena_allocate_array(arena, count + 1, sizeof *skips);
  for (size_t i = 0; i < count; i++) {
    skips[i] = find_skip(offer, before[i].request_id);
    owners[i] = before[i].owner;
    if (skips[i] && request_code_is(requests->rules, WAITLIST_SKIP_REASONS, skips[i]->reason))
      continue;
    if (missing) *missing = before[i].request_id;
    return error_set(error, ERROR_REFUSED, "error.request.skip", "",
                     "request: somebody before has no reason of fit");
  }
  for (size_t i = 0; i < count; i++)
    if (!write_skip(transaction, access, arena, request_id, offer, skips[i], error)) return false;
  return count == 0 || access_shown(transaction, access, owners, count, error);
}

/* --- A place ------------------------------------------------------------------------------- */

static bool set_place(struct store_transaction *transaction, const struct access *access,
                      struct text request_id, struct text kind, struct text place_id, int64_t at,
                      struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE waitlist_entry SET place_kind = $3, place_id = $4, offered_at = $5,"
                       " version = version + 1 WHERE program_id = $1 AND request_id = $2"
                       " AND left_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_T(kind),
                                  STORE_T(place_id), STORE_N(at)),
                       &changed, error) &&
         request_saved(changed, error);
}

bool waitlist_offer(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    const struct waitlist_offer *offer, int64_t version, struct text *missing,
                    struct error *error)
{
  struct request request;
  struct request_move move = {.state = "offered", .reason = TEXT(""), .outcome = TEXT("")};
  move.line = (struct request_line){"offered", offer->place_id, TEXT("")};
  bool is_slot = text_equal(offer->place_kind, TEXT("slot"));
  if (!request_row_for(transaction, access, "write", arena, request_id, version, &request, error))
    return false;
  if ((!is_slot && !text_equal(offer->place_kind, TEXT("bed"))) || offer->place_id.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.code", "", "request: a place of no kind");
  bool is_new = text_equal(request.state, TEXT("accepted"));
  return (!is_new || waitlist_add(transaction, requests, access, arena, &request, error)) &&
         request_move_to(transaction, requests, access, arena, &request, &move, error) &&
         pass_over(transaction, requests, access, arena, request_id, offer, missing, error) &&
         set_place(transaction, access, request_id, offer->place_kind, offer->place_id, access->now,
                   error) &&
         (!is_slot ||
          slot_take(transaction, requests, access, arena, offer->place_id, &request, error));
}

/* The place that is offered; "" each when there is none. */
static bool load_place(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text request_id, struct text *kind,
                       struct text *place_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *kind = *place_id = TEXT("");
  bool is_read = store_query(transaction, &cursor,
                             "SELECT place_kind, place_id FROM waitlist_entry WHERE program_id = $1"
                             " AND request_id = $2 AND left_at = 0",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(request_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) {
    *kind = request_column(arena, cursor, 0);
    *place_id = request_column(arena, cursor, 1);
  }
  store_cursor_close(cursor);
  return is_read;
}

bool waitlist_release(struct store_transaction *transaction, const struct requests *requests,
                      const struct access *access, struct arena *arena, struct text request_id,
                      int64_t version, struct error *error)
{
  struct request request;
  struct request_move move = {.state = "waiting", .reason = TEXT(""), .outcome = TEXT("")};
  struct text kind, place_id;
  if (!request_row_for(transaction, access, "write", arena, request_id, version, &request, error) ||
      !load_place(transaction, access, arena, request_id, &kind, &place_id, error))
    return false;
  if (kind.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.step", "",
                     "request: no place to release");
  move.line = (struct request_line){"released", place_id, TEXT("")};
  return request_move_to(transaction, requests, access, arena, &request, &move, error) &&
         (!text_equal(kind, TEXT("slot")) ||
          slot_give_back(transaction, requests, access, arena, place_id, request_id, error)) &&
         set_place(transaction, access, request_id, TEXT(""), TEXT(""), 0, error);
}

bool waitlist_admit(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    int64_t version, struct error *error)
{
  struct request request;
  struct request_move move = {.state = "admitted", .reason = TEXT(""), .outcome = TEXT("admitted")};
  struct text kind, place_id;
  if (!request_row_for(transaction, access, "write", arena, request_id, version, &request, error) ||
      !load_place(transaction, access, arena, request_id, &kind, &place_id, error))
    return false;
  if (request.person_id.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.person", "",
                     "request: no record of the person");
  move.line = (struct request_line){"admitted", place_id, TEXT("")};
  return request_move_to(transaction, requests, access, arena, &request, &move, error) &&
         (!text_equal(kind, TEXT("slot")) ||
          slot_enroll(transaction, access, place_id, request_id, error));
}

/* --- The other ways off ---------------------------------------------------------------------- */

bool waitlist_end(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct text request_id,
                  struct text outcome, struct text words, int64_t version, struct error *error)
{
  struct request request;
  struct request_move move = {
      .state = "ended", .line = {"ended", outcome, words}, .reason = TEXT(""), .outcome = outcome};
  int64_t last_at = 0, attempts = 0;
  if (!request_row_for(transaction, access, "write", arena, request_id, version, &request, error) ||
      !call_contact_find(transaction, requests, access->program_id, arena, request_id, &last_at,
                         &attempts, error))
    return false;
  if (!request_code_says(requests->rules, WAITLIST_OUTCOMES, outcome, "state", move.state))
    return error_set(error, ERROR_REFUSED, "error.request.reason", "",
                     "request: an end without an outcome");
  if (attempts < request_code_number(requests->rules, WAITLIST_OUTCOMES, outcome, "attempts"))
    return error_set(error, ERROR_REFUSED, "error.request.attempts", "",
                     "request: too few attempts to reach the person");
  return request_move_to(transaction, requests, access, arena, &request, &move, error);
}
