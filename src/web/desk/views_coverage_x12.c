/*
 * /desk/people/{id}/coverage/question: the question to a plan about a level of care as a file (X12
 * 270; "plan" and "level" of the address): what is filled in, a look at what it says, and then it
 * leaves, through disclose(), by a consent that names the plan for payment. The file is numbered
 * and traced as it leaves; …/coverage/copy hands it out as it was disclosed, to the byte.
 * Threads: all state is the request's.
 */
#include "web/desk/coverage.h"
#include "web/desk/leave.h"

/* The places of the file's fields: X12 005010X279A1. */
enum { ID_MOST = 15, NAME_MOST = 60, GIVEN_MOST = 35, NUMBER_MOST = 80, NPI_MOST = 10 };

#define LINE(field, most)                                                                          \
  .name = #field, .label = "question." #field, .kind = DESK_TEXT, .flags = DESK_REQUIRED,          \
  .longest = (most)
static const struct desk_field fields[] = {
    {LINE(provider_name, NAME_MOST)},
    {.name = "provider_npi",
     .label = "question.provider_npi",
     .help = "question.provider_npi_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT | DESK_NUMERIC,
     .longest = NPI_MOST},
    {.name = "sender",
     .label = "question.sender",
     .help = "question.sender_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = ID_MOST},
    {LINE(payer_name, NAME_MOST)},
    {.name = "payer_id",
     .label = "coverage.plan_payer_id",
     .help = "coverage.plan_payer_id_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = NUMBER_MOST},
    {.name = "receiver",
     .label = "question.receiver",
     .help = "question.receiver_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = ID_MOST},
    {LINE(given, GIVEN_MOST), .help = "question.given_help"},
    {LINE(family, NAME_MOST)},
    {.name = "number",
     .label = "coverage.plan_member_number",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = NUMBER_MOST},
    {.name = "born",
     .label = "question.born",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "sex", .label = "question.sex", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "service",
     .label = "question.service",
     .help = "question.service_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 2},
    {.name = "day",
     .label = "question.day",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "test", .label = "question.test", .help = "question.test_help", .kind = DESK_YES},
};
enum { FIELDS = sizeof fields / sizeof *fields };
static const struct desk_mapping mappings[] = {
    {"error.coverage.x12_field", NULL}, {"error.coverage.x12_numbers", NULL}, {NULL, NULL}};

struct asking {
  struct desk_coverage coverage;
  struct desk_about about;
  struct web_view *view;
  struct desk_form *form;
  struct text plan_id, level, program;
  struct coverage_question last; /* what the program called itself */
  struct disclose_request wanted;
  struct disclose_preview preview;
  bool is_seen; /* what was typed is sound */
};

/* --- What is known already ------------------------------------------------------------------- */

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct program *programs;
  size_t count;
  if (!desk_coverage_load(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  if (!coverage_question_last(transaction, &coverage->access, request->arena, &asking->last,
                              error) ||
      !program_list(transaction, request->arena, &programs, &count, error))
    return false;
  asking->program = TEXT("");
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, request->actor->program_id)) asking->program = programs[i].name;
  return true;
}

static void offer(const struct asking *asking)
{
  const struct web_request *request = asking->coverage.request;
  struct desk_choice *sexes = arena_allocate_array(request->arena, 3, sizeof *sexes);
  sexes[0] = (struct desk_choice){TEXT("F"), view_text(request, "question.sex_f")};
  sexes[1] = (struct desk_choice){TEXT("M"), view_text(request, "question.sex_m")};
  sexes[2] = (struct desk_choice){TEXT("U"), view_text(request, "question.sex_u")};
  desk_form_choices(asking->form, "sex", sexes, 3);
}

/* The first of two that a field can hold. */
static void set_first(struct desk_form *form, const char *name, struct text first,
                      struct text otherwise)
{
  desk_form_set(form, name, first.length ? first : otherwise);
}

static void prefill(const struct asking *asking, const struct coverage_plan *plan)
{
  const struct desk_coverage *coverage = &asking->coverage;
  const struct person_identity *identity = &coverage->person.identity;
  struct desk_form *form = asking->form;
  struct text sex = TEXT("U");
  if (text_equal(identity->sex, TEXT("female"))) sex = TEXT("F");
  if (text_equal(identity->sex, TEXT("male"))) sex = TEXT("M");
  set_first(form, "provider_name", asking->last.provider_name, asking->program);
  desk_form_set(form, "provider_npi", asking->last.provider_npi);
  desk_form_set(form, "sender", asking->last.sender);
  desk_form_set(form, "payer_name", plan->name);
  desk_form_set(form, "payer_id", plan->payer_id);
  desk_form_set(form, "receiver", plan->payer_id);
  desk_form_set(form, "given", identity->given);
  desk_form_set(form, "family", identity->family);
  desk_form_set(form, "number", plan->member_number);
  desk_form_set(form, "born", identity->birth_date);
  desk_form_set(form, "sex", sex);
  desk_form_set(form, "service", x12_level_service(coverage->rules, asking->level));
  desk_coverage_set_day(form, "day", coverage->today);
}

/* --- What was typed -------------------------------------------------------------------------- */

static bool is_npi(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] < '0' || t.at[i] > '9') return false;
  return t.length == NPI_MOST;
}

/* Beyond what the declaration says: only what a file can hold. */
static bool check(const struct asking *asking)
{
  struct desk_form *form = asking->form;
  bool is_sound = true;
  for (size_t i = 0; i < FIELDS; i++) {
    if (fields[i].kind != DESK_TEXT) continue;
    if (x12_text_fits(desk_form_get(form, fields[i].name), fields[i].longest)) continue;
    desk_form_refuse(form, fields[i].name, "error.coverage.x12_field");
    is_sound = false;
  }
  if (is_sound && !is_npi(desk_form_get(form, "provider_npi"))) {
    desk_form_refuse(form, "provider_npi", "error.coverage.npi");
    is_sound = false;
  }
  int64_t born = desk_coverage_get_day(form, "born");
  if (born > asking->coverage.today || born > desk_coverage_get_day(form, "day")) {
    desk_form_refuse(form, "born", "error.coverage.moment");
    is_sound = false;
  }
  return is_sound;
}

/* A day before 1970, too: a birth date. */
static bool day_of(const struct desk_form *form, const char *name, int64_t *out)
{
  return coverage_day_read(desk_form_get(form, name), out);
}

/* The file with its number, as what may leave. */
static bool write_question(struct asking *asking, const struct coverage_question *numbered,
                           struct error *error)
{
  const struct desk_coverage *coverage = &asking->coverage;
  const struct coverage_plan *plan = desk_coverage_plan(coverage, asking->plan_id);
  struct arena *arena = coverage->request->arena;
  const struct desk_form *form = asking->form;
  struct x12_inquiry inquiry = {.sender = desk_form_get(form, "sender"),
                                .receiver = desk_form_get(form, "receiver"),
                                .control = numbered->control,
                                .minute = coverage->request->now / 60000000,
                                .is_test = desk_form_has(form, "test", TEXT("1")),
                                .payer_name = desk_form_get(form, "payer_name"),
                                .payer_id = desk_form_get(form, "payer_id"),
                                .provider_name = desk_form_get(form, "provider_name"),
                                .provider_npi = desk_form_get(form, "provider_npi"),
                                .member_last = desk_form_get(form, "family"),
                                .member_first = desk_form_get(form, "given"),
                                .member_id = desk_form_get(form, "number"),
                                .sex = desk_form_get(form, "sex").at[0],
                                .trace = numbered->trace,
                                .service_type = desk_form_get(form, "service")};
  struct value *question = value_object(arena), *content = value_object(arena);
  struct text_buffer file;
  if (!day_of(form, "born", &inquiry.born_on) || !day_of(form, "day", &inquiry.service_on))
    return error_set(error, ERROR_REFUSED, "error.coverage.x12_field", "", "a day");
  text_buffer_init(&file, LIMIT_X12_FILE);
  bool is_written = x12_270_write(&inquiry, &file, error);
  if (is_written) {
    struct text number = text_format(arena, "%09lld", (long long)numbered->control);
    value_set(question, "number", value_text(arena, number));
    value_set(question, "trace", value_text(arena, numbered->trace));
    value_set(question, "date", value_text(arena, coverage_day_write(arena, coverage->today)));
    value_set(question, "text", value_text(arena, text_copy(arena, text_buffer_get(&file))));
    value_set(content, "x12-question", question);
  }
  text_buffer_fini(&file);
  asking->wanted = (struct disclose_request){
      .document = TEXT("record"),
      .content = content,
      .person_id = coverage->request->captured,
      .recipient = {.name = plan->name, .class_name = TEXT("health-plans")},
      .purpose_code = TEXT("HPAYMT"),
      .basis = TEXT("consent"),
      .language = coverage->request->application->languages[coverage->request->language]};
  return is_written;
}

/* --- Looking and leaving --------------------------------------------------------------------- */

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct web_request *request = asking->coverage.request;
  const struct coverage_question unnumbered = {.control = 1, .trace = TEXT("0")};
  struct consent *consents;
  size_t count;
  if (!desk_about_open(transaction, request, "disclosure", "write", &asking->about, error) ||
      !consent_list(transaction, &asking->about.access, request->arena, &consents, &count, error) ||
      !write_question(asking, &unnumbered, error))
    return false;
  disclose_preview(request->application->privacy, request->arena, consents, count, &asking->wanted,
                   request->now, &asking->preview);
  return true;
}

