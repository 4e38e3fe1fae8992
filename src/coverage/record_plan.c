/*
 * record_plan: who pays for somebody's care. See record.h.
 */
#include <stddef.h>

#include "coverage/record_private.h"

static const char purpose[] = "coverage_plan.facts";
#define MEMBER(field, longest)                                                                     \
  {                                                                                                \
#field, offsetof(struct coverage_plan, field), (longest)                                       \
  }
static const struct record_member members[] = {
    MEMBER(name, LIMIT_COVERAGE_LINE * 4),        MEMBER(address, LIMIT_COVERAGE_LINE * 4),
    MEMBER(phone, LIMIT_COVERAGE_LINE),           MEMBER(payer_id, LIMIT_COVERAGE_LINE),
    MEMBER(member_name, LIMIT_COVERAGE_LINE * 4), MEMBER(member_number, LIMIT_COVERAGE_LINE),
    MEMBER(group_number, LIMIT_COVERAGE_LINE),
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool check(const struct coverage_rules *rules, const struct coverage_plan *plan,
                  struct error *error)
{
  if (!record_is_payer(rules, plan->payer))
    return record_refuse(error, "error.coverage.payer", "no such kind of payer");
  if (text_is_empty(text_trim(plan->name)))
    return record_refuse(error, "error.coverage.plan", "a plan without a name");
  if (plan->turn < 1 || plan->turn > LIMIT_COVERAGE_TURNS)
    return record_refuse(error, "error.coverage.turn", "a turn out of its range");
  if (plan->from_on && plan->to_on && plan->to_on < plan->from_on)
    return record_refuse(error, "error.coverage.dates", "an end before the beginning");
  return record_check(members, MEMBERS, plan, error);
}

static bool insert(struct store_transaction *transaction, const struct access *access,
                   const struct coverage_plan *plan, struct text sealed, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO coverage_plan (program_id, id, person_id, payer, turn, from_on, to_on, facts,"
      " account_id, made_at, changed_at, version)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1)",
      STORE_BIND(STORE_T(access->program_id), STORE_T(plan->id), STORE_T(plan->person_id),
                 STORE_T(plan->payer), STORE_N(plan->turn), STORE_N(plan->from_on),
                 STORE_N(plan->to_on), STORE_B(sealed), STORE_T(access->actor->account_id),
                 STORE_N(access->now)),
      NULL, error);
}

static bool update(struct store_transaction *transaction, const struct access *access,
                   const struct coverage_plan *plan, struct text sealed, struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE coverage_plan SET payer = $3, turn = $4, from_on = $5, to_on = $6,"
                       " facts = $7, account_id = $8, changed_at = $9, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $10",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(plan->id),
                                  STORE_T(plan->payer), STORE_N(plan->turn), STORE_N(plan->from_on),
                                  STORE_N(plan->to_on), STORE_B(sealed),
                                  STORE_T(access->actor->account_id), STORE_N(access->now),
                                  STORE_N(plan->version)),
                       &changed, error) &&
         (changed == 1 || record_stale(error));
}

bool coverage_plan_save(struct store_transaction *transaction, const struct coverage_rules *rules,
                        const struct access *access, struct arena *arena,
                        struct coverage_plan *plan, struct error *error)
{
  struct coverage_plan made = *plan, before = {.version = 0};
  struct text sealed;
  bool is_new = plan->id.length == 0;
  if (!record_may(access, true, error) || !check(rules, plan, error)) return false;
  if (is_new) {
    made.id = record_new_id(arena, access->now);
    made.person_id = access->person_id;
  } else {
    if (!coverage_plan_load(transaction, access, arena, plan->id, &before, error)) return false;
    made.person_id = before.person_id;
  }
  if (!record_seal(access, arena, made.person_id, purpose,
                   record_members(arena, members, MEMBERS, &made), &sealed, error) ||
      !(is_new ? insert(transaction, access, &made, sealed, error)
               : update(transaction, access, &made, sealed, error)))
    return false;
  made.version = is_new ? 1 : made.version + 1;
  *plan = made;
  return true;
}

static const char select_rows[] =
    "" RECORD_SAME "SELECT id, person_id, payer, turn, from_on, to_on, facts, account_id,"
    " changed_at, version FROM coverage_plan WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) ORDER BY turn, made_at, id LIMIT $3";

static void read_row(struct arena *arena, const struct store_cursor *cursor, void *row)
{
  *(struct coverage_plan *)row = (struct coverage_plan){
      .id = record_column(arena, cursor, 0),
      .person_id = record_column(arena, cursor, 1),
      .payer = record_column(arena, cursor, 2),
      .turn = store_column_integer(cursor, 3),
      .from_on = store_column_integer(cursor, 4),
      .to_on = store_column_integer(cursor, 5),
      .account_id = record_column(arena, cursor, 7),
      .changed_at = store_column_integer(cursor, 8),
      .version = store_column_integer(cursor, 9),
  };
}

static const struct record_kind kind = {.purpose = purpose,
                                        .size = sizeof(struct coverage_plan),
                                        .person_id = offsetof(struct coverage_plan, person_id),
                                        .facts = 6,
                                        .members = members,
                                        .member_count = MEMBERS,
                                        .read = read_row};

bool coverage_plan_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct coverage_plan **out, size_t *count,
                        struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!record_may(access, false, error) ||
      !store_query(transaction, &cursor, select_rows,
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_N(LIMIT_CARE_ROWS)),
                   error))
    return false;
  struct coverage_plan *rows = record_rows_read(access, arena, &kind, NULL, cursor, count, error);
  if (rows) *out = rows;
  return rows != NULL;
}

bool coverage_plan_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct coverage_plan *out,
                        struct error *error)
{
  struct coverage_plan *rows;
  size_t count;
  if (!coverage_plan_list(transaction, access, arena, &rows, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (id.length && text_equal(rows[i].id, id)) {
      *out = rows[i];
      return true;
    }
  return record_missing(error);
}
