/*
 * Waitlist: order, place, deadlines. See waitlist.h. Pure: no store, no clock.
 */
#include "admission/waitlist.h"

#include <stdlib.h>

static int compare_numbers(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

static int64_t tier_of(const struct request_rules *rules, const struct waitlist_candidate *one)
{
  return waitlist_tier_get(rules, one->is_pregnant, one->is_injecting)->tier;
}

int waitlist_compare(const struct request_rules *rules, const struct waitlist_candidate *a,
                     const struct waitlist_candidate *b)
{
  int order = compare_numbers(tier_of(rules, a), tier_of(rules, b));
  if (order == 0) order = compare_numbers(b->urgency, a->urgency);
  if (order == 0) order = compare_numbers(a->since_at, b->since_at);
  return order ? order : text_compare(a->id, b->id);
}

static int compare_candidates(const void *a, const void *b, void *context)
{
  return waitlist_compare(context, a, b);
}

void waitlist_sort(const struct request_rules *rules, struct waitlist_candidate *all, size_t count)
{
  if (count) qsort_r(all, count, sizeof *all, compare_candidates, (void *)(uintptr_t)rules);
}

void waitlist_place_find(const struct request_rules *rules, const struct waitlist_candidate *all,
                         size_t count, size_t index, struct waitlist_place *out)
{
  const struct waitlist_candidate *own = &all[index];
  struct waitlist_place place = {.count = count};
  for (size_t i = 0; i < count; i++) {
    if (i == index || waitlist_compare(rules, &all[i], own) >= 0) continue;
    if (tier_of(rules, &all[i]) != tier_of(rules, own)) place.by_law++;
    else if (all[i].urgency != own->urgency) place.by_urgency++;
    else place.by_waiting++;
  }
  place.number = 1 + place.by_law + place.by_urgency + place.by_waiting;
  *out = place;
}

void waitlist_places_find(const struct request_rules *rules,
                          const struct waitlist_candidate *sorted, size_t count,
                          struct waitlist_place *out)
{
  size_t tier = 0, urgency = 0; /* where those like this one begin */
  for (size_t i = 0; i < count; i++) {
    if (tier_of(rules, &sorted[i]) != tier_of(rules, &sorted[tier])) tier = urgency = i;
    if (sorted[i].urgency != sorted[urgency].urgency) urgency = i;
    out[i] = (struct waitlist_place){.number = i + 1,
                                     .count = count,
                                     .by_law = tier,
                                     .by_urgency = urgency - tier,
                                     .by_waiting = i - urgency};
  }
}

/* --- In words ------------------------------------------------------------------------------ */

static void add_words(const struct catalog *catalog, struct arena *arena, size_t language,
                      const char *key, size_t count, struct value *out)
{
  struct value *names = value_object(arena);
  value_set(names, "count", value_integer(arena, (int64_t)count));
  value_add(out, value_text(arena, catalog_format(arena, catalog, language, key, names)));
}

static void add_reason(const struct catalog *catalog, struct arena *arena, size_t language,
                       const char *one, const char *many, size_t count, struct value *out)
{
  if (count) add_words(catalog, arena, language, count == 1 ? one : many, count, out);
}

struct value *waitlist_place_words(const struct catalog *catalog, struct arena *arena,
                                   size_t language, const struct waitlist_place *place)
{
  struct value *out = value_list(arena);
  if (place->number == 1) add_words(catalog, arena, language, "waitlist.place.next", 1, out);
  else add_words(catalog, arena, language, "waitlist.place.number", place->number, out);
  add_reason(catalog, arena, language, "waitlist.before.law.one", "waitlist.before.law",
             place->by_law, out);
  add_reason(catalog, arena, language, "waitlist.before.urgency.one", "waitlist.before.urgency",
             place->by_urgency, out);
  add_reason(catalog, arena, language, "waitlist.before.waiting.one", "waitlist.before.waiting",
             place->by_waiting, out);
  add_words(catalog, arena, language, "waitlist.place.fair", 0, out);
  return out;
}

/* --- By when ------------------------------------------------------------------------------- */

static bool is_for(unsigned who, bool is_pregnant, bool is_injecting)
{
  return who == 0 || (is_pregnant && (who & WAITLIST_PREGNANT)) ||
         (is_injecting && (who & WAITLIST_INJECTING));
}

/* When a clock rings that began with the request; 0: it is not for this person. */
static int64_t rings_at(const struct request_rules *rules, enum waitlist_clock_kind kind,
                        const struct waitlist_facts *facts, int64_t now, unsigned *over)
{
  const struct waitlist_clock *clock = waitlist_clock_get(rules, kind);
  if (!is_for(clock->who, facts->is_pregnant, facts->is_injecting)) return 0;
  if (request_term_says(&clock->term, now) != REQUEST_TERM_HOLDS) *over |= 1u << kind;
  return facts->since_at + clock->amount;
}

void waitlist_deadlines_find(const struct request_rules *rules, const struct waitlist_facts *facts,
                             int64_t now, struct waitlist_deadlines *out)
{
  struct waitlist_deadlines found = {.over = 0};
  found.interim_due = rings_at(rules, WAITLIST_INTERIM, facts, now, &found.over);
  found.admit_due = rings_at(rules, WAITLIST_ADMIT, facts, now, &found.over);
  found.admit_most = rings_at(rules, WAITLIST_ADMIT_MOST, facts, now, &found.over);
  int64_t looked_at = facts->interim_at ? facts->interim_at : now;
  found.interim_late = found.interim_due && looked_at > found.interim_due;
  bool has_longer = facts->interim_at && !found.interim_late && found.admit_most;
  found.admit_by = has_longer ? found.admit_most : found.admit_due;
  found.admit_late = found.admit_by && now > found.admit_by;
  *out = found;
}

int64_t waitlist_contact_due(const struct request_rules *rules, int64_t since_at,
                             int64_t last_contact_at)
{
  int64_t from = last_contact_at > since_at ? last_contact_at : since_at;
  return from + waitlist_clock_get(rules, WAITLIST_CONTACT)->amount;
}

bool interim_service_is_owed(const struct interim_service *service, bool is_pregnant,
                             bool is_injecting)
{
  return service->is_required && is_for(service->who, is_pregnant, is_injecting);
}

bool capacity_is_reached(const struct request_rules *rules, int64_t taken, int64_t places)
{
  int64_t share = waitlist_clock_get(rules, WAITLIST_CAPACITY_SHARE)->amount;
  return places > 0 && taken * 100 >= places * share;
}

int64_t capacity_notice_due(const struct request_rules *rules, int64_t reached_at)
{
  return reached_at + waitlist_clock_get(rules, WAITLIST_CAPACITY_NOTICE)->amount;
}
