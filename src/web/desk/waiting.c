/*
 * Waiting: see waiting.h.
 */
#include "web/desk/waiting.h"

#include "web/desk/skips.h"

static const int64_t MINUTE = 60LL * 1000000, HOUR = 3600LL * 1000000, DAY = 86400LL * 1000000;
enum { HOURS_UNTIL_DAYS = 48 }; /* less is said in hours */

/* --- Words ------------------------------------------------------------------------------------ */

static struct text clock_text(struct arena *arena, int64_t minutes)
{
  int64_t of_day = minutes % (24 * 60);
  return text_format(arena, "%02lld:%02lld", (long long)(of_day / 60), (long long)(of_day % 60));
}

struct text waiting_hours(const struct web_request *request, const struct slot *slot)
{
  struct arena *arena = request->arena;
  struct text left = slot->weekdays, day, days = TEXT("");
  while (text_word_next(&left, &day)) {
    struct text key = text_format(arena, "weekday.%.*s", TEXT_PRINT(day));
    struct text word = view_text(request, text_c(arena, key));
    days =
        days.length ? text_format(arena, "%.*s, %.*s", TEXT_PRINT(days), TEXT_PRINT(word)) : word;
  }
  return VIEW_FORMAT(request, "slot.when", {"days", days},
                     {"begins", clock_text(arena, slot->begins)},
                     {"ends", clock_text(arena, slot->ends)});
}

/* --- By when ------------------------------------------------------------------------------- */

struct value *waiting_left(const struct web_request *request, int64_t at)
{
  struct value *out = desk_time(request, at);
  bool is_late = at < request->now;
  int64_t span = is_late ? request->now - at : at - request->now;
  const char *unit = is_late ? "waiting.late.minutes" : "waiting.left.minutes";
  int64_t count = span / MINUTE;
  if (span >= HOURS_UNTIL_DAYS * HOUR) {
    unit = is_late ? "waiting.late.days" : "waiting.left.days";
    count = span / DAY;
  } else if (span >= HOUR) {
    unit = is_late ? "waiting.late.hours" : "waiting.left.hours";
    count = span / HOUR;
  }
  view_set_text(request, out, "left",
                VIEW_FORMAT(request, unit, {"count", view_count(request->arena, count)}));
  view_set_flag(request, out, "is_late", is_late);
  return out;
}

/* Which of the two limits of the law binds, with the figure that knowledge/ has. */
static struct text admit_words(const struct web_request *request,
                               const struct waitlist_deadlines *deadlines)
{
  const struct request_rules *rules = requests_rules(request->application->requests);
  bool is_longer = deadlines->admit_by == deadlines->admit_most;
  const struct waitlist_clock *clock =
      waitlist_clock_get(rules, is_longer ? WAITLIST_ADMIT_MOST : WAITLIST_ADMIT);
  return VIEW_FORMAT(request, is_longer ? "waiting.admit_most" : "waiting.admit",
                     {"days", view_count(request->arena, clock->amount / DAY)});
}

static void fill_interim(const struct web_request *request, const struct waitlist_entry *entry,
                         struct value *item)
{
  const struct waitlist_deadlines *deadlines = &entry->deadlines;
  view_set_flag(request, item, "interim_owed", deadlines->interim_due != 0);
  if (!deadlines->interim_due) return;
  bool is_given = entry->interim_at != 0;
  struct value *interim = is_given ? desk_time(request, entry->interim_at)
                                   : waiting_left(request, deadlines->interim_due);
  view_set_flag(request, interim, "is_given", is_given);
  view_set_flag(request, interim, "is_late", deadlines->interim_late);
  if (is_given) view_set_text(request, interim, "left", TEXT(""));
  value_set(item, "interim", interim);
}

/* What is not known and may change the place, or "". */
static struct text to_ask(const struct web_request *request, const struct waitlist_entry *entry)
{
  if (entry->asks_pregnancy && entry->asks_injecting) return view_text(request, "waiting.ask_both");
  if (entry->asks_pregnancy) return view_text(request, "waiting.ask_pregnancy");
  return entry->asks_injecting ? view_text(request, "waiting.ask_injecting") : TEXT("");
}

void waiting_fill(const struct web_request *request, const struct waitlist_entry *entry,
                  struct value *item)
{
  const struct request_rules *rules = requests_rules(request->application->requests);
  const struct waitlist_deadlines *deadlines = &entry->deadlines;
  view_set_text(request, item, "why", skips_why(request, entry));
  view_set_text(request, item, "identifier", entry->identifier);
  view_set_text(request, item, "to_ask", to_ask(request, entry));
  view_set_flag(request, item, "is_offered", text_equal(entry->state, TEXT("offered")));
  view_set_text(request, item, "number",
                entry->place.number ? view_count(request->arena, (int64_t)entry->place.number)
                                    : TEXT(""));
  fill_interim(request, entry, item);
  view_set_flag(request, item, "admit_owed", deadlines->admit_by != 0);
  if (deadlines->admit_by) {
    value_set(item, "admit", waiting_left(request, deadlines->admit_by));
    view_set_text(request, item, "admit_words", admit_words(request, deadlines));
  }
  value_set(item, "contact_due",
            waiting_left(request, waitlist_contact_due(rules, entry->since_at, entry->contact_at)));
  value_set(item, "contact", desk_time(request, entry->contact_at));
  view_set_flag(request, item, "any_contact", entry->contact_at != 0);
  view_set_text(request, item, "attempts",
                entry->attempts ? view_count(request->arena, entry->attempts) : TEXT(""));
  view_set_flag(request, item, "law_over", deadlines->over != 0);
}
