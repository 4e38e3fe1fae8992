/*
 * /desk/people/{id}/coverage/plan: a plan that pays for somebody's care: a new one, or "plan" of
 * the address anew, by its version. Threads: all state is the request's.
 */
#include <stddef.h>

#include "web/desk/coverage.h"

#define LINE(field) .name = #field, .label = "coverage.plan_" #field, .kind = DESK_TEXT
static const struct desk_field fields[] = {
    {LINE(name), .flags = DESK_REQUIRED | DESK_FOCUS, .longest = LIMIT_COVERAGE_LINE},
    {.name = "payer", .label = "coverage.plan_payer", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "turn",
     .label = "coverage.plan_turn",
     .help = "coverage.plan_turn_help",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_COVERAGE_TURNS},
    {LINE(member_name), .help = "coverage.plan_member_name_help", .longest = LIMIT_COVERAGE_LINE},
    {LINE(member_number), .flags = DESK_SHORT, .longest = LIMIT_COVERAGE_LINE / 4},
    {LINE(group_number), .flags = DESK_SHORT, .longest = LIMIT_COVERAGE_LINE / 4},
    {LINE(payer_id), .help = "coverage.plan_payer_id_help", .flags = DESK_SHORT,
     .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "phone", .label = "coverage.plan_phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {LINE(address), .longest = LIMIT_COVERAGE_LINE},
    {.name = "from", .label = "coverage.plan_from", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "to", .label = "coverage.plan_to", .kind = DESK_DATE, .flags = DESK_SHORT},
};
static const struct people_member members[] = {
    {"name", offsetof(struct coverage_plan, name)},
    {"payer", offsetof(struct coverage_plan, payer)},
    {"member_name", offsetof(struct coverage_plan, member_name)},
    {"member_number", offsetof(struct coverage_plan, member_number)},
    {"group_number", offsetof(struct coverage_plan, group_number)},
    {"payer_id", offsetof(struct coverage_plan, payer_id)},
    {"phone", offsetof(struct coverage_plan, phone)},
    {"address", offsetof(struct coverage_plan, address)},
};
enum { MEMBERS = sizeof members / sizeof *members };
static const struct desk_mapping mappings[] = {{"error.coverage.plan", "name"},
                                               {"error.coverage.payer", "payer"},
                                               {"error.coverage.turn", "turn"},
                                               {"error.coverage.dates", "to"},
                                               {"error.care.text", NULL},
                                               {"error.care.long", NULL},
                                               {NULL, NULL}};

struct editing {
  struct desk_coverage coverage;
  struct coverage_plan plan;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct editing *editing = context;
  return desk_coverage_load(transaction, &editing->coverage, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct editing *editing = context;
  struct desk_coverage *coverage = &editing->coverage;
  struct coverage_plan plan = editing->plan;
  if (!desk_coverage_write(transaction, coverage, error) ||
      !coverage_plan_save(transaction, coverage->rules, &coverage->access, coverage->request->arena,
                          &plan, error))
    return false;
  desk_coverage_go(coverage, "");
  return true;
}

static void begin(struct desk_form *form, const struct editing *editing,
                  const struct coverage_plan *plan)
{
  const struct desk_coverage *coverage = &editing->coverage;
  struct web_request *request = coverage->request;
  DESK_FORM_INIT(form, request, fields);
  desk_coverage_choose_payer(form, coverage->rules);
  if (!plan) {
    size_t turn = coverage->plan_count + 1;
    desk_form_set(form, "turn",
                  text_format(request->arena, "%zu",
                              turn < LIMIT_COVERAGE_TURNS ? turn : (size_t)LIMIT_COVERAGE_TURNS));
    return;
  }
  people_put(form, members, MEMBERS, plan);
  desk_form_set(form, "turn", text_format(request->arena, "%lld", (long long)plan->turn));
  desk_coverage_set_day(form, "from", plan->from_on);
  desk_coverage_set_day(form, "to", plan->to_on);
  desk_form_set_version(form, plan->version);
}

static bool show(const struct editing *editing, const struct desk_form *form)
{
  struct web_view *view = editing->coverage.view;
  view_set_text(editing->coverage.request, view->page, "plan", editing->plan.id);
  return desk_form_show(form, view, "desk/coverage_plan");
}

static bool view_plan(struct web_request *request, struct web_view *view, struct error *error)
{
  struct editing editing;
  struct desk_form form, now;
  struct text id = web_parameter_get(request, "plan");
  if (!desk_coverage_begin(&editing.coverage, request, view, error)) return false;
  editing.plan = (struct coverage_plan){.id = id};
  if (!desk_read(request, load, &editing, error)) return false;
  if (view->redirect.length) return true;
  const struct coverage_plan *plan = desk_coverage_plan(&editing.coverage, id);
  if (id.length && !plan)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such plan");
  begin(&form, &editing, plan);
  if (request->method == WEB_GET) return show(&editing, &form);
  if (!desk_form_read(&form)) return show(&editing, &form);
  people_take(&form, members, MEMBERS, &editing.plan);
  editing.plan.turn = desk_form_number(&form, "turn", 1);
  editing.plan.from_on = desk_coverage_get_day(&form, "from");
  editing.plan.to_on = desk_coverage_get_day(&form, "to");
  editing.plan.version = desk_form_version(&form);
  if (desk_write(request, view, save, &editing, error)) return true;
  if (error->kind == ERROR_CONFLICT && id.length) {
    error_clear(error);
    if (!desk_read(request, load, &editing, error)) return false;
    begin(&now, &editing, desk_coverage_plan(&editing.coverage, id));
    desk_form_conflict(&form, &now);
    return show(&editing, &form);
  }
  return desk_form_take(&form, error, mappings) && show(&editing, &form);
}

const struct web_route desk_coverage_plan_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                       .pattern = "/desk/people/{id}/coverage/plan",
                                                       .handler = view_plan,
                                                       .guard = "coverage",
                                                       .get_act = "write",
                                                       .post_act = "write"},
                                                      {.pattern = NULL}};
