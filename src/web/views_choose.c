/*
 * The interview: /choose. One question a page; the answers travel in the form, sealed, so that
 * nothing is kept here and no cookie is set. Every answer is looked at at once: a stop rule
 * interrupts with what to do, answers that do not fit are asked about.
 *
 * Fields: `answers` (sealed), `question`, its fields (see read_question()), `from` = review jump,
 * and `go` = next back skip unknown review finish on safe keep show, or `change` = a question.
 */
#include "web/views_choose.h"

#include <math.h>

#include "base/seal.h"

enum { OPEN_SECONDS = 2 * 60 * 60 }; /* how long a page may lie before it is answered */

#define PURPOSE TEXT("interview")

static const struct care_options *care_options(const struct web_request *request)
{
  return request->application->care_options;
}

void choose_find(struct choosing *choosing)
{
  const struct care_options *options = care_options(choosing->request);
  interview_facts(choosing->interview, choosing->state, &choosing->facts);
  care_find(choosing->care, &choosing->facts.facts, options, &choosing->result);
  care_explain(choosing->care, &choosing->facts.facts, options, &choosing->result,
               &choosing->explanation);
  choosing->next =
      interview_next(choosing->interview, choosing->state, &choosing->facts.facts, options,
                     &choosing->result, &choosing->explanation, &choosing->most);
}

size_t choose_page_of(const struct choosing *choosing, size_t question)
{
  return questions_get(choosing->interview, question)->order == QUESTION_LAST ? QUESTION_WISHES
                                                                              : question;
}

/* --- Reading what was sent ----------------------------------------------------------------------
 */

static struct text problem(const struct choosing *choosing, const char *key)
{
  return view_text(choosing->request, key);
}

/* Ticked answers: the question's own parameter, once for each. */
static void read_ticked(const struct choosing *choosing, const struct question *question,
                        struct choose_given *out)
{
  struct web_request *request = choosing->request;
  const struct text *sent;
  size_t count = web_parameter_all(request, text_c(request->arena, question->id), &sent);
  size_t items = question->instrument ? question->item_count : question->answer_count;
  for (size_t i = 0; i < count; i++) {
    size_t at = 0;
    while (at < items &&
           !text_equal(sent[i], question->instrument
                                    ? question->instrument->items[question->items[at]].number
                                    : question->answers[at]))
      at++;
    if (text_is_empty(sent[i])) continue; /* a list's first line: not chosen */
    out->is_empty = false;
    if (at < items) out->step.ticked |= UINT64_C(1) << at;
    else if (question->instrument && text_equal(sent[i], TEXT("none"))) out->none = true;
    else out->problem = problem(choosing, "error.choose.answer");
  }
}

/* The value of a field called "<question>.<name>". */
static struct text field(const struct choosing *choosing, const struct question *question,
                         struct text name)
{
  struct arena *arena = choosing->request->arena;
  struct text key = text_format(arena, "%.*s.%.*s", TEXT_PRINT(question->id), TEXT_PRINT(name));
  return web_parameter_get(choosing->request, key.at);
}

static struct text range_problem(const struct choosing *choosing, const struct fact *fact)
{
  struct arena *arena = choosing->request->arena;
  return VIEW_FORMAT(choosing->request, "error.choose.range",
                     {"least", text_format(arena, "%.0f", fact->minimum)},
                     {"most", text_format(arena, "%.0f", fact->maximum)});
}

/* A fact as it was typed: a number, or a word of a list. */
static void read_typed(const struct choosing *choosing, const struct fact *fact, size_t index,
                       struct choose_given *out)
{
  struct text typed = out->typed[index], *what = &out->number_problem[index];
  double number = NAN;
  if (text_is_empty(typed)) return;
  out->is_empty = false;
  if (fact->kind == FACT_WORD || fact->kind == FACT_YES_NO) {
    for (size_t i = 0; i < fact->word_count; i++)
      if (text_equal(fact->words[i], typed)) number = (double)i;
    if (isnan(number)) *what = problem(choosing, "error.choose.answer");
  } else if (!text_read_decimal(typed, &number)) {
    number = NAN;
    *what = problem(choosing, "error.choose.number");
  } else if (number < fact->minimum || number > fact->maximum) {
    *what = range_problem(choosing, fact);
  } else if (fact->kind == FACT_INTEGER && number != floor(number)) {
    *what = problem(choosing, "error.choose.whole");
  }
  out->step.value[index] = number;
}

