/*
 * record_denial: that a plan said no, which steps of an appeal are left, and until when. Invariant:
 * a step is taken once, while it is open; every act is a step of its history. See record.h.
 */
#include <stddef.h>

#include "coverage/record_private.h"

static const char purpose[] = "coverage_denial.facts";
static const char appeal_kind[] = "coverage.appeal";
#define MEMBER(field, longest)                                                                     \
  {                                                                                                \
#field, offsetof(struct coverage_denial, field), (longest)                                     \
  }
static const struct record_member members[] = {MEMBER(number, LIMIT_COVERAGE_LINE),
                                               MEMBER(requested, LIMIT_COVERAGE_LINE * 4),
                                               MEMBER(words, LIMIT_COVERAGE_WORDS)};
enum { MEMBERS = sizeof members / sizeof *members };

/* --- Reading --------------------------------------------------------------------------------- */

void denial_read_row(struct arena *arena, const struct store_cursor *cursor, void *row)
{
  *(struct coverage_denial *)row = (struct coverage_denial){
      .id = record_column(arena, cursor, 0),
      .plan_id = record_column(arena, cursor, 1),
      .person_id = record_column(arena, cursor, 2),
      .authorization_id = record_column(arena, cursor, 3),
      .level_of_care = record_column(arena, cursor, 4),
      .denial = {.payer = record_column(arena, cursor, 5),
                 .reason = record_column(arena, cursor, 6),
                 .denied_on = store_column_integer(cursor, 7),
                 .taken_on = {[APPEAL_INTERNAL] = store_column_integer(cursor, 8),
                              [APPEAL_EXTERNAL] = store_column_integer(cursor, 9),
                              [APPEAL_HEARING] = store_column_integer(cursor, 10)},
                 .internal_denied_on = store_column_integer(cursor, 11)},
      .outcome = record_column(arena, cursor, 12),
      .ended_on = store_column_integer(cursor, 13),
      .version = store_column_integer(cursor, 14),
  };
}

static const char select_rows[] =
    "" RECORD_SAME "SELECT " DENIAL_COLUMNS ", d.facts FROM coverage_denial d"
    " WHERE d.program_id = $1 AND d.person_id IN (SELECT id FROM same) AND ($3 = '' OR d.id = $3)"
    " ORDER BY d.denied_on DESC, d.id DESC LIMIT $4";

static const struct record_kind kind = {.purpose = purpose,
                                        .size = sizeof(struct coverage_denial),
                                        .person_id = offsetof(struct coverage_denial, person_id),
                                        .facts = DENIAL_COLUMN_COUNT,
                                        .members = members,
                                        .member_count = MEMBERS,
                                        .read = denial_read_row};

bool denial_rows(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, const struct record_query *query,
                 struct coverage_denial **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, select_rows,
                   STORE_BIND(STORE_T(query->program_id), STORE_T(query->person_id),
                              STORE_T(query->id), STORE_N(LIMIT_CARE_ROWS)),
                   error))
    return false;
  struct coverage_denial *rows = record_rows_read(access, arena, &kind, NULL, cursor, count, error);
  if (rows) *out = rows;
  return rows != NULL;
}

bool coverage_denial_list(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct coverage_denial **out, size_t *count,
                          struct error *error)
{
  const struct record_query query = {access->program_id, access->person_id, TEXT("")};
  return record_may(access, false, error) &&
         denial_rows(transaction, access, arena, &query, out, count, error);
}

bool coverage_denial_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text id, struct coverage_denial *out,
                          struct error *error)
{
  const struct record_query query = {access->program_id, access->person_id, id};
  struct coverage_denial *rows;
  size_t count;
  if (!record_may(access, false, error) ||
      !denial_rows(transaction, access, arena, &query, &rows, &count, error))
    return false;
  if (id.length == 0 || count != 1) return record_missing(error);
  *out = rows[0];
  return true;
}

/* --- Clocks ---------------------------------------------------------------------------------- */

