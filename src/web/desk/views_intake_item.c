/*
 * /desk/people/{id}/intake/item: one item of an intake: what it asks and from where, what was said
 * of it and by whom, and what may be said now: done, declined with its reason, not needed with its
 * reason, open again. Lines are only added. Threads: all state is the request's.
 */
#include "web/desk/intakes.h"

static const struct desk_field fields[] = {
    {.name = "answer", .label = "intake.answer", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "words",
     .label = "intake.words",
     .help = "intake.words_help",
     .kind = DESK_LINES,
     .longest = LIMIT_CARE_WORDS},
    {.name = "date",
     .label = "intake.done_on",
     .help = "intake.done_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "clock",
     .label = "intake.done_at",
     .help = "intake.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
};
static const struct desk_mapping mappings[] = {{"error.intake.reason", "answer"},
                                               {"error.intake.decline", "answer"},
                                               {"error.intake.derived", "answer"},
                                               {"error.intake.words", "words"},
                                               {"error.intake.document", "words"},
                                               {"error.intake.future", "date"},
                                               {"error.care.text", "words"},
                                               {"error.care.long", "words"},
                                               {"error.intake.ended", NULL},
                                               {"error.intake.item", NULL},
                                               {NULL, NULL}};

struct item {
  struct intake_page page;
  const struct intake_answer *answer;
  struct intake_step *steps; /* the newest first */
  size_t step_count;
};

static bool find_answer(struct item *item, struct error *error)
{
  struct text code = web_parameter_get(item->page.request, "item");
  item->answer = NULL;
  for (size_t i = 0; i < item->page.shown.count; i++)
    if (text_equal(item->page.shown.answers[i].item->code, code))
      item->answer = &item->page.shown.answers[i];
  return item->answer || error_set(error, ERROR_NOT_FOUND, "error.intake.item", "",
                                   "desk: an intake's item that is none");
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct item *item = context;
  struct intake_page *page = &item->page;
  struct access access;
  if (!intake_page_need(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  if (!find_answer(item, error) ||
      !intake_history(transaction, &access, page->request->arena, page->shown.intake.id,
                      item->answer->item->code, &item->steps, &item->step_count, error))
    return false;
  for (size_t i = 0; i < item->step_count; i++)
    if (!intake_names_add(transaction, page, item->steps[i].account_id, error)) return false;
  return true;
}

/* --- What may be said ------------------------------------------------------------------------ */

/* "declined.did-not-want", "done": a state with its reason as one word of the form. */
static struct text answer_word(const struct web_request *request, const struct intake_step *step)
{
  switch (step->state) {
  case INTAKE_SAID_DONE:
    return TEXT("done");
  case INTAKE_SAID_DECLINED:
    return text_format(request->arena, "declined.%.*s", TEXT_PRINT(step->reason));
  case INTAKE_SAID_NOT_NEEDED:
    return text_format(request->arena, "not-needed.%.*s", TEXT_PRINT(step->reason));
  default:
    return TEXT("open");
  }
}

static void read_answer(struct text word, struct intake_step *step)
{
  size_t dot = text_find(word, TEXT("."));
  struct text state = text_slice(word, 0, dot);
  step->reason = dot < word.length ? text_slice(word, dot + 1, word.length) : TEXT("");
  step->state = text_equal(state, TEXT("done"))         ? INTAKE_SAID_DONE
                : text_equal(state, TEXT("declined"))   ? INTAKE_SAID_DECLINED
                : text_equal(state, TEXT("not-needed")) ? INTAKE_SAID_NOT_NEEDED
                                                        : INTAKE_SAID_OPEN;
}

static struct text answer_label(const struct web_request *request, const char *state,
                                const struct intake_reason *reason)
{
  struct text word = intake_word(request, "intake-standings", text_from(state), "");
  if (!reason) return word;
  return VIEW_FORMAT(request, "intake.answer_reason", {"answer", word},
                     {"reason", intake_word(request, "intake-reasons", reason->code, "")});
}

static size_t choose_answer(struct desk_form *form, const struct item *item)
{
  const struct web_request *request = item->page.request;
  const struct intake_rules *rules = intakes_rules(request->application->intakes);
  const struct intake_item *row = item->answer->item;
  size_t most = intake_reasons_count(rules) + 2, count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, most, sizeof *choices);
  if (intake_item_is_said(row))
    choices[count++] = (struct desk_choice){TEXT("done"), answer_label(request, "done", NULL)};
  for (size_t i = 0; i < intake_reasons_count(rules); i++) {
    const struct intake_reason *reason = intake_reasons_get(rules, i);
    const char *state = reason->is_declined ? "declined" : "not-needed";
    if (!intake_reason_fits(reason, row) || (reason->is_declined && !row->may_decline)) continue;
    choices[count++] = (struct desk_choice){
        text_format(request->arena, "%s.%.*s", state, TEXT_PRINT(reason->code)),
        answer_label(request, state, reason)};
  }
  bool is_settled = item->step_count && item->steps[0].state != INTAKE_SAID_OPEN;
  if (is_settled || request->method == WEB_POST) /* the same form again finds it open */
    choices[count++] = (struct desk_choice){TEXT("open"), view_text(request, "intake.open_again")};
  desk_form_choices(form, "answer", choices, count);
  return count;
}

static size_t begin_form(struct desk_form *form, const struct item *item)
{
  DESK_FORM_INIT(form, item->page.request, fields);
  desk_form_set_version(form, item->step_count ? item->steps[0].seq : 0);
  return choose_answer(form, item);
}

/* --- The page -------------------------------------------------------------------------------- */

static struct value *fill_history(const struct item *item)
{
  const struct web_request *request = item->page.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < item->step_count; i++) {
    const struct intake_step *step = &item->steps[i];
    static const char *const states[] = {"open", "done", "declined", "not-needed"};
    struct value *row = value_object(request->arena);
    view_set_text(request, row, "state",
                  intake_word(request, "intake-standings", text_from(states[step->state]), ""));
    view_set_text(request, row, "reason",
                  step->reason.length ? intake_word(request, "intake-reasons", step->reason, "")
                                      : TEXT(""));
    view_set_text(request, row, "words", step->words);
    view_set_text(request, row, "by", intake_name(&item->page, step->account_id));
    value_set(row, "at", desk_time(request, step->at));
    value_set(row, "made", desk_time(request, step->made_at));
    view_set_flag(request, row, "is_later", step->made_at > step->at);
    value_add(list, row);
  }
  return list;
}

static bool show(struct item *item, const struct desk_form *form, size_t choices)
{
  struct web_request *request = item->page.request;
  struct web_view *view = item->page.view;
  const struct intake_item *row = item->answer->item;
  intake_page_fill(&item->page, "/item");
  value_set(view->page, "item", intake_row(&item->page, item->answer));
  value_set(view->page, "history", fill_history(item));
  view_set_flag(request, view->page, "has_history", item->step_count > 0);
  view_set_text(request, view->page, "source", row->basis.source);
  view_set_flag(request, view->page, "is_unsigned", !coverage_is_signed(&row->basis));
  view_set_flag(
      request, view->page, "may_say",
      choices > 0 && intake_may_item(request, row) && item->page.shown.intake.ended_at == 0 &&
          (item->answer->standing != INTAKE_NOT_NEEDED || item->answer->why == INTAKE_WHY_SAID));
  bool has_camera = row->evidence == INTAKE_PHOTO && desk_may(request, "person", "write");
  view_set_flag(request, view->page, "may_photo",
                has_camera && intake_may_item(request, row) && item->page.person.erase_at == 0);
  view_set_text(request, view->page, "photo_to",
                text_format(request->arena, "/desk/people/%.*s/intake/item?intake=%.*s&item=%.*s",
                            TEXT_PRINT(item->page.person.id),
                            TEXT_PRINT(item->page.shown.intake.id), TEXT_PRINT(row->code)));
  return desk_form_show(form, view, "desk/intake_item");
}

struct act {
  struct item *item;
  struct intake_step step;
};

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct act *act = context;
  struct intake_page *page = &act->item->page;
  struct web_request *request = page->request;
  struct access access;
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error) ||
      !intake_say(transaction, request->application->intakes, &access, request->arena,
                  page->shown.intake.id, &act->step, error))
    return false;
  intake_page_go(page, "", text_format(request->arena, "item-%.*s", TEXT_PRINT(act->step.item)));
  return true;
}

