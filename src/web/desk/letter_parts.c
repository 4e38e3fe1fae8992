/*
 * letter_parts: what each letter to a plan asks beside the common fields, and what it says of it:
 * the comparative analysis, other care first, the appeal. See letters.h.
 */
#include "web/desk/letters.h"

#define LINE(field, most)                                                                          \
  .name = #field, .label = "letter." #field, .kind = DESK_TEXT, .flags = DESK_REQUIRED,            \
  .longest = (most)
#define REASONS                                                                                    \
  {.name = "reasons",                                                                              \
   .label = "letter.reasons",                                                                      \
   .help = "letter.reasons_help",                                                                  \
   .kind = DESK_LINES,                                                                             \
   .flags = DESK_REQUIRED,                                                                         \
   .longest = 3000},                                                                               \
      {.name = "assessed",                                                                         \
       .label = "letter.assessed",                                                                 \
       .help = "letter.assessed_help",                                                             \
       .kind = DESK_TEXT,                                                                          \
       .longest = LIMIT_COVERAGE_LINE},                                                            \
      {.name = "tried",                                                                            \
       .label = "letter.tried",                                                                    \
       .kind = DESK_TEXT,                                                                          \
       .longest = LIMIT_COVERAGE_LINE},                                                            \
  {                                                                                                \
    LINE(clinician, LIMIT_COVERAGE_LINE)                                                           \
  }