/* The first last day of what is still open rings as it begins. */
static bool set_clock(struct store_transaction *transaction, const struct coverage_rules *rules,
                      const struct access *access, struct arena *arena,
                      const struct coverage_denial *row, const struct zone *zone, int64_t today,
                      struct error *error)
{
  struct appeal appeals[APPEAL_STEPS];
  int64_t first = 0;
  denial_appeals_find(rules, &row->denial, today, appeals);
  for (size_t i = 0; i < APPEAL_STEPS && row->outcome.length == 0; i++)
    if (appeals[i].state == APPEAL_OPEN && (first == 0 || appeals[i].last_day < first))
      first = appeals[i].last_day;
  int64_t at = first ? record_day_begins(arena, zone, first) : 0;
  int64_t day = first ? first : row->outcome.length ? 0 : COVERAGE_NO_DAY;
  return (at ? due_set(transaction, access->program_id, appeal_kind, row->id, row->person_id, at,
                       error)
             : due_clear(transaction, access->program_id, appeal_kind, row->id, error)) &&
         record_settled(transaction, access, text_from(appeal_kind), row->id, error) &&
         store_execute(transaction,
                       "UPDATE coverage_denial SET due_on = $3 WHERE program_id = $1 AND id = $2",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(row->id), STORE_N(day)),
                       NULL, error);
}

/* --- Acts ------------------------------------------------------------------------------------ */

static bool is_reason(const struct coverage_rules *rules, struct text reason)
{
  for (size_t i = 0; i < denial_reasons_count(rules); i++)
    if (text_equal(denial_reasons_get(rules, i)->name, reason)) return true;
  return false;
}

static bool insert(struct store_transaction *transaction, const struct access *access,
                   const struct coverage_denial *row, struct text sealed, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO coverage_denial (program_id, id, plan_id, person_id, authorization_id,"
      " level_of_care, payer, reason, denied_on, internal_on, external_on, hearing_on,"
      " internal_denied_on, outcome, ended_on, facts, account_id, made_at, version)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, '', 0, $10, $11, $12, 1)",
      STORE_BIND(STORE_T(access->program_id), STORE_T(row->id), STORE_T(row->plan_id),
                 STORE_T(row->person_id), STORE_T(row->authorization_id),
                 STORE_T(row->level_of_care), STORE_T(row->denial.payer),
                 STORE_T(row->denial.reason), STORE_N(row->denial.denied_on), STORE_B(sealed),
                 STORE_T(access->actor->account_id), STORE_N(access->now)),
      NULL, error);
}

/* The authorization that was asked for is now denied. */
static bool deny(struct store_transaction *transaction, const struct coverage_rules *rules,
                 const struct access *access, struct arena *arena,
                 const struct coverage_denial *row, const struct zone *zone, int64_t today,
                 struct error *error)
{
  struct coverage_authorization asked;
  if (row->authorization_id.length == 0) return true;
  if (!authorization_load(transaction, access, arena, row->authorization_id, &asked, error))
    return false;
  if (!text_equal(asked.plan_id, row->plan_id)) return record_missing(error);
  if (asked.state != AUTHORIZATION_ASKED) return true;
  asked.state = AUTHORIZATION_DENIED;
  asked.decided_on = row->denial.denied_on;
  return authorization_decide(transaction, rules, access, arena, &asked, zone, today, error);
}

bool coverage_denial_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                         const struct access *access, struct arena *arena,
                         struct coverage_denial *denial, const struct zone *zone, int64_t today,
                         struct error *error)
{
  struct coverage_denial made = *denial;
  struct coverage_plan plan;
  struct text sealed;
  if (!record_may(access, true, error) ||
      !coverage_plan_load(transaction, access, arena, made.plan_id, &plan, error))
    return false;
  if (!is_reason(rules, made.denial.reason))
    return record_refuse(error, "error.coverage.reason", "no such reason");
  if (made.denial.denied_on <= 0 || made.denial.denied_on > today)
    return record_refuse(error, "error.coverage.moment", "denied in the future, or never");
  made.id = record_new_id(arena, access->now);
  made.person_id = plan.person_id;
  made.outcome = TEXT("");
  made.version = 1;
  made.denial = (struct denial){
      .payer = plan.payer, .reason = denial->denial.reason, .denied_on = denial->denial.denied_on};
  if (!record_check(members, MEMBERS, &made, error) ||
      !record_seal(access, arena, made.person_id, purpose,
                   record_members(arena, members, MEMBERS, &made), &sealed, error) ||
      !insert(transaction, access, &made, sealed, error) ||
      !record_step(transaction, access, made.id, 1, "denied", made.denial.denied_on, error) ||
      !deny(transaction, rules, access, arena, &made, zone, today, error) ||
      !set_clock(transaction, rules, access, arena, &made, zone, today, error))
    return false;
  *denial = made;
  return true;
}

