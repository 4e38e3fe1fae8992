/*
 * /desk/people/{id}/coverage/benefits: the worksheet of a plan and a level of care ("plan",
 * "level"): what to ask on the phone, what was answered, by whom, and until when it counts. What
 * was typed anew, or asked again, is a new answer with the source named below; what was left as it
 * stands keeps its own. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

static const struct desk_field fields[] = {
    {.name = "source", .label = "benefits.source", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "who",
     .label = "benefits.who",
     .help = "benefits.who_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "reference",
     .label = "benefits.reference",
     .help = "benefits.reference_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "asked",
     .label = "benefits.asked",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "anew", .label = "benefits.again", .help = "benefits.again_help", .kind = DESK_YES},
};
static const struct desk_mapping mappings[] = {
    {"error.coverage.answer", NULL}, {"error.coverage.stale", NULL}, {NULL, NULL}};
/* As the form has them; an answer from a file (271) is not typed. */
static const char *const sources[] = {
    [BENEFIT_BY_PHONE] = "phone", [BENEFIT_BY_PORTAL] = "portal", [BENEFIT_BY_LETTER] = "letter"};

struct sheet {
  struct desk_coverage coverage;
  struct text plan_id, level;
  struct benefits_worksheet stands;    /* in the store */
  struct benefits_worksheet made;      /* what the form makes of it */
  const char *problems[BENEFIT_COUNT]; /* catalog keys */
  bool is_typed;                       /* show what was typed */
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sheet *sheet = context;
  struct desk_coverage *coverage = &sheet->coverage;
  return desk_coverage_load(transaction, coverage, error) &&
         (coverage->view->redirect.length > 0 ||
          benefits_worksheet_load(transaction, coverage->rules, &coverage->access,
                                  coverage->request->arena, sheet->plan_id, sheet->level,
                                  &sheet->stands, error));
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sheet *sheet = context;
  struct desk_coverage *coverage = &sheet->coverage;
  struct web_request *request = coverage->request;
  struct benefits_worksheet made = sheet->made;
  if (!desk_coverage_write(transaction, coverage, error) ||
      !benefits_worksheet_add(transaction, coverage->rules, &coverage->access, request->arena,
                              &made, coverage->today, error))
    return false;
  desk_redirect(request, coverage->view, "/desk/people/%.*s/coverage/benefits?plan=%.*s&level=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(sheet->plan_id),
                TEXT_PRINT(sheet->level));
  return true;
}

/* --- Reading the form ------------------------------------------------------------------------ */

static struct text field_of(const struct web_request *request, struct text name, const char *part)
{
  struct text field = text_format(request->arena, "a_%.*s%s", TEXT_PRINT(name), part);
  return text_trim(web_parameter_get(request, field.at));
}

/* What was typed for a question; false: it does not fit. `*is_given` false: nothing. */
static bool read_typed(const struct sheet *sheet, enum benefit_name name, struct text typed,
                       struct benefit_answer *out, bool *is_given)
{
  const struct web_request *request = sheet->coverage.request;
  const struct benefit_question *question = benefit_question_get(sheet->coverage.rules, name);
  bool is_none = question->may_be_none && field_of(request, question->name, "_none").length > 0;
  *is_given = typed.length > 0 || is_none;
  out->words = TEXT("");
  out->value = 0;
  if (!*is_given) return true;
  if (is_none) {
    out->value = BENEFIT_NO_LIMIT;
    return true;
  }
  switch (question->kind) {
  case BENEFIT_YES_NO:
    out->value = text_equal(typed, TEXT("yes"));
    return out->value || text_equal(typed, TEXT("no"));
  case BENEFIT_MONEY:
    return money_read(typed, &out->value);
  case BENEFIT_WORDS:
    out->words = typed;
    return typed.length <= LIMIT_COVERAGE_WORDS && text_is_utf8(typed);
  default:
    return text_read_integer(typed, &out->value) && out->value >= 0;
  }
}

static bool is_same(const struct benefit_answer *a, const struct benefit_answer *b)
{
  return a->is_given && a->value == b->value && text_equal(a->words, b->words);
}