/* Somebody said something of it meanwhile: both, side by side. */
static bool show_conflict(struct item *item, struct desk_form *form, struct error *error)
{
  struct desk_form now;
  error_clear(error);
  if (!desk_read(item->page.request, load, item, error)) return false;
  size_t choices = begin_form(&now, item);
  if (item->step_count) {
    desk_form_set(&now, "answer", answer_word(item->page.request, &item->steps[0]));
    desk_form_set(&now, "words", item->steps[0].words);
  }
  desk_form_conflict(form, &now);
  return show(item, form, choices);
}

bool view_intake_item(struct web_request *request, struct web_view *view, struct error *error)
{
  struct item item = {.page = {.request = request, .view = view}};
  struct act act = {.item = &item};
  struct desk_form form;
  if (!desk_read(request, load, &item, error)) return false;
  if (view->redirect.length) return true;
  size_t choices = begin_form(&form, &item);
  if (request->method == WEB_GET) return show(&item, &form, choices);
  if (!desk_form_read(&form) ||
      !intake_moment(&form, item.page.zone, "date", "clock", &act.step.at))
    return show(&item, &form, choices);
  act.step.item = item.answer->item->code;
  act.step.words = desk_form_get(&form, "words");
  act.step.evidence_id = TEXT("");
  act.step.seq = desk_form_version(&form);
  read_answer(desk_form_get(&form, "answer"), &act.step);
  if (desk_write(request, view, run, &act, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&item, &form, error);
  return desk_form_take(&form, error, mappings) && show(&item, &form, choices);
}
