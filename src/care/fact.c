/*
 * Fact: rows of dated facts. See fact.h.
 *
 * Invariants: a fact's value is one its kind may have; words are sealed under the person's key, or
 * the program's; of a kind of which one follows the other, at most one row goes on.
 */
#include "care/care_private.h"

static const char words_purpose[] = "fact.words";

/* --- Kinds ----------------------------------------------------------------------------------- */

static bool says(const struct care *care, struct text kind, const char *column, const char *word)
{
  return care_code_says(care, CARE_FACT_KINDS, kind, column, word);
}

size_t care_fact_value_count(const struct care *care, struct text kind)
{
  size_t count = 0;
  for (size_t i = 0; i < care->value_count; i++) count += text_equal(care->values[i].kind, kind);
  return count;
}

struct text care_fact_value(const struct care *care, struct text kind, size_t index)
{
  for (size_t i = 0; i < care->value_count; i++)
    if (text_equal(care->values[i].kind, kind) && index-- == 0) return care->values[i].value;
  return TEXT("");
}

struct text care_fact_value_label(const struct care *care, struct arena *arena, struct text kind,
                                  struct text value, size_t language)
{
  if (!says(care, kind, "value", "code")) return value;
  struct text key =
      text_format(arena, "fact-values.%.*s.%.*s", TEXT_PRINT(kind), TEXT_PRINT(value));
  struct text label = catalog_find(care->privacy->catalog, language, key);
  return label.at ? label : value;
}

static bool has_value(const struct care *care, struct text kind, struct text value)
{
  for (size_t i = 0; i < care->value_count; i++)
    if (text_equal(care->values[i].kind, kind) && text_equal(care->values[i].value, value))
      return true;
  return false;
}

static void check_value(const struct care *care, const struct care_fact *fact,
                        struct field_problems *problems)
{
  int64_t number;
  if (says(care, fact->kind, "value", "none")) {
    if (fact->value.length) field_problem_add(problems, "value", "error.care.value");
  } else if (fact->value.length == 0) {
    field_problem_add(problems, "value", "error.care.required");
  } else if (says(care, fact->kind, "value", "date")) {
    care_check_date(problems, "value", fact->value);
  } else if (says(care, fact->kind, "value", "code")) {
    if (!has_value(care, fact->kind, fact->value))
      field_problem_add(problems, "value", "error.care.code");
  } else if (!text_read_integer(fact->value, &number)) {
    field_problem_add(problems, "value", "error.care.number");
  }
}

void care_fact_check(const struct care *care, const struct care_fact *fact, int64_t now,
                     struct field_problems *problems)
{
  size_t before = problems->count;
  care_check_code(care, problems, "kind", CARE_FACT_KINDS, fact->kind, true);
  if (problems->count > before) return;
  if (says(care, fact->kind, "subject", "person") != (fact->person_id.length > 0))
    field_problem_add(problems, "kind", "error.care.value");
  check_value(care, fact, problems);
  if (says(care, fact->kind, "words", "no")) {
    if (fact->words.length) field_problem_add(problems, "words", "error.care.value");
  } else {
    care_check_text(problems, "words", fact->words, LIMIT_CARE_WORDS,
                    says(care, fact->kind, "words", "required"));
  }
  if (fact->since_at > now && !says(care, fact->kind, "future", "yes"))
    field_problem_add(problems, "since", "error.care.future");
  if (fact->until_at && fact->until_at < fact->since_at)
    field_problem_add(problems, "until", "error.care.order");
  care_check_text(problems, "source", fact->source_room, LIMIT_CARE_NAME, true);
  care_check_text(problems, "source", fact->source_id, LIMIT_CARE_NAME, false);
}

/* --- Writing --------------------------------------------------------------------------------- */

/* End what goes on of a kind; what begins later ends the new one instead. */
static bool follow(struct store_transaction *transaction, const struct access *access,
                   struct care_fact *fact, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_execute(transaction,
                     "UPDATE fact SET until_at = $4, changed_at = $5, version = version + 1"
                     " WHERE program_id = $1 AND person_id = $2 AND kind = $3 AND error_at = 0"
                     " AND since_at <= $4 AND (until_at = 0 OR until_at > $4)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(fact->person_id),
                                STORE_T(fact->kind), STORE_N(fact->since_at), STORE_N(access->now)),
                     NULL, error))
    return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT min(since_at) FROM fact WHERE program_id = $1"
                             " AND person_id = $2 AND kind = $3 AND error_at = 0 AND since_at > $4",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(fact->person_id),
                                        STORE_T(fact->kind), STORE_N(fact->since_at)),
                             error) &&
                 store_next(cursor, &more, error);
  if (is_read && !store_column_is_null(cursor, 0) && fact->until_at == 0)
    fact->until_at = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

