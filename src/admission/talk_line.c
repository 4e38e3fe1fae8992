/*
 * Talk line: the line of whoever runs the installation, and who calls back. See front_door.h.
 */
#include <string.h>

#include "admission/front_door.h"
#include "admission/request_private.h"

enum { DAY_MINUTES = 24 * 60 };

static bool is_phone(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] < '0' || t.at[i] > '9') return false;
  return t.length == 0 || t.length == 10;
}

static bool is_day(struct text t)
{
  return t.length == 1 && t.at[0] >= '0' && t.at[0] <= '6';
}

void talk_line_check(const struct requests *requests, const struct talk_line *line,
                     struct field_problems *problems)
{
  const struct zone *zone;
  struct text rest = line->days, day;
  if (!text_is_utf8(line->name) || text_characters(line->name) > LIMIT_CARE_NAME)
    field_problem_add(problems, "name", "error.request.text");
  if (!is_phone(line->phone)) field_problem_add(problems, "phone", "error.request.phone");
  if (!is_phone(line->text_phone)) field_problem_add(problems, "text_phone", "error.request.phone");
  while (text_word_next(&rest, &day))
    if (!is_day(day)) field_problem_add(problems, "days", "error.request.code");
  if (line->begins < 0 || line->begins >= DAY_MINUTES)
    field_problem_add(problems, "begins", "error.front.clock");
  if (line->ends < 0 || line->ends >= DAY_MINUTES)
    field_problem_add(problems, "ends", "error.front.clock");
  if (line->days.length && !zone_find(line->zone, &zone))
    field_problem_add(problems, "zone", "error.care.zone");
  if (!urgency_find(requests->rules, line->urgency))
    field_problem_add(problems, "urgency", "error.request.code");
}

bool talk_line_load(struct store_transaction *transaction, struct arena *arena,
                    struct talk_line *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct talk_line line = {.version = 0};
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT name, phone, text_phone, days, begins, ends, zone, program_id, site_id,"
                  " version, urgency FROM talk_line WHERE id = 'line'",
                  STORE_BIND_NONE, error) &&
      store_next(cursor, &more, error);
  if (is_read && more)
    line = (struct talk_line){.name = request_column(arena, cursor, 0),
                              .phone = request_column(arena, cursor, 1),
                              .text_phone = request_column(arena, cursor, 2),
                              .days = request_column(arena, cursor, 3),
                              .begins = store_column_integer(cursor, 4),
                              .ends = store_column_integer(cursor, 5),
                              .zone = request_column(arena, cursor, 6),
                              .program_id = request_column(arena, cursor, 7),
                              .site_id = request_column(arena, cursor, 8),
                              .version = store_column_integer(cursor, 9),
                              .urgency = request_column(arena, cursor, 10)};
  store_cursor_close(cursor);
  if (is_read) *out = line;
  return is_read;
}

/* Whoever calls back is a site whose door is open for people. */
static bool check_door(struct store_transaction *transaction, struct arena *arena,
                       struct talk_line *line, struct error *error)
{
  struct front_door door;
  bool found = false;
  line->program_id = TEXT("");
  if (line->site_id.length == 0) return true;
  if (!front_door_find(transaction, arena, FRONT_TALK, line->site_id, &door, &found, error))
    return false;
  if (!found)
    return error_set(error, ERROR_REFUSED, "error.front.door", "", "talk line: a closed door");
  line->program_id = door.program_id;
  return true;
}

bool talk_line_save(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct talk_line *line,
                    struct error *error)
{
  struct field_problems problems = {.count = 0};
  int64_t changed = 0;
  if (strcmp(access->object, "program") != 0 || strcmp(access->act, "write") != 0 ||
      access->program_id.length)
    return access_refuse(access, TEXT(""), "error.403.text", error);
  talk_line_check(requests, line, &problems);
  if (!request_refuse(&problems, error) || !check_door(transaction, arena, line, error) ||
      !store_execute(
          transaction,
          "INSERT INTO talk_line (id, name, phone, text_phone, days, begins, ends, zone,"
          " program_id, site_id, changed_at, version, urgency) VALUES ('line', $1, $2, $3, $4, $5,"
          " $6, $7, $8, $9, $10, 1, $12) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
          " phone = excluded.phone, text_phone = excluded.text_phone, days = excluded.days,"
          " begins = excluded.begins, ends = excluded.ends, zone = excluded.zone,"
          " program_id = excluded.program_id, site_id = excluded.site_id,"
          " urgency = excluded.urgency, changed_at = excluded.changed_at,"
          " version = talk_line.version + 1 WHERE talk_line.version = $11",
          STORE_BIND(STORE_T(line->name), STORE_T(line->phone), STORE_T(line->text_phone),
                     STORE_T(line->days), STORE_N(line->begins), STORE_N(line->ends),
                     STORE_T(line->zone), STORE_T(line->program_id), STORE_T(line->site_id),
                     STORE_N(access->now), STORE_N(line->version), STORE_T(line->urgency)),
          &changed, error) ||
      !request_saved(changed, error))
    return false;
  line->version++;
  return true;
}

static bool has_day(struct text days, int weekday)
{
  struct text day;
  while (text_word_next(&days, &day))
    if (day.at[0] - '0' == weekday) return true;
  return false;
}

bool talk_line_is_open(const struct talk_line *line, int64_t now)
{
  const struct zone *zone;
  struct zone_time local;
  if (!zone_find(line->zone, &zone)) return false;
  zone_local(zone, now, &local);
  int64_t days = time_days_from_date(local.year, local.month, local.day);
  int today = (int)(((days + 4) % 7 + 7) % 7), before = (today + 6) % 7; /* 1970-01-01: Thursday */
  int64_t minute = local.hour * 60 + local.minute;
  if (line->begins < line->ends)
    return has_day(line->days, today) && minute >= line->begins && minute < line->ends;
  return (has_day(line->days, today) && minute >= line->begins) ||
         (has_day(line->days, before) && minute < line->ends);
}
