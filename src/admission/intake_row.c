/*
 * intake_row: what every file about intakes and belongings does with an access, a row, words. See
 * intake_private.h. No state; any thread.
 */
#include <string.h>

#include "admission/intake_private.h"

/* --- Access ---------------------------------------------------------------------------------- */

static bool refuse_access(const char *object, struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "admission: the access was not opened for %s and this person", object);
}

bool intake_may(struct store_transaction *transaction, const struct access *access,
                const char *object, bool writes, struct text person_id, struct error *error)
{
  bool is_meant = access->object && access->act && strcmp(access->object, object) == 0 &&
                  (!writes || strcmp(access->act, "write") == 0);
  if (!is_meant || access->person_id.length == 0) return refuse_access(object, error);
  if (text_equal(person_id, access->person_id)) return true;
  struct arena *arena = arena_new(4096);
  struct text standing;
  bool is_read =
      person_standing(transaction, arena, access->program_id, person_id, &standing, error);
  bool is_same = is_read && text_equal(standing, access->person_id);
  arena_free(arena);
  return is_same || (is_read && refuse_access(object, error));
}

bool intake_may_do(const struct access *access, const struct coverage_words *roles,
                   struct error *error)
{
  const struct actor *actor = access->actor;
  bool may = actor->kind == ACTOR_SYSTEM || actor->kind == ACTOR_COMMAND;
  for (size_t i = 0; i < actor->role_count && !may; i++)
    may = coverage_words_have(roles, actor->roles[i]);
  return may || access_refuse(access, access->person_id, "error.intake.role", error);
}

bool intake_may_show(const struct intakes *intakes, const struct access *access,
                     const struct intake *intake, enum intake_evidence_kind evidence,
                     struct text of, struct error *error)
{
  const struct intake_question question = {.rules = intakes->rules,
                                           .program_kind = intake->program_kind,
                                           .level_of_care = intake->level_of_care,
                                           .planned_at = intake->planned_at,
                                           .admitted_at = intake->admitted_at,
                                           .now = access->now};
  const struct coverage_words *last = NULL;
  for (size_t i = 0; i < intake_codes_count(intakes->rules); i++) {
    const struct intake_item *row =
        intake_item_find(&question, intake_codes_get(intakes->rules, i)->code);
    if (!row || row->evidence != evidence || (of.length && !coverage_words_have(&row->of, of)))
      continue;
    last = &row->roles;
    for (size_t r = 0; r < access->actor->role_count; r++)
      if (coverage_words_have(last, access->actor->roles[r])) return true;
  }
  return !last || intake_may_do(access, last, error);
}

/* --- Rows ------------------------------------------------------------------------------------ */

struct text intake_new_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

struct text intake_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  return text_copy(arena, store_column_text(cursor, column));
}

bool intake_seal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text plain, struct text *out, struct error *error)
{
  const struct vault_subject subject = {access->program_id, person_id};
  if (plain.length)
    return vault_seal(access->privacy->vault, arena, subject, purpose, plain, out, error);
  *out = TEXT("");
  return true;
}

bool intake_unseal(const struct access *access, struct arena *arena, struct text person_id,
                   const char *purpose, struct text sealed, struct text *out, struct error *error)
{
  const struct vault_subject subject = {access->program_id, person_id};
  struct text plain = TEXT("");
  if (sealed.length &&
      !vault_unseal(access->privacy->vault, arena, subject, purpose, sealed, &plain, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    plain = TEXT("");
  }
  *out = plain;
  return true;
}

bool intake_check_words(struct text words, struct error *error)
{
  if (words.length > LIMIT_CARE_WORDS)
    return error_set(error, ERROR_TOO_LARGE, "error.care.long", "", "admission: words too long");
  bool is_sound = text_is_utf8(words);
  for (size_t i = 0; i < words.length && is_sound; i++) {
    unsigned char c = (unsigned char)words.at[i];
    is_sound = c >= ' ' ? c != 0x7f : c == '\n' || c == '\t';
  }
  return is_sound || intake_refuse(error, "error.care.text", "words with a control character");
}

bool intake_refuse(struct error *error, const char *key, const char *what)
{
  return error_set(error, ERROR_REFUSED, key, "", "admission: %s", what);
}

bool intake_stale(struct error *error)
{
  return error_set(error, ERROR_CONFLICT, "error.intake.stale", "Load it again.",
                   "admission: the row's version is another");
}

bool intake_number(bool is_asked, struct store_cursor **asked, int64_t *out, struct error *error)
{
  struct store_cursor *cursor = *asked;
  bool more = false;
  bool is_read = is_asked && store_next(cursor, &more, error);
  if (is_read) *out = more ? store_column_integer(cursor, 0) : 0;
  if (is_asked) store_cursor_close(cursor);
  return is_read;
}

/* --- The intake ------------------------------------------------------------------------------ */

bool intake_open_row(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const char *object, struct text intake_id, bool any,
                     struct intake *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  struct intake found;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT i.id, i.episode_id, i.person_id, p.kind, e.level_of_care, s.language,"
                  " i.planned_at, coalesce(a.at, 0), coalesce(a.account_id, ''), i.account_id,"
                  " i.made_at, e.ended_at, i.version FROM intake i"
                  " JOIN program p ON p.program_id = i.program_id"
                  " JOIN episode e ON e.program_id = i.program_id AND e.id = i.episode_id"
                  " JOIN person s ON s.program_id = i.program_id AND s.id = i.person_id"
                  " LEFT JOIN intake_admission a ON a.program_id = i.program_id"
                  " AND a.episode_id = i.episode_id WHERE i.program_id = $1 AND i.id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more)
    found = (struct intake){.id = intake_column(arena, cursor, 0),
                            .episode_id = intake_column(arena, cursor, 1),
                            .person_id = intake_column(arena, cursor, 2),
                            .program_kind = intake_column(arena, cursor, 3),
                            .level_of_care = intake_column(arena, cursor, 4),
                            .language = intake_column(arena, cursor, 5),
                            .planned_at = store_column_integer(cursor, 6),
                            .admitted_at = store_column_integer(cursor, 7),
                            .admitted_by = intake_column(arena, cursor, 8),
                            .account_id = intake_column(arena, cursor, 9),
                            .made_at = store_column_integer(cursor, 10),
                            .ended_at = store_column_integer(cursor, 11),
                            .version = store_column_integer(cursor, 12)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.missing", "", "admission: no intake");
  if (!intake_may(transaction, access, object, !any, found.person_id, error)) return false;
  if (!any && found.ended_at)
    return intake_refuse(error, "error.intake.ended", "the stay has ended");
  *out = found;
  return true;
}

bool intake_load(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct intake *out, struct error *error)
{
  return intake_open_row(transaction, access, arena, "intake", id, true, out, error);
}

bool intake_list_for(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const char *object, struct intake **out, size_t *count,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text *ids = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *ids);
  bool more = false;
  size_t found = 0;
  if (!intake_may(transaction, access, object, false, access->person_id, error)) return false;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT m.id FROM person m"
      " JOIN same ON m.merged_into = same.id AND m.merged_into <> '' WHERE m.program_id = $1)"
      " SELECT id FROM intake WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
      " ORDER BY made_at DESC, id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[found++] = intake_column(arena, cursor, 0);
  store_cursor_close(cursor);
  struct intake *intakes = arena_allocate_array(arena, found + 1, sizeof *intakes);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = intake_open_row(transaction, access, arena, object, ids[i], true, &intakes[i], error);
  if (!is_read) return false;
  *out = intakes;
  *count = found;
  return true;
}