static bool send_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct coverage_question question = {.plan_id = asking->plan_id,
                                       .level_of_care = asking->level,
                                       .sender = desk_form_get(asking->form, "sender"),
                                       .provider_name =
                                           desk_form_get(asking->form, "provider_name"),
                                       .provider_npi = desk_form_get(asking->form, "provider_npi")};
  struct disclosed disclosed;
  if (!desk_coverage_act(transaction, coverage, "ask", error) ||
      !desk_about_open(transaction, request, "disclosure", "write", &asking->about, error) ||
      !coverage_question_begin(transaction, &coverage->access, request->arena, &question, error) ||
      !write_question(asking, &question, error))
    return false;
  if (!disclose(transaction, &asking->about.access, request->arena, &asking->wanted, &disclosed,
                error)) {
    if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &asking->about.access);
    return false;
  }
  question.disclosure_id = disclosed.disclosure_id;
  return coverage_question_add(transaction, &coverage->access, &question, error) &&
         desk_leave_keep(transaction, &asking->about, asking->view, &disclosed,
                         asking->wanted.language, error);
}

/* --- The page -------------------------------------------------------------------------------- */

/* What the file says, in words: a label and a value each. */
static void fill_words(const struct asking *asking, struct value *page)
{
  const struct web_request *request = asking->coverage.request;
  const struct desk_form *form = asking->form;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < FIELDS; i++) {
    struct value *item = value_object(request->arena);
    struct text value = desk_form_get(form, fields[i].name);
    if (fields[i].kind == DESK_DATE) value = view_date(request, value);
    if (text_equal(text_from(fields[i].name), TEXT("sex")))
      value = view_text(request, text_equal(value, TEXT("F"))   ? "question.sex_f"
                                 : text_equal(value, TEXT("M")) ? "question.sex_m"
                                                                : "question.sex_u");
    if (fields[i].kind == DESK_YES) {
      if (!desk_form_has(form, fields[i].name, TEXT("1"))) continue;
      value = view_text(request, "benefits.yes");
    }
    view_set_text(request, item, "label", view_text(request, fields[i].label));
    view_set_text(request, item, "value", value);
    value_add(list, item);
  }
  value_set(page, "says", list);
}

