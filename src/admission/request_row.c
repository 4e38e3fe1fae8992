/*
 * Request row: what every file about requests does with an access, a row, a sealed field. See
 * request_private.h.
 */
#include <string.h>

#include "admission/request_private.h"

static const char identity_purpose[] = "request.identity", words_purpose[] = "request.words";

/* --- Access -------------------------------------------------------------------------------- */

struct text request_owner(const struct request *request)
{
  return request->person_id.length ? request->person_id : request->subject_id;
}

static bool refuse_access(const struct access *access, struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "request: the access was opened for %s, %s", access->object, access->act);
}

bool request_may_list(const struct access *access, const char *act, struct error *error)
{
  return (strcmp(access->object, "request") == 0 && (!act || strcmp(access->act, act) == 0)) ||
         refuse_access(access, error);
}

bool request_may(const struct access *access, const char *act, const struct request *request,
                 struct error *error)
{
  if (!request_may_list(access, act, error)) return false;
  return text_equal(access->person_id, request_owner(request)) || refuse_access(access, error);
}

struct text request_site_of(const struct access *access)
{
  return access->scope < SCOPE_PROGRAM ? access->actor->site_id : TEXT("");
}

bool request_subject_load(struct store_transaction *transaction, struct text program_id,
                          struct text request_id, const struct actor *actor, int64_t now,
                          struct arena *arena, struct role_subject *subject, struct error *error)
{
  struct request request;
  struct text sealed[2];
  struct role_subject found = {.person_id = TEXT("")};
  if (!request_row(transaction, program_id, arena, request_id, &request, sealed, error) ||
      (request.person_id.length &&
       !care_subject_load(transaction, program_id, request.person_id, actor, now, &found, error)))
    return false;
  found.person_id = request_owner(&request);
  if (text_equal(actor->program_id, program_id) &&
      (actor->site_id.length == 0 || text_equal(actor->site_id, request.site_id)))
    found.is_site = true;
  *subject = found;
  return true;
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct text request_new_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

struct text request_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  return text_copy(arena, store_column_text(cursor, column));
}

bool request_saved(int64_t changed, struct error *error)
{
  return changed == 1 || error_set(error, ERROR_CONFLICT, "error.care.stale", "Load it again.",
                                   "request: the row's version is another");
}

bool request_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error)
{
  bool more = false, is_read = is_asked && store_next(*cursor, &more, error);
  if (is_asked) store_cursor_close(*cursor);
  if (is_read) *out = more;
  return is_read;
}

bool request_number(bool is_asked, struct store_cursor **cursor, int64_t *out, struct error *error)
{
  bool more = false, is_read = is_asked && store_next(*cursor, &more, error);
  if (is_read) *out = more ? store_column_integer(*cursor, 0) : 0;
  if (is_asked) store_cursor_close(*cursor);
  return is_read;
}

static void read_row(struct arena *arena, const struct store_cursor *cursor, struct request *out,
                     struct text sealed[2])
{
  *out = (struct request){
      .id = request_column(arena, cursor, 0),
      .subject_id = request_column(arena, cursor, 1),
      .person_id = request_column(arena, cursor, 2),
      .site_id = request_column(arena, cursor, 3),
      .source = request_column(arena, cursor, 4),
      .urgency = request_column(arena, cursor, 5),
      .state = request_column(arena, cursor, 6),
      .level_of_care = request_column(arena, cursor, 7),
      .pregnant = store_column_integer(cursor, 8),
      .injecting = store_column_integer(cursor, 9),
      .language = request_column(arena, cursor, 10),
      .consents = request_column(arena, cursor, 11),
      .assigned = request_column(arena, cursor, 12),
      .words = TEXT(""),
      .reason = request_column(arena, cursor, 15),
      .outcome = request_column(arena, cursor, 16),
      .received_at = store_column_integer(cursor, 17),
      .answer_by = store_column_integer(cursor, 18),
      .answered_at = store_column_integer(cursor, 19),
      .escalations = store_column_integer(cursor, 20),
      .ended_at = store_column_integer(cursor, 21),
      .made_at = store_column_integer(cursor, 22),
      .changed_at = store_column_integer(cursor, 23),
      .version = store_column_integer(cursor, 24),
  };
  sealed[0] = text_copy(arena, store_column_bytes(cursor, 13));
  sealed[1] = text_copy(arena, store_column_bytes(cursor, 14));
}

