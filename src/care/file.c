/*
 * File: rows and pieces of files. See file.h.
 *
 * Invariants: a file's pieces stand with its row or not at all; both are sealed under the person
 * of the row, whatever record it was merged into later. Threads: all state is the transaction's.
 */
#include <string.h>

#include "care/care_private.h"

static const char about_purpose[] = "person_file.about",
                  bytes_purpose[] = "person_file_piece.bytes";

/* --- What is kept ---------------------------------------------------------------------------- */

bool file_content_make(struct arena *arena, struct text bytes, struct file_content *out,
                       struct error *error)
{
  struct file_content made = {.form = file_form_of(bytes), .bytes = bytes};
  if (bytes.length > LIMIT_FILE)
    return error_set(error, ERROR_TOO_LARGE, "error.file.form", "", "care: a file too large");
  if (made.form == FILE_OTHER ||
      (made.form != FILE_PDF && !picture_strip(arena, bytes, &made.bytes)) ||
      made.bytes.length > LIMIT_FILE)
    return error_set(error, ERROR_REFUSED, "error.file.form", "", "care: no whole file of a form");
  *out = made;
  return true;
}

static struct text hash_of(struct arena *arena, struct text bytes)
{
  char hash[HASH_TEXT];
  hash_sha256(bytes, hash);
  return text_copy(arena, text_from(hash));
}

/* --- Who may --------------------------------------------------------------------------------- */

const char *const file_objects[FILE_OBJECTS] = {"person", "intake", "belongings", "coverage",
                                                "consent"};

const char *file_kind_object(const struct care *care, struct text kind)
{
  size_t index;
  if (!care_code_find(care, CARE_FILE_KINDS, kind, &index)) return NULL;
  struct text object = care_code_cell(care, CARE_FILE_KINDS, index, "object");
  for (size_t i = 0; i < FILE_OBJECTS; i++)
    if (text_equal(object, text_from(file_objects[i]))) return file_objects[i];
  return NULL;
}

static bool no_file(struct error *error)
{
  return error_set(error, ERROR_NOT_FOUND, "error.file.none", "", "care: no such file");
}

bool file_object_find(struct store_transaction *transaction, const struct care *care,
                      struct text program_id, struct text id, const char **out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  const char *object = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT kind FROM person_file WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) object = file_kind_object(care, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!object) return no_file(error);
  *out = object;
  return true;
}

/* --- Adding ---------------------------------------------------------------------------------- */

/* Each piece has its own short arena: sealed bytes are not needed once they are written. */
static bool write_piece(struct store_transaction *transaction, const struct access *access,
                        const struct person_file *file, int64_t piece, struct text bytes,
                        struct error *error)
{
  struct arena *arena = arena_new(4 * LIMIT_FILE_PIECE);
  struct text sealed;
  bool is_done =
      care_seal(access, arena, file->person_id, bytes_purpose, bytes, &sealed, error) &&
      store_execute(transaction,
                    "INSERT INTO person_file_piece (program_id, file_id, piece, person_id, bytes)"
                    " VALUES ($1, $2, $3, $4, $5)",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(file->id), STORE_N(piece),
                               STORE_T(file->person_id), STORE_B(sealed)),
                    NULL, error);
  arena_free(arena);
  return is_done;
}

static bool write_row(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, const struct person_file *file, struct error *error)
{
  struct value *about = value_object(arena);
  struct text sealed;
  struct text_buffer words;
  value_set(about, "title", value_text(arena, file->title));
  value_set(about, "sha256", value_text(arena, file->sha256));
  text_buffer_init(&words, LIMIT_CARE_IDENTITY);
  json_write(about, &words);
  bool is_sealed = care_seal(access, arena, file->person_id, about_purpose, text_buffer_get(&words),
                             &sealed, error);
  text_buffer_fini(&words);
  return is_sealed &&
         store_execute(
             transaction,
             "INSERT INTO person_file (program_id, id, person_id, kind, form, size, about,"
             " owner, owner_id, account_id, made_at, removed_at, removed_account_id,"
             " removed_reason, version)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', '', 1)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(file->id), STORE_T(file->person_id),
                        STORE_T(file->kind), STORE_T(file_form_name(file->form)),
                        STORE_N(file->size), STORE_B(sealed), STORE_T(file->owner),
                        STORE_T(file->owner_id), STORE_T(file->account_id), STORE_N(file->made_at)),
             NULL, error);
}

