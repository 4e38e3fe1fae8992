/*
 * Request link: private links to where a request stands. See request.h.
 *
 * The token is 256 random bits, told once; the database holds its SHA-256, so that who reads the
 * database opens no link. Whatever is wrong with a token, the answer is one and the same.
 */
#include <sodium.h>
#include <string.h>

#include "admission/request_private.h"

enum { FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
static const int64_t DAY = 86400LL * 1000000;

struct text request_token_hash(struct arena *arena, const unsigned char token[REQUEST_TOKEN_BYTES])
{
  unsigned char *out = arena_allocate(arena, crypto_hash_sha256_BYTES);
  crypto_hash_sha256(out, token, REQUEST_TOKEN_BYTES);
  return (struct text){(const char *)out, crypto_hash_sha256_BYTES};
}

/* A row for this token, and a line in the history. */
static bool add_link(struct store_transaction *transaction, const struct requests *requests,
                     const struct access *access, struct arena *arena, struct text id,
                     const unsigned char bytes[REQUEST_TOKEN_BYTES], struct error *error)
{
  struct request request;
  struct request_line line = {"link", TEXT(""), TEXT("")};
  int64_t days = 0;
  if (!request_row_for(transaction, access, "write", arena, id, 0, &request, error) ||
      !program_setting_number(transaction, requests->care, access->program_id, "request-link-days",
                              &days, error))
    return false;
  struct text link = request_new_id(arena, access->now);
  return store_execute(transaction,
                       "INSERT INTO request_link (program_id, id, request_id, hash, made_at,"
                       " expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, 0)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(link), STORE_T(id),
                                  STORE_B(request_token_hash(arena, bytes)), STORE_N(access->now),
                                  STORE_N(access->now + days * DAY)),
                       NULL, error) &&
         request_note(transaction, access, arena, &request, &line, error);
}

struct text request_token_new(struct arena *arena)
{
  unsigned char bytes[REQUEST_TOKEN_BYTES];
  char *out = arena_allocate(arena, REQUEST_TOKEN + 1);
  randombytes_buf(bytes, sizeof bytes);
  sodium_bin2base64(out, REQUEST_TOKEN + 1, bytes, sizeof bytes, FORM);
  return text_from(out);
}

bool request_link_make(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, struct text id,
                       struct text *token, struct error *error)
{
  struct text made = request_token_new(arena);
  if (!request_link_add(transaction, requests, access, arena, id, made, error)) return false;
  *token = made;
  return true;
}

bool request_link_add(struct store_transaction *transaction, const struct requests *requests,
                      const struct access *access, struct arena *arena, struct text id,
                      struct text token, struct error *error)
{
  unsigned char bytes[REQUEST_TOKEN_BYTES];
  if (!request_token_read(token, bytes))
    return error_set(error, ERROR_REFUSED, "error.request.link", "", "request: no token");
  return add_link(transaction, requests, access, arena, id, bytes, error);
}

bool request_link_revoke(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text id, struct error *error)
{
  struct request request;
  struct request_line line = {"link-ended", TEXT(""), TEXT("")};
  return request_row_for(transaction, access, "write", arena, id, 0, &request, error) &&
         store_execute(transaction,
                       "UPDATE request_link SET revoked_at = $3 WHERE program_id = $1"
                       " AND request_id = $2 AND revoked_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now)),
                       NULL, error) &&
         request_note(transaction, access, arena, &request, &line, error);
}

bool request_link_count(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, int64_t *count, int64_t *until,
                        struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!request_row_for(transaction, access, NULL, arena, id, 0, &request, error)) return false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT count(*), coalesce(max(expires_at), 0) FROM request_link"
                  " WHERE program_id = $1 AND request_id = $2 AND revoked_at = 0"
                  " AND expires_at > $3",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now)),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    *count = store_column_integer(cursor, 0);
    *until = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  return is_read;
}

/* --- Opening ------------------------------------------------------------------------------- */

