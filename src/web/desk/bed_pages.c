/*
 * Bed_pages: what the pages about beds share. See bed_pages.h.
 */
#include "web/desk/bed_pages.h"

#include <stdlib.h>
#include <string.h>

#include "web/views.h"

/* --- Words ---------------------------------------------------------------------------------- */

struct text bed_page_label(const struct web_request *request, enum bed_list list, struct text code)
{
  if (code.length == 0) return code;
  return bed_code_label(request->application->beds, list, code, request->language);
}

void bed_page_choose(struct desk_form *form, const char *field, enum bed_list list, const char *act)
{
  const struct beds *beds = form->request->application->beds;
  size_t all = bed_code_count(beds, list), count = 0;
  struct desk_choice *choices =
      arena_allocate_array(form->request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = bed_code(beds, list, i);
    if (act && !bed_code_says(beds, list, code, "acts", text_from(act))) continue;
    choices[count++] = (struct desk_choice){code, bed_page_label(form->request, list, code)};
  }
  desk_form_choices(form, field, choices, count);
}

struct text bed_page_join(const struct web_request *request, struct text codes,
                          struct text (*label)(const struct web_request *, struct text))
{
  struct text out = TEXT(""), each;
  while (text_word_next(&codes, &each)) {
    struct text words = label(request, each);
    out = out.length ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(out), TEXT_PRINT(words))
                     : words;
  }
  return out;
}

const struct coverage_rules *bed_page_coverage(const struct web_request *request)
{
  const struct web_pages *pages = request->application->pages;
  return pages ? pages->coverage : NULL;
}

/* The coverage room's words stand in the order of the catalog's languages. */
static size_t language_of(const struct web_request *request)
{
  return request->language < COVERAGE_LANGUAGES ? request->language : 0;
}

struct text bed_page_funding(const struct web_request *request, struct text code)
{
  const struct coverage_rules *rules = bed_page_coverage(request);
  const struct funding_source *source = rules ? funding_source_find(rules, code) : NULL;
  return source ? source->label[language_of(request)] : code;
}

struct text bed_page_medicine(const struct web_request *request, struct text code)
{
  return care_fact_value_label(request->application->records, request->arena,
                               TEXT("opioid-medicine"), code, request->language);
}

void bed_page_choose_funding(struct desk_form *form, const char *field)
{
  const struct coverage_rules *rules = bed_page_coverage(form->request);
  size_t count = rules ? funding_sources_count(rules) : 0;
  struct desk_choice *choices =
      arena_allocate_array(form->request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    const struct funding_source *source = funding_sources_get(rules, i);
    choices[i] = (struct desk_choice){source->name, source->label[language_of(form->request)]};
  }
  desk_form_choices(form, field, choices, count);
}

void bed_page_choose_medicines(struct desk_form *form, const char *field)
{
  const struct care *care = form->request->application->records;
  struct text kind = TEXT("opioid-medicine");
  size_t all = care_fact_value_count(care, kind), count = 0;
  struct desk_choice *choices =
      arena_allocate_array(form->request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = care_fact_value(care, kind, i);
    if (text_equal(code, TEXT("none"))) continue; /* nothing to keep */
    choices[count++] = (struct desk_choice){code, bed_page_medicine(form->request, code)};
  }
  desk_form_choices(form, field, choices, count);
}

/* --- Times ---------------------------------------------------------------------------------- */

const struct zone *bed_page_zone(const struct web_request *request)
{
  const struct zone *zone = request->zone;
  if (!zone) (void)zone_find(TEXT("UTC"), &zone);
  return zone;
}

bool bed_page_at_site(struct store_transaction *transaction, struct web_request *request,
                      struct text site_id, struct error *error)
{
  return site_zone(transaction, request->actor->program_id, site_id, &request->zone, error);
}

bool bed_page_read_clock(struct text clock, int *hour, int *minute)
{
  int64_t h, m;
  size_t colon = text_find(clock, TEXT(":"));
  if (colon >= clock.length || clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, 0, colon), &h) || h < 0 || h > 23 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &m) || m < 0 || m > 59)
    return false;
  *hour = (int)h;
  *minute = (int)m;
  return true;
}

struct text bed_page_date(const struct web_request *request, int64_t microseconds)
{
  return zone_format_date(request->arena, bed_page_zone(request), microseconds);
}

struct text bed_page_clock(const struct web_request *request, int64_t microseconds)
{
  struct text whole = zone_format(request->arena, bed_page_zone(request), microseconds);
  return text_slice(whole, sizeof "YYYY-MM-DD", whole.length);
}

bool bed_page_moment(struct desk_form *form, const char *date, const char *clock, int64_t *out)
{
  const struct web_request *request = form->request;
  struct zone_time local = {.second = 0};
  struct text day = desk_form_get(form, date), time = desk_form_get(form, clock);
  int64_t later;
  if (day.length == 0 && time.length == 0) {
    *out = request->now;
    return true;
  }
  if (day.length == 0) day = bed_page_date(request, request->now);
  if (!bed_page_read_clock(time, &local.hour, &local.minute)) {
    desk_form_refuse(form, clock, "beds.clock_wrong");
    return false;
  }
  (void)time_read_date(day, &local.year, &local.month, &local.day); /* the form has checked it */
  (void)zone_instant(bed_page_zone(request), &local, out, &later);
  return true;
}

/* --- Whom it is about ------------------------------------------------------------------------- */

bool bed_page_access(struct store_transaction *transaction, struct web_request *request,
                     const char *object, const char *act, struct text person_id, struct access *out,
                     struct error *error)
{
  if (person_id.length)
    return people_access(transaction, request, object, act, person_id, out, error);
  return access_open_list(transaction, request->application->privacy, request->actor, object, act,
                          request->now, out, error);
}

static int compare_ids(const void *a, const void *b)
{
  const struct text *x = a, *y = b;
  return text_compare(*x, *y);
}

bool bed_page_names(struct store_transaction *transaction, struct web_request *request,
                    const struct text *ids, size_t count, struct person_names *out,
                    struct error *error)
{
  struct access access;
  struct person_name *all = arena_allocate_array(request->arena, count + 1, sizeof *all);
  struct text *sorted = arena_allocate_array(request->arena, count + 1, sizeof *sorted);
  size_t found = 0, kept = 0;
  for (size_t i = 0; i < count; i++) sorted[i] = ids[i];
  qsort(sorted, count, sizeof *sorted, compare_ids);
  for (size_t i = 0; i < count; i++) /* each once: parts of a sorted list are one list by id */
    if (sorted[i].length && (kept == 0 || !text_equal(sorted[kept - 1], sorted[i])))
      sorted[kept++] = sorted[i];
  count = kept;
  *out = (struct person_names){.count = 0};
  if (count == 0 || !desk_may(request, "person", "search")) return true;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "person",
                        "search", request->now, &access, error))
    return false;
  for (size_t from = 0; from < count; from += LIMIT_PERSON_NAMED) {
    struct person_names some;
    size_t some_count = count - from < LIMIT_PERSON_NAMED ? count - from : LIMIT_PERSON_NAMED;
    if (!person_names_load(transaction, &access, request->arena, sorted + from, some_count, &some,
                           error))
      return false;
    memcpy(all + found, some.items, some.count * sizeof *all);
    found += some.count;
  }
  *out = (struct person_names){all, found};
  return true;
}
