/*
 * packing: a program's own lines and words. See packing.h. No state; any thread.
 */
#include <string.h>

#include "admission/intake_private.h"
#include "admission/packing.h"

static bool may_write(const struct access *access, struct error *error)
{
  bool is_meant = access->object && access->act && strcmp(access->object, "program") == 0 &&
                  strcmp(access->act, "write") == 0;
  return is_meant || error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                               "admission: the access was not opened to write the program");
}

/* One language alone would leave somebody with an empty line. */
static bool check_words(const struct text words[2], size_t most, bool may_lack, struct error *error)
{
  size_t said = 0;
  for (size_t i = 0; i < 2; i++) {
    if (!intake_check_words(words[i], error)) return false;
    if (text_characters(words[i]) > most)
      return error_set(error, ERROR_TOO_LARGE, "error.care.long", "", "admission: words too long");
    said += text_trim(words[i]).length > 0;
  }
  return said == 2 || (said == 0 && may_lack) ||
         intake_refuse(error, "error.packing.words", "words that lack in a language");
}

/* --- Lines ----------------------------------------------------------------------------------- */

bool packing_line_list(struct store_transaction *transaction, struct arena *arena,
                       struct text program_id, struct packing_line **out, size_t *count,
                       struct error *error)
{
  struct packing_line *lines = arena_allocate_array(arena, LIMIT_PACKING_OWN, sizeof *lines);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT id, side, kind, english, spanish, made_at FROM packing_line"
                  " WHERE program_id = $1 AND ended_at = 0 ORDER BY made_at, id LIMIT $2",
                  STORE_BIND(STORE_T(program_id), STORE_N(LIMIT_PACKING_OWN)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    lines[found++] = (struct packing_line){
        .id = intake_column(arena, cursor, 0),
        .is_brought = text_equal(store_column_text(cursor, 1), TEXT("bring")),
        .kind = intake_column(arena, cursor, 2),
        .words = {intake_column(arena, cursor, 3), intake_column(arena, cursor, 4)},
        .made_at = store_column_integer(cursor, 5)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = lines;
  *count = found;
  return true;
}

static bool check_line(struct store_transaction *transaction, const struct access *access,
                       const struct packing_line *line, struct error *error)
{
  static const char *const kinds[] = {"medicine", "paper", "thing"};
  struct store_cursor *cursor = NULL;
  int64_t standing = 0;
  bool is_kind = false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    is_kind = is_kind || text_equal(line->kind, text_from(kinds[i]));
  if (!is_kind) return intake_refuse(error, "error.care.code", "no such kind of line");
  if (!line->is_brought && text_equal(line->kind, TEXT("medicine")))
    return intake_refuse(error, "error.packing.medicine", "medicine that is left at home");
  if (!check_words(line->words, LIMIT_PACKING_WORDS, false, error) ||
      !intake_number(store_query(transaction, &cursor,
                                 "SELECT count(*) FROM packing_line WHERE program_id = $1"
                                 " AND ended_at = 0",
                                 STORE_BIND(STORE_T(access->program_id)), error),
                     &cursor, &standing, error))
    return false;
  return standing < LIMIT_PACKING_OWN ||
         intake_refuse(error, "error.packing.many", "more lines than a list has");
}

bool packing_line_add(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct packing_line *line, struct error *error)
{
  if (!may_write(access, error) || !check_line(transaction, access, line, error)) return false;
  struct packing_line made = *line;
  made.id = intake_new_id(arena, access->now);
  made.made_at = access->now;
  if (!store_execute(transaction,
                     "INSERT INTO packing_line (program_id, id, side, kind, english, spanish,"
                     " account_id, made_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(made.id),
                                STORE_T(made.is_brought ? TEXT("bring") : TEXT("leave")),
                                STORE_T(made.kind), STORE_T(text_trim(made.words[0])),
                                STORE_T(text_trim(made.words[1])),
                                STORE_T(access->actor->account_id), STORE_N(access->now)),
                     NULL, error))
    return false;
  *line = made;
  return true;
}

bool packing_line_end(struct store_transaction *transaction, const struct access *access,
                      struct text id, struct error *error)
{
  return may_write(access, error) &&
         store_execute(transaction,
                       "UPDATE packing_line SET ended_at = $3 WHERE program_id = $1 AND id = $2"
                       " AND ended_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now)),
                       NULL, error);
}

/* --- Words of the welcome -------------------------------------------------------------------- */

bool welcome_words_list(struct store_transaction *transaction, struct arena *arena,
                        struct text program_id, struct welcome_words **out, size_t *count,
                        struct error *error)
{
  struct welcome_words *words = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *words);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT part, english, spanish, version FROM welcome_words"
                             " WHERE program_id = $1 ORDER BY part LIMIT $2",
                             STORE_BIND(STORE_T(program_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    words[found++] = (struct welcome_words){
        .part = intake_column(arena, cursor, 0),
        .words = {intake_column(arena, cursor, 1), intake_column(arena, cursor, 2)},
        .version = store_column_integer(cursor, 3)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = words;
  *count = found;
  return true;
}

static bool put_words(struct store_transaction *transaction, const struct access *access,
                      const struct welcome_words *words, int64_t *changed, struct error *error)
{
  static const char first[] =
      "INSERT INTO welcome_words (program_id, part, english, spanish, account_id, changed_at,"
      " version) VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (program_id, part) DO NOTHING";
  static const char next[] =
      "UPDATE welcome_words SET english = $3, spanish = $4, account_id = $5, changed_at = $6,"
      " version = version + 1 WHERE program_id = $1 AND part = $2 AND version = $7";
  struct text english = text_trim(words->words[0]), spanish = text_trim(words->words[1]);
  if (words->version == 0)
    return store_execute(transaction, first,
                         STORE_BIND(STORE_T(access->program_id), STORE_T(words->part),
                                    STORE_T(english), STORE_T(spanish),
                                    STORE_T(access->actor->account_id), STORE_N(access->now)),
                         changed, error);
  return store_execute(transaction, next,
                       STORE_BIND(STORE_T(access->program_id), STORE_T(words->part),
                                  STORE_T(english), STORE_T(spanish),
                                  STORE_T(access->actor->account_id), STORE_N(access->now),
                                  STORE_N(words->version)),
                       changed, error);
}

bool welcome_words_save(struct store_transaction *transaction, const struct intakes *intakes,
                        const struct access *access, const struct welcome_words *words,
                        struct error *error)
{
  int64_t changed = 0;
  if (!may_write(access, error)) return false;
  if (!welcome_parts_find(intakes->rules, words->part))
    return intake_refuse(error, "error.care.code", "no such part of a welcome");
  return check_words(words->words, LIMIT_WELCOME_WORDS, true, error) &&
         put_words(transaction, access, words, &changed, error) &&
         (changed == 1 || intake_stale(error));
}
