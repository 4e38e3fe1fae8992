/*
 * record_authorization: what was asked of a plan, what it approved, and how that burns down by what
 * care delivered. Invariants: an approval has units and dates, which the database sees to as well;
 * every act is a step. See record.h.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "coverage/record_private.h"

static const char purpose[] = "coverage_authorization.facts";
#define MEMBER(field, longest)                                                                     \
  {                                                                                                \
#field, offsetof(struct coverage_authorization, field), (longest)                              \
  }
static const struct record_member members[] = {MEMBER(number, LIMIT_COVERAGE_LINE),
                                               MEMBER(who, LIMIT_COVERAGE_LINE),
                                               MEMBER(words, LIMIT_COVERAGE_WORDS)};
enum { MEMBERS = sizeof members / sizeof *members };
static const char *const states[] = {"asked", "approved", "denied", "withdrawn"};
static const char *const units[] = {"day", "visit", "hour"};

const char *authorization_state_name(enum authorization_state state)
{
  return states[state];
}

const char *authorization_unit_name(enum authorization_unit unit)
{
  return units[unit];
}

static size_t index_of(const char *const *names, size_t count, struct text name)
{
  size_t i = 0;
  while (i + 1 < count && !text_equal(text_from(names[i]), name)) i++;
  return i;
}

/* --- Reading --------------------------------------------------------------------------------- */

void authorization_read_row(struct arena *arena, const struct store_cursor *cursor, void *row)
{
  struct text state = store_column_text(cursor, 6), unit = store_column_text(cursor, 7);
  *(struct coverage_authorization *)row = (struct coverage_authorization){
      .id = record_column(arena, cursor, 0),
      .plan_id = record_column(arena, cursor, 1),
      .person_id = record_column(arena, cursor, 2),
      .episode_id = record_column(arena, cursor, 3),
      .level_of_care = record_column(arena, cursor, 4),
      .payer = record_column(arena, cursor, 5),
      .state = (enum authorization_state)index_of(states, 4, state),
      .unit = (enum authorization_unit)index_of(units, 3, unit),
      .is_urgent = store_column_integer(cursor, 8) != 0,
      .asked_at = store_column_integer(cursor, 9),
      .asked_on = store_column_integer(cursor, 10),
      .units_asked = store_column_integer(cursor, 11),
      .approved = {.units = store_column_integer(cursor, 12),
                   .from = store_column_integer(cursor, 13),
                   .to = store_column_integer(cursor, 14),
                   .review_on = store_column_integer(cursor, 15)},
      .decided_on = store_column_integer(cursor, 16),
      .version = store_column_integer(cursor, 17),
  };
}

static const char select_rows[] =
    "" RECORD_SAME "SELECT " AUTHORIZATION_COLUMNS ", a.facts"
    " FROM coverage_authorization a JOIN coverage_plan c"
    " ON c.program_id = a.program_id AND c.id = a.plan_id WHERE a.program_id = $1"
    " AND a.person_id IN (SELECT id FROM same) AND ($3 = '' OR a.id = $3)"
    " ORDER BY a.asked_at DESC, a.id DESC LIMIT $4";

static const struct record_kind kind = {.purpose = purpose,
                                        .size = sizeof(struct coverage_authorization),
                                        .person_id =
                                            offsetof(struct coverage_authorization, person_id),
                                        .facts = AUTHORIZATION_COLUMN_COUNT,
                                        .members = members,
                                        .member_count = MEMBERS,
                                        .read = authorization_read_row};

bool authorization_rows(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct record_query *query,
                        struct coverage_authorization **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, select_rows,
                   STORE_BIND(STORE_T(query->program_id), STORE_T(query->person_id),
                              STORE_T(query->id), STORE_N(LIMIT_CARE_ROWS)),
                   error))
    return false;
  struct coverage_authorization *rows =
      record_rows_read(access, arena, &kind, NULL, cursor, count, error);
  if (rows) *out = rows;
  return rows != NULL;
}

bool authorization_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct coverage_authorization **out, size_t *count,
                        struct error *error)
{
  const struct record_query query = {access->program_id, access->person_id, TEXT("")};
  return record_may(access, false, error) &&
         authorization_rows(transaction, access, arena, &query, out, count, error);
}

