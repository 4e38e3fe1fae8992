/*
 * /desk/intakes: what of intakes is overdue, the longest first, person by person: for the morning
 * round of whoever works here. Narrowed to whom the reader reaches. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

struct overdue {
  struct web_request *request;
  struct intake_overdue *rows;
  size_t count;
  struct person_names names;
};

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
  if (overdue->count == 0 || !desk_may(request, "person", "search")) return true;
  struct text *ids = arena_allocate_array(request->arena, overdue->count, sizeof *ids);
  for (size_t i = 0; i < overdue->count; i++) ids[i] = overdue->rows[i].person_id;
  return access_open_list(transaction, request->application->privacy, request->actor, "person",
                          "search", request->now, &people, error) &&
         person_names_load(transaction, &people, request->arena, ids, overdue->count,
                           &overdue->names, error);
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
  bool *is_told = arena_allocate_array(request->arena, overdue.count + 1, sizeof *is_told);
  for (size_t i = 0; i < overdue.count; i++) {
    if (is_told[i]) continue;
    value_add(list, fill_person(&overdue, i));
    for (size_t later = i; later < overdue.count; later++)
      is_told[later] =
          is_told[later] || text_equal(overdue.rows[later].intake_id, overdue.rows[i].intake_id);
  }
  value_set(page, "people", list);
  view_set_flag(request, page, "any", overdue.count > 0);
  view_set_text(request, page, "count",
                VIEW_FORMAT(request, "intakes.count",
                            {"items", view_count(request->arena, (int64_t)overdue.count)},
                            {"people", view_count(request->arena, (int64_t)value_count(list))}));
  view->template_name = "desk/intakes";
  return true;
}
