/*
 * /desk/people/{id}/intake/level: the level of care. What the record says is proposed, and goes
 * into the form when a clinician ticks it; the scores of this intake stand there at once. The table
 * suggests from the form; a clinician decides, and says why when it is another level. The stay's
 * own level is changed with it when that is asked. Nothing is kept until somebody decides. Threads:
 * all state is the request's.
 */
#include <math.h>

#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"
#include "web/views.h"

static const struct desk_field fields[] = {
    {.name = "chosen", .label = "level.chosen", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "reason",
     .label = "level.reason",
     .help = "level.reason_help",
     .kind = DESK_LINES,
     .longest = LIMIT_CARE_WORDS},
    {.name = "change", .label = "level.change", .help = "level.change_help", .kind = DESK_YES},
};
static const struct desk_mapping mappings[] = {{"error.intake.why", "reason"},
                                               {"error.intake.level", "chosen"},
                                               {"error.care.text", "reason"},
                                               {"error.care.long", "reason"},
                                               {"error.intake.ended", NULL},
                                               {"error.care.stale", NULL},
                                               {"error.care.episode.status", "change"},
                                               {NULL, NULL}};

enum { UNKNOWN_SHOWN = 6 }; /* questions that are worth asking, at most (count) */

struct deciding {
  struct intake_page page;
  struct intake_level *levels; /* decided before, the newest first */
  struct intake_known *known;  /* what the record says */
  struct intake_proposal *proposals;
  size_t level_count, known_count, proposal_count;
  struct episode stay;
  const struct level_of_care *table; /* NULL: none is loaded */
  struct care_words words;
  struct facts facts;
  struct text typed[FACTS_MAXIMUM];
  const char *problems[FACTS_MAXIMUM]; /* by fact: a catalog key */
  const char *problem;                 /* of all facts together */
  bool is_suggested;                   /* `result` is of these facts */
  struct care_result result;
  struct care_explanation *explanation;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct deciding *deciding = context;
  struct intake_page *page = &deciding->page;
  struct web_request *request = page->request;
  struct access access, stay;
  if (!intake_page_need(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  if (!intake_level_list(transaction, &access, request->arena, page->shown.intake.id,
                         &deciding->levels, &deciding->level_count, error) ||
      !intake_known_load(transaction, request->application->intakes, &access, request->arena,
                         &page->shown, &deciding->known, &deciding->known_count, error))
    return false;
  for (size_t i = 0; i < deciding->level_count; i++)
    if (!intake_names_add(transaction, page, deciding->levels[i].account_id, error)) return false;
  return people_access(transaction, request, "episode", "read", request->captured, &stay, error) &&
         episode_load(transaction, &stay, request->arena, page->shown.intake.episode_id,
                      &deciding->stay, error);
}

/* --- What the record says -------------------------------------------------------------------- */

static void propose(struct deciding *deciding)
{
  struct web_request *request = deciding->page.request;
  struct text today = value_text_get(value_get(deciding->page.view->page, TEXT("today")));
  deciding->proposals = arena_allocate_array(request->arena, facts_count(deciding->table) + 1,
                                             sizeof *deciding->proposals);
  deciding->proposal_count =
      intake_propose(intakes_rules(request->application->intakes), deciding->table, deciding->known,
                     deciding->known_count, today, request->arena, deciding->proposals);
}

/* A proposal as it is ticked: the fact and its answer, so that what the record says by now is not
 * taken for what was shown. */
static struct text tick_of(const struct deciding *deciding, const struct intake_proposal *one)
{
  return text_format(deciding->page.request->arena, "%.*s.%lld",
                     TEXT_PRINT(facts_get(deciding->table, one->fact)->name),
                     (long long)one->value);
}

/* An answer as its field would have it typed. */
static struct text typed_of(const struct deciding *deciding, size_t index, double value)
{
  const struct fact *fact = facts_get(deciding->table, index);
  if (fact->kind == FACT_YES_NO) return value > 0 ? TEXT("yes") : TEXT("no");
  if (fact->kind == FACT_WORD) return fact->words[(size_t)value];
  return value_text_get(value_decimal(deciding->page.request->arena, value, 1));
}

/* Put what was ticked into its fields; false when the record says something else by now. */
static bool take_ticked(struct deciding *deciding)
{
  const struct text *ticks;
  size_t count = web_parameter_all(deciding->page.request, "take", &ticks), taken = 0;
  for (size_t i = 0; i < deciding->proposal_count; i++) {
    const struct intake_proposal *one = &deciding->proposals[i];
    struct text tick = tick_of(deciding, one);
    for (size_t k = 0; k < count; k++) {
      if (!text_equal(ticks[k], tick)) continue;
      deciding->typed[one->fact] = typed_of(deciding, one->fact, one->value);
      taken++;
    }
  }
  return taken == count;
}

/* Where a record stands, in words: "Pregnant", "COWS", "A request for a place". */
static struct text source_words(const struct deciding *deciding, const struct intake_known *known)
{
  const struct web_request *request = deciding->page.request;
  const struct instruments *all =
      request->application->pages ? request->application->pages->instruments : NULL;
  const struct instrument *one = NULL;
  switch (known->from) {
  case LEVEL_FROM_FACT:
    return people_label(request, CARE_FACT_KINDS, known->of);
  case LEVEL_FROM_ITEM:
    return intake_word(request, "intake-items", known->of, "");
  case LEVEL_FROM_REQUEST:
    return view_text(request, "level.from_request");
  case LEVEL_FROM_INSTRUMENT:
    one = all ? instruments_find(all, known->of) : NULL;
    return one ? one->title[request->language] : known->of;
  case LEVEL_FACT_SOURCES:
    break;
  }
  return TEXT("");
}

static struct value *fill_proposal(const struct deciding *deciding,
                                   const struct intake_proposal *one)
{
  const struct web_request *request = deciding->page.request;
  struct value *out = value_object(request->arena);
  double shown = deciding->facts.value[one->fact];
  view_set_text(request, out, "tick", tick_of(deciding, one));
  view_set_text(request, out, "label", care_say_label(&deciding->words, one->fact));
  view_set_text(request, out, "answer", care_say_value(&deciding->words, one->fact, one->value));
  view_set_text(request, out, "from", source_words(deciding, one->known));
  value_set(out, "at", desk_time(request, one->known->at));
  view_set_flag(request, out, "is_taken", shown == one->value);
  view_set_flag(request, out, "is_other", !isnan(shown) && shown != one->value);
  view_set_text(request, out, "shown",
                isnan(shown) ? TEXT("") : care_say_value(&deciding->words, one->fact, shown));
  view_set_flag(request, out, "differs", one->other != NULL);
  struct value *other = value_object(request->arena);
  if (one->other) {
    view_set_text(request, other, "answer",
                  care_say_value(&deciding->words, one->fact, one->other_value));
    view_set_text(request, other, "from", source_words(deciding, one->other));
    value_set(other, "at", desk_time(request, one->other->at));
  }
  value_set(out, "other", other);
  return out;
}

/* What still could be taken, before what stands in the form already. */
static void fill_proposals(const struct deciding *deciding)
{
  const struct web_request *request = deciding->page.request;
  struct value *page = deciding->page.view->page, *list = value_list(request->arena);
  size_t open = 0;
  for (int taken = 0; taken <= 1; taken++)
    for (size_t i = 0; i < deciding->proposal_count; i++) {
      const struct intake_proposal *one = &deciding->proposals[i];
      bool is_taken = deciding->facts.value[one->fact] == one->value;
      if (is_taken != (taken == 1)) continue;
      value_add(list, fill_proposal(deciding, one));
      open += !is_taken;
    }
  value_set(page, "proposals", list);
  view_set_flag(request, page, "any_proposed", value_count(list) > 0);
  view_set_flag(request, page, "any_open", open > 0);
}

/* --- Facts ----------------------------------------------------------------------------------- */

static void take_fact(struct deciding *deciding, size_t fact, double value)
{
  if (isnan(deciding->facts.value[fact])) deciding->facts.value[fact] = value;
}

/* What the questionnaires of this intake say stands in its fields at once. */
static void take_scores(struct deciding *deciding)
{
  int64_t begun = deciding->page.shown.intake.made_at;
  for (size_t i = 0; i < deciding->proposal_count; i++) {
    const struct intake_proposal *one = &deciding->proposals[i];
    if (one->known->from == LEVEL_FROM_INSTRUMENT && one->known->at >= begun)
      take_fact(deciding, one->fact, one->value);
  }
}

/* The facts to begin with: of this intake's answers, else of the last decision; and the age. */
static void begin_facts(struct deciding *deciding)
{
  const struct person *person = &deciding->page.person;
  const struct level_of_care *table = deciding->table;
  struct error error = {0};
  size_t age;
  facts_init(&deciding->facts);
  take_scores(deciding);
  if (deciding->level_count && deciding->levels[0].facts) {
    struct facts before;
    if (care_read(table, deciding->levels[0].facts, &before, &error))
      for (size_t i = 0; i < facts_count(table); i++) take_fact(deciding, i, before.value[i]);
    error_clear(&error);
  }
  const struct value *today = value_get(deciding->page.view->page, TEXT("today"));
  int years = person_age(person->identity.birth_date, value_text_get(today));
  if (years >= 0 && facts_find(table, TEXT("age"), &age)) deciding->facts.value[age] = years;
}

static const char *field_name(const struct deciding *deciding, size_t fact)
{
  return text_c(deciding->page.request->arena,
                text_format(deciding->page.request->arena, "fact.%.*s",
                            TEXT_PRINT(facts_get(deciding->table, fact)->name)));
}

/* A field as the JSON form of its fact; NULL when it is empty. */
static const struct value *typed_value(const struct deciding *deciding, size_t index)
{
  struct arena *arena = deciding->page.request->arena;
  const struct fact *fact = facts_get(deciding->table, index);
  struct text typed = deciding->typed[index];
  double number;
  if (typed.length == 0) return NULL;
  if (fact->kind == FACT_YES_NO && text_equal(typed, TEXT("yes")))
    return value_boolean(arena, true);
  if (fact->kind == FACT_YES_NO && text_equal(typed, TEXT("no")))
    return value_boolean(arena, false);
  bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
  if (is_number && text_read_decimal(typed, &number)) return value_number(arena, typed);
  return value_text(arena, typed);
}

/* Read the facts that were typed; each that is refused has its problem. */
static bool read_facts(struct deciding *deciding)
{
  struct error error = {0};
  bool is_good = true;
  facts_init(&deciding->facts);
  for (size_t i = 0; i < facts_count(deciding->table); i++)
    deciding->typed[i] = web_parameter_get(deciding->page.request, field_name(deciding, i));
  if (!take_ticked(deciding)) {
    deciding->problem = "level.record_changed";
    is_good = false;
  }
  for (size_t i = 0; i < facts_count(deciding->table); i++) {
    const struct value *value = typed_value(deciding, i);
    if (!value || facts_set(deciding->table, &deciding->facts, facts_get(deciding->table, i)->name,
                            value, &error))
      continue;
    deciding->problems[i] = "level.fact_wrong";
    error_clear(&error);
    is_good = false;
  }
  if (is_good && !facts_check(deciding->table, &deciding->facts, &error)) {
    deciding->problem = error.person;
    error_clear(&error);
    is_good = false;
  }
  if (!is_good && !deciding->problem) deciding->problem = "level.facts_wrong";
  return is_good;
}

static struct value *write_facts(const struct deciding *deciding)
{
  struct arena *arena = deciding->page.request->arena;
  struct value *document = value_object(arena), *facts = value_object(arena);
  for (size_t i = 0; i < facts_count(deciding->table); i++)
    if (!isnan(deciding->facts.value[i]))
      value_set(facts, text_c(arena, facts_get(deciding->table, i)->name),
                facts_write(deciding->table, arena, i, deciding->facts.value[i]));
  value_set(document, "facts", facts);
  return document;
}

static void add_option(const struct deciding *deciding, struct value *list, size_t fact,
                       struct text value, double number)
{
  const struct web_request *request = deciding->page.request;
  struct value *option = value_object(request->arena);
  view_set_text(request, option, "value", value);
  view_set_text(request, option, "label", care_say_value(&deciding->words, fact, number));
  view_set_flag(request, option, "chosen", deciding->facts.value[fact] == number);
  value_add(list, option);
}

static struct value *fill_fact(const struct deciding *deciding, size_t index)
{
  const struct web_request *request = deciding->page.request;
  const struct fact *fact = facts_get(deciding->table, index);
  struct value *out = value_object(request->arena), *options = value_list(request->arena);
  double known = deciding->facts.value[index];
  bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
  struct text shown = deciding->typed[index];
  if (shown.length == 0 && !isnan(known) && is_number)
    shown = value_text_get(value_decimal(request->arena, known, 1));
  if (fact->kind == FACT_YES_NO) {
    add_option(deciding, options, index, TEXT("yes"), 1);
    add_option(deciding, options, index, TEXT("no"), 0);
  }
  for (size_t i = 0; fact->kind == FACT_WORD && i < fact->word_count; i++)
    add_option(deciding, options, index, fact->words[i], (double)i);
  view_set_text(request, out, "name", text_from(field_name(deciding, index)));
  view_set_text(request, out, "id",
                text_format(request->arena, "fact-%.*s", TEXT_PRINT(fact->name)));
  view_set_text(request, out, "label", care_say_label(&deciding->words, index));
  view_set_flag(request, out, "is_number", is_number);
  view_set_text(request, out, "value", is_number ? shown : TEXT(""));
  view_set_text(request, out, "problem",
                deciding->problems[index] ? view_text(request, deciding->problems[index])
                                          : TEXT(""));
  value_set(out, "options", options);
  return out;
}

/* What may move the level, and what never does (wishes, who pays, for the finder). */
static void fill_facts(const struct deciding *deciding)
{
  const struct web_request *request = deciding->page.request;
  struct value *needs = value_list(request->arena), *wishes = value_list(request->arena);
  for (size_t i = 0; deciding->table && i < facts_count(deciding->table); i++) {
    enum fact_role role = facts_get(deciding->table, i)->role;
    bool is_need = role == FACT_NEED || role == FACT_GATE;
    value_add(is_need ? needs : wishes, fill_fact(deciding, i));
  }
  value_set(deciding->page.view->page, "needs", needs);
  value_set(deciding->page.view->page, "wishes", wishes);
}

/* --- The suggestion -------------------------------------------------------------------------- */

static void suggest(struct deciding *deciding)
{
  struct web_request *request = deciding->page.request;
  const struct care_options *options = request->application->care_options;
  deciding->explanation = arena_allocate(request->arena, sizeof *deciding->explanation);
  care_find(deciding->table, &deciding->facts, options, &deciding->result);
  care_explain(deciding->table, &deciding->facts, options, &deciding->result,
               deciding->explanation);
  deciding->is_suggested = true;
}

static struct text suggested_level(const struct deciding *deciding)
{
  if (!deciding->is_suggested || deciding->result.level == LEVEL_NONE) return TEXT("");
  return levels_get(deciding->table, deciding->result.level)->number;
}

static void fill_suggestion(const struct deciding *deciding)
{
  const struct web_request *request = deciding->page.request;
  struct value *page = deciding->page.view->page, *out = value_object(request->arena);
  view_set_flag(request, page, "is_suggested", deciding->is_suggested);
  if (!deciding->is_suggested) return;
  static const char *const titles[] = {[CARE_VERDICT_STOP] = "level.stop",
                                       [CARE_VERDICT_MINOR] = "level.minor",
                                       [CARE_VERDICT_WAITING] = "level.waiting"};
  enum care_verdict verdict = care_verdict(deciding->table, &deciding->result);
  const struct value *document =
      care_write(deciding->table, request->arena, &deciding->facts, &deciding->result,
                 deciding->explanation, request->language);
  view_set_text(
      request, out, "title",
      verdict == CARE_VERDICT_LEVEL
          ? care_say_level(&deciding->words, deciding->result.level, deciding->result.overlays)
          : view_text(request, titles[verdict]));
  view_set_text(request, out, "number", suggested_level(deciding));
  view_set_flag(request, out, "is_stop", verdict == CARE_VERDICT_STOP);
  value_set(out, "stops", value_get(document, TEXT("stop")));
  value_set(out, "reasons", value_get(document, TEXT("reasons")));
  struct value *unknown = value_list(request->arena);
  for (size_t i = 0; i < deciding->explanation->unknown_count && i < UNKNOWN_SHOWN; i++) {
    const struct care_unknown *one = &deciding->explanation->unknown[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "label", care_say_label(&deciding->words, one->fact));
    view_set_text(request, item, "id",
                  text_format(request->arena, "fact-%.*s",
                              TEXT_PRINT(facts_get(deciding->table, one->fact)->name)));
    value_add(unknown, item);
  }
  value_set(out, "unknown", unknown);
  view_set_flag(request, out, "has_unknown", value_count(unknown) > 0);
  value_set(page, "suggestion", out);
}

/* --- The page -------------------------------------------------------------------------------- */

static void fill_decided(const struct deciding *deciding)
{
  const struct web_request *request = deciding->page.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < deciding->level_count; i++) {
    const struct intake_level *level = &deciding->levels[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "chosen", people_label(request, CARE_LEVELS, level->chosen));
    view_set_text(request, item, "suggested", people_label(request, CARE_LEVELS, level->suggested));
    view_set_text(request, item, "why", level->reason);
    view_set_text(request, item, "by", intake_name(&deciding->page, level->account_id));
    value_set(item, "at", desk_time(request, level->at));
    value_add(list, item);
  }
  value_set(deciding->page.view->page, "decided", list);
  view_set_flag(request, deciding->page.view->page, "any_decided", deciding->level_count > 0);
}

static bool may_decide(const struct deciding *deciding)
{
  const struct intake_view *view = &deciding->page.shown;
  if (view->intake.ended_at || !desk_may(deciding->page.request, "intake", "write")) return false;
  for (size_t i = 0; i < view->count; i++)
    if (view->answers[i].item->evidence == INTAKE_LEVEL)
      return intake_may_item(deciding->page.request, view->answers[i].item);
  return true;
}

static bool show(struct deciding *deciding, const struct desk_form *form)
{
  struct web_request *request = deciding->page.request;
  struct value *page = deciding->page.view->page;
  intake_page_fill(&deciding->page, "/level");
  fill_facts(deciding);
  fill_proposals(deciding);
  fill_suggestion(deciding);
  fill_decided(deciding);
  view_set_flag(request, page, "may_decide", may_decide(deciding));
  view_set_flag(request, page, "has_table", deciding->table != NULL);
  view_set_flag(request, page, "may_change", desk_may(request, "episode", "write"));
  view_set_text(request, page, "stay_level",
                people_label(request, CARE_LEVELS, deciding->stay.level_of_care));
  view_set_text(request, page, "problem",
                deciding->problem ? view_text(request, deciding->problem) : TEXT(""));
  (void)desk_form_show(form, deciding->page.view, "desk/intake_level");
  if (deciding->problem) deciding->page.view->status = 400;
  return true;
}

/* --- The act --------------------------------------------------------------------------------- */

struct act {
  struct deciding *deciding;
  struct text chosen, reason;
  bool changes_stay;
};

static bool change_stay(struct store_transaction *transaction, const struct act *act,
                        struct error *error)
{
  struct web_request *request = act->deciding->page.request;
  const struct episode *stay = &act->deciding->stay;
  struct access access;
  /* Another level is another unit's: the bed says which, once it is taken. */
  return people_access(transaction, request, "episode", "write", request->captured, &access,
                       error) &&
         episode_change_level(transaction, request->application->records, &access, request->arena,
                              stay->id, act->chosen, stay->site_id, stay->unit_id, request->now,
                              stay->version, error);
}

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct act *act = context;
  const struct intake_page *page = &act->deciding->page;
  struct web_request *request = page->request;
  struct intake_level level = {.chosen = act->chosen, .reason = act->reason};
  struct access access;
  if (act->deciding->table) level.facts = write_facts(act->deciding);
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error) ||
      !intake_level_decide(transaction, request->application->intakes, &access, request->arena,
                           page->shown.intake.id, &level, error) ||
      (act->changes_stay && !change_stay(transaction, act, error)))
    return false;
  intake_page_go(page, "/level", TEXT("decided"));
  return true;
}

