/*
 * record_row: what every file about a person's coverage does with an access, a row, words. See
 * record_private.h. No state; any thread.
 */
#include <string.h>

#include "coverage/record_private.h"

static bool is_opened(const struct access *access)
{
  return access->object && access->act && strcmp(access->object, "coverage") == 0 &&
         access->person_id.length > 0;
}

static bool forbid(struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "coverage: the access was not opened for this");
}

bool record_may(const struct access *access, bool writes, struct error *error)
{
  bool is_meant = is_opened(access) && (!writes || strcmp(access->act, "write") == 0);
  return is_meant || forbid(error);
}

bool record_may_ask(const struct access *access, struct error *error)
{
  bool is_meant =
      is_opened(access) && (strcmp(access->act, "ask") == 0 || strcmp(access->act, "write") == 0);
  return is_meant || forbid(error);
}

bool record_refuse(struct error *error, const char *key, const char *what)
{
  return error_set(error, ERROR_REFUSED, key, "", "coverage: %s", what);
}

bool record_stale(struct error *error)
{
  return error_set(error, ERROR_CONFLICT, "error.coverage.stale", "Load it again.",
                   "coverage: the row's version is another");
}

bool record_missing(struct error *error)
{
  return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "coverage: no such row");
}

struct text record_new_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

struct text record_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  return text_copy(arena, store_column_text(cursor, column));
}

/* --- Words ----------------------------------------------------------------------------------- */

static struct text member_of(const void *from, const struct record_member *member)
{
  struct text t;
  memcpy(&t, (const char *)from + member->offset, sizeof t);
  return t;
}

bool record_check(const struct record_member *members, size_t count, const void *from,
                  struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    struct text t = member_of(from, &members[i]);
    bool is_sound = text_is_utf8(t);
    if (t.length > members[i].longest)
      return error_set(error, ERROR_REFUSED, "error.care.long", "", "coverage: %s is too long",
                       members[i].name);
    for (size_t j = 0; j < t.length && is_sound; j++) {
      unsigned char c = (unsigned char)t.at[j];
      is_sound = c >= ' ' ? c != 0x7f : c == '\n' || c == '\t';
    }
    if (!is_sound) return record_refuse(error, "error.care.text", "words with a control character");
  }
  return true;
}

struct value *record_members(struct arena *arena, const struct record_member *members, size_t count,
                             const void *from)
{
  struct value *facts = value_object(arena);
  for (size_t i = 0; i < count; i++) {
    struct text t = member_of(from, &members[i]);
    if (t.length) value_set(facts, members[i].name, value_text(arena, t));
  }
  return facts;
}

void record_take(const struct value *facts, const struct record_member *members, size_t count,
                 void *into)
{
  for (size_t i = 0; i < count; i++) {
    struct text t = value_text_get(value_get(facts, text_from(members[i].name)));
    if (!t.at) t = TEXT("");
    memcpy((char *)into + members[i].offset, &t, sizeof t);
  }
}

bool record_seal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, const struct value *facts, struct text *out,
                 struct error *error)
{
  const struct vault_subject subject = {access->program_id, person_id};
  struct text_buffer bytes;
  text_buffer_init(&bytes, LIMIT_COVERAGE_FACTS);
  json_write(facts, &bytes);
  bool fits = !bytes.over;
  struct text plain = text_copy(arena, text_buffer_get(&bytes));
  text_buffer_fini(&bytes);
  if (!fits) return record_refuse(error, "error.care.long", "facts too long");
  return vault_seal(access->privacy->vault, arena, subject, purpose, plain, out, error);
}

bool record_unseal(const struct access *access, struct arena *arena, struct text person_id,
                   const char *purpose, struct text sealed, const struct value **out,
                   struct error *error)
{
  const struct vault_subject subject = {access->program_id, person_id};
  struct text plain = TEXT("");
  *out = NULL;
  if (sealed.length &&
      !vault_unseal(access->privacy->vault, arena, subject, purpose, sealed, &plain, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error); /* erased */
    return true;
  }
  return plain.length == 0 || json_read(arena, plain, out, error);
}

/* --- Rows ------------------------------------------------------------------------------------ */

/* The sealed part of one row into its struct. */
static bool open_row(const struct access *access, struct arena *arena,
                     const struct record_kind *kind, const struct coverage_rules *rules,
                     struct text sealed, char *row, struct error *error)
{
  const struct value *facts;
  struct text person_id;
  memcpy(&person_id, row + kind->person_id, sizeof person_id);
  if (!record_unseal(access, arena, person_id, kind->purpose, sealed, &facts, error)) return false;
  record_take(facts, kind->members, kind->member_count, row);
  return !kind->take || kind->take(rules, facts, row, error);
}