static bool show(struct asking *asking)
{
  const struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct value *page = asking->view->page;
  bool may_leave = asking->is_seen && asking->preview.content;
  view_set_text(request, page, "plan", asking->plan_id);
  view_set_text(request, page, "level", asking->level);
  view_set_text(request, page, "level_words", people_label(request, CARE_LEVELS, asking->level));
  view_set_text(request, page, "plan_words", desk_coverage_plan_words(coverage, asking->plan_id));
  view_set_flag(request, page, "is_seen", asking->is_seen);
  view_set_flag(request, page, "may_leave", may_leave);
  if (asking->is_seen) fill_words(asking, page);
  return desk_form_show(asking->form, asking->view, "desk/coverage_question");
}

static bool view_question(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct asking asking = {.view = view,
                          .form = &form,
                          .plan_id = web_parameter_get(request, "plan"),
                          .level = web_parameter_get(request, "level")};
  size_t at;
  if (!care_code_find(request->application->records, CARE_LEVELS, asking.level, &at))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such level of care");
  if (!desk_coverage_begin(&asking.coverage, request, view, error) ||
      !desk_read(request, load, &asking, error))
    return false;
  if (view->redirect.length) return true;
  const struct coverage_plan *plan = desk_coverage_plan(&asking.coverage, asking.plan_id);
  if (!plan) return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such plan");
  DESK_FORM_INIT(&form, request, fields);
  offer(&asking);
  if (request->method == WEB_GET) {
    prefill(&asking, plan);
    return show(&asking);
  }
  if (!desk_form_read(&form) || !check(&asking)) return show(&asking);
  if (text_equal(web_parameter_get(request, "act"), TEXT("leave")))
    return desk_write(request, view, send_out, &asking, error) ||
           (desk_form_take(&form, error, mappings) && show(&asking));
  asking.is_seen = desk_read(request, look, &asking, error);
  if (!asking.is_seen && !desk_form_take(&form, error, mappings)) return false;
  return show(&asking);
}

const struct web_route desk_coverage_x12_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/question",
     .handler = view_question,
     .guard = "coverage",
     .get_act = "ask",
     .post_act = "ask"},
    {.pattern = NULL}};