/* Put what was typed into the new worksheet. */
static bool take_answers(struct sheet *sheet, const struct desk_form *form)
{
  struct desk_coverage *coverage = &sheet->coverage;
  struct text by = desk_form_get(form, "source");
  bool is_sound = true, is_again = desk_form_has(form, "anew", TEXT("1"));
  struct error error = {0};
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = benefit_question_order(coverage->rules, i);
    const struct benefit_question *question = benefit_question_get(coverage->rules, name);
    struct benefit_answer *stands = &sheet->made.benefits.answers[name];
    struct benefit_answer typed = {.who = desk_form_get(form, "who"),
                                   .reference = desk_form_get(form, "reference"),
                                   .asked_on = desk_coverage_get_day(form, "asked")};
    bool is_given = false;
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++)
      if (sources[s] && text_equal(by, text_from(sources[s])))
        typed.source = (enum benefit_source)s;
    if (!read_typed(sheet, name, field_of(coverage->request, question->name, ""), &typed,
                    &is_given)) {
      sheet->problems[name] = "error.coverage.answer";
      is_sound = false;
    } else if (!is_given) {
      *stands = (struct benefit_answer){.is_given = false};
    } else if ((is_again || !is_same(stands, &typed)) &&
               !benefit_answer_give(coverage->rules, &sheet->made.benefits, name, &typed, &error)) {
      sheet->problems[name] = "error.coverage.answer";
      is_sound = false;
    }
  }
  return is_sound;
}

/* --- The page -------------------------------------------------------------------------------- */

/* As it stands in its field. */
static struct text value_typed(const struct web_request *request,
                               const struct benefit_question *question,
                               const struct benefit_answer *answer)
{
  if (!answer->is_given || answer->value == BENEFIT_NO_LIMIT) return TEXT("");
  if (question->kind == BENEFIT_WORDS) return answer->words;
  if (question->kind == BENEFIT_YES_NO) return answer->value ? TEXT("yes") : TEXT("no");
  if (question->kind == BENEFIT_MONEY) return money_write(request->arena, answer->value);
  return text_format(request->arena, "%lld", (long long)answer->value);
}

static void set_kind(const struct web_request *request, struct value *item, enum benefit_kind kind,
                     struct text value)
{
  view_set_flag(request, item, "is_yes_no", kind == BENEFIT_YES_NO);
  view_set_flag(request, item, "is_words", kind == BENEFIT_WORDS);
  view_set_flag(request, item, "is_line", kind != BENEFIT_YES_NO && kind != BENEFIT_WORDS);
  view_set_flag(request, item, "is_yes", text_equal(value, TEXT("yes")));
  view_set_flag(request, item, "is_no", text_equal(value, TEXT("no")));
  view_set_text(request, item, "value", value);
  struct text unit = TEXT("");
  if (kind == BENEFIT_MONEY) unit = view_text(request, "benefits.dollars");
  if (kind == BENEFIT_PERCENT) unit = view_text(request, "benefits.percent");
  if (kind == BENEFIT_DAYS) unit = view_text(request, "benefits.days");
  view_set_text(request, item, "unit", unit);
}

static struct value *fill_question(const struct sheet *sheet, enum benefit_name name,
                                   bool is_to_ask)
{
  const struct desk_coverage *coverage = &sheet->coverage;
  struct web_request *request = coverage->request;
  const struct benefit_question *question = benefit_question_get(coverage->rules, name);
  const struct benefit_answer *answer = &sheet->stands.benefits.answers[name];
  enum benefit_state state = benefit_state_find(answer, coverage->today);
  struct value *item = value_object(request->arena);
  bool is_none = answer->is_given && answer->value == BENEFIT_NO_LIMIT;
  if (sheet->is_typed) is_none = field_of(request, question->name, "_none").length > 0;
  view_set_text(request, item, "name", question->name);
  view_set_text(request, item, "ask", question->ask[request->language]);
  view_set_text(request, item, "label", question->label[request->language]);
  set_kind(request, item, question->kind,
           sheet->is_typed ? field_of(request, question->name, "")
                           : value_typed(request, question, answer));
  view_set_flag(request, item, "may_none", question->may_be_none);
  view_set_flag(request, item, "is_none", is_none && question->may_be_none);
  view_set_flag(request, item, "to_ask", is_to_ask);
  view_set_flag(request, item, "known", state == BENEFIT_KNOWN);
  view_set_flag(request, item, "expired", state == BENEFIT_EXPIRED);
  view_set_text(request, item, "stands", desk_coverage_answer(request, question, answer));
  view_set_text(request, item, "by",
                answer->is_given ? desk_coverage_by(request, answer->source) : TEXT(""));
  view_set_text(request, item, "who", answer->who.at ? answer->who : TEXT(""));
  view_set_text(request, item, "reference", answer->reference.at ? answer->reference : TEXT(""));
  view_set_text(request, item, "asked", desk_coverage_day(request, answer->asked_on));
  view_set_text(request, item, "until", desk_coverage_day(request, answer->expires_on));
  view_set_text(request, item, "problem",
                sheet->problems[name] ? view_text(request, sheet->problems[name]) : TEXT(""));
  return item;
}

