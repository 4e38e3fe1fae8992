/*
 * /desk/people/{id}/coverage/answer: what a plan answered in a file (X12 271) about a level of care
 * ("plan" and "level" of the address). First what it says is shown beside what stands, then the
 * same file once more, which becomes a worksheet. Nothing of the file is kept: its keyed mark goes
 * with the form, and only the file that was looked at is taken. The answer of another person, of
 * another member number or to another question is refused. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

struct answering {
  struct desk_coverage coverage;
  struct web_view *view;
  struct text plan_id, level, bytes, mark;
  struct benefits_worksheet stands, made; /* made: with what the file answers */
  struct benefits file;                   /* that alone */
  struct x12_response response;
  enum question_of whose;
  size_t given;
  bool is_in_network, is_looked;
  const char *problem; /* catalog key */
  struct text problem_words;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct answering *answering = context;
  struct desk_coverage *coverage = &answering->coverage;
  struct text trace = answering->response.trace;
  return desk_coverage_load(transaction, coverage, error) &&
         (coverage->view->redirect.length > 0 ||
          (benefits_worksheet_load(transaction, coverage->rules, &coverage->access,
                                   coverage->request->arena, answering->plan_id, answering->level,
                                   &answering->stands, error) &&
           coverage_question_whose(transaction, &coverage->access, answering->plan_id,
                                   trace.at ? trace : TEXT(""), &answering->whose, error)));
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct answering *answering = context;
  struct desk_coverage *coverage = &answering->coverage;
  struct web_request *request = coverage->request;
  struct benefits_worksheet made = answering->made;
  if (!desk_coverage_write(transaction, coverage, error) ||
      !benefits_worksheet_add(transaction, coverage->rules, &coverage->access, request->arena,
                              &made, coverage->today, error))
    return false;
  desk_redirect(request, coverage->view, "/desk/people/%.*s/coverage/benefits?plan=%.*s&level=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(answering->plan_id),
                TEXT_PRINT(answering->level));
  return true;
}

/* --- Whose answer it is ---------------------------------------------------------------------- */

/* Letters and digits alone, folded: as a card, a plan and we may write a name differently. */
static struct text bare(struct arena *arena, struct text t)
{
  struct text folded = text_fold(arena, t), out = TEXT("");
  char *kept = arena_allocate(arena, folded.length + 1);
  for (size_t i = 0; i < folded.length; i++) {
    char c = folded.at[i];
    bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
    if (is_kept) kept[out.length++] = c;
  }
  out.at = kept;
  return out;
}

static bool is_alike(struct arena *arena, struct text a, struct text b)
{
  struct text bare_a = bare(arena, a);
  return bare_a.length > 0 && text_equal(bare_a, bare(arena, b));
}

static bool is_name_of(const struct answering *answering, const struct coverage_plan *plan)
{
  struct arena *arena = answering->coverage.request->arena;
  const struct person_identity *identity = &answering->coverage.person.identity;
  const struct x12_response *response = &answering->response;
  struct text on_card = bare(arena, plan->member_name);
  struct text last = bare(arena, response->member_last);
  struct text first = bare(arena, response->member_first);
  if (last.length == 0 || first.length == 0) return false;
  if (is_alike(arena, identity->family, response->member_last) &&
      is_alike(arena, identity->given, response->member_first))
    return true;
  return text_contains(on_card, last) && text_contains(on_card, first);
}

/* NULL: it is an answer about this person and plan. That a question of ours has no answer may name
 * nobody, or whom the question named. */
static const char *check_whose(const struct answering *answering)
{
  struct arena *arena = answering->coverage.request->arena;
  const struct x12_response *response = &answering->response;
  const struct coverage_plan *plan = desk_coverage_plan(&answering->coverage, answering->plan_id);
  bool names_somebody = response->member_id.length || response->member_last.length;
  if (!plan || answering->whose == QUESTION_OF_ANOTHER) return "answer.other_question";
  if (response->benefit_count == 0 && answering->whose == QUESTION_OF_PLAN) return NULL;
  if (!names_somebody) return "answer.nobody";
  if (plan->member_number.length == 0) return "answer.no_number";
  if (!is_alike(arena, plan->member_number, response->member_id)) return "answer.other_number";
  return is_name_of(answering, plan) ? NULL : "answer.other_person";
}

