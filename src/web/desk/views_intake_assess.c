/*
 * /desk/people/{id}/intake/instruments: questionnaires in the staff's form, whole and scored here:
 * which are asked, one to answer, what an answered one says. What was answered is kept sealed with
 * its score and is never changed; asked again is another one. Threads: all state is the request's.
 */
#include <math.h>

#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"
#include "web/views.h"

struct assessing {
  struct intake_page page;
  struct intake_instrument *taken; /* of the person, the newest first */
  size_t taken_count;
  const struct instruments *all;            /* NULL: none are loaded */
  const struct instrument *instrument;      /* to answer, or that was answered; or NULL */
  const struct intake_instrument *answered; /* the one to show; or NULL */
  struct view_instrument form;
};

static const struct instruments *loaded(const struct web_request *request)
{
  return request->application->pages ? request->application->pages->instruments : NULL;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct assessing *assessing = context;
  struct intake_page *page = &assessing->page;
  struct access access;
  if (!intake_page_need(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  if (!intake_instrument_list(transaction, &access, page->request->arena, &assessing->taken,
                              &assessing->taken_count, error))
    return false;
  for (size_t i = 0; i < assessing->taken_count; i++)
    if (!intake_names_add(transaction, page, assessing->taken[i].account_id, error)) return false;
  return true;
}

/* Which one the address names: to answer, or answered. */
static bool find(struct assessing *assessing, struct error *error)
{
  struct web_request *request = assessing->page.request;
  struct text id = web_parameter_get(request, "instrument");
  struct text taken = web_parameter_get(request, "taken");
  for (size_t i = 0; i < assessing->taken_count && taken.length; i++)
    if (text_equal(assessing->taken[i].id, taken)) assessing->answered = &assessing->taken[i];
  if (taken.length && !assessing->answered)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.instrument", "",
                     "desk: no such answers");
  if (assessing->answered) id = assessing->answered->instrument;
  if (id.length == 0) return true;
  assessing->instrument = assessing->all ? instruments_find(assessing->all, id) : NULL;
  if (assessing->answered || (assessing->instrument && assessing->instrument->is_on)) return true;
  return error_set(error, ERROR_NOT_FOUND, "error.intake.instrument", "",
                   "desk: a questionnaire that is none, or off");
}

/* --- Lists ----------------------------------------------------------------------------------- */

static const struct intake_answer *asked_by(const struct assessing *assessing, struct text id)
{
  const struct intake_view *view = &assessing->page.shown;
  for (size_t i = 0; i < view->count; i++) {
    const struct intake_answer *answer = &view->answers[i];
    if (answer->item->evidence == INTAKE_INSTRUMENT && answer->standing != INTAKE_NOT_NEEDED &&
        coverage_words_have(&answer->item->of, id))
      return answer;
  }
  return NULL;
}

/* One that some item asks is for whose part that is; any other for whoever writes intakes. */
static bool may_answer(const struct assessing *assessing, struct text id)
{
  const struct intake_page *page = &assessing->page;
  const struct intake_answer *answer = asked_by(assessing, id);
  return page->shown.intake.ended_at == 0 && desk_may(page->request, "intake", "write") &&
         (!answer || intake_may_item(page->request, answer->item));
}

static struct text title_of(const struct assessing *assessing, struct text id)
{
  const struct instrument *found = assessing->all ? instruments_find(assessing->all, id) : NULL;
  return found ? found->title[assessing->page.request->language] : id;
}

static void fill_asked(const struct assessing *assessing)
{
  const struct intake_page *page = &assessing->page;
  const struct web_request *request = page->request;
  struct value *asked = value_list(request->arena), *others = value_list(request->arena);
  for (size_t i = 0; assessing->all && i < instruments_count(assessing->all); i++) {
    const struct instrument *one = instruments_get(assessing->all, i);
    const struct intake_answer *answer = asked_by(assessing, one->id);
    struct value *item = answer ? intake_row(page, answer) : value_object(request->arena);
    if (!one->is_on) continue;
    view_set_text(request, item, "instrument", one->id);
    view_set_text(request, item, "title", one->title[request->language]);
    view_set_text(request, item, "purpose", one->purpose[request->language]);
    view_set_flag(request, item, "may_answer", may_answer(assessing, one->id));
    value_add(answer ? asked : others, item);
  }
  value_set(page->view->page, "asked", asked);
  value_set(page->view->page, "others", others);
  view_set_flag(request, page->view->page, "any_asked", value_count(asked) > 0);
}

/* What people call a band of the questionnaire; its name when there is none of that name now. */
static struct text band_label(const struct assessing *assessing, struct text instrument,
                              struct text band)
{
  const struct instrument *one =
      assessing->all ? instruments_find(assessing->all, instrument) : NULL;
  for (size_t set = 0; one && set < one->band_set_count; set++)
    for (size_t i = 0; i < one->band_sets[set].band_count; i++)
      if (text_equal(one->band_sets[set].bands[i].name, band))
        return one->band_sets[set].bands[i].label[assessing->page.request->language];
  return band;
}

/* "14, Moderate": what the score said when it was given. */
static struct text said(const struct assessing *assessing, const struct intake_instrument *taken)
{
  const struct web_request *request = assessing->page.request;
  double total = NAN;
  bool has_total = value_decimal_get(value_get(taken->result, TEXT("total")), &total);
  struct text number =
      has_total ? value_text_get(value_decimal(request->arena, total, 2)) : TEXT("");
  struct text band = value_text_get(value_get(taken->result, TEXT("band")));
  if (band.length) band = band_label(assessing, taken->instrument, band);
  if (band.length == 0 || number.length == 0) return band.length ? band : number;
  return text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(number), TEXT_PRINT(band));
}

