/*
 * The interview's pages: a question, the page of wishes, your answers, and what interrupts. Words
 * come from the catalog under the question's id, markup from pages/choose*.mustache.
 */
#include <math.h>

#include "web/views_choose.h"

/* --- Words
 * ---------------------------------------------------------------------------------------- */

struct text choose_words(const struct choosing *choosing, struct text question, const char *part,
                         struct text rest)
{
  static const char *const endings[CHOOSE_VOICES][3] = {
      {""}, {".other", ""}, {".staff", ".other", ""}};
  const struct web_request *request = choosing->request;
  struct text found = {NULL, 0};
  for (size_t i = 0; i < 3 && !found.at; i++) {
    const char *ending = endings[choosing->state->voice][i];
    if (!ending) break;
    struct text key = text_format(request->arena, "interview.%.*s.%s%s%.*s%s", TEXT_PRINT(question),
                                  part, rest.length ? "." : "", TEXT_PRINT(rest), ending);
    found = catalog_find(request->application->catalog, request->language, key);
  }
  return found;
}

/* Set a member to words of the question, when it has them. */
static void set_words(const struct choosing *choosing, struct value *object, const char *key,
                      struct text question, const char *part, struct text rest)
{
  struct text words = choose_words(choosing, question, part, rest);
  if (words.at) view_set_text(choosing->request, object, key, words);
}

static struct text answer_words(const struct choosing *choosing, const struct question *question,
                                size_t answer)
{
  return choose_words(choosing, question->id, "answer", question->answers[answer]);
}

/* An item's text: the question's own words, or the instrument's. */
static struct text item_words(const struct choosing *choosing, const struct question *question,
                              size_t index)
{
  const struct instrument_item *item = &question->instrument->items[question->items[index]];
  struct text own = choosing->state->voice == CHOOSE_STAFF
                        ? (struct text){NULL, 0}
                        : choose_words(choosing, question->id, "item", item->number);
  return own.at ? own : item->text[choosing->request->language];
}

/* A word of a fact, for staff who type what is known. */
static struct text word_words(const struct choosing *choosing, const struct fact *fact, size_t word)
{
  const struct web_request *request = choosing->request;
  if (fact->kind == FACT_YES_NO) return view_text(request, word ? "choose.yes" : "choose.no");
  struct text key = text_format(request->arena, "interview.word.%.*s.%.*s", TEXT_PRINT(fact->name),
                                TEXT_PRINT(fact->words[word]));
  return catalog_text(request->application->catalog, request->language,
                      text_c(request->arena, key));
}

static struct text join(const struct choosing *choosing, struct text question, struct text name,
                        const char *mark)
{
  return text_format(choosing->request->arena, "%.*s%s%.*s", TEXT_PRINT(question), mark,
                     TEXT_PRINT(name));
}

/* --- Fields
 * ----------------------------------------------------------------------------------------- */

/* What a field shows: what was sent and refused, else what was answered. */
struct shown {
  const struct choose_given *given;
  const struct interview_step *step; /* of either; NULL: nothing */
};

static struct shown find_shown(const struct choosing *choosing, size_t question,
                               struct choose_given **given)
{
  struct shown shown = {.given = given ? given[question] : NULL};
  size_t at = interview_step_find(choosing->state, question);
  if (shown.given) shown.step = &shown.given->step;
  else if (at < choosing->state->step_count) shown.step = &choosing->state->steps[at];
  return shown;
}

static void add_problem(const struct choosing *choosing, struct value *page, struct text id,
                        struct text what)
{
  struct web_request *request = choosing->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "href", text_format(request->arena, "#%.*s", TEXT_PRINT(id)));
  view_set_text(request, item, "text", what);
  value_add(choosing->problems, item);
  view_set_flag(request, page, "has_problems", true);
}

static void add_option(const struct choosing *choosing, struct value *options, struct text name,
                       const char *type, struct text value, struct text label, bool checked)
{
  struct value *option = value_object(choosing->request->arena);
  view_set_text(choosing->request, option, "name", name);
  view_set_text(choosing->request, option, "type", text_from(type));
  view_set_text(choosing->request, option, "value", value);
  view_set_text(choosing->request, option, "label", label);
  view_set_flag(choosing->request, option, "checked", checked);
  value_add(options, option);
}

