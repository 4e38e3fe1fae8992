/*
 * /desk/intakes: what of intakes is overdue, the longest first, person by person: for the morning
 * round of whoever works here. Narrowed to whom the reader reaches. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

enum { SHOWN_AT_ONCE = 50 }; /* intakes on a page (count) */

struct overdue {
  struct web_request *request;
  struct intake_overdue *rows;
  size_t count;
  size_t *firsts;                   /* the row of each intake that comes first */
  size_t intake_count, from, until; /* those of this page */
  struct person_names names;
};

/* Each intake once, in the order of what is late the longest. */
static void find_intakes(struct overdue *overdue)
{
  struct arena *arena = overdue->request->arena;
  bool *is_told = arena_allocate_array(arena, overdue->count + 1, sizeof *is_told);
  int64_t page;
  overdue->firsts = arena_allocate_array(arena, overdue->count + 1, sizeof *overdue->firsts);
  overdue->intake_count = 0;
  for (size_t i = 0; i < overdue->count; i++) {
    if (is_told[i]) continue;
    overdue->firsts[overdue->intake_count++] = i;
    for (size_t later = i; later < overdue->count; later++)
      is_told[later] =
          is_told[later] || text_equal(overdue->rows[later].intake_id, overdue->rows[i].intake_id);
  }
  if (!text_read_integer(web_parameter_get(overdue->request, "page"), &page) || page < 1) page = 1;
  size_t most = (overdue->intake_count + SHOWN_AT_ONCE - 1) / SHOWN_AT_ONCE;
  if (most && (uint64_t)page > most) page = (int64_t)most;
  overdue->from = (size_t)(page - 1) * SHOWN_AT_ONCE;
  overdue->until = overdue->from + SHOWN_AT_ONCE;
  if (overdue->from > overdue->intake_count) overdue->from = overdue->intake_count;
  if (overdue->until > overdue->intake_count) overdue->until = overdue->intake_count;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct overdue *overdue = context;
  struct web_request *request = overdue->request;
  struct access access, people;
  overdue->names = (struct person_names){.count = 0};
  if (!access_open_list(transaction, request->application->privacy, request->actor, "intake",
                        "read", request->now, &access, error) ||
      !intake_overdue_list(transaction, &access, request->arena, &overdue->rows, &overdue->count,
                           error))
    return false;
  find_intakes(overdue);
  if (overdue->count == 0 || !desk_may(request, "person", "search")) return true;
  struct text *ids = arena_allocate_array(request->arena, SHOWN_AT_ONCE, sizeof *ids);
  size_t count = overdue->until - overdue->from;
  for (size_t i = 0; i < count; i++)
    ids[i] = overdue->rows[overdue->firsts[overdue->from + i]].person_id;
  return access_open_list(transaction, request->application->privacy, request->actor, "person",
                          "search", request->now, &people, error) &&
         person_names_load(transaction, &people, request->arena, ids, count, &overdue->names,
                           error);
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

/* One person's: all of one intake, where its first stands. */
static struct value *fill_person(const struct overdue *overdue, size_t first)
{
  const struct web_request *request = overdue->request;
  const struct intake_overdue *row = &overdue->rows[first];
  struct value *out = value_object(request->arena), *items = value_list(request->arena);
  for (size_t i = first; i < overdue->count; i++)
    if (text_equal(overdue->rows[i].intake_id, row->intake_id))
      value_add(items, fill_item(overdue, &overdue->rows[i]));
  people_set_name(request, out, &overdue->names, row->person_id);
  view_set_text(request, out, "intake_href",
                text_format(request->arena, "/desk/people/%.*s/intake?intake=%.*s",
                            TEXT_PRINT(row->person_id), TEXT_PRINT(row->intake_id)));
  value_set(out, "items", items);
  return out;
}

bool view_intakes(struct web_request *request, struct web_view *view, struct error *error)
{
  struct overdue overdue = {.request = request};
  if (!desk_read(request, load, &overdue, error)) return false;
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t i = overdue.from; i < overdue.until; i++)
    value_add(list, fill_person(&overdue, overdue.firsts[i]));
  value_set(page, "people", list);
  view_set_flag(request, page, "any", overdue.count > 0);
  view_set_text(request, page, "count",
                VIEW_FORMAT(request, "intakes.count",
                            {"items", view_count(request->arena, (int64_t)overdue.count)},
                            {"people", view_count(request->arena, (int64_t)overdue.intake_count)}));
  size_t number = overdue.from / SHOWN_AT_ONCE + 1;
  bool has_next = overdue.until < overdue.intake_count;
  view_set_text(request, page, "before",
                number > 1 ? text_format(request->arena, "%zu", number - 1) : TEXT(""));
  view_set_text(request, page, "next",
                has_next ? text_format(request->arena, "%zu", number + 1) : TEXT(""));
  view->template_name = "desk/intakes";
  return true;
}
