/*
 * Delivered: rows of days and services that were given. See delivered.h.
 *
 * Invariants: one standing day for each person, date and level (a unique index); a row's date,
 * minutes, staff are never changed: it is marked, and another stands for it.
 */
#include "care/care_private.h"

static const int64_t day_length = INT64_C(24) * 60 * 60 * 1000000;

/* --- Days ------------------------------------------------------------------------------------ */

static int64_t days_of(struct text date)
{
  int year = 0, month = 0, day = 0;
  (void)time_read_date(date, &year, &month, &day);
  return time_days_from_date(year, month, day);
}

/* The stay, and that these dates lie within it and not in the future. */
static bool check_days(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct delivered_day *day, struct text through,
                       struct episode *episode, struct error *error)
{
  const struct zone *zone;
  if (!episode_row(transaction, access, arena, day->episode_id, episode, error) ||
      !care_may_row(transaction, access, "delivered", "write", episode->person_id, error) ||
      !site_zone(transaction, access->program_id, episode->site_id, &zone, error))
    return false;
  if (text_compare(through, zone_format_date(arena, zone, access->now)) > 0)
    return error_set(error, ERROR_REFUSED, "error.care.future", "", "care: the field through");
  bool is_early = episode->begun_at == 0 ||
                  text_compare(day->date, zone_format_date(arena, zone, episode->begun_at)) < 0;
  bool is_late = episode->ended_at &&
                 text_compare(through, zone_format_date(arena, zone, episode->ended_at)) > 0;
  return (!is_early && !is_late) || error_set(error, ERROR_REFUSED, "error.care.episode.outside",
                                              "", "care: days outside the stay");
}

static bool add_day(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, const struct delivered_day *day, struct text date,
                    int64_t *added, struct error *error)
{
  int64_t changed = 0;
  if (!store_execute(
          transaction,
          "INSERT INTO delivered_day (program_id, id, person_id, episode_id, date, level_of_care,"
          " site_id, source_room, source_id, account_id, made_at, error_at, error_account_id,"
          " error_reason, version)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', '', 1)"
          " ON CONFLICT (program_id, person_id, date, level_of_care) WHERE error_at = 0 DO NOTHING",
          STORE_BIND(STORE_T(access->program_id), STORE_T(care_new_id(arena, access->now)),
                     STORE_T(day->person_id), STORE_T(day->episode_id), STORE_T(date),
                     STORE_T(day->level_of_care), STORE_T(day->site_id), STORE_T(day->source_room),
                     STORE_T(day->source_id), STORE_T(care_account(access)), STORE_N(access->now)),
          &changed, error))
    return false;
  *added += changed;
  return true;
}

bool delivered_day_add(struct store_transaction *transaction, const struct care *care,
                       const struct access *access, struct arena *arena,
                       const struct delivered_day *day, struct text through, int64_t *added,
                       struct error *error)
{
  struct field_problems problems = {.count = 0};
  struct episode episode;
  if (!care_may(access, "delivered", "write", TEXT(""), error)) return false;
  care_check_text(&problems, "date", day->date, LIMIT_CARE_NAME, true);
  care_check_date(&problems, "date", day->date);
  care_check_text(&problems, "through", through, LIMIT_CARE_NAME, true);
  care_check_date(&problems, "through", through);
  care_check_code(care, &problems, "level_of_care", CARE_LEVELS, day->level_of_care, true);
  if (problems.count == 0 && days_of(through) < days_of(day->date))
    field_problem_add(&problems, "through", "error.care.order");
  if (problems.count == 0 && days_of(through) - days_of(day->date) >= LIMIT_DELIVERED_DAYS)
    field_problem_add(&problems, "through", "error.care.many");
  if (!care_refuse(&problems, error) ||
      !check_days(transaction, access, arena, day, through, &episode, error))
    return false;
  struct delivered_day made = *day;
  int64_t count = 0;
  made.person_id = episode.person_id;
  if (made.site_id.length == 0) made.site_id = episode.site_id;
  for (int64_t at = days_of(day->date); at <= days_of(through); at++)
    if (!add_day(transaction, access, arena, &made, time_format_date(arena, at * day_length),
                 &count, error))
      return false;
  *added = count;
  return true;
}