/* A new field of the page with a legend. */
static struct value *new_field(const struct choosing *choosing, struct value *fields,
                               struct text id, struct text legend)
{
  struct value *field = value_object(choosing->request->arena);
  view_set_text(choosing->request, field, "id", id);
  view_set_text(choosing->request, field, "legend", legend);
  value_add(fields, field);
  return field;
}

static void set_problem(const struct choosing *choosing, struct value *page, struct value *field,
                        struct text id, struct text what)
{
  view_set_text(choosing->request, field, "problem", what);
  add_problem(choosing, page, id, what);
}

/* Answers to tick. Of a checklist they are the items, and none of these. */
static void add_ticks(const struct choosing *choosing, const struct question *question,
                      struct shown shown, struct value *field)
{
  const char *type = question->kind == QUESTION_CHOICE ? "radio" : "checkbox";
  uint64_t ticked = shown.step && !shown.step->is_typed ? shown.step->ticked : 0;
  struct value *options = value_list(choosing->request->arena);
  value_set(field, "options", options);
  for (size_t i = 0; i < question->answer_count; i++)
    add_option(choosing, options, question->id, type, question->answers[i],
               answer_words(choosing, question, i), ticked >> i & 1);
  if (!question->instrument) return;
  for (size_t i = 0; i < question->item_count; i++)
    add_option(choosing, options, question->id, type,
               question->instrument->items[question->items[i]].number,
               item_words(choosing, question, i), ticked >> i & 1);
  bool none = shown.given ? shown.given->none
                          : shown.step && shown.step->kind == STEP_GIVEN && !shown.step->is_typed &&
                                ticked == 0;
  add_option(choosing, options, question->id, type, TEXT("none"),
             choose_words(choosing, question->id, "answer", TEXT("none")), none);
}

/* One list to choose from, where a radio could not be taken back. */
static void add_select(const struct choosing *choosing, const struct question *question,
                       struct shown shown, struct value *field)
{
  uint64_t ticked = shown.step ? shown.step->ticked : 0;
  struct value *options = value_list(choosing->request->arena);
  value_set(field, "choices", options);
  view_set_flag(choosing->request, field, "has_choices", true);
  view_set_text(choosing->request, field, "name", question->id);
  add_option(choosing, options, question->id, "", TEXT(""),
             view_text(choosing->request, "choose.not_chosen"), false);
  for (size_t i = 0; i < question->answer_count; i++)
    add_option(choosing, options, question->id, "", question->answers[i],
               answer_words(choosing, question, i), ticked >> i & 1);
}

static void add_item(const struct choosing *choosing, struct value *page, struct value *fields,
                     const struct question *question, size_t index, struct shown shown)
{
  const struct instrument_item *item = &question->instrument->items[question->items[index]];
  size_t language = choosing->request->language;
  struct text id = join(choosing, question->id, item->number, "-"),
              name = join(choosing, question->id, item->number, "."),
              words = item_words(choosing, question, index);
  if (choosing->state->voice == CHOOSE_STAFF)
    words = text_format(choosing->request->arena, "%.*s. %.*s", TEXT_PRINT(item->number),
                        TEXT_PRINT(words));
  struct value *field = new_field(choosing, fields, id, words),
               *options = value_list(choosing->request->arena);
  double value = shown.step && !shown.step->is_typed ? shown.step->value[index] : NAN;
  value_set(field, "options", options);
  if (item->kind == ITEM_YES_NO) {
    add_option(choosing, options, name, "radio", TEXT("1"),
               view_text(choosing->request, "choose.yes"), value == 1);
    add_option(choosing, options, name, "radio", TEXT("0"),
               view_text(choosing->request, "choose.no"), value == 0);
  }
  for (size_t i = 0; i < item->option_count; i++)
    add_option(choosing, options, name, "radio",
               text_format(choosing->request->arena, "%g", item->options[i].value),
               item->options[i].label[language], value == item->options[i].value);
  if (shown.given && shown.given->missing_item == index)
    set_problem(choosing, page, field, id, shown.given->problem);
}

/* --- Numbers and words that are typed
 * ------------------------------------------------------------------ */

static struct text number_text(struct arena *arena, double number)
{
  return text_format(arena, "%.10g", number);
}

static struct text typed_text(const struct choosing *choosing, const struct question *question,
                              struct shown shown, size_t index)
{
  bool is_there = shown.step && (question->kind == QUESTION_NUMBERS || shown.step->is_typed);
  if (shown.given) return shown.given->typed[index];
  if (!is_there || isnan(shown.step->value[index])) return TEXT("");
  const struct fact *fact = facts_get(choosing->care, question->facts[index]);
  if (fact->word_count) return fact->words[(size_t)shown.step->value[index]];
  return number_text(choosing->request->arena, shown.step->value[index]);
}

