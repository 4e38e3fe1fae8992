/*
 * The search form as it was sent: what was typed, which needs are ticked and how many places each
 * would leave, how far, in what order.
 */
#include <math.h>

#include "web/views.h"

static struct value *option(const struct finder *finder, struct text value, struct text label,
                            bool selected)
{
  struct value *out = value_object(finder->request->arena);
  view_set_text(finder->request, out, "value", value);
  view_set_text(finder->request, out, "label", label);
  view_set_flag(finder->request, out, "selected", selected);
  return out;
}

static struct value *distance_option(const struct finder *finder, double miles)
{
  struct text number = text_format(finder->request->arena, "%g", miles);
  struct text label = VIEW_FORMAT(finder->request, "tools.miles", {"miles", number});
  return option(finder, number, label, fabs(finder->asked.within - miles) < 1e-9);
}

static void form_distances(struct finder *finder, struct value *form)
{
  static const double miles[] = {5, 10, 25, 50, 100};
  struct value *list = value_list(finder->request->arena);
  double asked = finder->asked.within;
  value_add(list, option(finder, TEXT(""), view_text(finder->request, "tools.any"), asked <= 0));
  bool listed = asked <= 0;
  for (size_t i = 0; i < sizeof miles / sizeof *miles; i++) {
    value_add(list, distance_option(finder, miles[i]));
    listed = listed || fabs(asked - miles[i]) < 1e-9;
  }
  if (!listed) value_add(list, distance_option(finder, asked));
  value_set(form, "distances", list);
}

static void form_sorts(struct finder *finder, struct value *form)
{
  static const struct {
    const char *name, *key;
    enum search_sort sort;
  } sorts[] = {{"best", "tools.best", SEARCH_BEST},
               {"distance", "tools.distance", SEARCH_DISTANCE},
               {"name", "tools.name", SEARCH_NAME}};
  struct value *list = value_list(finder->request->arena);
  for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
    value_add(list,
              option(finder, text_from(sorts[i].name), view_text(finder->request, sorts[i].key),
                     finder->asked.sort == sorts[i].sort));
  value_set(form, "sorts", list);
}

static struct value *form_need(struct finder *finder, size_t index)
{
  const struct need *need = needs_get(finder->needs, index);
  size_t language = finder->request->language;
  struct value *out = value_object(finder->request->arena);
  view_set_text(finder->request, out, "name", need->name);
  view_set_text(finder->request, out, "label", need->label[language]);
  view_set_text(finder->request, out, "explanation", need->explanation[language]);
  view_set_flag(finder->request, out, "ticked", finder->ticked[index]);
  if (finder->answered && finder->answer.search.facets)
    view_set_text(finder->request, out, "count",
                  view_count(finder->request->arena, finder->answer.search.facets[index]));
  return out;
}

static void form_groups(struct finder *finder, struct value *form)
{
  struct value *groups = value_list(finder->request->arena);
  int64_t ticked = 0;
  for (size_t i = 0; i < needs_group_count(finder->needs); i++) {
    struct value *group = value_object(finder->request->arena);
    struct value *needs = value_list(finder->request->arena);
    bool open = needs_group_get(finder->needs, i)->any; /* the broad ones; details stand closed */
    for (size_t n = 0; n < needs_count(finder->needs); n++) {
      if (needs_get(finder->needs, n)->group != i) continue;
      value_add(needs, form_need(finder, n));
      open = open || finder->ticked[n];
      ticked += finder->ticked[n];
    }
    view_set_text(finder->request, group, "label",
                  needs_group_get(finder->needs, i)->label[finder->request->language]);
    view_set_flag(finder->request, group, "open", open);
    value_set(group, "needs", needs);
    if (value_count(needs)) value_add(groups, group);
  }
  value_set(form, "groups", groups);
  struct text count = view_count(finder->request->arena, ticked);
  view_set_text(finder->request, form, "ticked",
                VIEW_FORMAT(finder->request, "needs.ticked", {"count", count}));
}

/* Filters that came by a link or a button stand as ticked boxes, so that they can be taken away. */
static void form_filters(struct finder *finder, struct value *form)
{
  struct web_request *request = finder->request;
  const struct directory_request *asked = &finder->asked;
  if (!text_is_empty(asked->near)) {
    const struct place_answer *place = &finder->answer.place;
    bool is_point = finder->answered && place->outcome == PLACE_FOUND &&
                    place->candidates[0].kind == PLACE_POINT;
    struct text label = is_point
                            ? view_text(request, "search.here")
                            : VIEW_FORMAT(request, "search.near_place", {"place", asked->near});
    value_set(form, "near", option(finder, asked->near, label, true));
  }
  if (!text_is_empty(asked->state)) {
    char letters[3];
    const struct places *places = directory_places(request->application->directory);
    struct text name = places_state(places, asked->state, letters)
                           ? places_state_name(places, letters)
                           : asked->state;
    value_set(form, "state",
              option(finder, asked->state, VIEW_FORMAT(request, "search.in_state", {"place", name}),
                     true));
  }
  struct value *codes = value_list(request->arena);
  for (size_t i = 0; i < asked->code_count; i++)
    value_add(codes, value_text(request->arena, asked->codes[i]));
  value_set(form, "codes", codes);
}

static void add_field(const struct finder *finder, struct value *list, const char *name,
                      struct text value)
{
  if (text_is_empty(value)) return;
  struct value *field = value_object(finder->request->arena);
  view_set_text(finder->request, field, "name", text_from(name));
  view_set_text(finder->request, field, "value", value);
  value_add(list, field);
}

/* All that was asked, as hidden fields: the other language asks the same. */
static void form_fields(struct finder *finder, struct value *form)
{
  struct arena *arena = finder->request->arena;
  const struct directory_request *asked = &finder->asked;
  static const char *const sorts[] = {
      [SEARCH_BEST] = "", [SEARCH_DISTANCE] = "distance", [SEARCH_NAME] = "name"};
  struct value *list = value_list(arena);
  add_field(finder, list, "asked", TEXT("1"));
  add_field(finder, list, "q", asked->q);
  add_field(finder, list, "near", asked->near);
  if (asked->within > 0) add_field(finder, list, "within", text_format(arena, "%g", asked->within));
  add_field(finder, list, "state", asked->state);
  add_field(finder, list, "sort", text_from(sorts[asked->sort]));
  for (size_t i = 0; i < asked->need_count; i++) add_field(finder, list, "need", asked->needs[i]);
  for (size_t i = 0; i < asked->code_count; i++) add_field(finder, list, "code", asked->codes[i]);
  value_set(form, "fields", list);
}

void view_form(struct finder *finder)
{
  struct value *form = value_object(finder->request->arena);
  view_set_text(finder->request, form, "q", finder->asked.q);
  form_filters(finder, form);
  form_distances(finder, form);
  form_sorts(finder, form);
  form_groups(finder, form);
  form_fields(finder, form);
  value_set(finder->page, "form", form);
}