bool authorization_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct coverage_authorization *out,
                        struct error *error)
{
  const struct record_query query = {access->program_id, access->person_id, id};
  struct coverage_authorization *rows;
  size_t count;
  if (!record_may(access, false, error) ||
      !authorization_rows(transaction, access, arena, &query, &rows, &count, error))
    return false;
  if (id.length == 0 || count != 1) return record_missing(error);
  *out = rows[0];
  return true;
}

/* --- Clocks ---------------------------------------------------------------------------------- */

static const char decision_kind[] = "coverage.decision";
static const char review_kind[] = "coverage.review";

/* The day for lists of what is due. */
static int64_t due_on(struct arena *arena, const struct coverage_authorization *row,
                      const struct decision_due *due, const struct zone *zone)
{
  int64_t day = COVERAGE_NO_DAY;
  if (row->state == AUTHORIZATION_APPROVED)
    return row->approved.review_on ? row->approved.review_on : row->approved.to;
  if (row->state != AUTHORIZATION_ASKED) return 0;
  if (due->standing == COVERAGE_HOLDS && !due->is_instant) return due->last_day;
  if (due->standing == COVERAGE_HOLDS)
    (void)coverage_day_read(zone_format_date(arena, zone, due->at), &day);
  return day;
}

/* Where it stands in lists. Whoever writes takes out which approvals have been over for two days,
 * so that lists need not pass over them for good. */
static bool set_place(struct store_transaction *transaction, const struct access *access,
                      const struct coverage_authorization *row, int64_t day, struct error *error)
{
  const int64_t a_day = INT64_C(86400) * 1000000;
  return store_execute(transaction,
                       "UPDATE coverage_authorization SET due_on = 0 WHERE program_id = $1"
                       " AND due_on > 0 AND to_on > 0 AND to_on < $2",
                       STORE_BIND(STORE_T(access->program_id), STORE_N(access->now / a_day - 2)),
                       NULL, error) &&
         store_execute(
             transaction,
             "UPDATE coverage_authorization SET due_on = $3 WHERE program_id = $1 AND id = $2",
             STORE_BIND(STORE_T(access->program_id), STORE_T(row->id), STORE_N(day)), NULL, error);
}

/* When the plan must have decided, while it is asked; when to look again, once it has approved. */
static bool set_clocks(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena,
                       const struct coverage_authorization *row, const struct zone *zone,
                       struct error *error)
{
  struct decision_due due =
      decision_due_find(rules, row->payer, row->is_urgent, row->asked_at, row->asked_on);
  int64_t decision = 0, review = 0;
  if (row->state == AUTHORIZATION_ASKED && due.standing == COVERAGE_HOLDS)
    decision = due.is_instant ? due.at : record_day_begins(arena, zone, due.last_day + 1);
  if (row->state == AUTHORIZATION_APPROVED)
    review = record_day_begins(
        arena, zone, row->approved.review_on ? row->approved.review_on : row->approved.to);
  if (!(decision ? due_set(transaction, access->program_id, decision_kind, row->id, row->person_id,
                           decision, error)
                 : due_clear(transaction, access->program_id, decision_kind, row->id, error)) ||
      !(review ? due_set(transaction, access->program_id, review_kind, row->id, row->person_id,
                         review, error)
               : due_clear(transaction, access->program_id, review_kind, row->id, error)))
    return false;
  return record_settled(transaction, access, text_from(review_kind), row->id, error) &&
         (row->state == AUTHORIZATION_ASKED ||
          record_settled(transaction, access, text_from(decision_kind), row->id, error)) &&
         set_place(transaction, access, row, due_on(arena, row, &due, zone), error);
}

/* --- Acts ------------------------------------------------------------------------------------ */

static bool check_ask(const struct access *access, const struct coverage_authorization *row,
                      struct error *error)
{
  if (row->units_asked < 1 || row->units_asked > LIMIT_COVERAGE_UNITS)
    return record_refuse(error, "error.coverage.units", "units out of their range");
  if (row->asked_at <= 0 || row->asked_at > access->now || row->asked_on <= 0)
    return record_refuse(error, "error.coverage.moment", "asked in the future, or never");
  if (text_is_empty(row->level_of_care) || row->level_of_care.length > LIMIT_COVERAGE_LINE)
    return record_refuse(error, "error.coverage.level", "no level of care");
  return record_check(members, MEMBERS, row, error);
}