static struct value *fill_taken(const struct assessing *assessing,
                                const struct intake_instrument *taken)
{
  const struct web_request *request = assessing->page.request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "taken_id", taken->id);
  view_set_text(request, item, "title", title_of(assessing, taken->instrument));
  view_set_text(request, item, "said", said(assessing, taken));
  view_set_text(request, item, "by", intake_name(&assessing->page, taken->account_id));
  value_set(item, "at", desk_time(request, taken->at));
  return item;
}

static void fill_all_taken(const struct assessing *assessing)
{
  struct value *page = assessing->page.view->page;
  struct value *list = value_list(assessing->page.request->arena);
  for (size_t i = 0; i < assessing->taken_count; i++)
    value_add(list, fill_taken(assessing, &assessing->taken[i]));
  value_set(page, "taken", list);
  view_set_flag(assessing->page.request, page, "any_taken", assessing->taken_count > 0);
}

/* --- One of them ----------------------------------------------------------------------------- */

/* What the answers say, by the questionnaire as it stands; else as it was written then. */
static void fill_result(struct assessing *assessing)
{
  struct web_request *request = assessing->page.request;
  struct value *page = assessing->page.view->page;
  struct error error = {0};
  struct instrument_score score;
  struct view_instrument form = {.instrument = assessing->instrument};
  value_set(page, "one", fill_taken(assessing, assessing->answered));
  bool is_read =
      assessing->instrument && assessing->answered->answers &&
      instrument_read(assessing->instrument, assessing->answered->answers, &form.answers, &error);
  error_clear(&error);
  view_set_flag(request, page, "is_shown", is_read);
  if (!is_read) return;
  for (size_t i = 0; i < assessing->instrument->item_count; i++)
    if (!isnan(form.answers.value[i]))
      form.typed[i] = text_format(request->arena, "%.0f", form.answers.value[i]);
  instrument_score(assessing->instrument, &form.answers, &score);
  value_set(page, "score", view_instrument_result(request, &form, &score));
  value_set(page, "answers", view_instrument_items(request, &form));
}

static void fill_form(const struct assessing *assessing)
{
  const struct web_request *request = assessing->page.request;
  const struct instrument *one = assessing->instrument;
  struct value *page = assessing->page.view->page, *out = value_object(request->arena);
  struct value *items = view_instrument_items(request, &assessing->form);
  struct value *problems = value_list(request->arena);
  const struct value *list = value_get(items, TEXT("items"));
  for (size_t i = 0; i < one->item_count; i++)
    if (assessing->form.is_refused[i]) value_add(problems, value_item(list, i));
  view_set_text(request, out, "instrument", one->id);
  view_set_text(request, out, "title", one->title[request->language]);
  view_set_text(request, out, "purpose", one->purpose[request->language]);
  view_set_text(request, out, "description", one->description[request->language]);
  view_set_text(request, out, "copyright", one->copyright[request->language]);
  view_set_text(request, out, "source", one->source);
  value_set(page, "questionnaire", out);
  value_set(page, "questions", items);
  value_set(page, "problems", problems);
  view_set_flag(request, page, "has_problems", value_count(problems) > 0);
  view_set_flag(request, page, "may_answer", may_answer(assessing, one->id));
}