bool file_add(struct store_transaction *transaction, const struct care *care,
              const struct access *access, struct arena *arena, struct person_file *file,
              const struct file_content *content, struct error *error)
{
  struct field_problems problems = {.count = 0};
  struct person_file made = *file;
  const char *object = file_kind_object(care, made.kind);
  care_check_code(care, &problems, "kind", CARE_FILE_KINDS, made.kind, true);
  care_check_text(&problems, "title", made.title, LIMIT_FILE_TITLE, false);
  care_check_text(&problems, "owner", made.owner, LIMIT_CARE_NAME, false);
  care_check_text(&problems, "owner", made.owner_id, LIMIT_CARE_NAME, false);
  if (!care_refuse(&problems, error)) return false;
  if (!object || !care_may(access, object, "write", access->person_id, error)) return false;
  made.id = care_new_id(arena, access->now);
  made.person_id = access->person_id;
  made.form = content->form;
  made.size = (int64_t)content->bytes.length;
  made.sha256 = hash_of(arena, content->bytes);
  made.account_id = care_account(access);
  made.made_at = access->now;
  made.version = 1;
  if (!write_row(transaction, access, arena, &made, error)) return false;
  for (size_t at = 0; at < content->bytes.length; at += LIMIT_FILE_PIECE)
    if (!write_piece(transaction, access, &made, (int64_t)(at / LIMIT_FILE_PIECE),
                     text_slice(content->bytes, at, at + LIMIT_FILE_PIECE), error))
      return false;
  *file = made;
  return true;
}

/* --- Reading --------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
  "id, person_id, kind, form, size, about, owner, owner_id, account_id, made_at, removed_at,"      \
  " removed_account_id, removed_reason, version"

/* A row, its words still sealed in `title`. */
static struct person_file read_row(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct person_file){
      .id = care_column(arena, cursor, 0),
      .person_id = care_column(arena, cursor, 1),
      .kind = care_column(arena, cursor, 2),
      .form = file_form_find(store_column_text(cursor, 3)),
      .size = store_column_integer(cursor, 4),
      .title = text_copy(arena, store_column_bytes(cursor, 5)),
      .owner = care_column(arena, cursor, 6),
      .owner_id = care_column(arena, cursor, 7),
      .account_id = care_column(arena, cursor, 8),
      .made_at = store_column_integer(cursor, 9),
      .removed_at = store_column_integer(cursor, 10),
      .removed_account_id = care_column(arena, cursor, 11),
      .removed_reason = care_column(arena, cursor, 12),
      .version = store_column_integer(cursor, 13),
  };
}

static bool open_row(const struct access *access, struct arena *arena, struct person_file *file,
                     struct error *error)
{
  const struct value *about;
  struct text words;
  if (!care_unseal(access, arena, file->person_id, about_purpose, file->title, &words, error))
    return false;
  file->title = TEXT("");
  if (!words.length) return true; /* erased */
  if (!json_read(arena, words, &about, error)) return false;
  file->title = value_text_get(value_get(about, TEXT("title")));
  file->sha256 = value_text_get(value_get(about, TEXT("sha256")));
  return true;
}

static const char list_sql[] =
    ""
    "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
    " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
    " SELECT " COLUMNS " FROM person_file WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) AND ($3 = '' OR (owner = $3 AND owner_id = $4))"
    " ORDER BY made_at DESC, id DESC LIMIT $5";

bool file_list(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct arena *arena, struct text person_id,
               struct text owner, struct text owner_id, struct person_file **out, size_t *count,
               struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!care_may(access, access->object, "read", person_id, error)) return false;
  struct person_file *files = arena_allocate_array(arena, LIMIT_FILES, sizeof *files);
  bool is_read = store_query(transaction, &cursor, list_sql,
                             STORE_BIND(STORE_T(access->program_id), STORE_T(person_id),
                                        STORE_T(owner), STORE_T(owner_id), STORE_N(LIMIT_FILES)),
                             error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    struct person_file file = read_row(arena, cursor);
    const char *object = file_kind_object(care, file.kind);
    if (object && strcmp(object, access->object) == 0) files[found++] = file;
  }
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++) is_read = open_row(access, arena, &files[i], error);
  if (!is_read) return false;
  *out = files;
  *count = found;
  return true;
}