bool authorization_ask(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena,
                       struct coverage_authorization *authorization, const struct zone *zone,
                       struct error *error)
{
  struct coverage_authorization made = *authorization;
  struct coverage_plan plan;
  struct text sealed;
  if (!record_may(access, true, error) ||
      !coverage_plan_load(transaction, access, arena, made.plan_id, &plan, error) ||
      !check_ask(access, &made, error) || !record_stay(transaction, access, made.episode_id, error))
    return false;
  made.id = record_new_id(arena, access->now);
  made.person_id = plan.person_id;
  made.payer = plan.payer;
  made.state = AUTHORIZATION_ASKED;
  made.version = 1;
  if (!record_seal(access, arena, made.person_id, purpose,
                   record_members(arena, members, MEMBERS, &made), &sealed, error) ||
      !store_execute(
          transaction,
          "INSERT INTO coverage_authorization (program_id, id, plan_id, person_id, episode_id,"
          " level_of_care, state, unit, is_urgent, asked_at, asked_on, units_asked, units, from_on,"
          " to_on, review_on, decided_on, facts, account_id, made_at, version)"
          " VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, $12, $13,"
          " $14, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.plan_id),
                     STORE_T(made.person_id), STORE_T(made.episode_id), STORE_T(made.level_of_care),
                     STORE_T(text_from(units[made.unit])), STORE_N(made.is_urgent),
                     STORE_N(made.asked_at), STORE_N(made.asked_on), STORE_N(made.units_asked),
                     STORE_B(sealed), STORE_T(access->actor->account_id), STORE_N(access->now)),
          NULL, error) ||
      !record_step(transaction, access, made.id, 1, "asked", made.asked_on, error) ||
      !set_clocks(transaction, rules, access, arena, &made, zone, error))
    return false;
  *authorization = made;
  return true;
}

static bool check_decision(const struct coverage_authorization *before,
                           const struct coverage_authorization *row, int64_t today,
                           struct error *error)
{
  const struct authorization *approved = &row->approved;
  bool is_correction =
      before->state == AUTHORIZATION_APPROVED && row->state == AUTHORIZATION_APPROVED;
  if (row->state == AUTHORIZATION_ASKED || (before->state != AUTHORIZATION_ASKED && !is_correction))
    return record_refuse(error, "error.coverage.decided", "it was decided before");
  if (row->decided_on < before->asked_on || row->decided_on > today)
    return record_refuse(error, "error.coverage.moment", "decided before it was asked, or later");
  if (row->state != AUTHORIZATION_APPROVED) return true;
  if (approved->units < 1 || approved->units > LIMIT_COVERAGE_UNITS)
    return record_refuse(error, "error.coverage.units", "units out of their range");
  if (approved->from <= 0 || approved->to < approved->from ||
      approved->to - approved->from > LIMIT_COVERAGE_DAYS ||
      (approved->review_on && approved->review_on > approved->to))
    return record_refuse(error, "error.coverage.dates", "dates that do not follow");
  return true;
}

bool authorization_decide(struct store_transaction *transaction, const struct coverage_rules *rules,
                          const struct access *access, struct arena *arena,
                          const struct coverage_authorization *authorization,
                          const struct zone *zone, int64_t today, struct error *error)
{
  struct coverage_authorization row = {.version = 0};
  struct text sealed;
  int64_t changed = 0;
  if (!record_may(access, true, error) ||
      !authorization_load(transaction, access, arena, authorization->id, &row, error))
    return false;
  if (row.version != authorization->version) return record_stale(error);
  if (!check_decision(&row, authorization, today, error) ||
      !record_check(members, MEMBERS, authorization, error))
    return false;
  row.state = authorization->state;
  row.decided_on = authorization->decided_on;
  row.number = authorization->number;
  row.who = authorization->who;
  row.words = authorization->words;
  row.approved = (struct authorization){.units = 0};
  if (row.state == AUTHORIZATION_APPROVED) row.approved = authorization->approved;
  if (!record_seal(access, arena, row.person_id, purpose,
                   record_members(arena, members, MEMBERS, &row), &sealed, error) ||
      !store_execute(transaction,
                     "UPDATE coverage_authorization SET state = $3, units = $4, from_on = $5,"
                     " to_on = $6, review_on = $7, decided_on = $8, facts = $9,"
                     " version = version + 1 WHERE program_id = $1 AND id = $2 AND version = $10",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(row.id),
                                STORE_T(text_from(states[row.state])), STORE_N(row.approved.units),
                                STORE_N(row.approved.from), STORE_N(row.approved.to),
                                STORE_N(row.approved.review_on), STORE_N(row.decided_on),
                                STORE_B(sealed), STORE_N(row.version)),
                     &changed, error))
    return false;
  return (changed == 1 || record_stale(error)) &&
         record_step(transaction, access, row.id, row.version + 1, states[row.state],
                     row.decided_on, error) &&
         set_clocks(transaction, rules, access, arena, &row, zone, error);
}