static void read_facts(const struct choosing *choosing, const struct question *question,
                       struct choose_given *out)
{
  for (size_t i = 0; i < question->fact_count; i++) {
    const struct fact *fact = facts_get(choosing->care, question->facts[i]);
    out->typed[i] = field(choosing, question, fact->name);
    read_typed(choosing, fact, i, out);
  }
}

static void read_items(const struct choosing *choosing, const struct question *question,
                       struct choose_given *out)
{
  for (size_t i = 0; i < question->item_count; i++) {
    const struct instrument_item *item = &question->instrument->items[question->items[i]];
    struct text typed = field(choosing, question, item->number);
    double value;
    if (text_is_empty(typed)) continue;
    out->is_empty = false;
    if (text_read_decimal(typed, &value) && instrument_item_allows(item, value))
      out->step.value[i] = value;
    else {
      out->missing_item = i;
      out->problem = problem(choosing, "error.choose.item");
    }
  }
}

/* A score that is typed beside items that are all answered must be theirs: neither is preferred in
 * silence, for the lower one could cost a level of care. */
static void compare_typed(const struct choosing *choosing, const struct question *question,
                          struct choose_given *out)
{
  struct choose_given items = {.is_empty = true, .missing_item = INSTRUMENT_ITEMS};
  struct instrument_answers answers;
  struct instrument_score score;
  interview_step_init(&items.step, out->step.question, STEP_GIVEN);
  read_items(choosing, question, &items);
  instrument_answers_init(&answers);
  for (size_t i = 0; i < question->item_count; i++)
    answers.value[question->items[i]] = items.step.value[i];
  instrument_score(question->instrument, &answers, &score);
  if (isnan(score.total) || isnan(out->step.value[0]) || score.total == out->step.value[0]) return;
  struct text total = text_format(choosing->request->arena, "%.0f", score.total);
  out->number_problem[0] = VIEW_FORMAT(choosing->request, "error.choose.total", {"total", total});
}

/* Read a question's fields. Answers false when they are no answer, with why in `out`. */
static bool read_question(const struct choosing *choosing, size_t index, struct choose_given *out)
{
  const struct question *question = questions_get(choosing->interview, index);
  *out = (struct choose_given){.is_empty = true, .missing_item = INSTRUMENT_ITEMS};
  interview_step_init(&out->step, index, STEP_GIVEN);
  if (question->kind == QUESTION_NUMBERS || question_may_type(question, choosing->state->voice)) {
    read_facts(choosing, question, out);
    out->step.is_typed = question->kind != QUESTION_NUMBERS && !out->is_empty;
  }
  if (question->kind == QUESTION_INSTRUMENT && out->step.is_typed && question->fact_count == 1)
    compare_typed(choosing, question, out);
  else if (question->kind == QUESTION_INSTRUMENT && !out->step.is_typed)
    read_items(choosing, question, out);
  else if (question->kind != QUESTION_NUMBERS && !out->step.is_typed)
    read_ticked(choosing, question, out);
  for (size_t i = 0; i < question->fact_count; i++)
    if (!text_is_empty(out->number_problem[i])) return false;
  return text_is_empty(out->problem);
}

/* What to say of a question without an answer; NULL when an item of it says so itself. */
static const char *empty_key(const struct choosing *choosing, const struct question *question)
{
  switch (question->kind) {
  case QUESTION_CHOICE:
    return "error.choose.one";
  case QUESTION_SEVERAL:
  case QUESTION_CHECKLIST:
    return "error.choose.several";
  case QUESTION_INSTRUMENT:
    return question_may_type(question, choosing->state->voice) ? "error.choose.empty" : NULL;
  case QUESTION_NUMBERS:
    break;
  }
  return "error.choose.empty";
}