/* End the kinds that this one ends: an allergy ends "no known allergies". */
static bool end_others(struct store_transaction *transaction, const struct care *care,
                       const struct access *access, const struct care_fact *fact,
                       struct error *error)
{
  size_t index;
  struct text kind;
  if (!care_code_find(care, CARE_FACT_KINDS, fact->kind, &index)) return true;
  struct text rest = care_code_cell(care, CARE_FACT_KINDS, index, "ends");
  while (text_word_next(&rest, &kind))
    if (!store_execute(transaction,
                       "UPDATE fact SET until_at = $4, changed_at = $5, version = version + 1"
                       " WHERE program_id = $1 AND person_id = $2 AND kind = $3 AND error_at = 0"
                       " AND since_at <= $4 AND (until_at = 0 OR until_at > $4)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(fact->person_id),
                                  STORE_T(kind), STORE_N(fact->since_at), STORE_N(access->now)),
                       NULL, error))
      return false;
  return true;
}

bool care_fact_add(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena, struct care_fact *fact,
                   struct error *error)
{
  struct field_problems problems = {.count = 0};
  struct care_fact made = *fact;
  struct text sealed;
  if (!care_may(access, "fact", "write", fact->person_id, error)) return false;
  care_fact_check(care, fact, access->now, &problems);
  if (!care_refuse(&problems, error)) return false;
  if (says(care, fact->kind, "follows", "yes") && !follow(transaction, access, &made, error))
    return false;
  made.id = care_new_id(arena, access->now);
  made.version = 1;
  made.account_id = care_account(access);
  made.made_at = made.changed_at = access->now;
  if (!end_others(transaction, care, access, &made, error) ||
      !care_seal(access, arena, made.person_id, words_purpose, made.words, &sealed, error) ||
      !store_execute(
          transaction,
          "INSERT INTO fact (program_id, id, person_id, kind, value, words, since_at, until_at,"
          " source_room, source_id, account_id, made_at, changed_at, error_at, error_account_id,"
          " error_reason, version)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 0, '', '', 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.person_id),
                     STORE_T(made.kind), STORE_T(made.value), STORE_B(sealed),
                     STORE_N(made.since_at), STORE_N(made.until_at), STORE_T(made.source_room),
                     STORE_T(made.source_id), STORE_T(made.account_id), STORE_N(access->now)),
          NULL, error))
    return false;
  *fact = made;
  return true;
}

/* Whose a fact is, since when, and that the access may change it. */
static bool may_change(struct store_transaction *transaction, const struct access *access,
                       struct text id, int64_t *since_at, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct store_cursor *cursor = NULL;
  struct text person_id = TEXT("");
  bool more = false, is_marked = false;
  bool is_done = store_query(transaction, &cursor,
                             "SELECT person_id, since_at, error_at FROM fact"
                             " WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_done && more) {
    person_id = care_column(arena, cursor, 0);
    *since_at = store_column_integer(cursor, 1);
    is_marked = store_column_integer(cursor, 2) != 0;
  }
  store_cursor_close(cursor);
  if (is_done && !more)
    is_done = error_set(error, ERROR_NOT_FOUND, "error.care.fact", "", "care: no such fact");
  is_done = is_done && care_may_row(transaction, access, "fact", "write", person_id, error);
  if (is_done && is_marked)
    is_done = error_set(error, ERROR_CONFLICT, "error.care.marked", "", "care: marked already");
  arena_free(arena);
  return is_done;
}

bool care_fact_end(struct store_transaction *transaction, const struct access *access,
                   struct text id, int64_t until_at, int64_t version, struct error *error)
{
  int64_t since_at = 0, changed = 0;
  if (!may_change(transaction, access, id, &since_at, error)) return false;
  if (until_at < since_at)
    return error_set(error, ERROR_REFUSED, "error.care.order", "", "care: the end comes first");
  return store_execute(transaction,
                       "UPDATE fact SET until_at = $3, changed_at = $4, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $5",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(until_at),
                                  STORE_N(access->now), STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error);
}

