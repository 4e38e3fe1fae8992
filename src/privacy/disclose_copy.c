/*
 * disclose_copy: the copies as they left, kept to the byte. See disclose.h. Sealed under the
 * person, in pieces, with the hash of the whole; never changed. It decides nothing of what may
 * leave: that is disclose(). No state; any thread.
 */
#include <string.h>

#include "privacy/privacy.h"
#include "privacy/sealed.h"

static bool keep_piece(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct disclosed *disclosed,
                       const struct disclosure_copy *copy, int64_t piece, struct error *error)
{
  struct text sealed;
  size_t begin = (size_t)piece * LIMIT_DISCLOSURE_PIECE;
  struct text bytes = text_slice(copy->bytes, begin, begin + LIMIT_DISCLOSURE_PIECE);
  return sealed_write(access, arena, access->person_id, "disclosure_copy.bytes", bytes, &sealed,
                      error) &&
         store_execute(transaction,
                       "INSERT INTO disclosure_copy (program_id, disclosure_id, form, piece, "
                       "person_id, bytes, sha256) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(disclosed->disclosure_id),
                                  STORE_T(copy->form), STORE_N(piece), STORE_T(access->person_id),
                                  STORE_B(sealed), STORE_T(text_from(copy->sha256))),
                       NULL, error);
}

bool disclosure_copy_keep(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct disclosed *disclosed,
                          struct disclosure_copy *copy, struct error *error)
{
  if (!sealed_person(access, error)) return false;
  if (copy->bytes.length > LIMIT_DISCLOSURE_COPY)
    return error_set(error, ERROR_TOO_LARGE, "error.413.text", "", "the copy is too large");
  hash_sha256(copy->bytes, copy->sha256);
  for (size_t at = 0; at < copy->bytes.length; at += LIMIT_DISCLOSURE_PIECE)
    if (!keep_piece(transaction, access, arena, disclosed, copy,
                    (int64_t)(at / LIMIT_DISCLOSURE_PIECE), error))
      return false;
  return true;
}

/* Whoever let it leave; or who may take the whole record out, the person among them. */
static bool may_have(const struct access *access, const struct disclosure *disclosure)
{
  struct text object = text_from(access->object), act = text_from(access->act);
  if (text_equal(object, TEXT("person")) && text_equal(act, TEXT("export"))) return true;
  bool is_exit = (text_equal(object, TEXT("disclosure")) && text_equal(act, TEXT("write"))) ||
                 (text_equal(object, TEXT("emergency")) && text_equal(act, TEXT("open"))) ||
                 (text_equal(object, TEXT("shared-record")) && text_equal(act, TEXT("read")));
  return is_exit && (text_equal(access->actor->account_id, disclosure->account_id) ||
                     access_would(access->privacy, access->actor, "person", "export"));
}

/* Put the pieces together; `hash` is that of the first one's row. */
static bool read_pieces(const struct access *access, struct arena *arena, struct store_cursor *row,
                        struct text_buffer *bytes, struct text *hash, struct error *error)
{
  struct text piece;
  bool more = true;
  *hash = TEXT("");
  while (store_next(row, &more, error)) {
    if (!more) return true;
    if (text_is_empty(*hash)) *hash = text_copy(arena, store_column_text(row, 1));
    if (!sealed_read(access, arena, access->person_id, "disclosure_copy.bytes",
                     store_column_bytes(row, 0), &piece, error))
      return false;
    text_buffer_add(bytes, piece);
  }
  return false;
}

bool disclosure_copy_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct disclosure *disclosure,
                          struct text form, struct disclosure_copy *out, struct error *error)
{
  struct store_cursor *row = NULL;
  struct disclosure_copy found = {.form = text_copy(arena, form)};
  struct text_buffer bytes;
  struct text hash;
  if (!sealed_person(access, error)) return false;
  if (!may_have(access, disclosure))
    return error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "a copy that another made");
  if (!store_query(
          transaction, &row,
          "SELECT bytes, sha256 FROM disclosure_copy WHERE program_id = $1 AND disclosure_id = $2 "
          "AND form = $3 AND person_id = $4 ORDER BY piece",
          STORE_BIND(STORE_T(access->program_id), STORE_T(disclosure->id), STORE_T(form),
                     STORE_T(access->person_id)),
          error))
    return false;
  text_buffer_init(&bytes, LIMIT_DISCLOSURE_COPY);
  bool is_read = read_pieces(access, arena, row, &bytes, &hash, error);
  store_cursor_close(row);
  if (is_read) found.bytes = text_copy(arena, text_buffer_get(&bytes));
  text_buffer_fini(&bytes);
  if (!is_read) return false;
  if (text_is_empty(found.bytes))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no copy of this form");
  hash_sha256(found.bytes, found.sha256);
  bool is_whole =
      text_equal(hash, text_from(found.sha256)) &&
      (!text_equal(form, TEXT("json")) || strcmp(found.sha256, disclosure->sha256) == 0);
  if (!is_whole)
    return error_set(error, ERROR_SYSTEM, "error.disclosure.broken", "Compare with a backup.",
                     "a copy's bytes have another hash than when it left");
  *out = found;
  return true;
}
