/*
 * Pages that are read: start page, help now, about.
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

/* Numbers to call: each under its own name, and all as a list, those that were checked first. */
void view_help_lines(const struct web_request *request, struct value *page)
{
  const struct needs *needs = directory_needs(request->application->directory);
  struct value *help = value_object(request->arena), *list = value_list(request->arena);
  struct value *unchecked = value_list(request->arena);
  for (size_t i = 0; i < help_lines_count(needs); i++) {
    const struct help_line *line = help_lines_get(needs, i);
    if (text_is_empty(line->phone)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", line->label[request->language]);
    view_set_text(request, item, "phone", line->phone);
    view_set_text(request, item, "href", view_phone_link(request->arena, line->phone));
    if (!text_is_empty(line->sms))
      view_set_text(request, item, "sms",
                    text_format(request->arena, "sms:%.*s", TEXT_PRINT(line->sms)));
    value_set_text_key(help, line->key, item);
    value_add(line->verified ? list : unchecked, item);
  }
  for (size_t i = 0; i < value_count(unchecked); i++) value_add(list, value_item(unchecked, i));
  value_set(page, "help", help);
  value_set(page, "lines", list);
}

bool view_now(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  fill(request, view, "now");
  view_help_lines(request, view->page);
  return true;
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