static void add_word_choices(const struct choosing *choosing, const struct fact *fact,
                             struct text typed, struct value *input)
{
  struct value *choices = value_list(choosing->request->arena);
  value_set(input, "choices", choices);
  view_set_flag(choosing->request, input, "has_choices", true);
  add_option(choosing, choices, fact->name, "", TEXT(""),
             view_text(choosing->request, "choose.not_chosen"), false);
  for (size_t i = 0; i < fact->word_count; i++)
    add_option(choosing, choices, fact->name, "", fact->words[i], word_words(choosing, fact, i),
               text_equal(fact->words[i], typed));
}

static void add_inputs(const struct choosing *choosing, struct value *page, struct value *field,
                       const struct question *question, struct shown shown)
{
  struct web_request *request = choosing->request;
  struct value *inputs = value_list(request->arena);
  value_set(field, "inputs", inputs);
  for (size_t i = 0; i < question->fact_count; i++) {
    const struct fact *fact = facts_get(choosing->care, question->facts[i]);
    struct value *input = value_object(request->arena);
    struct text id = join(choosing, question->id, fact->name, "-"),
                own = choose_words(choosing, question->id, "number", fact->name),
                typed = typed_text(choosing, question, shown, i);
    view_set_text(request, input, "id", id);
    view_set_text(request, input, "name", join(choosing, question->id, fact->name, "."));
    view_set_text(request, input, "label", own.at ? own : fact->label[request->language]);
    view_set_text(request, input, "value", typed);
    view_set_flag(request, input, "whole", fact->kind == FACT_INTEGER);
    view_set_flag(request, input, "problem", false); /* the field's is not this one's */
    if (fact->word_count) add_word_choices(choosing, fact, typed, input);
    if (shown.given && !text_is_empty(shown.given->number_problem[i]))
      set_problem(choosing, page, input, id, shown.given->number_problem[i]);
    value_add(inputs, input);
  }
}

/* --- A question
 * ------------------------------------------------------------------------------------------ */

static void add_question(const struct choosing *choosing, struct value *page, struct value *fields,
                         size_t index, struct choose_given **given)
{
  const struct question *question = questions_get(choosing->interview, index);
  struct shown shown = find_shown(choosing, index, given);
  struct text title = choose_words(choosing, question->id, "title", TEXT(""));
  bool is_wish = question->order == QUESTION_LAST;
  if (question->kind == QUESTION_INSTRUMENT) {
    for (size_t i = 0; i < question->item_count; i++)
      if (interview_asks_item(choosing->interview, choosing->state, index, i))
        add_item(choosing, page, fields, question, i, shown);
  } else {
    struct value *field = new_field(choosing, fields, question->id, title);
    view_set_flag(choosing->request, field, "same_as_title", !is_wish);
    if (question->kind == QUESTION_NUMBERS) add_inputs(choosing, page, field, question, shown);
    else if (is_wish && question->kind == QUESTION_CHOICE)
      add_select(choosing, question, shown, field);
    else add_ticks(choosing, question, shown, field);
    if (shown.given && !text_is_empty(shown.given->problem))
      set_problem(choosing, page, field, question->id, shown.given->problem);
  }
  if (!question_may_type(question, choosing->state->voice)) return;
  struct text id = join(choosing, question->id, TEXT("typed"), "-");
  struct value *typed =
      new_field(choosing, fields, id, view_text(choosing->request, "choose.typed"));
  add_inputs(choosing, page, typed, question, shown);
  if (question->kind == QUESTION_INSTRUMENT && shown.given && shown.given->is_empty)
    set_problem(choosing, page, typed, id, shown.given->problem);
}

static void set_head(const struct choosing *choosing, struct value *page, size_t index)
{
  const struct web_request *request = choosing->request;
  const struct question *question =
      index == QUESTION_WISHES ? NULL : questions_get(choosing->interview, index);
  view_set_flag(request, page, "wishes", !question);
  view_set_text(request, page, "question", question ? question->id : TEXT("wishes"));
  if (!question) {
    view_set_text(request, page, "heading", view_text(request, "choose.last_title"));
    view_set_text(request, page, "help", view_text(request, "choose.last_text"));
    return;
  }
  set_words(choosing, page, "heading", question->id, "title", TEXT(""));
  set_words(choosing, page, "why", question->id, "why", TEXT(""));
  set_words(choosing, page, "help", question->id, "help", TEXT(""));
  if (question->instrument && choosing->state->voice == CHOOSE_STAFF)
    view_set_text(request, page, "help", question->instrument->description[request->language]);
}