bool view_intake_level(struct web_request *request, struct web_view *view, struct error *error)
{
  struct deciding *deciding = arena_allocate(request->arena, sizeof *deciding);
  *deciding = (struct deciding){.page = {.request = request, .view = view},
                                .table = request->application->care,
                                .words = {request->application->care, request->application->catalog,
                                          request->arena, request->language, true, NULL}};
  struct act act = {.deciding = deciding};
  struct desk_form form;
  if (!desk_read(request, load, deciding, error)) return false;
  if (view->redirect.length) return true;
  DESK_FORM_INIT(&form, request, fields);
  people_choose(&form, "chosen", CARE_LEVELS);
  if (deciding->table) propose(deciding);
  if (request->method == WEB_GET) {
    if (deciding->table) begin_facts(deciding);
    return show(deciding, &form);
  }
  if (deciding->table && !read_facts(deciding)) return show(deciding, &form);
  if (text_equal(web_parameter_get(request, "act"), TEXT("take"))) return show(deciding, &form);
  if (deciding->table) suggest(deciding);
  if (!text_equal(web_parameter_get(request, "act"), TEXT("decide"))) {
    desk_form_set(&form, "chosen", suggested_level(deciding));
    return show(deciding, &form);
  }
  if (!desk_form_read(&form)) return show(deciding, &form);
  act.chosen = desk_form_get(&form, "chosen");
  act.reason = desk_form_get(&form, "reason");
  act.changes_stay = desk_form_get(&form, "change").length > 0 &&
                     !text_equal(act.chosen, deciding->stay.level_of_care);
  if (desk_write(request, view, run, &act, error)) return true;
  return desk_form_take(&form, error, mappings) && show(deciding, &form);
}
