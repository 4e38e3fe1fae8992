/*
 * /desk/people/{id}/coverage/letter: a letter to a plan ("letter" of the address; "denial": about
 * which one): what is filled in, a look at it, and then it leaves, through disclose(), by a consent
 * that names the plan. …/coverage/copy hands out what left, to the byte. What is printed is made of
 * what was disclosed. Threads: all state is the request's.
 */
#include "admission/admission.h"
#include "web/desk/letters.h"

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
static const struct desk_mapping mappings[] = {{"error.coverage.letter_field", NULL},
                                               {"error.coverage.letter_ended", NULL},
                                               {"error.coverage.appeal", NULL},
                                               {"error.coverage.moment", NULL},
                                               {"error.coverage.over", NULL},
                                               {"error.coverage.stale", NULL},
                                               {NULL, NULL}};

/* --- What is known already ------------------------------------------------------------------- */

/* The reasons of the newest decision about the level of care, as the table gives them. */
static bool load_severity(struct store_transaction *transaction, struct letter_writing *writing,
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

static bool load_program(struct store_transaction *transaction, struct letter_writing *writing,
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
  struct letter_writing *writing = context;
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

/* A step is noted by who may write it down. */
static bool is_asked(const struct letter_writing *writing, const struct desk_field *field)
{
  return !text_equal(text_from(field->name), TEXT("taken")) ||
         desk_may(writing->coverage.request, "coverage", "write");
}

static void declare(struct letter_writing *writing)
{
  struct arena *arena = writing->coverage.request->arena;
  const struct letter_part *part = writing->part;
  enum { COMMON = sizeof common_fields / sizeof *common_fields };
  struct desk_field *fields = arena_allocate_array(arena, COMMON + part->count, sizeof *fields);
  size_t count = COMMON;
  for (size_t i = 0; i < COMMON; i++) fields[i] = common_fields[i];
  for (size_t i = 0; i < part->count; i++)
    if (is_asked(writing, &part->fields[i])) fields[count++] = part->fields[i];
  desk_form_init(writing->form, writing->coverage.request, fields, count);
}

static void offer(struct letter_writing *writing)
{
  struct web_request *request = writing->coverage.request;
  struct desk_choice *languages = arena_allocate_array(request->arena, 2, sizeof *languages);
  languages[0] = (struct desk_choice){TEXT("en"), view_text(request, "consents.english")};
  languages[1] = (struct desk_choice){TEXT("es"), view_text(request, "consents.spanish")};
  desk_coverage_choose_plan(writing->form, &writing->coverage);
  desk_form_choices(writing->form, "language", languages, 2);
  people_choose(writing->form, "level", CARE_LEVELS);
  if (writing->part->offer) writing->part->offer(writing);
}

static void prefill(struct letter_writing *writing)
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
  writing->part->prefill(writing);
}

/* --- The letter ------------------------------------------------------------------------------ */

/* What the letter says, in its language. */
static struct value *facts_of(const struct letter_writing *writing, size_t language)
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
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct text t = desk_form_get(writing->form, names[i]);
    if (t.length) value_set(facts, names[i], value_text(arena, t));
  }
  writing->part->fill(writing, facts, language);
  return facts;
}

static bool write_letter(struct letter_writing *writing, struct error *error)
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

static bool open_about(struct store_transaction *transaction, struct letter_writing *writing,
                       struct error *error)
{
  return desk_about_open(transaction, writing->coverage.request, "disclosure", "write",
                         &writing->about, error);
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct letter_writing *writing = context;
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
  struct letter_writing *writing = context;
  struct web_request *request = writing->coverage.request;
  if (!open_about(transaction, writing, error)) return false;
  if (disclose(transaction, &writing->about.access, request->arena, &writing->wanted,
               &writing->disclosed, error))
    return (!writing->part->left || writing->part->left(transaction, writing, error)) &&
           desk_leave_keep(transaction, &writing->about, writing->view, &writing->disclosed,
                           writing->wanted.language, error);
  if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &writing->about.access);
  return false;
}

/* --- The page -------------------------------------------------------------------------------- */

static bool show(struct letter_writing *writing)
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
  struct letter_writing writing = {
      .view = view, .form = &form, .denial_id = web_parameter_get(request, "denial")};
  struct text name = web_parameter_get(request, "letter");
  if (!desk_coverage_begin(&writing.coverage, request, view, error)) return false;
  for (size_t i = 0; i < letters_count(writing.coverage.rules); i++)
    if (text_equal(letters_get(writing.coverage.rules, i)->name, name))
      writing.letter = letters_get(writing.coverage.rules, i);
  writing.part = letter_part_find(name);
  if (!writing.letter || !writing.part ||
      (writing.part->needs_denial && writing.denial_id.length == 0))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such letter");
  if (!desk_read(request, load, &writing, error)) return false;
  if (view->redirect.length) return true;
  denial_appeals_find(writing.coverage.rules, &writing.denial.denial, writing.coverage.today,
                      writing.appeals);
  (void)letter_find(writing.coverage.rules, name, writing.coverage.today, &writing.letter);
  declare(&writing);
  offer(&writing);
  if (request->method == WEB_GET) {
    prefill(&writing);
    return show(&writing);
  }
  if (!desk_form_read(&form) || (writing.part->check && !writing.part->check(&writing)))
    return show(&writing);
  if (!write_letter(&writing, error))
    return desk_form_take(&form, error, mappings) && show(&writing);
  if (text_equal(web_parameter_get(request, "act"), TEXT("leave")))
    return desk_write(request, view, send_out, &writing, error) ||
           (desk_form_take(&form, error, mappings) && show(&writing));
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