/* Is what was read an answer to the whole question? */
static bool check_question(const struct choosing *choosing, struct choose_given *given)
{
  const struct question *question = questions_get(choosing->interview, given->step.question);
  const char *key = given->is_empty ? empty_key(choosing, question) : NULL;
  bool has_items = question->kind == QUESTION_INSTRUMENT && !given->step.is_typed;
  struct error error = {0};
  size_t missing = has_items && !key
                       ? interview_missing_item(choosing->interview, choosing->state, &given->step)
                       : question->item_count;
  if (missing < question->item_count) {
    given->missing_item = missing;
    key = "error.choose.item";
  } else if (!key && question->kind == QUESTION_CHECKLIST && given->none && given->step.ticked) {
    key = "error.choose.none";
  } else if (!key && !interview_step_check(choosing->interview, choosing->state->voice,
                                           &given->step, &error)) {
    key = error.person;
  }
  if (key) given->problem = problem(choosing, key);
  return !key;
}

/* --- Steps --------------------------------------------------------------------------------------
 */

/* Where the page stands among the steps; step_count when it has not been answered. */
static size_t place_of(const struct choosing *choosing, size_t page)
{
  size_t i = 0;
  while (i < choosing->state->step_count &&
         choose_page_of(choosing, choosing->state->steps[i].question) != page)
    i++;
  return i;
}

/* The page behind `page` among those that were answered; QUESTION_NONE when it is the last. */
static size_t page_after(const struct choosing *choosing, size_t page)
{
  const struct interview_state *state = choosing->state;
  size_t place = place_of(choosing, page);
  while (place < state->step_count &&
         choose_page_of(choosing, state->steps[place].question) == page)
    place++;
  return place < state->step_count ? choose_page_of(choosing, state->steps[place].question)
                                   : QUESTION_NONE;
}

/* What the answers lead to. `page` is the one just answered; QUESTION_NONE: none. */
static void advance(struct choosing *choosing, size_t page)
{
  bool to_review = text_equal(choosing->from, TEXT("review"));
  bool jumps = text_equal(choosing->from, TEXT("jump")) || page == QUESTION_NONE;
  choose_find(choosing);
  size_t after = jumps ? QUESTION_NONE : page_after(choosing, page);
  choosing->from = TEXT("");
  if (interview_is_stopped(choosing->interview, choosing->state, &choosing->result))
    choose_show_stop(choosing); /* before all else */
  else if (choosing->facts.is_clash) choose_show_clash(choosing);
  else if (choosing->result.is_minor) choose_show_minor(choosing);
  else if (to_review) choose_show_review(choosing);
  else if (after != QUESTION_NONE) choose_show_question(choosing, after, NULL);
  else if (choosing->next == QUESTION_NONE) choose_show_review(choosing);
  else choose_show_question(choosing, choosing->next, NULL);
}

/* Is one of the answers that do not go together an emergency by itself? Then it is the answer: what
 * to do now is said before what does not fit. */
static bool answer_stops(struct choosing *choosing, const struct choose_given *given)
{
  const struct interview_state before = *choosing->state;
  const struct question *question = questions_get(choosing->interview, given->step.question);
  if (question->kind != QUESTION_SEVERAL) return false;
  for (size_t i = 0; i < question->answer_count; i++) {
    struct interview_step step = given->step;
    step.ticked &= UINT64_C(1) << i;
    if (!step.ticked) continue;
    interview_answer(choosing->interview, choosing->state, &step);
    choose_find(choosing);
    if (interview_is_stopped(choosing->interview, choosing->state, &choosing->result)) return true;
    *choosing->state = before;
  }
  return false;
}

static void answer(struct choosing *choosing, size_t question)
{
  struct choose_given *given = arena_allocate(choosing->request->arena, sizeof *given);
  struct choose_given *all[QUESTIONS_MAXIMUM] = {NULL};
  all[question] = given;
  if (!read_question(choosing, question, given) || !check_question(choosing, given)) {
    if (answer_stops(choosing, given)) {
      choose_show_stop(choosing);
      return;
    }
    choosing->view->status = 400;
    choose_find(choosing);
    choose_show_question(choosing, question, all);
    return;
  }
  interview_answer(choosing->interview, choosing->state, &given->step);
  advance(choosing, question);
}

