/*
 * record_funding: what pays for a stay. Invariant: a loan has its terms, so that its whole cost can
 * be shown beside it. See record.h.
 */
#include <stddef.h>
#include <stdlib.h>

#include "coverage/record_private.h"

static const char purpose[] = "stay_funding.facts";
static const struct record_member members[] = {
    {"words", offsetof(struct stay_funding, words), LIMIT_COVERAGE_WORDS}};

static bool check(const struct coverage_rules *rules, const struct stay_funding *funding,
                  struct error *error)
{
  const struct funding_source *source = funding_source_find(rules, funding->source);
  struct loan_cost cost;
  if (!source) return record_refuse(error, "error.coverage.source", "no such source");
  if (funding->amount < -1 || funding->amount > LIMIT_COVERAGE_INCOME)
    return record_refuse(error, "error.coverage.amount", "an amount out of its range");
  if (funding->from_on && funding->to_on && funding->to_on < funding->from_on)
    return record_refuse(error, "error.coverage.dates", "an end before the beginning");
  if (source->kind == FUNDING_LOAN) return loan_cost_find(&funding->loan, &cost, error);
  if (funding->loan.months)
    return record_refuse(error, "error.coverage.loan", "terms of a loan where there is none");
  return record_check(members, 1, funding, error);
}

static struct value *facts_of(struct arena *arena, const struct stay_funding *funding)
{
  struct value *facts = record_members(arena, members, 1, funding);
  if (funding->amount >= 0) value_set(facts, "amount", value_integer(arena, funding->amount));
  if (funding->loan.months == 0) return facts;
  struct value *loan = value_object(arena);
  value_set(loan, "amount", value_integer(arena, funding->loan.amount));
  value_set(loan, "rate", value_integer(arena, funding->loan.rate));
  value_set(loan, "months", value_integer(arena, funding->loan.months));
  value_set(loan, "fee", value_integer(arena, funding->loan.fee));
  value_set(facts, "loan", loan);
  return facts;
}

static int64_t number_of(const struct value *facts, const char *name, int64_t otherwise)
{
  int64_t number = otherwise;
  const struct value *member = value_get(facts, text_from(name));
  return member && value_integer_get(member, &number) ? number : otherwise;
}

static bool take(const struct coverage_rules *rules, const struct value *facts, void *row,
                 struct error *error)
{
  struct stay_funding *funding = row;
  const struct value *loan = value_get(facts, TEXT("loan"));
  (void)rules;
  (void)error;
  funding->amount = number_of(facts, "amount", -1);
  funding->loan = (struct loan){.amount = number_of(loan, "amount", 0),
                                .rate = number_of(loan, "rate", 0),
                                .months = number_of(loan, "months", 0),
                                .fee = number_of(loan, "fee", 0)};
  return true;
}

static bool check_all(struct store_transaction *transaction, const struct coverage_rules *rules,
                      const struct access *access, struct arena *arena,
                      const struct stay_funding *funding, struct error *error)
{
  struct coverage_plan plan;
  if (!check(rules, funding, error)) return false;
  if (text_is_empty(funding->episode_id))
    return record_refuse(error, "error.coverage.stay_of", "no stay");
  return record_stay(transaction, access, funding->episode_id, error) &&
         (funding->plan_id.length == 0 ||
          coverage_plan_load(transaction, access, arena, funding->plan_id, &plan, error));
}

/* A new row, which stands for another one or for none (""). */
static bool insert(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct stay_funding *made, struct text before,
                   struct error *error)
{
  struct text sealed;
  made->version = 1;
  made->ended_at = 0;
  return record_seal(access, arena, made->person_id, purpose, facts_of(arena, made), &sealed,
                     error) &&
         store_execute(transaction,
                       "INSERT INTO stay_funding (program_id, id, person_id, episode_id, source,"
                       " plan_id, from_on, to_on, facts, ended_at, account_id, made_at, version)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, 1)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(made->id),
                                  STORE_T(made->person_id), STORE_T(made->episode_id),
                                  STORE_T(made->source), STORE_T(made->plan_id),
                                  STORE_N(made->from_on), STORE_N(made->to_on), STORE_B(sealed),
                                  STORE_T(access->actor->account_id), STORE_N(access->now)),
                       NULL, error) &&
         record_paying_step(transaction, access, made->id, 1, "entered", before, error);
}