/* --- Reading --------------------------------------------------------------------------------- */

/* What tells this file, for this plan and level, from every other. */
static bool find_mark(struct answering *answering, struct error *error)
{
  unsigned char mark[VAULT_MARK_BYTES];
  struct web_request *request = answering->coverage.request;
  if (!vault_index_mark(request->application->privacy->vault, request->actor->program_id,
                        "coverage.answer", answering->bytes, mark, error))
    return false;
  answering->mark = TEXT("");
  for (size_t i = 0; i < sizeof mark; i++)
    answering->mark = text_format(request->arena, "%.*s%02x", TEXT_PRINT(answering->mark), mark[i]);
  return true;
}

/* Read the form and its file; a problem is noted. */
static void read_file(struct answering *answering)
{
  struct web_request *request = answering->coverage.request;
  struct text network = web_parameter_get(request, "network");
  struct error error = {0};
  answering->bytes = web_file_get(request, "file");
  answering->is_in_network = text_equal(network, TEXT("yes"));
  if (!answering->bytes.length) answering->problem = "import.no_file";
  else if (answering->bytes.length > LIMIT_X12_FILE) answering->problem = "answer.large";
  else if (!answering->is_in_network && !text_equal(network, TEXT("no")))
    answering->problem = "answer.no_network";
  else if (!x12_271_read(request->arena, answering->bytes, &answering->response, &error)) {
    const struct x12_response *response = &answering->response;
    answering->problem = "answer.unreadable";
    answering->problem_words =
        VIEW_FORMAT(request, "answer.unreadable",
                    {"segment", view_count(request->arena, (int64_t)response->wrong_segment)},
                    {"element", view_count(request->arena, (int64_t)response->wrong_element)});
    answering->response = (struct x12_response){.benefit_count = 0};
  }
}

/* --- The page -------------------------------------------------------------------------------- */

static struct value *fill_row(const struct answering *answering, enum benefit_name name)
{
  const struct desk_coverage *coverage = &answering->coverage;
  struct web_request *request = coverage->request;
  const struct benefit_question *question = benefit_question_get(coverage->rules, name);
  const struct benefit_answer *now = &answering->stands.benefits.answers[name];
  const struct benefit_answer *then = &answering->file.answers[name];
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "ask", question->ask[request->language]);
  view_set_text(request, row, "now", desk_coverage_answer(request, question, now));
  view_set_text(request, row, "by",
                now->is_given ? desk_coverage_by(request, now->source) : TEXT(""));
  view_set_text(request, row, "asked", desk_coverage_day(request, now->asked_on));
  view_set_flag(request, row, "expired",
                benefit_state_find(now, coverage->today) == BENEFIT_EXPIRED);
  view_set_text(request, row, "then", desk_coverage_answer(request, question, then));
  view_set_flag(request, row, "is_other",
                then->is_given && now->is_given && now->value != then->value);
  return row;
}

static void fill_look(const struct answering *answering, struct value *page)
{
  const struct desk_coverage *coverage = &answering->coverage;
  struct web_request *request = coverage->request;
  const struct x12_response *response = &answering->response;
  struct value *rows = value_list(request->arena), *rejections = value_list(request->arena);
  for (size_t i = 0; i < BENEFIT_COUNT; i++)
    value_add(rows, fill_row(answering, benefit_question_order(coverage->rules, i)));
  for (size_t i = 0; i < response->rejection_count; i++) {
    struct value *item = value_object(request->arena);
    struct text words =
        x12_rejection_words(coverage->rules, response->rejections[i], request->language);
    view_set_text(request, item, "text",
                  words.length ? words : view_text(request, "answer.rejected_other"));
    value_add(rejections, item);
  }
  value_set(page, "rows", rows);
  value_set(page, "rejections", rejections);
  view_set_flag(request, page, "is_rejected", response->rejection_count > 0);
  view_set_flag(request, page, "any", answering->given > 0);
  view_set_flag(request, page, "is_asked", answering->whose == QUESTION_OF_PLAN);
  view_set_text(request, page, "payer", response->payer_name.at ? response->payer_name : TEXT(""));
  view_set_text(request, page, "trace", response->trace.at ? response->trace : TEXT(""));
  view_set_text(request, page, "given", view_count(request->arena, (int64_t)answering->given));
  if (answering->given) view_set_text(request, page, "checked", answering->mark);
}