/* "Question 12, at most 9 more": a bound. While it is far off it would only frighten. */
enum { PROGRESS_NEAR = 10 };

static void set_progress(const struct choosing *choosing, struct value *page, size_t index)
{
  const struct interview_state *state = choosing->state;
  struct arena *arena = choosing->request->arena;
  size_t number = 1, later = 0, last = QUESTION_NONE;
  bool is_past = false;
  for (size_t i = 0; i < state->step_count; i++) {
    size_t one = choose_page_of(choosing, state->steps[i].question);
    if (one == last) continue;
    last = one;
    is_past = is_past || one == index;
    if (one == index) continue;
    if (is_past) later++;
    else number++;
  }
  size_t most = later + choosing->most - (!is_past && choosing->most ? 1 : 0);
  view_set_text(choosing->request, page, "progress",
                VIEW_FORMAT(choosing->request,
                            most > PROGRESS_NEAR ? "choose.progress_early"
                            : most               ? "choose.progress"
                                                 : "choose.progress_last",
                            {"number", view_count(arena, (int64_t)number)},
                            {"most", view_count(arena, (int64_t)most)}));
}

/* A page that carries the answers. */
static struct value *new_page(struct choosing *choosing, const char *template_name)
{
  struct value *page = value_object(choosing->request->arena);
  choosing->view->page = page;
  choosing->view->template_name = template_name;
  choosing->problems = value_list(choosing->request->arena);
  value_set(page, "problems", choosing->problems);
  view_set_text(choosing->request, page, "answers", choose_seal(choosing));
  view_set_text(choosing->request, page, "from", choosing->from);
  view_set_flag(choosing->request, page, "started", choosing->state->step_count > 0);
  return page;
}

void choose_show_question(struct choosing *choosing, size_t page_index, struct choose_given **given)
{
  struct value *page = new_page(choosing, "choose_question"),
               *fields = value_list(choosing->request->arena);
  set_head(choosing, page, page_index);
  set_progress(choosing, page, page_index);
  for (size_t i = 0; i < questions_count(choosing->interview); i++)
    if (choose_page_of(choosing, i) == page_index &&
        question_is_for(questions_get(choosing->interview, i), choosing->state->voice))
      add_question(choosing, page, fields, i, given);
  value_set(page, "fields", fields);
}

/* --- Your answers
 * ------------------------------------------------------------------------------------------ */

static void add_words(struct text_buffer *out, struct text words)
{
  if (out->length) text_buffer_add(out, TEXT("; "));
  text_buffer_add(out, words);
}

static void write_typed(const struct choosing *choosing, const struct interview_step *step,
                        struct text_buffer *out)
{
  const struct question *question = questions_get(choosing->interview, step->question);
  for (size_t i = 0; i < question->fact_count; i++) {
    const struct fact *fact = facts_get(choosing->care, question->facts[i]);
    if (isnan(step->value[i])) continue;
    add_words(out, fact->word_count ? word_words(choosing, fact, (size_t)step->value[i])
                                    : number_text(choosing->request->arena, step->value[i]));
  }
}

static struct text step_words(const struct choosing *choosing, const struct interview_step *step)
{
  const struct web_request *request = choosing->request;
  const struct question *question = questions_get(choosing->interview, step->question);
  if (step->kind == STEP_SKIPPED) return view_text(request, "choose.skipped");
  if (step->kind == STEP_UNKNOWN) return view_text(request, "choose.not_known");
  struct text_buffer out;
  size_t given = 0;
  text_buffer_init(&out, INTERVIEW_STATE);
  if (question->kind == QUESTION_NUMBERS || step->is_typed) write_typed(choosing, step, &out);
  for (size_t i = 0; i < question->answer_count && !step->is_typed; i++)
    if (step->ticked >> i & 1) add_words(&out, answer_words(choosing, question, i));
  for (size_t i = 0; i < question->item_count; i++)
    if (question->kind == QUESTION_CHECKLIST ? (step->ticked >> i & 1) != 0
                                             : !isnan(step->value[i]))
      given++;
  struct text words = text_copy(request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  if (!question->instrument || step->is_typed) return words;
  return VIEW_FORMAT(request,
                     question->kind == QUESTION_CHECKLIST ? "choose.ticked" : "choose.answered",
                     {"count", view_count(request->arena, (int64_t)given)},
                     {"total", view_count(request->arena, (int64_t)question->item_count)});
}

static void add_row(const struct choosing *choosing, struct value *rows,
                    const struct interview_step *step)
{
  const struct web_request *request = choosing->request;
  const struct question *question = questions_get(choosing->interview, step->question);
  struct text title = choose_words(choosing, question->id, "title", TEXT(""));
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "id", question->id);
  view_set_text(request, row, "title", title);
  view_set_text(request, row, "answer", step_words(choosing, step));
  view_set_text(request, row, "what", VIEW_FORMAT(request, "choose.change_what", {"title", title}));
  value_add(rows, row);
}

