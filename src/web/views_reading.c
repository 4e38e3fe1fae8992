/*
 * Pages that are read: start page, help now, articles, about.
 */
#include "web/views.h"

/* How many places are listed. */
static void fill_listed(const struct web_request *request, struct value *page)
{
  if (!request->snapshot) return;
  view_set_text(request, page, "listed",
                view_count(request->arena, snapshot_row_count(request->snapshot)));
}

static void fill_form(const struct web_request *request, struct value *page)
{
  struct value *form = value_object(request->arena);
  view_set_text(request, form, "q", TEXT(""));
  value_set(page, "form", form);
}

static bool fill(struct web_request *request, struct web_view *view, const char *template_name)
{
  view->page = value_object(request->arena);
  view->template_name = template_name;
  view->cache = WEB_CACHE_PUBLIC;
  fill_form(request, view->page);
  fill_listed(request, view->page);
  return true;
}

bool view_home(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  return fill(request, view, "home");
}

bool view_now(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  return fill(request, view, "now");
}

bool view_about(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  fill(request, view, "about");
  const struct needs *needs = directory_needs(request->application->directory);
  struct value *signs = value_list(request->arena);
  for (size_t i = 0; i < signs_count(needs); i++) {
    const struct sign *sign = signs_get(needs, i);
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "label", sign->label[request->language]);
    view_set_text(request, item, "source", sign->source);
    value_add(signs, item);
  }
  value_set(view->page, "signs", signs);
  view_set_flag(request, view->page, "has_signs", signs_count(needs) > 0);
  return true;
}

bool view_article(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct {
    const char *name, *template_name;
  } articles[] = {{"inpatient-or-outpatient", "learn_setting"},
                  {"worried-about-someone", "learn_family"}};
  for (size_t i = 0; i < sizeof articles / sizeof *articles; i++)
    if (text_equal(request->captured, text_from(articles[i].name)))
      return fill(request, view, articles[i].template_name);
  return error_set(error, ERROR_NOT_FOUND, "error.learn.unknown", "", "no such article");
}