static bool show(const struct answering *answering)
{
  const struct desk_coverage *coverage = &answering->coverage;
  struct web_request *request = coverage->request;
  struct web_view *view = answering->view;
  const struct benefit_answer *network = &answering->stands.benefits.answers[BENEFIT_IN_NETWORK];
  bool is_inside = answering->is_in_network, is_outside = false;
  if (request->method == WEB_POST)
    is_outside = text_equal(web_parameter_get(request, "network"), TEXT("no"));
  else {
    is_inside = network->is_given && network->value == 1;
    is_outside = network->is_given && network->value == 0;
  }
  view_set_text(request, view->page, "plan", answering->plan_id);
  view_set_text(request, view->page, "level", answering->level);
  view_set_text(request, view->page, "level_words",
                people_label(request, CARE_LEVELS, answering->level));
  view_set_text(request, view->page, "plan_words",
                desk_coverage_plan_words(coverage, answering->plan_id));
  view_set_text(request, view->page, "seq",
                text_format(request->arena, "%lld", (long long)answering->stands.seq));
  view_set_flag(request, view->page, "is_inside", is_inside);
  view_set_flag(request, view->page, "is_outside", is_outside);
  view_set_flag(request, view->page, "is_looked", answering->is_looked);
  if (answering->is_looked) fill_look(answering, view->page);
  if (answering->problem) {
    if (view->status != 409) view->status = 400;
    view_set_text(request, view->page, "problem",
                  answering->problem_words.length ? answering->problem_words
                                                  : view_text(request, answering->problem));
  }
  view->template_name = "desk/coverage_answer";
  return true;
}

/* Put the answers of the file on what stands. */
static void answer(struct answering *answering)
{
  const struct desk_coverage *coverage = &answering->coverage;
  answering->file = (struct benefits){.level_of_care = answering->level};
  answering->given = x12_answers_give(coverage->rules, &answering->response,
                                      answering->is_in_network, coverage->today, &answering->file);
  answering->made = answering->stands;
  for (size_t i = 0; i < BENEFIT_COUNT; i++)
    if (answering->file.answers[i].is_given)
      answering->made.benefits.answers[i] = answering->file.answers[i];
  answering->is_looked = true;
}

/* Take the file that was looked at; what changed meanwhile is shown beside it anew. */
static bool take(struct answering *answering, struct error *error)
{
  struct web_request *request = answering->coverage.request;
  int64_t seq = -1;
  (void)text_read_integer(web_parameter_get(request, "seq"), &seq);
  answering->made.seq = seq;
  if (desk_write(request, answering->view, save, answering, error)) return true;
  if (error->kind != ERROR_CONFLICT) return false;
  error_clear(error);
  if (!desk_read(request, load, answering, error)) return false;
  answer(answering);
  answering->problem = "error.coverage.stale";
  answering->view->status = 409;
  return show(answering);
}

static bool view_answer(struct web_request *request, struct web_view *view, struct error *error)
{
  struct answering answering = {.view = view,
                                .plan_id = web_parameter_get(request, "plan"),
                                .level = web_parameter_get(request, "level")};
  struct text checked = web_parameter_get(request, "checked");
  size_t at;
  if (!care_code_find(request->application->records, CARE_LEVELS, answering.level, &at))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such level of care");
  if (!desk_coverage_begin(&answering.coverage, request, view, error)) return false;
  if (request->method == WEB_POST) read_file(&answering);
  if (!desk_read(request, load, &answering, error)) return false;
  if (view->redirect.length || request->method == WEB_GET)
    return view->redirect.length > 0 || show(&answering);
  if (!answering.problem) answering.problem = check_whose(&answering);
  if (answering.problem) return show(&answering);
  if (!find_mark(&answering, error)) return false;
  answer(&answering);
  if (checked.length && !text_equal(checked, answering.mark))
    answering.problem = "import.other_file";
  if (!checked.length || answering.problem || answering.given == 0) return show(&answering);
  return take(&answering, error);
}

const struct web_route desk_coverage_answer_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/answer",
     .handler = view_answer,
     .guard = "coverage",
     .get_act = "write",
     .post_act = "write",
     .body_limit = LIMIT_X12_FILE + LIMIT_HTTP_BODY_FORM,
     .flags = WEB_FILES},
    {.pattern = NULL}};
