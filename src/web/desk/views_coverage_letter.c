/*
 * /desk/people/{id}/coverage/letter: a letter to a plan ("letter" of the address; "denial": about
 * which one): what is filled in, a look at it, and then it leaves, through disclose(), by a consent
 * that names the plan. …/coverage/copy hands out what left, to the byte. What is printed is made of
 * what was disclosed. Threads: all state is the request's.
 */
#include "admission/admission.h"
#include "web/desk/coverage.h"
#include "web/desk/leave.h"

#define LINE(field, most)                                                                          \
  .name = #field, .label = "letter." #field, .kind = DESK_TEXT, .flags = DESK_REQUIRED,            \
  .longest = (most)
static const struct desk_field common_fields[] = {
    {.name = "plan", .label = "coverage.plan", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "language", .label = "letter.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {LINE(program_address, LIMIT_COVERAGE_LINE)},
    {LINE(plan_address, LIMIT_COVERAGE_LINE)},
    {LINE(member, LIMIT_COVERAGE_LINE)},
    {LINE(member_number, LIMIT_COVERAGE_LINE / 4)},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
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
    {.name = "reasons",
     .label = "letter.reasons",
     .help = "letter.reasons_help",
     .kind = DESK_LINES,
     .flags = DESK_REQUIRED,
     .longest = 3000},
    {.name = "assessed",
     .label = "letter.assessed",
     .help = "letter.assessed_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_COVERAGE_LINE},
    {.name = "tried", .label = "letter.tried", .kind = DESK_TEXT, .longest = LIMIT_COVERAGE_LINE},
    {LINE(clinician, LIMIT_COVERAGE_LINE)},
};
static const struct desk_mapping mappings[] = {
    {"error.coverage.letter_field", NULL}, {"error.coverage.letter_ended", NULL}, {NULL, NULL}};

struct writing {
  struct desk_coverage coverage;
  struct desk_about about;
  struct web_view *view;
  struct desk_form *form;
  const struct letter *letter;
  struct text denial_id;
  struct coverage_denial denial; /* of denial_id */
  struct text program, address;  /* whose letter it is */
  const struct value *severity;  /* of the newest assessment, or NULL */
  struct text assessed;          /* its day */
  struct text written;           /* the letter */
  struct disclose_request wanted;
  struct disclose_preview preview;
  struct disclosed disclosed;
};

static bool is_parity(const struct writing *writing)
{
  return text_equal(writing->letter->name, TEXT("parity-analysis"));
}

/* --- What is known already ------------------------------------------------------------------- */

/* The reasons of the newest decision about the level of care, as the table gives them. */
static bool load_severity(struct store_transaction *transaction, struct writing *writing,
                          struct error *error)
{
  struct web_request *request = writing->coverage.request;
  const struct web_application *application = request->application;
  struct arena *arena = request->arena;
  struct access access;
  struct intake *intakes;
  struct intake_level *levels;
  size_t count, level_count;
  if (!application->care || !desk_may(request, "intake", "read")) return true;
  if (!people_access(transaction, request, "intake", "read", request->captured, &access, error) ||
      !intake_list(transaction, &access, arena, &intakes, &count, error))
    return false;
  for (size_t i = 0; i < count && !writing->severity; i++) {
    struct error ignored = {0};
    if (!intake_level_list(transaction, &access, arena, intakes[i].id, &levels, &level_count,
                           error))
      return false;
    struct facts *facts = arena_allocate(arena, sizeof *facts);
    struct care_result *result = arena_allocate(arena, sizeof *result);
    struct care_explanation *explanation = arena_allocate(arena, sizeof *explanation);
    if (level_count == 0 || !levels[0].facts ||
        !care_read(application->care, levels[0].facts, facts, &ignored))
      continue;
    care_find(application->care, facts, application->care_options, result);
    care_explain(application->care, facts, application->care_options, result, explanation);
    writing->severity = letter_severity(
        arena, care_write(application->care, arena, facts, result, explanation, request->language));
    writing->assessed = zone_format_date(arena, writing->coverage.zone, levels[0].at);
  }
  return true;
}

static bool load_program(struct store_transaction *transaction, struct writing *writing,
                         struct error *error)
{
  struct web_request *request = writing->coverage.request;
  struct program *programs;
  size_t count;
  writing->program = writing->address = TEXT("");
  if (!program_list(transaction, request->arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, request->actor->program_id)) {
      writing->program = programs[i].name;
      writing->address = view_address(request->arena, programs[i].street, TEXT(""),
                                      programs[i].city, programs[i].state, programs[i].zip);
    }
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct writing *writing = context;
  struct desk_coverage *coverage = &writing->coverage;
  if (!desk_coverage_load(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  writing->severity = NULL;
  return (writing->denial_id.length == 0 ||
          coverage_denial_load(transaction, &coverage->access, coverage->request->arena,
                               writing->denial_id, &writing->denial, error)) &&
         load_program(transaction, writing, error) && load_severity(transaction, writing, error);
}

/* --- The form -------------------------------------------------------------------------------- */

static void declare(struct writing *writing)
{
  struct arena *arena = writing->coverage.request->arena;
  enum { COMMON = sizeof common_fields / sizeof *common_fields };
  size_t more = is_parity(writing) ? sizeof parity_fields / sizeof *parity_fields
                                   : sizeof step_fields / sizeof *step_fields;
  struct desk_field *fields = arena_allocate_array(arena, COMMON + more, sizeof *fields);
  for (size_t i = 0; i < COMMON; i++) fields[i] = common_fields[i];
  for (size_t i = 0; i < more; i++)
    fields[COMMON + i] = is_parity(writing) ? parity_fields[i] : step_fields[i];
  desk_form_init(writing->form, writing->coverage.request, fields, COMMON + more);
}

static void offer(struct writing *writing)
{
  const struct desk_coverage *coverage = &writing->coverage;
  struct web_request *request = coverage->request;
  struct desk_choice *languages = arena_allocate_array(request->arena, 2, sizeof *languages);
  languages[0] = (struct desk_choice){TEXT("en"), view_text(request, "consents.english")};
  languages[1] = (struct desk_choice){TEXT("es"), view_text(request, "consents.spanish")};
  desk_coverage_choose_plan(writing->form, coverage);
  desk_form_choices(writing->form, "language", languages, 2);
  people_choose(writing->form, "level", CARE_LEVELS);
  if (!is_parity(writing)) return;
  size_t count = parity_items_count(coverage->rules);
  struct desk_choice *items = arena_allocate_array(request->arena, count + 1, sizeof *items);
  for (size_t i = 0; i < count; i++) {
    const struct parity_item *item = parity_items_get(coverage->rules, i);
    items[i] = (struct desk_choice){item->name, item->ask[request->language]};
  }
  desk_form_choices(writing->form, "items", items, count);
}

/* The reasons, a line each. */
static struct text reason_lines(const struct writing *writing)
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

static void prefill(struct writing *writing)
{
  const struct desk_coverage *coverage = &writing->coverage;
  struct desk_form *form = writing->form;
  const struct coverage_denial *denial = writing->denial_id.length ? &writing->denial : NULL;
  const struct coverage_plan *plan =
      denial ? desk_coverage_plan(coverage, denial->plan_id) : coverage->plans;
  struct text level = coverage->stay_count ? coverage->stays[0].level_of_care : TEXT("");
  desk_form_set(form, "language", TEXT("en"));
  desk_form_set(form, "program_address", writing->address);
  desk_form_set(form, "member",
                plan && plan->member_name.length
                    ? plan->member_name
                    : person_full_name(coverage->request->arena, &coverage->person.identity));
  if (plan && coverage->plan_count) {
    desk_form_set(form, "plan", plan->id);
    desk_form_set(form, "plan_address", plan->address);
    desk_form_set(form, "member_number", plan->member_number);
  }
  desk_form_set(form, "level", denial ? denial->level_of_care : level);
  if (is_parity(writing)) {
    if (denial) desk_form_set(form, "requested", denial->requested);
    return;
  }
  desk_form_set(form, "clinician", coverage->request->actor->name);
  if (value_count(writing->severity) == 0) return;
  desk_form_set(form, "reasons", reason_lines(writing));
  desk_form_set(form, "assessed",
                VIEW_FORMAT(coverage->request, "letter.assessment_of", {"day", writing->assessed}));
}

/* --- The letter ------------------------------------------------------------------------------ */

static void set(const struct writing *writing, struct value *facts, const char *name)
{
  struct text t = desk_form_get(writing->form, name);
  if (t.length) value_set(facts, name, value_text(writing->coverage.request->arena, t));
}

static struct value *items_of(const struct writing *writing, size_t language)
{
  const struct coverage_rules *rules = writing->coverage.rules;
  struct value *list = value_list(writing->coverage.request->arena);
  for (size_t i = 0; i < parity_items_count(rules); i++) {
    const struct parity_item *item = parity_items_get(rules, i);
    if (desk_form_has(writing->form, "items", item->name))
      value_add(list, value_text(writing->coverage.request->arena, item->ask[language]));
  }
  return list;
}

/* A line each, and whose finding it is behind the first. */
static struct value *reasons_of(const struct writing *writing)
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

/* What the letter says, in its language. */
static struct value *facts_of(const struct writing *writing, size_t language)
{
  struct web_request speaking = *writing->coverage.request;
  struct arena *arena = speaking.arena;
  struct value *facts = value_object(arena);
  const struct coverage_plan *plan =
      desk_coverage_plan(&writing->coverage, desk_form_get(writing->form, "plan"));
  static const char *const names[] = {"program_address", "plan_address", "member", "member_number",
                                      "level"};
  speaking.language = language;
  value_set(facts, "date",
            value_text(arena, desk_coverage_day(&speaking, writing->coverage.today)));
  value_set(facts, "program", value_text(arena, writing->program));
  value_set(facts, "plan", value_text(arena, plan ? plan->name : TEXT("")));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) set(writing, facts, names[i]);
  if (is_parity(writing)) {
    set(writing, facts, "requested");
    value_set(facts, "items", items_of(writing, language));
    if (writing->denial_id.length == 0) return facts;
    if (writing->denial.number.length)
      value_set(facts, "denial_number", value_text(arena, writing->denial.number));
    value_set(facts, "denied_on",
              value_text(arena, desk_coverage_day(&speaking, writing->denial.denial.denied_on)));
    return facts;
  }
  set(writing, facts, "level_name");
  set(writing, facts, "first_care");
  set(writing, facts, "tried");
  set(writing, facts, "clinician");
  value_set(facts, "reasons", reasons_of(writing));
  return facts;
}

static bool write_letter(struct writing *writing, struct error *error)
{
  struct desk_coverage *coverage = &writing->coverage;
  struct arena *arena = coverage->request->arena;
  struct text language = desk_form_get(writing->form, "language");
  size_t index = text_equal(language, TEXT("es"));
  const struct coverage_plan *plan =
      desk_coverage_plan(coverage, desk_form_get(writing->form, "plan"));
  struct value *shown, *content = value_object(arena), *letter = value_object(arena);
  if (!plan)
    return error_set(error, ERROR_REFUSED, "error.coverage.letter_field", "", "no such plan");
  if (!letter_write(coverage->rules, writing->letter->name, index, coverage->today,
                    facts_of(writing, index), arena, &writing->written, &shown, error))
    return false;
  value_set(letter, "name", value_text(arena, writing->letter->name));
  value_set(letter, "version", value_text(arena, writing->letter->version));
  value_set(letter, "date", value_text(arena, coverage_day_write(arena, coverage->today)));
  value_set(letter, "text", value_text(arena, writing->written));
  value_set(content, "letter", letter);
  writing->wanted = (struct disclose_request){
      .document = TEXT("record"),
      .content = content,
      .person_id = coverage->request->captured,
      .recipient = {.name = plan->name, .class_name = TEXT("health-plans")},
      .purpose_code = TEXT("HPAYMT"),
      .basis = TEXT("consent"),
      .language = language};
  return true;
}

/* --- Looking and leaving --------------------------------------------------------------------- */

static bool open_about(struct store_transaction *transaction, struct writing *writing,
                       struct error *error)
{
  return desk_about_open(transaction, writing->coverage.request, "disclosure", "write",
                         &writing->about, error);
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct writing *writing = context;
  struct web_request *request = writing->coverage.request;
  struct consent *consents;
  size_t count;
  if (!open_about(transaction, writing, error) ||
      !consent_list(transaction, &writing->about.access, request->arena, &consents, &count, error))
    return false;
  disclose_preview(request->application->privacy, request->arena, consents, count, &writing->wanted,
                   request->now, &writing->preview);
  return true;
}

static bool send_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct writing *writing = context;
  struct web_request *request = writing->coverage.request;
  if (!open_about(transaction, writing, error)) return false;
  if (disclose(transaction, &writing->about.access, request->arena, &writing->wanted,
               &writing->disclosed, error))
    return desk_leave_keep(transaction, &writing->about, writing->view, &writing->disclosed,
                           writing->wanted.language, error);
  if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &writing->about.access);
  return false;
}

/* --- The page -------------------------------------------------------------------------------- */

static bool show(struct writing *writing)
{
  struct web_request *request = writing->coverage.request;
  struct value *page = writing->view->page;
  bool is_written = writing->written.length > 0;
  struct text title =
      text_format(request->arena, "letter.title_%.*s", TEXT_PRINT(writing->letter->name));
  view_set_text(request, page, "letter_name", writing->letter->name);
  view_set_text(request, page, "letter_title", view_text(request, title.at));
  view_set_text(request, page, "denial", writing->denial_id);
  view_set_flag(request, page, "unsigned", !coverage_is_signed(&writing->letter->basis));
  view_set_text(request, page, "source", writing->letter->basis.source);
  view_set_flag(request, page, "has_plans", writing->coverage.plan_count > 0);
  view_set_flag(request, page, "is_written", is_written);
  view_set_flag(request, page, "may_leave", is_written && writing->preview.content != NULL);
  if (is_written) {
    struct value *shown = value_object(request->arena);
    value_set(shown, "blocks", letter_blocks(request->arena, writing->written));
    value_set(page, "letter", shown);
  }
  return desk_form_show(writing->form, writing->view, "desk/coverage_letter");
}

static bool view_letter(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct writing writing = {
      .view = view, .form = &form, .denial_id = web_parameter_get(request, "denial")};
  struct text name = web_parameter_get(request, "letter");
  if (!desk_coverage_begin(&writing.coverage, request, view, error)) return false;
  for (size_t i = 0; i < letters_count(writing.coverage.rules); i++)
    if (text_equal(letters_get(writing.coverage.rules, i)->name, name))
      writing.letter = letters_get(writing.coverage.rules, i);
  if (!writing.letter)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such letter");
  if (!desk_read(request, load, &writing, error)) return false;
  if (view->redirect.length) return true;
  (void)letter_find(writing.coverage.rules, name, writing.coverage.today, &writing.letter);
  declare(&writing);
  offer(&writing);
  if (request->method == WEB_GET) {
    prefill(&writing);
    return show(&writing);
  }
  if (!desk_form_read(&form)) return show(&writing);
  if (!write_letter(&writing, error))
    return desk_form_take(&form, error, mappings) && show(&writing);
  if (text_equal(web_parameter_get(request, "act"), TEXT("leave")))
    return desk_write(request, view, send_out, &writing, error);
  return desk_read(request, look, &writing, error) && show(&writing);
}

static bool view_copy(struct web_request *request, struct web_view *view, struct error *error)
{
  return desk_leave(request, view, "disclosure", "write", error);
}

const struct web_route desk_coverage_letter_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/letter",
     .handler = view_letter,
     .guard = "disclosure",
     .get_act = "write",
     .post_act = "write",
     .flags = WEB_LINES},
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/coverage/copy",
     .handler = view_copy,
     .guard = "disclosure",
     .get_act = "write"},
    {.pattern = NULL}};