/* The page of wishes: what was left open stays open. */
static void answer_wishes(struct choosing *choosing)
{
  struct choose_given *all[QUESTIONS_MAXIMUM] = {NULL};
  bool good = true;
  for (size_t i = 0; i < questions_count(choosing->interview); i++) {
    const struct question *question = questions_get(choosing->interview, i);
    if (question->order != QUESTION_LAST || !question_is_for(question, choosing->state->voice))
      continue;
    all[i] = arena_allocate(choosing->request->arena, sizeof *all[i]);
    bool sound = read_question(choosing, i, all[i]);
    if (sound && !all[i]->is_empty) sound = check_question(choosing, all[i]);
    good = good && sound;
  }
  if (!good) {
    choosing->view->status = 400;
    choose_find(choosing);
    choose_show_question(choosing, QUESTION_WISHES, all);
    return;
  }
  for (size_t i = 0; i < questions_count(choosing->interview); i++) {
    if (!all[i]) continue;
    if (all[i]->is_empty) interview_step_init(&all[i]->step, i, STEP_SKIPPED);
    interview_answer(choosing->interview, choosing->state, &all[i]->step);
  }
  choosing->state->wished = true;
  advance(choosing, QUESTION_WISHES);
}

static void leave_out(struct choosing *choosing, size_t page, enum step_kind kind)
{
  struct interview_step step;
  if (page == QUESTION_WISHES) {
    choosing->state->wished = true;
  } else {
    interview_step_init(&step, page, kind);
    interview_answer(choosing->interview, choosing->state, &step);
  }
  advance(choosing, page);
}

/* The page before this one; the start before the first. */
static void go_back(struct choosing *choosing, size_t page)
{
  size_t place = place_of(choosing, page);
  choose_find(choosing);
  if (page == QUESTION_NONE && choosing->state->wished)
    choose_show_question(choosing, QUESTION_WISHES, NULL);
  else if (place == 0) choose_show_start(choosing->request, choosing->view);
  else
    choose_show_question(
        choosing, choose_page_of(choosing, choosing->state->steps[place - 1].question), NULL);
}

/* --- What was asked for --------------------------------------------------------------------------
 */

/* The question that a parameter names, for who answers; QUESTION_NONE when there is none such. */
static size_t read_page(const struct choosing *choosing, const char *name)
{
  struct text id = web_parameter_get(choosing->request, name);
  size_t question = questions_find(choosing->interview, id);
  if (text_equal(id, TEXT("wishes"))) return QUESTION_WISHES;
  if (question == QUESTION_NONE ||
      !question_is_for(questions_get(choosing->interview, question), choosing->state->voice))
    return QUESTION_NONE;
  return choose_page_of(choosing, question);
}

static void go_show(struct choosing *choosing, size_t page)
{
  choose_find(choosing);
  if (page == QUESTION_NONE) advance(choosing, QUESTION_NONE);
  else choose_show_question(choosing, page, NULL);
}

static void go_review(struct choosing *choosing, size_t page)
{
  (void)page;
  choose_find(choosing);
  choose_show_review(choosing);
}

static void go_safe(struct choosing *choosing, size_t page)
{
  choose_find(choosing);
  interview_pass(choosing->interview, choosing->state, &choosing->result);
  advance(choosing, page);
}

static void go_keep(struct choosing *choosing, size_t page)
{
  choose_find(choosing);
  interview_keep(choosing->state, &choosing->facts);
  advance(choosing, page);
}

static void go_skip(struct choosing *choosing, size_t page)
{
  if (page == QUESTION_NONE) advance(choosing, page);
  else leave_out(choosing, page, STEP_SKIPPED);
}

static void go_unknown(struct choosing *choosing, size_t page)
{
  if (page == QUESTION_NONE) advance(choosing, page);
  else leave_out(choosing, page, STEP_UNKNOWN);
}

