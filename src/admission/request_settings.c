/*
 * Request settings: what a program sets of answers: who is told, step by step, and on which days it
 * works. See request.h.
 */
#include <string.h>

#include "admission/request_private.h"

static bool may_program(const struct access *access, const char *act, struct error *error)
{
  return (strcmp(access->object, "program") == 0 && strcmp(access->act, act) == 0) ||
         error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "request: the access was not opened for program, %s", act);
}

/* --- Escalation ---------------------------------------------------------------------------- */

static bool check_step(struct store_transaction *transaction, const struct access *access,
                       const struct request_escalation *step, struct error *error)
{
  if (step->minutes < 1 || step->minutes > 7LL * 24 * 60)
    return error_set(error, ERROR_REFUSED, "error.request.required", "",
                     "request: the minutes of a step");
  return request_check_staff(transaction, access, step->staff_id, error);
}

bool request_escalation_save(struct store_transaction *transaction, const struct requests *requests,
                             const struct access *access, struct text site_id, struct text urgency,
                             const struct request_escalation *steps, size_t count,
                             struct error *error)
{
  if (!may_program(access, "write", error)) return false;
  if (!urgency_find(requests->rules, urgency) || count > LIMIT_REQUEST_STEPS)
    return error_set(error, ERROR_REFUSED, "error.request.code", "", "request: steps of what?");
  if (!store_execute(
          transaction,
          "DELETE FROM request_escalation WHERE program_id = $1 AND site_id = $2 AND urgency = $3",
          STORE_BIND(STORE_T(access->program_id), STORE_T(site_id), STORE_T(urgency)), NULL, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!check_step(transaction, access, &steps[i], error) ||
        !store_execute(transaction,
                       "INSERT INTO request_escalation (program_id, site_id, urgency, step,"
                       " staff_id, minutes) VALUES ($1, $2, $3, $4, $5, $6)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(site_id), STORE_T(urgency),
                                  STORE_N(i + 1), STORE_T(steps[i].staff_id),
                                  STORE_N(steps[i].minutes)),
                       NULL, error))
      return false;
  return true;
}

static bool read_steps(struct store_cursor *cursor, struct arena *arena,
                       struct request_escalation *out, size_t *count, struct error *error)
{
  bool more = false, is_read = true;
  for (*count = 0; (is_read = store_next(cursor, &more, error)) && more; ++*count)
    out[*count] = (struct request_escalation){
        request_column(arena, cursor, 0), request_column(arena, cursor, 1),
        request_column(arena, cursor, 2), store_column_integer(cursor, 3)};
  store_cursor_close(cursor);
  return is_read;
}

bool request_escalation_list(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct request_escalation **out, size_t *count,
                             struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct request_escalation *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  size_t found = 0;
  if (!may_program(access, "read", error) ||
      !store_query(transaction, &cursor,
                   "SELECT site_id, urgency, staff_id, minutes FROM request_escalation"
                   " WHERE program_id = $1 ORDER BY site_id, urgency, step LIMIT $2",
                   STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_REQUEST_ROWS)), error) ||
      !read_steps(cursor, arena, all, &found, error))
    return false;
  *out = all;
  *count = found;
  return true;
}

static bool load_steps(struct store_transaction *transaction, struct text program_id,
                       struct arena *arena, struct text site_id, struct text urgency,
                       struct request_escalation *out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  return store_query(
             transaction, &cursor,
             "SELECT e.site_id, e.urgency, e.staff_id, e.minutes FROM request_escalation e"
             " JOIN staff s ON s.program_id = e.program_id AND s.id = e.staff_id AND s.left_at = 0"
             " WHERE e.program_id = $1 AND e.site_id = $2 AND e.urgency = $3 ORDER BY e.step"
             " LIMIT $4",
             STORE_BIND(STORE_T(program_id), STORE_T(site_id), STORE_T(urgency),
                        STORE_N(LIMIT_REQUEST_STEPS)),
             error) &&
         read_steps(cursor, arena, out, count, error);
}