/* Whose a row is; both kinds of row answer alike. */
static bool may_mark(struct store_transaction *transaction, const struct access *access,
                     bool is_asked, struct store_cursor *cursor, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct text person_id = TEXT("");
  bool more = false, is_marked = false;
  bool is_done = is_asked && store_next(cursor, &more, error);
  if (is_done && more) {
    person_id = care_column(arena, cursor, 0);
    is_marked = store_column_integer(cursor, 1) != 0;
  }
  if (is_asked) store_cursor_close(cursor);
  if (is_done && !more)
    is_done = error_set(error, ERROR_NOT_FOUND, "error.care.fact", "", "care: no such row");
  is_done = is_done && care_may_row(transaction, access, "delivered", "write", person_id, error);
  if (is_done && is_marked)
    is_done = error_set(error, ERROR_CONFLICT, "error.care.marked", "", "care: marked already");
  arena_free(arena);
  return is_done;
}

static bool check_reason(const struct care *care, struct text reason, struct error *error)
{
  struct field_problems problems = {.count = 0};
  care_check_code(care, &problems, "reason", CARE_CORRECTION_REASONS, reason, true);
  return care_refuse(&problems, error);
}

bool delivered_day_mark_error(struct store_transaction *transaction, const struct care *care,
                              const struct access *access, struct text id, struct text reason,
                              int64_t version, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t changed = 0;
  if (!check_reason(care, reason, error)) return false;
  bool is_asked = store_query(transaction, &cursor,
                              "SELECT person_id, error_at FROM delivered_day"
                              " WHERE program_id = $1 AND id = $2",
                              STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error);
  return may_mark(transaction, access, is_asked, cursor, error) &&
         store_execute(transaction,
                       "UPDATE delivered_day SET error_at = $3, error_account_id = $4,"
                       " error_reason = $5, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $6",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                  STORE_T(care_account(access)), STORE_T(reason), STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error);
}

bool delivered_day_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text person_id, struct text from,
                        struct text through, bool with_error, struct delivered_day **out,
                        size_t *count, struct error *error)
{
  if (!care_may(access, "delivered", "read", person_id, error)) return false;
  struct delivered_day *days = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *days);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id, person_id, episode_id, date, level_of_care, site_id, source_room, source_id,"
      " account_id, made_at, error_at, error_reason, version FROM delivered_day"
      " WHERE program_id = $1 AND person_id IN (SELECT id FROM same) AND ($3 = '' OR date >= $3)"
      " AND ($4 = '' OR date <= $4) AND (CAST($5 AS BIGINT) = 1 OR error_at = 0)"
      " ORDER BY date DESC, level_of_care, id LIMIT $6",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id), STORE_T(from), STORE_T(through),
                 STORE_N(with_error), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    days[found++] = (struct delivered_day){
        .id = care_column(arena, cursor, 0),
        .person_id = care_column(arena, cursor, 1),
        .episode_id = care_column(arena, cursor, 2),
        .date = care_column(arena, cursor, 3),
        .level_of_care = care_column(arena, cursor, 4),
        .site_id = care_column(arena, cursor, 5),
        .source_room = care_column(arena, cursor, 6),
        .source_id = care_column(arena, cursor, 7),
        .account_id = care_column(arena, cursor, 8),
        .made_at = store_column_integer(cursor, 9),
        .error_at = store_column_integer(cursor, 10),
        .error_reason = care_column(arena, cursor, 11),
        .version = store_column_integer(cursor, 12),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = days;
  *count = found;
  return true;
}

/* --- Services -------------------------------------------------------------------------------- */

void delivered_service_check(const struct care *care, const struct delivered_service *service,
                             int64_t now, struct field_problems *problems)
{
  care_check_code(care, problems, "kind", CARE_SERVICE_KINDS, service->kind, true);
  care_check_range(problems, "minutes", service->minutes, 1, LIMIT_DELIVERED_MINUTES);
  if (service->begun_at <= 0) field_problem_add(problems, "begun", "error.care.required");
  if (service->begun_at > now) field_problem_add(problems, "begun", "error.care.future");
  if (service->staff_id.length == 0) field_problem_add(problems, "staff", "error.care.required");
  if (service->group_id.length &&
      !care_code_says(care, CARE_SERVICE_KINDS, service->kind, "in_group", "yes"))
    field_problem_add(problems, "group", "error.care.value");
  care_check_text(problems, "group", service->group_id, LIMIT_CARE_NAME, false);
  care_check_text(problems, "source", service->source_room, LIMIT_CARE_NAME, true);
  care_check_text(problems, "source", service->source_id, LIMIT_CARE_NAME, false);
}

/* A stay that is named must be the person's own. */
static bool check_episode(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct delivered_service *service,
                          struct error *error)
{
  struct episode episode;
  if (service->episode_id.length == 0) return true;
  if (!episode_row(transaction, access, arena, service->episode_id, &episode, error)) return false;
  return text_equal(episode.person_id, service->person_id) ||
         care_may_row(transaction, access, "delivered", "write", episode.person_id, error);
}