bool request_row(struct store_transaction *transaction, struct text program_id, struct arena *arena,
                 struct text id, struct request *out, struct text sealed[2], struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(
          transaction, &cursor,
          "SELECT id, subject_id, person_id, site_id, source, urgency, state, level_of_care, "
          "pregnant,"
          " injecting, language, consents, assigned, identity, words, reason, outcome, received_at,"
          " answer_by, answered_at, escalations, ended_at, made_at, changed_at, version FROM "
          "request WHERE program_id = $1 AND id = $2",
          STORE_BIND(STORE_T(program_id), STORE_T(id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) read_row(arena, cursor, out, sealed);
  store_cursor_close(cursor);
  if (!is_read || more) return is_read;
  return error_set(error, ERROR_NOT_FOUND, "error.request.gone", "", "request: no such request");
}

bool request_row_for(struct store_transaction *transaction, const struct access *access,
                     const char *act, struct arena *arena, struct text id, int64_t version,
                     struct request *out, struct error *error)
{
  struct request request;
  struct text sealed[2];
  if (!request_row(transaction, access->program_id, arena, id, &request, sealed, error) ||
      !request_may(access, act, &request, error) ||
      (version && !request_saved(request.version == version, error)))
    return false;
  *out = request;
  return true;
}

/* --- What is sealed ------------------------------------------------------------------------ */

bool request_seal(const struct access *access, struct arena *arena, struct text owner,
                  const char *purpose, struct text plain, struct text *out, struct error *error)
{
  struct vault_subject subject = {access->program_id, owner};
  if (plain.length)
    return vault_seal(access->privacy->vault, arena, subject, purpose, plain, out, error);
  *out = TEXT("");
  return true;
}

bool request_unseal(const struct access *access, struct arena *arena, struct text owner,
                    const char *purpose, struct text sealed, struct text *out, struct error *error)
{
  struct text plain = TEXT("");
  struct vault_subject subject = {access->program_id, owner};
  if (sealed.length &&
      !vault_unseal(access->privacy->vault, arena, subject, purpose, sealed, &plain, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    plain = TEXT("");
  }
  *out = plain;
  return true;
}

bool request_open_identity(const struct access *access, struct arena *arena, struct text owner,
                           struct text sealed, struct request_identity *out, struct error *error)
{
  struct text document;
  struct request_identity identity = {.at = {TEXT("")}};
  if (!request_unseal(access, arena, owner, identity_purpose, sealed, &document, error) ||
      (document.length && !request_identity_read(arena, document, &identity, error)))
    return false;
  *out = identity;
  return true;
}

static bool open_fields(const struct access *access, struct arena *arena, struct request *request,
                        const struct text sealed[2], struct error *error)
{
  struct text owner = request_owner(request);
  return request_open_identity(access, arena, owner, sealed[0], &request->identity, error) &&
         request_unseal(access, arena, owner, words_purpose, sealed[1], &request->words, error);
}

bool request_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct request *out, struct error *error)
{
  struct request request;
  struct text sealed[2];
  if (!request_row(transaction, access->program_id, arena, id, &request, sealed, error) ||
      !request_may(access, NULL, &request, error) ||
      !open_fields(access, arena, &request, sealed, error))
    return false;
  *out = request;
  return true;
}

/* --- Lists --------------------------------------------------------------------------------- */

struct request_cursor request_cursor_of(const struct request *request)
{
  return (struct request_cursor){request->answered_at ? INT64_MAX : request->answer_by,
                                 request->received_at, request->id};
}

struct text request_cursor_write(struct arena *arena, const struct request_cursor *cursor)
{
  return text_format(arena, "%lld-%lld-%.*s", (long long)cursor->answer_by,
                     (long long)cursor->received_at, TEXT_PRINT(cursor->id));
}

bool request_cursor_read(struct text text, struct request_cursor *out)
{
  size_t first = text_find(text, TEXT("-"));
  *out = (struct request_cursor){.id = TEXT("")};
  if (first >= text.length) return false;
  struct text rest = text_slice(text, first + 1, text.length);
  size_t second = text_find(rest, TEXT("-"));
  if (second >= rest.length) return false;
  struct request_cursor cursor = {.id = text_slice(rest, second + 1, rest.length)};
  if (!text_read_integer(text_slice(text, 0, first), &cursor.answer_by) ||
      !text_read_integer(text_slice(rest, 0, second), &cursor.received_at) ||
      cursor.id.length != UUID_TEXT)
    return false;
  *out = cursor;
  return true;
}

static bool read_list(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, const struct request_query *query, size_t limit,
                      struct request *all, struct text (*sealed)[2], size_t *count,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, subject_id, person_id, site_id, source, urgency, state, level_of_care, pregnant,"
      " injecting, language, consents, assigned, identity, words, reason, outcome, received_at,"
      " answer_by, answered_at, escalations, ended_at, made_at, changed_at, version FROM request "
      "WHERE program_id = $1 AND ($2 = '' OR site_id = $2)"
      " AND ($3 = '' OR person_id = $3) AND (($4 = '' AND ended_at = 0) OR state = $4)"
      " AND ($5 = '' OR assigned = $5)"
      " AND (CAST($6 AS BIGINT) = 0 OR (answered_at = 0 AND ended_at = 0 AND answer_by < $6))"
      " AND ($8 = '' OR CASE WHEN answered_at = 0 THEN answer_by ELSE 9223372036854775807 END > $9"
      " OR (CASE WHEN answered_at = 0 THEN answer_by ELSE 9223372036854775807 END = $9"
      " AND (received_at < $10 OR (received_at = $10 AND id > $8))))"
      " ORDER BY CASE WHEN answered_at = 0 THEN answer_by ELSE 9223372036854775807 END,"
      " received_at DESC, id LIMIT $7",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_site_of(access)),
                 STORE_T(access->person_id), STORE_T(query->state), STORE_T(query->assigned),
                 STORE_N(query->late_at), STORE_N(limit), STORE_T(query->after.id),
                 STORE_N(query->after.answer_by), STORE_N(query->after.received_at)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    read_row(arena, cursor, &all[*count], sealed[*count]);
    ++*count;
  }
  store_cursor_close(cursor);
  return is_read;
}

bool request_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, const struct request_query *query, struct request **out,
                  size_t *count, struct error *error)
{
  if (!request_may_list(access, "read", error)) return false;
  size_t limit =
      query->limit && query->limit < LIMIT_REQUEST_ROWS ? query->limit : LIMIT_REQUEST_ROWS;
  struct request *all = arena_allocate_array(arena, limit, sizeof *all);
  struct text(*sealed)[2] = arena_allocate_array(arena, limit, sizeof *sealed);
  struct text *shown = arena_allocate_array(arena, limit, sizeof *shown);
  size_t found = 0;
  if (!read_list(transaction, access, arena, query, limit, all, sealed, &found, error))
    return false;
  for (size_t i = 0; i < found; i++) {
    if (!open_fields(access, arena, &all[i], sealed[i], error)) return false;
    shown[i] = request_owner(&all[i]);
  }
  if (found && !access_shown(transaction, access, shown, found, error)) return false;
  *out = all;
  *count = found;
  return true;
}