bool stay_funding_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                      const struct access *access, struct arena *arena,
                      struct stay_funding *funding, struct error *error)
{
  struct stay_funding made = *funding;
  if (!record_may(access, true, error) ||
      !check_all(transaction, rules, access, arena, funding, error))
    return false;
  made.id = record_new_id(arena, access->now);
  made.person_id = access->person_id;
  if (!insert(transaction, access, arena, &made, TEXT(""), error)) return false;
  *funding = made;
  return true;
}

static const char update_end[] =
    "" RECORD_SAME "UPDATE stay_funding SET ended_at = $4, version = version + 1"
    " WHERE program_id = $1 AND id = $3 AND version = $5"
    " AND ended_at = 0 AND person_id IN (SELECT id FROM same)";

bool stay_funding_end(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, int64_t version, struct error *error)
{
  int64_t changed = 0;
  (void)arena;
  return record_may(access, true, error) &&
         store_execute(transaction, update_end,
                       STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                                  STORE_T(id), STORE_N(access->now), STORE_N(version)),
                       &changed, error) &&
         (changed == 1 || record_stale(error)) &&
         record_paying_step(transaction, access, id, version + 1, "ended", TEXT(""), error);
}

/* Where a source stands in the order in which to ask. */
static size_t place_of(const struct coverage_rules *rules, struct text source)
{
  size_t count = funding_sources_count(rules);
  for (size_t i = 0; i < count; i++)
    if (text_equal(funding_sources_get(rules, i)->name, source)) return i;
  return count;
}

/* Stays stay as they came; within one, the order in which to ask. */
static void put_in_order(const struct coverage_rules *rules, struct stay_funding *rows,
                         size_t count)
{
  for (size_t i = 1; i < count; i++) {
    struct stay_funding row = rows[i];
    size_t at = i;
    while (at > 0 && text_equal(rows[at - 1].episode_id, row.episode_id) &&
           place_of(rules, rows[at - 1].source) > place_of(rules, row.source)) {
      rows[at] = rows[at - 1];
      at--;
    }
    rows[at] = row;
  }
}

static const char select_rows[] =
    "" RECORD_SAME "SELECT id, person_id, episode_id, source, plan_id, from_on, to_on, facts,"
    " ended_at, version FROM stay_funding WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) ORDER BY episode_id DESC, made_at, id"
    " LIMIT $3";

static void read_row(struct arena *arena, const struct store_cursor *cursor, void *row)
{
  *(struct stay_funding *)row = (struct stay_funding){
      .id = record_column(arena, cursor, 0),
      .person_id = record_column(arena, cursor, 1),
      .episode_id = record_column(arena, cursor, 2),
      .source = record_column(arena, cursor, 3),
      .plan_id = record_column(arena, cursor, 4),
      .from_on = store_column_integer(cursor, 5),
      .to_on = store_column_integer(cursor, 6),
      .ended_at = store_column_integer(cursor, 8),
      .version = store_column_integer(cursor, 9),
  };
}

static const struct record_kind kind = {.purpose = purpose,
                                        .size = sizeof(struct stay_funding),
                                        .person_id = offsetof(struct stay_funding, person_id),
                                        .facts = 7,
                                        .members = members,
                                        .member_count = 1,
                                        .read = read_row,
                                        .take = take};

bool stay_funding_list(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena, struct stay_funding **out,
                       size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!record_may(access, false, error) ||
      !store_query(transaction, &cursor, select_rows,
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_N(LIMIT_CARE_ROWS)),
                   error))
    return false;
  struct stay_funding *rows = record_rows_read(access, arena, &kind, rules, cursor, count, error);
  if (!rows) return false;
  put_in_order(rules, rows, *count);
  *out = rows;
  return true;
}

/* Rows of the stay that begin by a day and are not over on another, as codes. */
static struct text sources_of(struct arena *arena, const struct stay_funding *rows, size_t count,
                              struct text episode_id, int64_t begun_by, int64_t day)
{
  struct text out = TEXT(""), last = TEXT("");
  for (size_t i = 0; i < count; i++) {
    const struct stay_funding *row = &rows[i];
    bool is_over = row->ended_at || (row->to_on && row->to_on < day);
    if (is_over || row->from_on > begun_by || !text_equal(row->episode_id, episode_id) ||
        text_equal(row->source, last)) /* rows of one source stand together */
      continue;
    last = row->source;
    out = out.length ? text_format(arena, "%.*s %.*s", TEXT_PRINT(out), TEXT_PRINT(last)) : last;
  }
  return out;
}