static void go_next(struct choosing *choosing, size_t page)
{
  if (page == QUESTION_NONE) advance(choosing, page);
  else if (page == QUESTION_WISHES) answer_wishes(choosing);
  else answer(choosing, page);
}

/* Go on from the review. */
static void go_on(struct choosing *choosing, size_t page)
{
  choosing->from = TEXT("");
  advance(choosing, page);
}

static const struct {
  const char *name;
  void (*act)(struct choosing *choosing, size_t page);
} acts[] = {
    {"next", go_next},     {"back", go_back},     {"skip", go_skip}, {"unknown", go_unknown},
    {"review", go_review}, {"finish", go_review}, {"safe", go_safe}, {"keep", go_keep},
    {"show", go_show},     {"on", go_on},
};

static void act(struct choosing *choosing)
{
  struct text go = web_parameter_get(choosing->request, "go");
  size_t page = read_page(choosing, "question");
  choosing->from = web_parameter_get(choosing->request, "from");
  if (web_parameter_has(choosing->request, "change")) {
    if (text_is_empty(choosing->from)) choosing->from = TEXT("jump");
    go_show(choosing, read_page(choosing, "change"));
    return;
  }
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (text_equal(go, text_from(acts[i].name))) {
      acts[i].act(choosing, page);
      return;
    }
  go_next(choosing, page);
}

/* --- The state
 * ------------------------------------------------------------------------------------ */

static bool read_who(struct text who, enum choose_voice *out)
{
  static const char *const words[] = {"self", "other", "staff"};
  for (int i = 0; i < CHOOSE_VOICES; i++)
    if (text_equal(who, text_from(words[i]))) {
      *out = (enum choose_voice)i;
      return true;
    }
  return false;
}

static bool read_state(struct web_request *request, struct interview_state *out,
                       struct error *error)
{
  struct web_application *application = request->application;
  struct text sealed = web_parameter_get(request, "answers");
  struct seal seal;
  return seal_read(request->arena, application->key, PURPOSE, sealed, time_now(), &seal, error) &&
         interview_read(application->interview, seal.bytes, out, error);
}

struct text choose_seal(const struct choosing *choosing)
{
  struct arena *arena = choosing->request->arena;
  struct text written = interview_write(choosing->interview, arena, choosing->state);
  return seal_write(arena, choosing->request->application->key, PURPOSE, written, time_now(),
                    OPEN_SECONDS);
}

bool view_choose_facts(struct web_request *request, struct facts *out, enum choose_voice *voice,
                       struct error *error)
{
  struct interview_state *state = arena_allocate(request->arena, sizeof *state);
  struct interview_facts *facts = arena_allocate(request->arena, sizeof *facts);
  if (!read_state(request, state, error)) return false;
  interview_facts(request->application->interview, state, facts);
  *out = facts->facts;
  *voice = state->voice;
  return true;
}

static bool view_choose(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct web_application *application = request->application;
  enum choose_voice voice;
  struct error why = {0};
  if (request->method == WEB_GET) {
    choose_show_start(request, view);
    view->cache = WEB_CACHE_PUBLIC;
    return true;
  }
  struct choosing *choosing = arena_allocate(request->arena, sizeof *choosing);
  *choosing = (struct choosing){.request = request,
                                .view = view,
                                .interview = application->interview,
                                .care = application->care};
  choosing->state = arena_allocate(request->arena, sizeof *choosing->state);
  view->cache = WEB_CACHE_PRIVATE;
  if (!web_parameter_has(request, "answers") &&
      read_who(web_parameter_get(request, "who"), &voice)) {
    interview_init(choosing->state, voice);
    advance(choosing, QUESTION_NONE);
  } else if (read_state(request, choosing->state, &why)) {
    act(choosing);
  } else {
    choose_show_again(request, view, &why);
  }
  return true;
}

const struct web_route web_choose_routes[] = {
    {.methods = WEB_GET | WEB_POST, .pattern = "/choose", .handler = view_choose},
    {.pattern = NULL},
};