bool care_fact_mark_error(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, struct text id, struct text reason,
                          int64_t version, struct error *error)
{
  struct field_problems problems = {.count = 0};
  int64_t since_at = 0, changed = 0;
  care_check_code(care, &problems, "reason", CARE_CORRECTION_REASONS, reason, true);
  if (!care_refuse(&problems, error) || !may_change(transaction, access, id, &since_at, error))
    return false;
  return store_execute(transaction,
                       "UPDATE fact SET error_at = $3, error_account_id = $4, error_reason = $5,"
                       " changed_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $6 AND error_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                  STORE_T(care_account(access)), STORE_T(reason), STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error);
}

/* --- Reading --------------------------------------------------------------------------------- */

static struct care_fact read_fact(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct care_fact){
      .id = care_column(arena, cursor, 0),
      .person_id = care_column(arena, cursor, 1),
      .kind = care_column(arena, cursor, 2),
      .value = care_column(arena, cursor, 3),
      .words = text_copy(arena, store_column_bytes(cursor, 4)),
      .since_at = store_column_integer(cursor, 5),
      .until_at = store_column_integer(cursor, 6),
      .source_room = care_column(arena, cursor, 7),
      .source_id = care_column(arena, cursor, 8),
      .account_id = care_column(arena, cursor, 9),
      .made_at = store_column_integer(cursor, 10),
      .changed_at = store_column_integer(cursor, 11),
      .error_at = store_column_integer(cursor, 12),
      .error_reason = care_column(arena, cursor, 13),
      .version = store_column_integer(cursor, 14),
  };
}

static bool list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, const struct care_fact_query *query, struct care_fact **out,
                 size_t *count, struct error *error)
{
  struct care_fact *facts = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *facts);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id, person_id, kind, value, words, since_at, until_at, source_room, source_id,"
      " account_id, made_at, changed_at, error_at, error_reason, version FROM fact"
      " WHERE program_id = $1 AND person_id IN (SELECT id FROM same) AND ($3 = '' OR kind = $3)"
      " AND ($4 = '' OR source_room = $4) AND ($5 = '' OR source_id = $5)"
      " AND (CAST($6 AS BIGINT) = 0 OR (since_at <= $6 AND (until_at = 0 OR until_at > $6)))"
      " AND (CAST($7 AS BIGINT) = 1 OR error_at = 0) ORDER BY since_at DESC, id DESC LIMIT $8",
      STORE_BIND(STORE_T(access->program_id), STORE_T(query->person_id), STORE_T(query->kind),
                 STORE_T(query->source_room), STORE_T(query->source_id), STORE_N(query->at),
                 STORE_N(query->with_error), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    facts[found++] = read_fact(arena, cursor);
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++)
    is_read = care_unseal(access, arena, facts[i].person_id, words_purpose, facts[i].words,
                          &facts[i].words, error);
  if (!is_read) return false;
  *out = facts;
  *count = found;
  return true;
}

bool care_fact_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, const struct care_fact_query *query,
                    struct care_fact **out, size_t *count, struct error *error)
{
  return care_may(access, "fact", "read", query->person_id, error) &&
         list(transaction, access, arena, query, out, count, error);
}

/* Does the banner show this fact? Its cell names the place and, behind it, the values that count.
 */
static bool is_shown(const struct care *care, size_t kind, const struct care_fact *fact)
{
  struct text rest = care_code_cell(care, CARE_FACT_KINDS, kind, "banner"), word;
  bool has_place = text_word_next(&rest, &word), has_values = false;
  while (text_word_next(&rest, &word)) {
    has_values = true;
    if (text_equal(word, fact->value)) return true;
  }
  return has_place && !has_values;
}

bool care_fact_banner(struct store_transaction *transaction, const struct care *care,
                      const struct access *access, struct arena *arena, struct text person_id,
                      struct care_fact **out, size_t *count, struct error *error)
{
  struct care_fact_query query = {.person_id = person_id, .at = access->now};
  struct care_fact *all;
  size_t all_count, found = 0;
  if (!care_may(access, access->object, access->act, person_id, error) ||
      !list(transaction, access, arena, &query, &all, &all_count, error))
    return false;
  struct care_fact *shown = arena_allocate_array(arena, all_count + 1, sizeof *shown);
  for (size_t kind = 0; kind < care_code_count(care, CARE_FACT_KINDS); kind++)
    for (size_t i = 0; i < all_count; i++)
      if (text_equal(all[i].kind, care_code(care, CARE_FACT_KINDS, kind)) &&
          is_shown(care, kind, &all[i]))
        shown[found++] = all[i];
  *out = shown;
  *count = found;
  return true;
}