static const char row_sql[] =
    ""
    "SELECT " COLUMNS " FROM person_file WHERE program_id = $1 AND id = $2";

/* A row, if the access's object guards its kind and the person is the access's. */
static bool find_row(struct store_transaction *transaction, const struct care *care,
                     const struct access *access, struct arena *arena, struct text id,
                     const char *act, struct person_file *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct person_file file = {0};
  bool more = false;
  bool is_read = store_query(transaction, &cursor, row_sql,
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) file = read_row(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  const char *object = more ? file_kind_object(care, file.kind) : NULL;
  if (!object) return no_file(error);
  if (!care_may_row(transaction, access, object, act, file.person_id, error)) return false;
  *out = file;
  return true;
}

bool file_load(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct arena *arena, struct text id,
               struct person_file *out, struct error *error)
{
  struct person_file file = {0};
  if (!find_row(transaction, care, access, arena, id, access->act, &file, error) ||
      !open_row(access, arena, &file, error))
    return false;
  *out = file;
  return true;
}

static bool read_pieces(const struct access *access, const struct person_file *file,
                        struct store_cursor *cursor, struct text_buffer *bytes, struct error *error)
{
  bool more = false, is_read;
  while ((is_read = store_next(cursor, &more, error)) && more) {
    struct arena *arena = arena_new(4 * LIMIT_FILE_PIECE);
    struct text piece;
    is_read = care_unseal(access, arena, file->person_id, bytes_purpose,
                          text_copy(arena, store_column_bytes(cursor, 0)), &piece, error);
    if (is_read) text_buffer_add(bytes, piece);
    arena_free(arena);
    if (!is_read) return false;
  }
  return is_read;
}

bool file_bytes_load(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct person_file *file, struct text *out,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text_buffer bytes;
  if (file->removed_at && strcmp(access->act, "write") != 0) return no_file(error);
  text_buffer_init(&bytes, LIMIT_FILE);
  bool is_read =
      store_query(
          transaction, &cursor,
          "SELECT bytes FROM person_file_piece WHERE program_id = $1 AND file_id = $2"
          " AND person_id = $3 ORDER BY piece",
          STORE_BIND(STORE_T(access->program_id), STORE_T(file->id), STORE_T(file->person_id)),
          error) &&
      read_pieces(access, file, cursor, &bytes, error);
  store_cursor_close(cursor);
  struct text found = is_read ? text_copy(arena, text_buffer_get(&bytes)) : TEXT("");
  text_buffer_fini(&bytes);
  if (!is_read) return false;
  if (!found.length) return no_file(error);
  if (!text_equal(hash_of(arena, found), file->sha256))
    return error_set(error, ERROR_SYSTEM, "error.file.broken", "Compare with a backup.",
                     "care: a file's bytes have another hash than when it came");
  *out = found;
  return true;
}

/* --- Taking out ------------------------------------------------------------------------------ */

bool file_reason_destroys(const struct care *care, struct text reason)
{
  return care_code_says(care, CARE_FILE_REASONS, reason, "bytes", "destroy");
}

bool file_remove(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct text id, struct text reason, int64_t version,
                 struct error *error)
{
  struct arena *arena = arena_new(LIMIT_CARE_IDENTITY);
  struct field_problems problems = {.count = 0};
  struct person_file file = {0};
  int64_t changed = 0;
  care_check_code(care, &problems, "reason", CARE_FILE_REASONS, reason, true);
  bool is_done =
      care_refuse(&problems, error) &&
      find_row(transaction, care, access, arena, id, "write", &file, error) &&
      store_execute(transaction,
                    "UPDATE person_file SET removed_at = $3, removed_account_id = $4,"
                    " removed_reason = $5, version = version + 1"
                    " WHERE program_id = $1 AND id = $2 AND version = $6 AND removed_at = 0",
                    STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                               STORE_T(care_account(access)), STORE_T(reason), STORE_N(version)),
                    &changed, error) &&
      care_saved(changed, error);
  if (is_done && file_reason_destroys(care, reason))
    is_done = store_execute(transaction,
                            "DELETE FROM person_file_piece WHERE program_id = $1 AND file_id = $2",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(id)), NULL, error);
  arena_free(arena);
  return is_done;
}