void choose_show_review(struct choosing *choosing)
{
  struct value *page = new_page(choosing, "choose_review"),
               *rows = value_list(choosing->request->arena);
  for (size_t i = 0; i < choosing->state->step_count; i++) {
    const struct interview_step *step = &choosing->state->steps[i];
    bool is_wish = choose_page_of(choosing, step->question) == QUESTION_WISHES;
    if (!is_wish || step->kind == STEP_GIVEN) add_row(choosing, rows, step);
  }
  value_set(page, "rows", rows);
  view_set_flag(choosing->request, page, "has_rows", value_count(rows) > 0);
  view_set_flag(choosing->request, page, "open",
                choosing->next < questions_count(choosing->interview));
}

void choose_show_clash(struct choosing *choosing)
{
  const struct web_request *request = choosing->request;
  const struct interview_facts *facts = &choosing->facts;
  struct value *page = new_page(choosing, "choose_clash"), *rows = value_list(request->arena);
  bool is_named = facts->clash < clashes_count(choosing->interview);
  struct text what = view_text(request, "choose.clash");
  if (is_named) {
    struct text key = text_format(request->arena, "interview.clash.%.*s",
                                  TEXT_PRINT(clashes_get(choosing->interview, facts->clash)));
    what = view_text(request, text_c(request->arena, key));
  }
  for (size_t i = 0; i < facts->clash_count; i++) {
    size_t at = interview_step_find(choosing->state, facts->clash_questions[i]);
    if (at < choosing->state->step_count) add_row(choosing, rows, &choosing->state->steps[at]);
  }
  view_set_text(request, page, "what", what);
  view_set_flag(request, page, "may_keep", is_named);
  value_set(page, "rows", rows);
}

/* --- What interrupts
 * ------------------------------------------------------------------------------------------ */

static struct value *new_rule(const struct choosing *choosing, const struct rule *rule)
{
  const struct web_request *request = choosing->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "reason", rule->reason[request->language]);
  view_set_text(request, item, "act", rule->act[request->language]);
  return item;
}

static void set_rules(const struct choosing *choosing, struct value *page, enum rule_kind kind)
{
  struct value *list = value_list(choosing->request->arena);
  for (size_t i = 0; i < rules_count(choosing->care); i++) {
    const struct rule *rule = rules_get(choosing->care, i);
    if (rule->kind == kind && choosing->result.state[i] == RULE_FIRED)
      value_add(list, new_rule(choosing, rule));
  }
  value_set(page, "rules", list);
}

/* The last question that was answered, to be changed. */
static void set_last(const struct choosing *choosing, struct value *page)
{
  const struct interview_state *state = choosing->state;
  if (!state->step_count) return;
  size_t question = state->steps[state->step_count - 1].question;
  view_set_text(choosing->request, page, "last", questions_get(choosing->interview, question)->id);
}

void choose_show_stop(struct choosing *choosing)
{
  struct value *page = new_page(choosing, "choose_stop");
  set_rules(choosing, page, RULE_STOP);
  set_last(choosing, page);
}

void choose_show_minor(struct choosing *choosing)
{
  struct value *page = new_page(choosing, "choose_minor");
  set_rules(choosing, page, RULE_GATE);
}

void choose_show_start(struct web_request *request, struct web_view *view)
{
  view->page = value_object(request->arena);
  view->template_name = "choose";
}

void choose_show_again(struct web_request *request, struct web_view *view,
                       const struct error *error)
{
  view->page = value_object(request->arena);
  view->template_name = "choose_again";
  view->status = 400;
  view_set_text(request, view->page, "what", view_text(request, error->person));
}