void *record_rows_read(const struct access *access, struct arena *arena,
                       const struct record_kind *kind, const struct coverage_rules *rules,
                       struct store_cursor *cursor, size_t *count, struct error *error)
{
  char *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, kind->size);
  struct text *sealed = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *sealed);
  bool more = false, is_read = true;
  size_t found = 0;
  while (found < LIMIT_CARE_ROWS && (is_read = store_next(cursor, &more, error)) && more) {
    kind->read(arena, cursor, rows + found * kind->size);
    sealed[found++] = text_copy(arena, store_column_bytes(cursor, kind->facts));
  }
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = open_row(access, arena, kind, rules, sealed[i], rows + i * kind->size, error);
  if (!is_read) return NULL;
  *count = found;
  return rows;
}

static const char select_stay[] =
    "" RECORD_SAME "SELECT 1 FROM episode WHERE program_id = $1 AND id = $3"
    " AND person_id IN (SELECT id FROM same)";

bool record_stay(struct store_transaction *transaction, const struct access *access,
                 struct text episode_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (episode_id.length == 0) return true;
  bool is_read = store_query(transaction, &cursor, select_stay,
                             STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                                        STORE_T(episode_id)),
                             error) &&
                 store_next(cursor, &more, error);
  store_cursor_close(cursor);
  if (!is_read) return false;
  return more || record_refuse(error, "error.coverage.stay_of", "no stay of this person");
}

int64_t record_day_begins(struct arena *arena, const struct zone *zone, int64_t day)
{
  int64_t at = 0;
  if (!zone_day_begin(zone, coverage_day_write(arena, day), &at)) return 0;
  return at;
}

bool record_step(struct store_transaction *transaction, const struct access *access,
                 struct text subject_id, int64_t seq, const char *act, int64_t on_day,
                 struct error *error)
{
  return store_execute(transaction,
                       "INSERT INTO coverage_step (program_id, subject_id, seq, act, on_day,"
                       " account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(subject_id), STORE_N(seq),
                                  STORE_T(text_from(act)), STORE_N(on_day),
                                  STORE_T(access->actor->account_id), STORE_N(access->now)),
                       NULL, error);
}

static const char select_steps[] =
    "" RECORD_SAME "SELECT act, account_id, on_day, at FROM coverage_step s WHERE program_id = $1"
    " AND subject_id = $3 AND (EXISTS (SELECT 1 FROM coverage_authorization a"
    " WHERE a.program_id = $1 AND a.id = $3 AND a.person_id IN (SELECT id FROM same))"
    " OR EXISTS (SELECT 1 FROM coverage_denial d WHERE d.program_id = $1 AND d.id = $3"
    " AND d.person_id IN (SELECT id FROM same))) ORDER BY seq LIMIT $4";

bool coverage_step_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text subject_id, struct coverage_step **out,
                        size_t *count, struct error *error)
{
  struct coverage_step *steps = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *steps);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!record_may(access, false, error)) return false;
  bool is_read = store_query(transaction, &cursor, select_steps,
                             STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                                        STORE_T(subject_id), STORE_N(LIMIT_CARE_ROWS)),
                             error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    steps[found++] = (struct coverage_step){.act = record_column(arena, cursor, 0),
                                            .account_id = record_column(arena, cursor, 1),
                                            .on_day = store_column_integer(cursor, 2),
                                            .at = store_column_integer(cursor, 3)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = steps;
  *count = found;
  return true;
}

bool record_paying_step(struct store_transaction *transaction, const struct access *access,
                        struct text subject_id, int64_t seq, const char *act, struct text other_id,
                        struct error *error)
{
  return store_execute(transaction,
                       "INSERT INTO paying_step (program_id, subject_id, seq, act, other_id,"
                       " account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(subject_id), STORE_N(seq),
                                  STORE_T(text_from(act)), STORE_T(other_id),
                                  STORE_T(access->actor->account_id), STORE_N(access->now)),
                       NULL, error);
}

bool record_paying_steps_read(struct arena *arena, struct store_cursor *cursor,
                              struct paying_step **out, size_t *count, struct error *error)
{
  struct paying_step *steps = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *steps);
  bool more = false, is_read = true;
  size_t found = 0;
  while (found < LIMIT_CARE_ROWS && (is_read = store_next(cursor, &more, error)) && more)
    steps[found++] = (struct paying_step){.subject_id = record_column(arena, cursor, 0),
                                          .act = record_column(arena, cursor, 1),
                                          .other_id = record_column(arena, cursor, 2),
                                          .account_id = record_column(arena, cursor, 3),
                                          .at = store_column_integer(cursor, 4)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = steps;
  *count = found;
  return true;
}

bool record_settled(struct store_transaction *transaction, const struct access *access,
                    struct text kind, struct text subject_id, struct error *error)
{
  return store_execute(
      transaction,
      "DELETE FROM coverage_late WHERE program_id = $1 AND kind = $2 AND subject_id = $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(kind), STORE_T(subject_id)), NULL, error);
}

bool record_is_payer(const struct coverage_rules *rules, struct text payer)
{
  for (size_t i = 0; i < payer_kinds_count(rules); i++)
    if (text_equal(payer_kinds_get(rules, i)->name, payer)) return true;
  return false;
}
