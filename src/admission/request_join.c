/*
 * Request join: a request becomes part of the record of its person, and is taken out of one that
 * was the wrong one. Each way what is sealed is sealed anew, so that nothing of it stays under the
 * key that it left. See request.h.
 */
#include <string.h>

#include "admission/bed_use.h"
#include "admission/request_private.h"

/* --- What is sealed ------------------------------------------------------------------------ */

/* Words of a request that stand in rows of their own: its steps, and its calls. A row's key as
 * text.
 */
enum sealed_rows { SEALED_STEPS, SEALED_CALLS };
static const char select_steps[] =
    "SELECT CAST(seq AS TEXT), words FROM request_event WHERE program_id = $1"
    " AND request_id = $2 AND length(words) > 0 ORDER BY seq LIMIT $3";
static const char update_step[] =
    "UPDATE request_event SET words = $4 WHERE program_id = $1 AND request_id = $2"
    " AND CAST(seq AS TEXT) = $3";
static const char select_calls[] =
    "SELECT id, words FROM request_call WHERE program_id = $1 AND request_id = $2"
    " AND length(words) > 0 ORDER BY id LIMIT $3";
static const char update_call[] =
    "UPDATE request_call SET words = $4 WHERE program_id = $1 AND request_id = $2 AND id = $3";

struct sealed_row {
  struct text key, sealed;
};

static bool seal_anew(const struct access *access, struct arena *arena, struct text from,
                      struct text to, const char *purpose, struct text *sealed, struct error *error)
{
  struct text plain;
  return request_unseal(access, arena, from, purpose, *sealed, &plain, error) &&
         request_seal(access, arena, to, purpose, plain, sealed, error);
}

static bool seal_rows(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, enum sealed_rows which, struct text id, struct text from,
                      struct text to, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct sealed_row *rows = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *rows);
  size_t count = 0;
  bool more = false;
  bool is_done = store_query(
      transaction, &cursor, which == SEALED_CALLS ? select_calls : select_steps,
      STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(LIMIT_REQUEST_ROWS)), error);
  while (is_done && (is_done = store_next(cursor, &more, error)) && more)
    rows[count++] = (struct sealed_row){request_column(arena, cursor, 0),
                                        text_copy(arena, store_column_bytes(cursor, 1))};
  store_cursor_close(cursor);
  for (size_t i = 0; is_done && i < count; i++)
    is_done = seal_anew(access, arena, from, to,
                        which == SEALED_CALLS ? "request_call.words" : "request_event.words",
                        &rows[i].sealed, error) &&
              store_execute(transaction, which == SEALED_CALLS ? update_call : update_step,
                            STORE_BIND(STORE_T(access->program_id), STORE_T(id),
                                       STORE_T(rows[i].key), STORE_B(rows[i].sealed)),
                            NULL, error);
  return is_done;
}

/* Everything that is sealed, from under one key to another; person_id "": of nobody's record. */
static bool move_to(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, const struct request *request, struct text sealed[2],
                    struct text person_id, struct error *error)
{
  struct text from = request_owner(request),
              to = person_id.length ? person_id : request->subject_id;
  int64_t changed = 0;
  return seal_anew(access, arena, from, to, "request.identity", &sealed[0], error) &&
         seal_anew(access, arena, from, to, "request.words", &sealed[1], error) &&
         store_execute(transaction,
                       "UPDATE request SET person_id = $3, identity = $4, words = $5,"
                       " changed_at = $6, version = version + 1 WHERE program_id = $1 AND id = $2"
                       " AND version = $7",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(request->id),
                                  STORE_T(person_id), STORE_B(sealed[0]), STORE_B(sealed[1]),
                                  STORE_N(access->now), STORE_N(request->version)),
                       &changed, error) &&
         request_saved(changed, error) &&
         seal_rows(transaction, access, arena, SEALED_STEPS, request->id, from, to, error) &&
         seal_rows(transaction, access, arena, SEALED_CALLS, request->id, from, to, error);
}

/* The clocks say from now on whom they are about; when they ring stays. */
static bool name_clocks(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct request *request, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text program = access->program_id, person = request->person_id;
  struct text *ids = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *ids);
  size_t count = 0;
  bool more = false;
  for (size_t i = 0; request_clocks[i]; i++)
    if (!due_about(transaction, program, request_clocks[i], request->id, person, error))
      return false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id FROM callback WHERE program_id = $1 AND request_id = $2 AND done_at = 0"
      " ORDER BY id LIMIT $3",
      STORE_BIND(STORE_T(program), STORE_T(request->id), STORE_N(LIMIT_REQUEST_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[count++] = request_column(arena, cursor, 0);
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < count; i++)
    is_read = due_about(transaction, program, "request.callback", ids[i], person, error);
  return is_read;
}

/* --- The steps ----------------------------------------------------------------------------- */

static bool is_for_person(const struct access *to, struct error *error)
{
  return (strcmp(to->object, "person") == 0 && strcmp(to->act, "write") == 0 &&
          to->person_id.length > 0) ||
         access_refuse(to, to->person_id, "error.403.text", error);
}

bool request_attach(struct store_transaction *transaction, const struct access *access,
                    const struct access *to, struct arena *arena, struct text id, int64_t version,
                    struct error *error)
{
  struct request request;
  struct text sealed[2];
  if (!is_for_person(to, error) ||
      !request_row(transaction, access->program_id, arena, id, &request, sealed, error) ||
      !request_may(access, "write", &request, error) ||
      !request_saved(request.version == version, error) ||
      !person_is_there(transaction, access->program_id, to->person_id, error))
    return false;
  if (request.person_id.length)
    return error_set(error, ERROR_REFUSED, "error.request.step", "",
                     "request: it is joined with a record");
  if (!move_to(transaction, access, arena, &request, sealed, to->person_id, error)) return false;
  struct request_line line = {"attached", to->person_id, TEXT("")};
  request.person_id = to->person_id;
  return name_clocks(transaction, access, arena, &request, error) &&
         request_note(transaction, access, arena, &request, &line, error);
}

bool request_detach(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, const struct access *from, struct arena *arena,
                    struct text id, const struct request_detachment *why, int64_t version,
                    struct error *error)
{
  struct request request;
  struct text sealed[2];
  if (!is_for_person(from, error) ||
      !request_row(transaction, access->program_id, arena, id, &request, sealed, error) ||
      !request_may(access, "write", &request, error) ||
      !request_saved(request.version == version, error))
    return false;
  if (request.person_id.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.step", "",
                     "request: it is joined with no record");
  if (!text_equal(request.person_id, from->person_id))
    return access_refuse(from, request.person_id, "error.403.text", error);
  if (text_equal(request.state, TEXT("admitted")))
    return error_set(error, ERROR_REFUSED, "error.request.admitted", "",
                     "request: the person of the record came in by it");
  if (!request_code_is(requests->rules, REQUEST_JOIN_REASONS, why->reason))
    return error_set(error, ERROR_REFUSED, "error.request.reason", "",
                     "request: taken out of a record without a reason");
  if (!move_to(transaction, access, arena, &request, sealed, TEXT(""), error)) return false;
  struct request_line line = {"detached", why->reason, why->words};
  request.person_id = TEXT("");
  return name_clocks(transaction, access, arena, &request, error) &&
         bed_hold_unname(transaction, access, arena, id, error) &&
         request_note(transaction, access, arena, &request, &line, error);
}