bool delivered_service_add(struct store_transaction *transaction, const struct care *care,
                           const struct access *access, struct arena *arena,
                           struct delivered_service *service, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "delivered", "write", service->person_id, error)) return false;
  delivered_service_check(care, service, access->now, &problems);
  if (!care_refuse(&problems, error) ||
      !care_check_staff(transaction, access, service->staff_id, error) ||
      !care_check_place(transaction, access, service->site_id, TEXT(""), error) ||
      !check_episode(transaction, access, arena, service, error))
    return false;
  struct delivered_service made = *service;
  made.id = care_new_id(arena, access->now);
  made.account_id = care_account(access);
  made.made_at = access->now;
  made.version = 1;
  if (!store_execute(
          transaction,
          "INSERT INTO delivered_service (program_id, id, person_id, episode_id, kind, begun_at,"
          " minutes, staff_id, site_id, group_id, source_room, source_id, corrects_id, account_id,"
          " made_at, error_at, error_account_id, error_reason, version) VALUES ($1, $2, $3, $4, $5,"
          " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, '', '', 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.person_id),
                     STORE_T(made.episode_id), STORE_T(made.kind), STORE_N(made.begun_at),
                     STORE_N(made.minutes), STORE_T(made.staff_id), STORE_T(made.site_id),
                     STORE_T(made.group_id), STORE_T(made.source_room), STORE_T(made.source_id),
                     STORE_T(made.corrects_id), STORE_T(made.account_id), STORE_N(access->now)),
          NULL, error))
    return false;
  *service = made;
  return true;
}

bool delivered_service_correct(struct store_transaction *transaction, const struct care *care,
                               const struct access *access, struct arena *arena, struct text id,
                               struct text reason, struct delivered_service *instead,
                               int64_t version, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t changed = 0;
  if (!check_reason(care, reason, error)) return false;
  bool is_asked = store_query(transaction, &cursor,
                              "SELECT person_id, error_at FROM delivered_service"
                              " WHERE program_id = $1 AND id = $2",
                              STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error);
  if (!may_mark(transaction, access, is_asked, cursor, error) ||
      !store_execute(transaction,
                     "UPDATE delivered_service SET error_at = $3, error_account_id = $4,"
                     " error_reason = $5, version = version + 1"
                     " WHERE program_id = $1 AND id = $2 AND version = $6",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                STORE_T(care_account(access)), STORE_T(reason), STORE_N(version)),
                     &changed, error) ||
      !care_saved(changed, error))
    return false;
  if (!instead) return true;
  instead->corrects_id = id;
  return delivered_service_add(transaction, care, access, arena, instead, error);
}

static struct delivered_service read_service(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct delivered_service){
      .id = care_column(arena, cursor, 0),
      .person_id = care_column(arena, cursor, 1),
      .episode_id = care_column(arena, cursor, 2),
      .kind = care_column(arena, cursor, 3),
      .begun_at = store_column_integer(cursor, 4),
      .minutes = store_column_integer(cursor, 5),
      .staff_id = care_column(arena, cursor, 6),
      .site_id = care_column(arena, cursor, 7),
      .group_id = care_column(arena, cursor, 8),
      .source_room = care_column(arena, cursor, 9),
      .source_id = care_column(arena, cursor, 10),
      .corrects_id = care_column(arena, cursor, 11),
      .account_id = care_column(arena, cursor, 12),
      .made_at = store_column_integer(cursor, 13),
      .error_at = store_column_integer(cursor, 14),
      .error_reason = care_column(arena, cursor, 15),
      .version = store_column_integer(cursor, 16),
  };
}

bool delivered_service_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text person_id, int64_t from, int64_t until,
                            bool with_error, struct delivered_service **out, size_t *count,
                            struct error *error)
{
  if (!care_may(access, "delivered", "read", person_id, error)) return false;
  struct delivered_service *services =
      arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *services);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id, person_id, episode_id, kind, begun_at, minutes, staff_id, site_id, group_id,"
      " source_room, source_id, corrects_id, account_id, made_at, error_at, error_reason, version"
      " FROM delivered_service WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
      " AND (CAST($3 AS BIGINT) = 0 OR begun_at >= $3) AND (CAST($4 AS BIGINT) = 0 OR begun_at < "
      "$4) AND (CAST($5 AS BIGINT) = 1 OR error_at = 0)"
      " ORDER BY begun_at DESC, id DESC LIMIT $6",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id), STORE_N(from), STORE_N(until),
                 STORE_N(with_error), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    services[found++] = read_service(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = services;
  *count = found;
  return true;
}