struct text stay_funding_on(struct arena *arena, const struct stay_funding *rows, size_t count,
                            struct text episode_id, int64_t day)
{
  struct text now = sources_of(arena, rows, count, episode_id, day, day);
  return now.length ? now : sources_of(arena, rows, count, episode_id, INT64_MAX, day);
}

/* --- Changing and undoing -------------------------------------------------------------------- */

static const char select_steps[] =
    "" RECORD_SAME "SELECT s.subject_id, s.act, s.other_id, s.account_id, s.at FROM paying_step s"
    " JOIN stay_funding f ON f.program_id = s.program_id AND f.id = s.subject_id"
    " WHERE s.program_id = $1 AND f.person_id IN (SELECT id FROM same)"
    " ORDER BY s.at DESC, s.subject_id DESC, s.seq DESC LIMIT $3";

bool stay_funding_steps(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct paying_step **out, size_t *count,
                        struct error *error)
{
  struct store_cursor *cursor = NULL;
  return record_may(access, false, error) &&
         store_query(transaction, &cursor, select_steps,
                     STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                                STORE_N(LIMIT_CARE_ROWS)),
                     error) &&
         record_paying_steps_read(arena, cursor, out, count, error);
}

/* A row, and which one stands for it and which it stands for ("": none). */
struct standing {
  struct stay_funding row;
  struct text before, after;
};

static bool load_standing(struct store_transaction *transaction, const struct coverage_rules *rules,
                          const struct access *access, struct arena *arena, struct text id,
                          struct standing *out, struct error *error)
{
  struct standing found = {.before = TEXT(""), .after = TEXT("")};
  struct stay_funding *rows;
  struct paying_step *steps;
  size_t count, step_count;
  bool is_there = false;
  if (!stay_funding_list(transaction, rules, access, arena, &rows, &count, error) ||
      !stay_funding_steps(transaction, access, arena, &steps, &step_count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (id.length && text_equal(rows[i].id, id)) {
      found.row = rows[i];
      is_there = true;
    }
  for (size_t i = 0; i < step_count; i++) {
    if (!text_equal(steps[i].subject_id, id)) continue;
    if (text_equal(steps[i].act, TEXT("entered"))) found.before = steps[i].other_id;
    if (text_equal(steps[i].act, TEXT("replaced"))) found.after = steps[i].other_id;
  }
  *out = found;
  return is_there || record_missing(error);
}

static const char update_replaced[] =
    "UPDATE stay_funding SET version = version + 1,"
    " ended_at = CASE WHEN ended_at = 0 THEN CAST($4 AS BIGINT) ELSE ended_at END"
    " WHERE program_id = $1 AND id = $2 AND version = $3";

bool stay_funding_replace(struct store_transaction *transaction, const struct coverage_rules *rules,
                          const struct access *access, struct arena *arena, struct text id,
                          int64_t version, struct stay_funding *funding, struct error *error)
{
  struct standing old;
  struct stay_funding made = *funding;
  int64_t changed = 0;
  if (!record_may(access, true, error) ||
      !load_standing(transaction, rules, access, arena, id, &old, error))
    return false;
  if (old.after.length || old.row.version != version) return record_stale(error);
  if (!check_all(transaction, rules, access, arena, funding, error)) return false;
  made.id = record_new_id(arena, access->now);
  made.person_id = old.row.person_id;
  if (!store_execute(transaction, update_replaced,
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(version),
                                STORE_N(access->now)),
                     &changed, error) ||
      !(changed == 1 || record_stale(error)) ||
      !record_paying_step(transaction, access, id, version + 1, "replaced", made.id, error) ||
      !insert(transaction, access, arena, &made, id, error))
    return false;
  *funding = made;
  return true;
}

bool stay_funding_undo(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena, struct text id,
                       int64_t version, struct error *error)
{
  struct standing now, before;
  if (!record_may(access, true, error) ||
      !load_standing(transaction, rules, access, arena, id, &now, error))
    return false;
  struct stay_funding again = now.row;
  if (now.row.ended_at == 0) {
    if (now.before.length == 0)
      return record_refuse(error, "error.coverage.undo", "it was entered, and nothing since");
    if (!load_standing(transaction, rules, access, arena, now.before, &before, error)) return false;
    again = before.row;
  }
  return stay_funding_replace(transaction, rules, access, arena, id, version, &again, error);
}