static bool refuse_link(struct error *error)
{
  return error_set(error, ERROR_NOT_FOUND, "error.request.link", "",
                   "request: a link that opens nothing");
}

bool request_token_read(struct text token, unsigned char out[REQUEST_TOKEN_BYTES])
{
  size_t length = 0;
  const char *end = NULL;
  bool is_token = token.length == REQUEST_TOKEN &&
                  sodium_base642bin(out, REQUEST_TOKEN_BYTES, token.at, token.length, NULL, &length,
                                    &end, FORM) == 0 &&
                  length == REQUEST_TOKEN_BYTES && end == token.at + token.length;
  /* The library also takes bytes that are no letters for some letters: a token has one spelling. */
  if (is_token) {
    char back[REQUEST_TOKEN + 1];
    sodium_bin2base64(back, sizeof back, out, REQUEST_TOKEN_BYTES, FORM);
    is_token = text_equal(text_from(back), token);
  }
  if (!is_token) randombytes_buf(out, REQUEST_TOKEN_BYTES);
  return is_token;
}

struct opened {
  struct text program_id, request_id, phone;
};

static bool find_link(struct store_transaction *transaction, struct arena *arena, struct text hash,
                      int64_t now, struct opened *out, bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT l.program_id, l.request_id, p.phone FROM request_link l"
                             " JOIN program p ON p.program_id = l.program_id"
                             " WHERE l.hash = $1 AND l.revoked_at = 0 AND l.expires_at > $2",
                             STORE_BIND(STORE_B(hash), STORE_N(now)), error) &&
                 store_next(cursor, found, error);
  if (is_read && *found)
    *out = (struct opened){request_column(arena, cursor, 0), request_column(arena, cursor, 1),
                           request_column(arena, cursor, 2)};
  store_cursor_close(cursor);
  return is_read;
}

static bool write_look(struct store_transaction *transaction, const struct opened *opened,
                       const struct request *request, int64_t now, struct error *error)
{
  struct audit_entry entry = {.program_id = opened->program_id,
                              .object = TEXT("request"),
                              .act = TEXT("read"),
                              .object_id = opened->request_id,
                              .person_id = request_owner(request),
                              .outcome = AUDIT_DONE,
                              .at = now};
  return audit_append(transaction, &entry, error);
}

bool request_link_opens(struct store_transaction *transaction, struct arena *arena,
                        struct text token, int64_t now, bool *out, struct error *error)
{
  unsigned char bytes[REQUEST_TOKEN_BYTES];
  struct opened opened;
  *out = false;
  (void)request_token_read(token, bytes);
  return find_link(transaction, arena, request_token_hash(arena, bytes), now, &opened, out, error);
}

bool request_link_open(struct store_transaction *transaction, const struct requests *requests,
                       struct arena *arena, struct text token, int64_t now,
                       struct request_status *out, struct error *error)
{
  unsigned char bytes[REQUEST_TOKEN_BYTES];
  struct opened opened;
  struct request request;
  struct text sealed[2];
  bool found = false;
  (void)request_token_read(token, bytes);
  if (!find_link(transaction, arena, request_token_hash(arena, bytes), now, &opened, &found, error))
    return false;
  if (!found) return refuse_link(error);
  if (!request_row(transaction, opened.program_id, arena, opened.request_id, &request, sealed,
                   error) ||
      !write_look(transaction, &opened, &request, now, error))
    return false;
  struct request_status status = {
      .state = request.state,
      .program_phone = opened.phone,
      .received_at = request.received_at,
      .answer_by = request.answer_by,
      .answered_at = request.answered_at,
      .is_waiting = text_equal(request.state, TEXT("waiting")),
      .is_over = request.ended_at != 0,
  };
  if (!site_zone(transaction, opened.program_id, request.site_id, &status.zone, error))
    return false;
  if (status.is_waiting && !waitlist_count_before(transaction, requests, opened.program_id, arena,
                                                  request.id, &status.before, error))
    return false;
  *out = status;
  return true;
}