static bool is_outcome(struct text outcome)
{
  static const char *const outcomes[] = {"overturned", "in-part", "upheld", "dropped"};
  for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
    if (text_equal(outcome, text_from(outcomes[i]))) return true;
  return false;
}

/* Put the change into the row, or refuse it. */
static bool apply(const struct coverage_rules *rules, struct coverage_denial *row,
                  const struct denial_change *change, int64_t today, struct error *error)
{
  struct appeal appeals[APPEAL_STEPS];
  struct denial *denial = &row->denial;
  int64_t day = change->on_day;
  if (row->outcome.length) return record_refuse(error, "error.coverage.over", "it is over");
  if (day < denial->denied_on || day > today)
    return record_refuse(error, "error.coverage.moment", "before the denial, or later than today");
  if (change->act == DENIAL_ENDED) {
    if (!is_outcome(change->outcome))
      return record_refuse(error, "error.coverage.outcome", "no such outcome");
    row->outcome = change->outcome;
    row->ended_on = day;
    return true;
  }
  if (change->act == DENIAL_AGAIN) {
    if (!denial->taken_on[APPEAL_INTERNAL] || denial->internal_denied_on ||
        day < denial->taken_on[APPEAL_INTERNAL])
      return record_refuse(error, "error.coverage.appeal", "the plan was not asked again");
    denial->internal_denied_on = day;
    return true;
  }
  enum appeal_step step = (enum appeal_step)change->act;
  denial_appeals_find(rules, denial, day, appeals);
  if (appeals[step].state != APPEAL_OPEN && appeals[step].state != APPEAL_UNKNOWN)
    return record_refuse(error, "error.coverage.appeal", "the step is not open on that day");
  if (denial->taken_on[step])
    return record_refuse(error, "error.coverage.appeal", "the step was taken");
  denial->taken_on[step] = day;
  return true;
}

bool coverage_denial_change(struct store_transaction *transaction,
                            const struct coverage_rules *rules, const struct access *access,
                            struct arena *arena, struct text id, const struct denial_change *change,
                            int64_t version, const struct zone *zone, int64_t today,
                            struct error *error)
{
  static const char *const acts[] = {"internal", "external", "hearing", "denied-again", "ended"};
  struct coverage_denial row = {.version = 0};
  int64_t changed = 0;
  if (!record_may(access, true, error) ||
      !coverage_denial_load(transaction, access, arena, id, &row, error))
    return false;
  if (row.version != version) return record_stale(error);
  if (!apply(rules, &row, change, today, error) ||
      !store_execute(
          transaction,
          "UPDATE coverage_denial SET internal_on = $3, external_on = $4, hearing_on = $5,"
          " internal_denied_on = $6, outcome = $7, ended_on = $8, version = version + 1"
          " WHERE program_id = $1 AND id = $2 AND version = $9",
          STORE_BIND(STORE_T(access->program_id), STORE_T(row.id),
                     STORE_N(row.denial.taken_on[APPEAL_INTERNAL]),
                     STORE_N(row.denial.taken_on[APPEAL_EXTERNAL]),
                     STORE_N(row.denial.taken_on[APPEAL_HEARING]),
                     STORE_N(row.denial.internal_denied_on), STORE_T(row.outcome),
                     STORE_N(row.ended_on), STORE_N(version)),
          &changed, error))
    return false;
  return (changed == 1 || record_stale(error)) &&
         record_step(transaction, access, row.id, version + 1, acts[change->act], change->on_day,
                     error) &&
         set_clock(transaction, rules, access, arena, &row, zone, today, error);
}