/* --- Burning down ---------------------------------------------------------------------------- */

bool coverage_delivered_load(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct coverage_delivered *out,
                             struct error *error)
{
  struct delivered_day *days;
  struct delivered_service *services;
  size_t day_count, service_count;
  if (!delivered_day_list(transaction, access, arena, access->person_id, TEXT(""), TEXT(""), false,
                          &days, &day_count, error) ||
      !delivered_service_list(transaction, access, arena, access->person_id, 0, 0, false, &services,
                              &service_count, error))
    return false;
  *out = (struct coverage_delivered){days, services, day_count, service_count};
  return true;
}

static bool is_within(const struct coverage_authorization *row, int64_t day)
{
  return row->state == AUTHORIZATION_APPROVED && day >= row->approved.from &&
         day <= row->approved.to;
}

/* Is a day outside this approval, and inside another of the same level and kind? */
static bool is_of_another(const struct coverage_authorization *all, size_t count, size_t which,
                          int64_t day)
{
  if (is_within(&all[which], day)) return false;
  for (size_t i = 0; i < count; i++)
    if (i != which && all[i].unit == all[which].unit &&
        text_equal(all[i].level_of_care, all[which].level_of_care) && is_within(&all[i], day))
      return true;
  return false;
}

static bool is_of_stay(const struct coverage_authorization *row, struct text episode_id)
{
  return row->episode_id.length == 0 || text_equal(row->episode_id, episode_id);
}

/* Sessions as units, those of one day together. Answers how many days. */
static size_t count_sessions(struct arena *arena, const struct zone *zone,
                             const struct coverage_authorization *row,
                             const struct coverage_delivered *delivered,
                             struct delivered_units *out)
{
  enum { HOUR = 60 };
  size_t count = 0;
  for (size_t i = 0; i < delivered->service_count; i++) {
    const struct delivered_service *service = &delivered->services[i];
    int64_t day = 0;
    if (!is_of_stay(row, service->episode_id) ||
        !coverage_day_read(zone_format_date(arena, zone, service->begun_at), &day))
      continue;
    if (count == 0 || out[count - 1].day != day) out[count++] = (struct delivered_units){day, 0};
    out[count - 1].units += row->unit == UNIT_HOUR ? service->minutes : 1;
  }
  for (size_t i = 0; i < count && row->unit == UNIT_HOUR; i++) out[i].units /= HOUR;
  return count;
}

void authorization_burn_load(const struct coverage_rules *rules, struct arena *arena,
                             const struct zone *zone, const struct coverage_authorization *all,
                             size_t count, size_t which, const struct coverage_delivered *delivered,
                             int64_t today, struct authorization_burn *out)
{
  const struct coverage_authorization *row = &all[which];
  struct delivered_units *given = arena_allocate_array(
      arena, delivered->day_count + delivered->service_count + 1, sizeof *given);
  size_t found = 0, kept = 0;
  assert(which < count);
  for (size_t i = 0; i < delivered->day_count && row->unit == UNIT_DAY; i++) {
    const struct delivered_day *day = &delivered->days[i];
    int64_t on = 0;
    if (text_equal(day->level_of_care, row->level_of_care) && is_of_stay(row, day->episode_id) &&
        coverage_day_read(day->date, &on))
      given[found++] = (struct delivered_units){on, 1};
  }
  if (row->unit != UNIT_DAY) found = count_sessions(arena, zone, row, delivered, given);
  for (size_t i = 0; i < found; i++)
    if (!is_of_another(all, count, which, given[i].day)) given[kept++] = given[i];
  authorization_burn_find(rules, &row->approved, given, kept, today, out);
}