static bool show(struct assessing *assessing, const char *problem)
{
  struct web_request *request = assessing->page.request;
  struct web_view *view = assessing->page.view;
  bool is_form = assessing->instrument && !assessing->answered;
  intake_page_fill(&assessing->page, "/instruments");
  view_set_flag(request, view->page, "is_form", is_form);
  view_set_flag(request, view->page, "is_result", assessing->answered != NULL);
  view_set_flag(request, view->page, "is_list", !is_form && !assessing->answered);
  view_set_text(request, view->page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (is_form) fill_form(assessing);
  else if (assessing->answered) fill_result(assessing);
  else fill_asked(assessing);
  fill_all_taken(assessing);
  view->template_name = "desk/intake_instruments";
  return true;
}

/* --- The act --------------------------------------------------------------------------------- */

/* The answers as a document that instrument_read() takes. */
static const struct value *write_answers(const struct web_request *request,
                                         const struct view_instrument *form)
{
  static const char *const sexes[] = {"unspecified", "male", "female"};
  struct value *document = value_object(request->arena), *answers = value_object(request->arena);
  for (size_t i = 0; i < form->instrument->item_count; i++) {
    double value = form->answers.value[i];
    if (isnan(value)) continue;
    value_set(answers, text_c(request->arena, form->instrument->items[i].number),
              value_integer(request->arena, (int64_t)value));
  }
  value_set(document, "answers", answers);
  if (form->instrument->asks_sex)
    value_set(document, "sex", value_text(request->arena, text_from(sexes[form->answers.sex])));
  return document;
}

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct assessing *assessing = context;
  const struct intake_page *page = &assessing->page;
  struct web_request *request = page->request;
  struct intake_instrument made = {.instrument = assessing->instrument->id,
                                   .answers = write_answers(request, &assessing->form)};
  struct access access;
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error) ||
      !intake_instrument_add(transaction, request->application->intakes, &access, request->arena,
                             page->shown.intake.id, &made, error))
    return false;
  intake_page_go(page, "/instruments", TEXT(""));
  page->view->redirect = text_format(request->arena, "%.*s&taken=%.*s",
                                     TEXT_PRINT(page->view->redirect), TEXT_PRINT(made.id));
  return true;
}

/* Read what was sent; each item that is open or not allowed is marked. */
static bool read_answers(struct assessing *assessing)
{
  struct instrument_score score;
  struct view_instrument *form = &assessing->form;
  bool is_good = view_instrument_read(assessing->page.request, assessing->instrument, form);
  if (!is_good) return false;
  instrument_score(assessing->instrument, &form->answers, &score);
  for (size_t i = 0; i < assessing->instrument->item_count; i++)
    form->is_refused[i] = score.is_missing[i];
  return score.complete;
}

bool view_intake_instruments(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct assessing assessing = {.page = {.request = request, .view = view}, .all = loaded(request)};
  if (!desk_read(request, load, &assessing, error)) return false;
  if (view->redirect.length) return true;
  if (!find(&assessing, error)) return false;
  if (assessing.instrument && !assessing.answered) {
    assessing.form = (struct view_instrument){.instrument = assessing.instrument};
    instrument_answers_init(&assessing.form.answers);
  }
  if (request->method == WEB_GET) return show(&assessing, NULL);
  if (!assessing.instrument || assessing.answered)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.instrument", "",
                     "desk: answers to no questionnaire");
  if (!read_answers(&assessing)) {
    view->status = 400;
    return show(&assessing, "error.intake.answers");
  }
  if (desk_write(request, view, run, &assessing, error)) return true;
  if (error->kind != ERROR_REFUSED) return false;
  const char *problem = error->person;
  error_clear(error);
  view->status = 400;
  return show(&assessing, problem);
}
