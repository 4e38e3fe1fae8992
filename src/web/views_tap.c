/*
 * /availability/{token}: a program without this software says whether it has an opening: one tap,
 * no account. The link is sealed for one facility and level (admission/availability.h) and shows
 * nothing but what the finder shows of them. Looking changes nothing, so that a mail program that
 * opens links answers for nobody; the tap is a POST, and the same tap again confirms.
 *
 * The token is in the address, so nothing of this page is logged, cached or told to another site;
 * it sets no cookie. Whatever is wrong with a link gives one and the same page.
 */
#include "web/views.h"

struct tap {
  const struct web_request *request;
  struct availability_link link;
  int64_t now;
  bool holds;
  struct availability *rows; /* what stands at the facility */
  size_t count;
};

static bool ask(struct store_transaction *transaction, void *context, struct error *error)
{
  struct tap *tap = context;
  return availability_link_holds(transaction, &tap->link, &tap->holds, error) &&
         availability_of_facility(transaction, tap->request->arena, tap->link.facility_id,
                                  &tap->rows, &tap->count, error);
}

static bool answer(struct store_transaction *transaction, void *context, struct error *error)
{
  struct tap *tap = context;
  const struct web_application *application = tap->request->application;
  return availability_tap(transaction, application->beds, tap->request->arena, application->key,
                          tap->request->captured, web_parameter_get(tap->request, "answer"),
                          tap->now, error);
}

/* Open the link, and find the facility. `*is_open` is false for whatever is wrong with it. */
static bool open_link(struct tap *tap, struct facility *facility, bool *is_open,
                      struct error *error)
{
  const struct web_request *request = tap->request;
  const struct web_application *application = request->application;
  *is_open = false;
  if (!availability_link_read(request->arena, application->key, request->captured, tap->now,
                              &tap->link, error)) {
    if (error->kind != ERROR_REFUSED) return false;
    error_clear(error);
    return true;
  }
  if (!store_read(application->store, ask, tap, error)) return false;
  if (!tap->holds) return true;
  if (!facility_load(application->store, request->arena, tap->link.facility_id, facility, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    return true;
  }
  *is_open = true;
  return true;
}

static bool show_gone(struct web_request *request, struct web_view *view)
{
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "gone", true);
  view->status = 404;
  return true;
}

/* "Shown for 2 hours as now, …": the numbers are those of availability-decay.csv. */
static struct text fading(const struct web_request *request)
{
  const struct beds *beds = request->application->beds;
  size_t count = bed_code_count(beds, AVAILABILITY_DECAY);
  return VIEW_FORMAT(request, "tap.fading",
                     {"first", bed_code_cell(beds, AVAILABILITY_DECAY, 0, "hours")},
                     {"last", bed_code_cell(beds, AVAILABILITY_DECAY, count - 1, "hours")});
}

/* What stands now, in the words that people who search see; read from the store, since the finder
 * may be a moment behind a tap. */
static void fill_standing(const struct tap *tap, struct value *out)
{
  const struct web_request *request = tap->request;
  struct availability_shown *shown;
  size_t count;
  int64_t next_at;
  bool is_counted = false;
  availability_show(request->application->beds, tap->rows, tap->count, request->arena, tap->now,
                    &shown, &count, &next_at);
  for (size_t i = 0; i < count; i++) {
    if (!text_equal(shown[i].level_of_care, tap->link.level_of_care)) continue;
    struct overlay_place place = {.answer = shown[i].answer,
                                  .age = shown[i].age,
                                  .source = shown[i].source,
                                  .level_of_care = shown[i].level_of_care,
                                  .as_of = shown[i].as_of};
    value_set(out, "standing", view_availability_line(request, &place, tap->now));
    is_counted = shown[i].is_counted;
  }
  view_set_flag(request, out, "board", is_counted);
}

static bool show(const struct tap *tap, const struct facility *facility, struct web_view *view)
{
  static const char *const answers[][2] = {
      {"yes", "tap.yes"}, {"likely", "tap.likely"}, {"no", "tap.no"}};
  struct web_request *request = (struct web_request *)(uintptr_t)tap->request;
  struct value *out = value_object(request->arena), *buttons = value_list(request->arena);
  const struct text *fields = facility->fields;
  view_set_text(request, out, "name", fields[FIELD_NAME1]);
  view_set_text(request, out, "program",
                text_equal_ignore_case(fields[FIELD_NAME1], fields[FIELD_NAME2])
                    ? TEXT("")
                    : fields[FIELD_NAME2]);
  view_set_text(request, out, "where",
                view_address(request->arena, fields[FIELD_STREET1], TEXT(""), fields[FIELD_CITY],
                             fields[FIELD_STATE], fields[FIELD_ZIP]));
  view_set_text(request, out, "level", view_availability_level(request, tap->link.level_of_care));
  view_set_text(request, out, "token", request->captured);
  view_set_text(request, out, "id", facility->id);
  view_set_text(request, out, "fading", fading(request));
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct value *button = value_object(request->arena);
    view_set_text(request, button, "value", text_from(answers[i][0]));
    view_set_text(request, button, "label", view_text(request, answers[i][1]));
    value_add(buttons, button);
  }
  value_set(out, "buttons", buttons);
  view_set_flag(request, out, "told", web_parameter_has(request, "told"));
  fill_standing(tap, out);
  view->page = value_object(request->arena);
  value_set(view->page, "tap", out);
  return true;
}

static bool view_tap(struct web_request *request, struct web_view *view, struct error *error)
{
  const struct web_application *application = request->application;
  struct tap tap = {.request = request, .now = time_now()};
  struct facility facility;
  bool is_open;
  if (!application->beds || !application->key)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no availability is kept here");
  view->cache = WEB_CACHE_NONE;
  view->template_name = "availability";
  if (!open_link(&tap, &facility, &is_open, error)) return false;
  if (!is_open) return show_gone(request, view);
  if (request->method != WEB_POST) return show(&tap, &facility, view);
  if (!store_write(application->store, answer, &tap, error)) return false;
  view->redirect =
      text_format(request->arena, "%.*s/availability/%.*s?told=1",
                  TEXT_PRINT(view_base(request, request->language)), TEXT_PRINT(request->captured));
  return true;
}

const struct web_route web_tap_routes[] = {
    {.methods = WEB_GET | WEB_POST, .pattern = "/availability/{token}", .handler = view_tap},
    {.pattern = NULL},
};