static void fill_questions(const struct sheet *sheet, struct value *page)
{
  const struct desk_coverage *coverage = &sheet->coverage;
  struct web_request *request = coverage->request;
  struct value *list = value_list(request->arena), *wrong = value_list(request->arena);
  enum benefit_name ask[BENEFIT_COUNT];
  size_t open = benefits_to_ask(coverage->rules, &sheet->stands.benefits, coverage->today, ask);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = benefit_question_order(coverage->rules, i);
    bool is_to_ask = false;
    for (size_t k = 0; k < open; k++) is_to_ask = is_to_ask || ask[k] == name;
    struct value *item = fill_question(sheet, name, is_to_ask);
    value_add(list, item);
    if (sheet->problems[name]) value_add(wrong, item);
  }
  value_set(page, "questions", list);
  value_set(page, "wrong", wrong);
  view_set_flag(request, page, "any_wrong", value_count(wrong) > 0);
  view_set_text(request, page, "open_count", view_count(request->arena, (int64_t)open));
  view_set_flag(request, page, "all_known", open == 0);
}

static void begin(struct desk_form *form, const struct sheet *sheet)
{
  const struct web_request *request = sheet->coverage.request;
  struct desk_choice *choices = arena_allocate_array(request->arena, 4, sizeof *choices);
  choices[0] = (struct desk_choice){TEXT("phone"), view_text(request, "benefits.by_phone")};
  choices[1] = (struct desk_choice){TEXT("portal"), view_text(request, "benefits.by_portal")};
  choices[2] = (struct desk_choice){TEXT("letter"), view_text(request, "benefits.by_letter")};
  DESK_FORM_INIT(form, sheet->coverage.request, fields);
  desk_form_choices(form, "source", choices, 3);
  desk_form_set(form, "source", TEXT("phone"));
  desk_coverage_set_day(form, "asked", sheet->coverage.today);
  desk_form_set_version(form, sheet->stands.seq);
}

static bool show(const struct sheet *sheet, const struct desk_form *form)
{
  const struct desk_coverage *coverage = &sheet->coverage;
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  fill_questions(sheet, page);
  const struct coverage_plan *plan = desk_coverage_plan(coverage, sheet->plan_id);
  view_set_text(request, page, "plan", sheet->plan_id);
  view_set_text(request, page, "level", sheet->level);
  view_set_text(request, page, "plan_words", desk_coverage_plan_words(coverage, sheet->plan_id));
  view_set_text(request, page, "phone",
                plan && plan->phone.length ? people_phone(request->arena, plan->phone) : TEXT(""));
  view_set_text(request, page, "member", plan ? plan->member_number : TEXT(""));
  view_set_text(request, page, "level_words", people_label(request, CARE_LEVELS, sheet->level));
  return desk_form_show(form, coverage->view, "desk/coverage_benefits");
}

static bool view_benefits(struct web_request *request, struct web_view *view, struct error *error)
{
  struct sheet sheet = {.plan_id = web_parameter_get(request, "plan"),
                        .level = web_parameter_get(request, "level")};
  struct desk_form form;
  size_t at;
  if (!care_code_find(request->application->records, CARE_LEVELS, sheet.level, &at))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such level of care");
  if (!desk_coverage_begin(&sheet.coverage, request, view, error) ||
      !desk_read(request, load, &sheet, error))
    return false;
  if (view->redirect.length) return true;
  begin(&form, &sheet);
  if (request->method == WEB_GET) return show(&sheet, &form);
  sheet.is_typed = true;
  sheet.made = sheet.stands;
  bool is_read = desk_form_read(&form);
  int64_t asked = is_read ? desk_coverage_get_day(&form, "asked") : 0;
  if (is_read && (asked <= 0 || asked > sheet.coverage.today)) {
    desk_form_refuse(&form, "asked", "error.coverage.moment");
    is_read = false;
  }
  if (!take_answers(&sheet, &form)) desk_form_refuse(&form, NULL, "error.coverage.answer");
  else if (is_read) {
    sheet.made.seq = desk_form_version(&form);
    if (desk_write(request, view, save, &sheet, error)) return true;
    if (!desk_form_take(&form, error, mappings)) return false;
    bool is_stale = error->kind == ERROR_CONFLICT;
    desk_form_set_version(&form, sheet.stands.seq);
    if (is_stale) {
      bool is_shown = show(&sheet, &form);
      view->status = 409;
      return is_shown;
    }
  }
  return show(&sheet, &form);
}

const struct web_route desk_benefits_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/people/{id}/coverage/benefits",
                                                  .handler = view_benefits,
                                                  .guard = "coverage",
                                                  .get_act = "read",
                                                  .post_act = "write",
                                                  .flags = WEB_LINES},
                                                 {.pattern = NULL}};
