/*
 * The instruments' pages and API: /instruments, /instruments/{instrument}, /api/score/{instrument}.
 * Answers arrive by POST alone, are scored and forgotten.
 */
#include "web/views.h"

/* Find what the address names; refuses what is unknown, and what is off. */
static bool find_instrument(const struct web_request *request, const struct instrument **out,
                            struct error *error)
{
  const struct instruments *all = request->application->pages->instruments;
  const struct instrument *found = instruments_find(all, request->captured);
  if (!found)
    return error_set(error, ERROR_NOT_FOUND, "error.instrument.unknown", "", "no such instrument");
  if (!found->is_on)
    return error_set(error, ERROR_FORBIDDEN, "error.instrument.off", "", "%.*s is off",
                     TEXT_PRINT(found->id));
  *out = found;
  return true;
}

/* --- The index ----------------------------------------------------------------------------- */

static struct value *listed_value(const struct web_request *request,
                                  const struct instrument *instrument)
{
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "id", instrument->id);
  view_set_text(request, out, "title", instrument->title[request->language]);
  view_set_text(request, out, "purpose", instrument->purpose[request->language]);
  view_set_flag(request, out, "on", instrument->is_on);
  return out;
}

static bool view_instruments(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  const struct instruments *all = request->application->pages->instruments;
  struct value *own = value_list(request->arena), *staff = value_list(request->arena);
  (void)error;
  for (size_t i = 0; i < instruments_count(all); i++) {
    const struct instrument *instrument = instruments_get(all, i);
    value_add(instrument->is_for_staff ? staff : own, listed_value(request, instrument));
  }
  view->page = value_object(request->arena);
  value_set(view->page, "own", own);
  value_set(view->page, "staff", staff);
  view->template_name = "instruments";
  view->cache = WEB_CACHE_PUBLIC;
  return true;
}

/* --- One instrument -------------------------------------------------------------------------- */

static void fill_about(const struct web_request *request, const struct instrument *instrument,
                       struct value *out)
{
  view_set_text(request, out, "id", instrument->id);
  view_set_text(request, out, "title", instrument->title[request->language]);
  view_set_text(request, out, "purpose", instrument->purpose[request->language]);
  view_set_text(request, out, "description", instrument->description[request->language]);
  view_set_text(request, out, "copyright", instrument->copyright[request->language]);
  view_set_text(request, out, "source", instrument->source);
  view_set_flag(request, out, "staff", instrument->is_for_staff);
}

/* Score what was sent; a refused answer gives no score, and the items say why. */
static void score_form(const struct web_request *request, struct web_view *view,
                       struct view_instrument *form, struct value *page)
{
  struct instrument_score score;
  bool is_good = view_instrument_read(request, form->instrument, form);
  value_set(page, "fields", view_instrument_fields(request, form));
  if (!is_good) {
    struct value *problems = value_list(request->arena);
    const struct value *items = value_get(view_instrument_items(request, form), TEXT("items"));
    for (size_t i = 0; i < form->instrument->item_count; i++)
      if (form->is_refused[i]) value_add(problems, value_item(items, i));
    value_set(page, "problems", problems);
    view_set_flag(request, page, "is_refused", true);
    view->status = 400;
    return;
  }
  instrument_score(form->instrument, &form->answers, &score);
  value_set(page, "score", view_instrument_result(request, form, &score));
  view->result = instrument_write(form->instrument, request->arena, &score);
}

static bool view_instrument(struct web_request *request, struct web_view *view, struct error *error)
{
  const struct instrument *instrument;
  if (!find_instrument(request, &instrument, error)) return false;
  struct value *page = value_object(request->arena);
  struct view_instrument form = {.instrument = instrument};
  instrument_answers_init(&form.answers);
  bool is_sent = request->method == WEB_POST;
  if (is_sent) score_form(request, view, &form, page);
  struct value *about = view_instrument_items(request, &form);
  fill_about(request, instrument, about);
  value_set(page, "instrument", about);
  view_set_flag(request, page, "is_sent", is_sent);
  view->page = page;
  view->template_name = "instrument";
  view->cache = is_sent ? WEB_CACHE_NONE : WEB_CACHE_PUBLIC;
  return true;
}

/* --- The API --------------------------------------------------------------------------------- */

static bool api_score(struct web_request *request, struct web_view *view, struct error *error)
{
  const struct instrument *instrument;
  const struct value *document;
  struct instrument_answers answers;
  struct instrument_score score;
  if (!find_instrument(request, &instrument, error) ||
      !json_read(request->arena, request->body, &document, error) ||
      !instrument_read(instrument, document, &answers, error))
    return view_say_refusal(error);
  instrument_score(instrument, &answers, &score);
  view->result = instrument_write(instrument, request->arena, &score);
  return true;
}

const struct web_route web_instrument_routes[] = {
    {.methods = WEB_GET, .pattern = "/instruments", .handler = view_instruments},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/instruments/{instrument}",
     .handler = view_instrument},
    {.methods = WEB_POST,
     .pattern = "/api/score/{instrument}",
     .handler = api_score,
     .is_api = true},
    {.pattern = NULL},
};
