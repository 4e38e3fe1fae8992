/*
 * Clocks of the list of clocks as pages show them: a label in words, whom it is about, and the page
 * where somebody can act on it, for whoever may open that page. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"

/* Whose id stands in the address of a page. */
enum page_id { PAGE_ALONE, PAGE_OF_SUBJECT, PAGE_OF_PERSON };

/* Where a kind leads: `pattern` is the route, so that a page that is not there is no link. */
static const struct clock_page {
  const char *kind, *object, *act, *pattern;
  enum page_id id;
} pages[] = {
    {"emergency.review", "emergency", "read", "/desk/emergencies", PAGE_ALONE},
    {"outbox.send", "outbox", "read", "/desk/outbox", PAGE_ALONE},
    {"person.erase", "person", "read", "/desk/people/{id}", PAGE_OF_SUBJECT},
    {"request.answer", "request", "read", "/desk/requests/{id}", PAGE_OF_SUBJECT},
    {"request.callback", "request", "read", "/desk/callbacks", PAGE_ALONE},
    {"waitlist.interim", "request", "read", "/desk/waitlist/{id}", PAGE_OF_SUBJECT},
    {"waitlist.admit", "request", "read", "/desk/waitlist/{id}", PAGE_OF_SUBJECT},
    {"waitlist.admit-most", "request", "read", "/desk/waitlist/{id}", PAGE_OF_SUBJECT},
    {"waitlist.contact", "request", "read", "/desk/waitlist/{id}", PAGE_OF_SUBJECT},
    {"capacity.notice", "request", "read", "/desk/waitlist/notices", PAGE_ALONE},
    {"hold.expires", "bed-board", "read", "/desk/beds", PAGE_ALONE},
    {"intake.late", "intake", "read", "/desk/people/{id}/intake", PAGE_OF_PERSON},
    {"coverage.appeal", "coverage", "read", "/desk/people/{id}/coverage", PAGE_OF_PERSON},
    {"coverage.decision", "coverage", "read", "/desk/people/{id}/coverage", PAGE_OF_PERSON},
    {"coverage.review", "coverage", "read", "/desk/people/{id}/coverage", PAGE_OF_PERSON},
};

/* The address of a page: its pattern with the id in it. */
static struct text address_of(const struct web_request *request, const struct clock_page *page,
                              const struct due_item *item)
{
  struct text pattern = text_from(page->pattern), id = TEXT("{id}");
  if (page->id == PAGE_ALONE) return pattern;
  size_t at = text_find(pattern, id);
  struct text of = page->id == PAGE_OF_SUBJECT ? item->subject_id : item->person_id;
  struct text before = text_slice(pattern, 0, at),
              after = text_slice(pattern, at + id.length, pattern.length);
  if (!of.length) return of;
  return text_format(request->arena, "%.*s%.*s%.*s", TEXT_PRINT(before), TEXT_PRINT(of),
                     TEXT_PRINT(after));
}

static struct text page_of(const struct web_request *request, const struct due_item *item)
{
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    const struct clock_page *page = &pages[i];
    if (!text_equal(item->kind, text_from(page->kind))) continue;
    if (!desk_may(request, page->object, page->act) || !desk_has_route(page->pattern)) break;
    return address_of(request, page, item);
  }
  return TEXT("");
}

bool desk_clocks_name(struct store_transaction *transaction, struct web_request *request,
                      const struct due_item *items, size_t count, struct desk_clock_names *out,
                      struct error *error)
{
  struct privacy *privacy = request->application->privacy;
  struct text *ids = arena_allocate_array(request->arena, count + 1, sizeof *ids);
  struct access access;
  size_t people = 0;
  *out = (struct desk_clock_names){.staff_count = 0};
  for (size_t i = 0; i < count; i++)
    if (items[i].person_id.length) ids[people++] = items[i].person_id;
  if (people && desk_may(request, "person", "search") &&
      (!access_open_list(transaction, privacy, request->actor, "person", "search", request->now,
                         &access, error) ||
       !person_names_load(transaction, &access, request->arena, ids, people, &out->people, error)))
    return false;
  if (people == count || !desk_may(request, "staff", "read")) return true;
  return access_open_list(transaction, privacy, request->actor, "staff", "read", request->now,
                          &access, error) &&
         staff_list(transaction, &access, request->arena, true, &out->staff, &out->staff_count,
                    error);
}

static struct text staff_name(const struct desk_clock_names *names, struct text id)
{
  for (size_t i = 0; i < names->staff_count; i++)
    if (text_equal(names->staff[i].id, id)) return names->staff[i].name;
  return TEXT("");
}

struct value *desk_clock(const struct web_request *request, const struct due_item *item,
                         const struct desk_clock_names *names)
{
  struct value *out = value_object(request->arena);
  struct text key = text_format(request->arena, "due.%.*s", TEXT_PRINT(item->kind));
  struct text label = catalog_find(request->application->catalog, request->language, key);
  view_set_text(request, out, "label", label.at ? label : view_text(request, "looking.own"));
  view_set_text(request, out, "href", page_of(request, item));
  view_set_text(request, out, "subject", staff_name(names, item->subject_id));
  people_set_name(request, out, &names->people, item->person_id);
  value_set(out, "at", desk_time(request, item->at));
  view_set_flag(request, out, "is_late", item->at <= request->now);
  view_set_text(request, out, "attempts",
                item->attempts ? view_count(request->arena, item->attempts) : TEXT(""));
  return out;
}