static const struct desk_field parity_fields[] = {
    {LINE(requested, LIMIT_COVERAGE_LINE)},
    {.name = "items", .label = "letter.items", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
};
static const struct desk_field step_fields[] = {
    {.name = "level_name",
     .label = "letter.level_name",
     .help = "letter.level_name_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_COVERAGE_LINE},
    {LINE(first_care, LIMIT_COVERAGE_LINE), .help = "letter.first_care_help"},
    REASONS};
static const struct desk_field appeal_fields[] = {
    {.name = "step", .label = "letter.step", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {LINE(requested, LIMIT_COVERAGE_LINE)},
    {LINE(reason, LIMIT_COVERAGE_LINE), .help = "letter.reason_help"},
    REASONS,
    {.name = "urgent", .label = "letter.urgent", .help = "letter.urgent_help", .kind = DESK_YES},
    {.name = "why_late",
     .label = "letter.why_late",
     .help = "letter.why_late_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_COVERAGE_LINE},
    {.name = "taken", .label = "letter.taken", .help = "letter.taken_help", .kind = DESK_YES},
};

/* --- What several say ------------------------------------------------------------------------ */

static void set(const struct letter_writing *writing, struct value *facts, const char *name)
{
  struct text t = desk_form_get(writing->form, name);
  if (t.length) value_set(facts, name, value_text(writing->coverage.request->arena, t));
}

static void set_text(const struct letter_writing *writing, struct value *facts, const char *name,
                     struct text t)
{
  if (t.length) value_set(facts, name, value_text(writing->coverage.request->arena, t));
}

/* A day in the letter's language. */
static struct text day_in(const struct letter_writing *writing, size_t language, int64_t day)
{
  struct web_request speaking = *writing->coverage.request;
  speaking.language = language;
  return desk_coverage_day(&speaking, day);
}

/* The reasons of the assessment, a line each. */
static struct text reason_lines(const struct letter_writing *writing)
{
  struct text_buffer lines;
  text_buffer_init(&lines, LIMIT_COVERAGE_WORDS);
  for (size_t i = 0; i < value_count(writing->severity); i++) {
    if (i) text_buffer_add_character(&lines, '\n');
    text_buffer_add(&lines,
                    value_text_get(value_get(value_item(writing->severity, i), TEXT("text"))));
  }
  struct text out = text_copy(writing->coverage.request->arena, text_buffer_get(&lines));
  text_buffer_fini(&lines);
  return out;
}

static void prefill_reasons(struct letter_writing *writing)
{
  desk_form_set(writing->form, "clinician", writing->coverage.request->actor->name);
  if (value_count(writing->severity) == 0) return;
  desk_form_set(writing->form, "reasons", reason_lines(writing));
  desk_form_set(
      writing->form, "assessed",
      VIEW_FORMAT(writing->coverage.request, "letter.assessment_of", {"day", writing->assessed}));
}

/* A line each, and whose finding it is behind the first. */
static struct value *reasons_of(const struct letter_writing *writing)
{
  struct arena *arena = writing->coverage.request->arena;
  struct value *list = value_list(arena);
  struct text rest = desk_form_get(writing->form, "reasons"), line;
  struct text source = desk_form_get(writing->form, "assessed");
  while (text_split_next(&rest, '\n', &line) && value_count(list) < LIMIT_COVERAGE_REASONS) {
    struct value *item = value_object(arena);
    if (text_is_empty(text_trim(line))) continue;
    value_set(item, "text", value_text(arena, text_trim(line)));
    if (source.length && value_count(list) == 0)
      value_set(item, "source", value_text(arena, source));
    value_add(list, item);
  }
  return list;
}

static void fill_reasons(const struct letter_writing *writing, struct value *facts)
{
  set(writing, facts, "tried");
  set(writing, facts, "clinician");
  value_set(facts, "reasons", reasons_of(writing));
}

static void fill_denial(const struct letter_writing *writing, struct value *facts, size_t language)
{
  if (writing->denial_id.length == 0) return;
  set_text(writing, facts, "denial_number", writing->denial.number);
  set_text(writing, facts, "denied_on",
           day_in(writing, language, writing->denial.denial.denied_on));
}

/* --- The comparative analysis ---------------------------------------------------------------- */

static void offer_items(struct letter_writing *writing)
{
  const struct desk_coverage *coverage = &writing->coverage;
  struct web_request *request = coverage->request;
  size_t count = parity_items_count(coverage->rules);
  struct desk_choice *items = arena_allocate_array(request->arena, count + 1, sizeof *items);
  for (size_t i = 0; i < count; i++) {
    const struct parity_item *item = parity_items_get(coverage->rules, i);
    items[i] = (struct desk_choice){item->name, item->ask[request->language]};
  }
  desk_form_choices(writing->form, "items", items, count);
}

static void prefill_parity(struct letter_writing *writing)
{
  if (writing->denial_id.length)
    desk_form_set(writing->form, "requested", writing->denial.requested);
}

static void fill_parity(const struct letter_writing *writing, struct value *facts, size_t language)
{
  const struct coverage_rules *rules = writing->coverage.rules;
  struct value *list = value_list(writing->coverage.request->arena);
  for (size_t i = 0; i < parity_items_count(rules); i++) {
    const struct parity_item *item = parity_items_get(rules, i);
    if (desk_form_has(writing->form, "items", item->name))
      value_add(list, value_text(writing->coverage.request->arena, item->ask[language]));
  }
  set(writing, facts, "requested");
  value_set(facts, "items", list);
  fill_denial(writing, facts, language);
}

/* --- Other care first ------------------------------------------------------------------------ */

static void fill_step(const struct letter_writing *writing, struct value *facts, size_t language)
{
  (void)language;
  set(writing, facts, "level_name");
  set(writing, facts, "first_care");
  fill_reasons(writing, facts);
}

/* --- The appeal ------------------------------------------------------------------------------ */

/* The steps that a plan gets the letter of; a hearing is asked for at the state. */
static const struct {
  const char *name, *label;
  enum appeal_step step;
  enum denial_act act;
} appeal_steps[] = {
    {"internal", "coverage.act_internal", APPEAL_INTERNAL, DENIAL_INTERNAL},
    {"external", "coverage.act_external", APPEAL_EXTERNAL, DENIAL_EXTERNAL},
};
enum { APPEAL_LETTERS = sizeof appeal_steps / sizeof *appeal_steps };

static size_t step_of(const struct letter_writing *writing)
{
  struct text name = desk_form_get(writing->form, "step");
  return text_equal(name, text_from(appeal_steps[1].name)) ? 1 : 0;
}

static void offer_appeal(struct letter_writing *writing)
{
  struct web_request *request = writing->coverage.request;
  struct desk_choice *steps = arena_allocate_array(request->arena, APPEAL_LETTERS, sizeof *steps);
  size_t count = 0;
  for (size_t i = 0; i < APPEAL_LETTERS; i++)
    if (writing->appeals[appeal_steps[i].step].state != APPEAL_LATER)
      steps[count++] = (struct desk_choice){text_from(appeal_steps[i].name),
                                            view_text(request, appeal_steps[i].label)};
  desk_form_choices(writing->form, "step", steps, count);
}

static void prefill_appeal(struct letter_writing *writing)
{
  const struct denial *denial = &writing->denial.denial;
  struct desk_form *form = writing->form;
  size_t step = denial->internal_denied_on != 0;
  desk_form_set(form, "step", text_from(appeal_steps[step].name));
  desk_form_set(form, "requested", writing->denial.requested);
  desk_form_set(form, "reason", desk_coverage_reason(&writing->coverage, denial->reason));
  if (desk_may(writing->coverage.request, "coverage", "write"))
    desk_form_set(form, "taken", TEXT("1"));
  prefill_reasons(writing);
}

/* It goes to the plan that said no; after the last day it says why it is late. */
static bool check_appeal(struct letter_writing *writing)
{
  const struct appeal *appeal = &writing->appeals[appeal_steps[step_of(writing)].step];
  if (!text_equal(desk_form_get(writing->form, "plan"), writing->denial.plan_id)) {
    desk_form_refuse(writing->form, "plan", "letter.other_plan");
    return false;
  }
  if (appeal->state != APPEAL_PASSED || desk_form_get(writing->form, "why_late").length)
    return true;
  desk_form_refuse(writing->form, "why_late", "letter.why_late_missing");
  return false;
}

/* The last day of the step, by the law: in time, or late and why. */
static void fill_last_day(const struct letter_writing *writing, struct value *facts,
                          size_t language)
{
  const struct appeal *appeal = &writing->appeals[appeal_steps[step_of(writing)].step];
  if (!appeal->clock || !appeal->last_day) return;
  bool is_late = appeal->state == APPEAL_PASSED;
  struct value *out = value_object(writing->coverage.request->arena);
  set_text(writing, out, "last_day", day_in(writing, language, appeal->last_day));
  set_text(writing, out, "source", appeal->clock->basis.source);
  if (is_late) set_text(writing, out, "why", desk_form_get(writing->form, "why_late"));
  value_set(facts, is_late ? "late" : "in_time", out);
}

/* By when the plan must answer, where a law of ours says so. */
static void fill_answer(const struct letter_writing *writing, struct value *facts, bool is_urgent)
{
  const struct desk_coverage *coverage = &writing->coverage;
  struct arena *arena = coverage->request->arena;
  const struct coverage_clock *clock = NULL;
  if (step_of(writing) != 0 ||
      appeal_answer_find(coverage->rules, writing->denial.denial.payer, is_urgent, coverage->today,
                         &clock) != COVERAGE_HOLDS)
    return;
  struct value *out = value_object(arena);
  set_text(writing, out, "amount", view_count(arena, clock->amount));
  set_text(writing, out, "source", clock->basis.source);
  value_set(facts, "answer", out);
}

static void fill_rights(const struct letter_writing *writing, struct value *facts, size_t language)
{
  const struct desk_coverage *coverage = &writing->coverage;
  struct arena *arena = coverage->request->arena;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < appeal_rights_count(coverage->rules); i++) {
    const struct appeal_right *right = appeal_rights_get(coverage->rules, i);
    if (appeal_right_holds(right, writing->denial.denial.payer, coverage->today))
      value_add(list, value_text(arena, right->words[language]));
  }
  value_set(facts, "rights", list);
  if (value_count(list)) value_set(facts, "has_rights", value_boolean(arena, true));
}

static void fill_appeal(const struct letter_writing *writing, struct value *facts, size_t language)
{
  struct arena *arena = writing->coverage.request->arena;
  bool is_urgent = desk_form_has(writing->form, "urgent", TEXT("1"));
  bool is_external = step_of(writing) == 1;
  set(writing, facts, "requested");
  set(writing, facts, "reason");
  fill_denial(writing, facts, language);
  if (is_external) {
    value_set(facts, "is_external", value_boolean(arena, true));
    set_text(writing, facts, "denied_again_on",
             day_in(writing, language, writing->denial.denial.internal_denied_on));
  }
  if (is_urgent) value_set(facts, "is_urgent", value_boolean(arena, true));
  fill_last_day(writing, facts, language);
  fill_answer(writing, facts, is_urgent);
  fill_reasons(writing, facts);
  fill_rights(writing, facts, language);
}

/* The step is noted as taken today, where that is wanted and it is not noted yet. */
static bool take_step(struct store_transaction *transaction, struct letter_writing *writing,
                      struct error *error)
{
  struct desk_coverage *coverage = &writing->coverage;
  size_t step = step_of(writing);
  const struct denial_change change = {.act = appeal_steps[step].act, .on_day = coverage->today};
  if (!desk_may(coverage->request, "coverage", "write") ||
      !desk_form_has(writing->form, "taken", TEXT("1")) ||
      writing->denial.denial.taken_on[appeal_steps[step].step] || writing->denial.outcome.length ||
      writing->appeals[appeal_steps[step].step].state == APPEAL_PASSED)
    return true;
  return desk_coverage_write(transaction, coverage, error) &&
         coverage_denial_change(transaction, coverage->rules, &coverage->access,
                                coverage->request->arena, writing->denial_id, &change,
                                writing->denial.version, coverage->zone, coverage->today, error);
}

/* --- All ------------------------------------------------------------------------------------- */

#define FIELDS(table) .fields = (table), .count = sizeof(table) / sizeof *(table)
static const struct letter_part parts[] = {
    {.name = "appeal",
     FIELDS(appeal_fields),
     .needs_denial = true,
     .offer = offer_appeal,
     .prefill = prefill_appeal,
     .check = check_appeal,
     .fill = fill_appeal,
     .left = take_step},
    {.name = "parity-analysis",
     FIELDS(parity_fields),
     .offer = offer_items,
     .prefill = prefill_parity,
     .fill = fill_parity},
    {.name = "step-therapy", FIELDS(step_fields), .prefill = prefill_reasons, .fill = fill_step},
};

const struct letter_part *letter_part_find(struct text name)
{
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (text_equal(name, text_from(parts[i].name))) return &parts[i];
  return NULL;
}
