/*
 * /desk/intakes: what of intakes is overdue, the longest first, person by person: for the morning
 * round of whoever works here. Narrowed to whom the reader reaches. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

enum { SHOWN_AT_ONCE = 100 }; /* intakes on a page (count) */

struct overdue {
  struct web_request *request;
  struct intake_place after;
  struct intake_overdue *rows; /* those of an intake stand together */
  size_t count, shown;         /* rows: `shown` of this page */
  int64_t items, intakes;      /* in all */
  bool is_further;
  struct person_names names;
};

/* Where the rows of the next intake begin. */
static size_t end_of(const struct overdue *overdue, size_t first)
{
  size_t next = first + 1;
  while (next < overdue->count &&
         text_equal(overdue->rows[next].intake_id, overdue->rows[first].intake_id))
    next++;
  return next;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct overdue *overdue = context;
  struct web_request *request = overdue->request;
  struct access access, people;
  struct text ids[SHOWN_AT_ONCE];
  size_t count = 0;
  overdue->names = (struct person_names){.count = 0};
  if (!access_open_list(transaction, request->application->privacy, request->actor, "intake",
                        "read", request->now, &access, error) ||
      !intake_overdue_list(transaction, &access, request->arena, &overdue->after, SHOWN_AT_ONCE + 1,
                           &overdue->rows, &overdue->count, error) ||
      !intake_overdue_count(transaction, &access, &overdue->items, &overdue->intakes, error))
    return false;
  for (overdue->shown = 0; overdue->shown < overdue->count && count < SHOWN_AT_ONCE;
       overdue->shown = end_of(overdue, overdue->shown))
    ids[count++] = overdue->rows[overdue->shown].person_id;
  return count == 0 || !desk_may(request, "person", "search") ||
         (access_open_list(transaction, request->application->privacy, request->actor, "person",
                           "search", request->now, &people, error) &&
          person_names_load(transaction, &people, request->arena, ids, count, &overdue->names,
                            error));
}

static struct value *fill_item(const struct overdue *overdue, const struct intake_overdue *row)
{
  const struct web_request *request = overdue->request;
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "label", intake_word(request, "intake-items", row->item, ""));
  view_set_text(request, out, "href",
                text_format(request->arena, "/desk/people/%.*s/intake/item?intake=%.*s&item=%.*s",
                            TEXT_PRINT(row->person_id), TEXT_PRINT(row->intake_id),
                            TEXT_PRINT(row->item)));
  value_set(out, "since", desk_time(request, row->late_at));
  return out;
}

/* One person's: all of one intake. */
static struct value *fill_person(const struct overdue *overdue, size_t first, size_t next)
{
  const struct web_request *request = overdue->request;
  const struct intake_overdue *row = &overdue->rows[first];
  struct value *out = value_object(request->arena), *items = value_list(request->arena);
  for (size_t i = first; i < next; i++) value_add(items, fill_item(overdue, &overdue->rows[i]));
  people_set_name(request, out, &overdue->names, row->person_id);
  view_set_text(request, out, "intake_href",
                text_format(request->arena, "/desk/people/%.*s/intake?intake=%.*s",
                            TEXT_PRINT(row->person_id), TEXT_PRINT(row->intake_id)));
  value_set(out, "items", items);
  return out;
}

static void fill_ways(const struct overdue *overdue, struct value *page)
{
  const struct web_request *request = overdue->request;
  struct text next = TEXT("");
  if (overdue->shown < overdue->count) {
    const struct intake_overdue *last = &overdue->rows[overdue->shown - 1];
    const struct intake_place place = {last->first_at, last->intake_id};
    next = text_format(request->arena, "/desk/intakes?after=%.*s",
                       TEXT_PRINT(intake_place_write(request->arena, &place)));
  }
  view_set_text(request, page, "next_href", next);
  view_set_text(request, page, "start_href",
                overdue->is_further ? TEXT("/desk/intakes") : TEXT(""));
}

bool view_intakes(struct web_request *request, struct web_view *view, struct error *error)
{
  struct overdue overdue = {.request = request};
  overdue.is_further = intake_place_read(web_parameter_get(request, "after"), &overdue.after);
  if (!desk_read(request, load, &overdue, error)) return false;
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t first = 0, next; first < overdue.shown; first = next) {
    next = end_of(&overdue, first);
    value_add(list, fill_person(&overdue, first, next));
  }
  value_set(page, "people", list);
  view_set_flag(request, page, "any", overdue.shown > 0);
  view_set_flag(request, page, "none", overdue.items == 0);
  view_set_text(request, page, "count",
                VIEW_FORMAT(request, "intakes.count",
                            {"items", view_count(request->arena, overdue.items)},
                            {"people", view_count(request->arena, overdue.intakes)}));
  fill_ways(&overdue, page);
  view->template_name = "desk/intakes";
  return true;
}