bool request_steps_load(struct store_transaction *transaction, struct text program_id,
                        struct arena *arena, struct text site_id, struct text urgency,
                        struct request_escalation *out, size_t *count, struct error *error)
{
  if (!load_steps(transaction, program_id, arena, site_id, urgency, out, count, error))
    return false;
  return *count || load_steps(transaction, program_id, arena, TEXT(""), urgency, out, count, error);
}

/* --- Days ---------------------------------------------------------------------------------- */

bool business_day_save(struct store_transaction *transaction, const struct access *access,
                       struct text date, bool is_open, struct error *error)
{
  int year, month, day;
  if (!may_program(access, "write", error)) return false;
  if (!time_read_date(date, &year, &month, &day))
    return error_set(error, ERROR_REFUSED, "error.request.date", "", "request: no date");
  return store_execute(transaction,
                       "INSERT INTO business_day (program_id, date, is_open) VALUES ($1, $2, $3)"
                       " ON CONFLICT (program_id, date) DO UPDATE SET is_open = excluded.is_open",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(date), STORE_N(is_open)),
                       NULL, error);
}

bool business_day_remove(struct store_transaction *transaction, const struct access *access,
                         struct text date, struct error *error)
{
  return may_program(access, "write", error) &&
         store_execute(transaction, "DELETE FROM business_day WHERE program_id = $1 AND date = $2",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(date)), NULL, error);
}

static bool load_days(struct store_transaction *transaction, struct text program_id,
                      struct arena *arena, int64_t now, struct business_day **out, size_t *count,
                      struct error *error)
{
  static const int64_t DAY = 86400LL * 1000000;
  struct store_cursor *cursor = NULL;
  struct business_day *days = arena_allocate_array(arena, LIMIT_BUSINESS_DAYS, sizeof *days);
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT date, is_open FROM business_day WHERE program_id = $1 AND date >= $2 ORDER BY date"
      " LIMIT $3",
      STORE_BIND(STORE_T(program_id), STORE_T(time_format_date(arena, now - DAY)),
                 STORE_N(LIMIT_BUSINESS_DAYS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    days[(*count)++] = (struct business_day){request_column(arena, cursor, 0),
                                             store_column_integer(cursor, 1) != 0};
  store_cursor_close(cursor);
  *out = days;
  return is_read;
}

bool business_day_list(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct business_day **out, size_t *count,
                       struct error *error)
{
  struct business_day *days = NULL;
  size_t found = 0;
  if (!may_program(access, "read", error) ||
      !load_days(transaction, access->program_id, arena, access->now, &days, &found, error))
    return false;
  *out = days;
  *count = found;
  return true;
}

bool request_calendar_load(struct store_transaction *transaction, const struct requests *requests,
                           struct text program_id, struct arena *arena, int64_t now,
                           struct business_calendar *out, struct error *error)
{
  struct business_calendar calendar = {.day_count = 0};
  struct business_day *days = NULL;
  int64_t keeps = 0;
  const struct {
    const char *name;
    int64_t *value;
  } settings[] = {{"business-week-begins", &calendar.week_begins},
                  {"business-week-ends", &calendar.week_ends},
                  {"business-day-ends", &calendar.day_ends},
                  {"keeps-federal-holidays", &keeps}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    if (!program_setting_number(transaction, requests->care, program_id, settings[i].name,
                                settings[i].value, error))
      return false;
  calendar.keeps_holidays = keeps != 0;
  if (!load_days(transaction, program_id, arena, now, &days, &calendar.day_count, error))
    return false;
  calendar.days = days;
  *out = calendar;
  return true;
}

bool request_answer_due(struct store_transaction *transaction, const struct requests *requests,
                        struct text program_id, struct arena *arena, const struct request *request,
                        int64_t *out, struct error *error)
{
  struct business_calendar calendar;
  const struct zone *zone;
  if (!site_zone(transaction, program_id, request->site_id, &zone, error) ||
      !request_calendar_load(transaction, requests, program_id, arena, request->received_at,
                             &calendar, error))
    return false;
  *out = request_answer_by(requests->rules, &calendar, zone,
                           urgency_find(requests->rules, request->urgency), request->received_at);
  return true;
}
