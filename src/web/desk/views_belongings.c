/*
 * /desk/people/{id}/belongings: what somebody brought, one stay at a time: the list, adding to it,
 * where it begins; /me/belongings: what of one's own is kept. One thing is views_belonging.c,
 * giving back views_belongings_return.c, signing and paper views_belongings_sign.c. Threads: all
 * state is the request's.
 */
#include <string.h>

#include "web/desk/belongings.h"

struct text desk_things_word(const struct web_request *request, const char *list, struct text code,
                             const char *after)
{
  struct text key = text_format(request->arena, "%s.%.*s%s", list, TEXT_PRINT(code), after);
  struct text words = catalog_find(request->application->catalog, request->language, key);
  return words.at ? words : code;
}

/* --- Loading --------------------------------------------------------------------------------- */

static bool choose_intake(struct desk_things *things, struct error *error)
{
  struct text wanted = web_parameter_get(things->request, "intake");
  things->intake = things->intake_count ? &things->intakes[0] : NULL;
  if (wanted.length == 0) return true;
  for (size_t i = 0; i < things->intake_count; i++)
    if (text_equal(things->intakes[i].id, wanted)) {
      things->intake = &things->intakes[i];
      return true;
    }
  return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "not an intake of this person");
}

/* The last signing: under the record as it stands now, or as it was when it was signed. */
static bool load_signing(struct store_transaction *transaction, struct desk_things *things,
                         struct error *error)
{
  struct web_request *request = things->request;
  struct access *accesses;
  size_t count;
  things->is_signed = things->is_current = false;
  if (!desk_about_members(transaction, &things->about, &accesses, &count, error)) return false;
  for (size_t i = 0; i < count; i++) {
    struct belongings_signing signing;
    bool is_found = false, is_current = false;
    bool is_its_own = i == 0 || text_equal(accesses[i].person_id, things->intake->person_id);
    if (!is_its_own) continue;
    if (!belongings_signed(transaction, &accesses[i], request->arena, things->intake->id, &signing,
                           &is_found, &is_current, error))
      return false;
    if (!is_found || (things->is_signed && things->signing.at >= signing.at)) continue;
    things->signing = signing;
    things->is_signed = true;
    things->is_current = is_current;
  }
  return true;
}

bool desk_things_load(struct store_transaction *transaction, struct desk_things *things,
                      const char *act, struct error *error)
{
  struct web_request *request = things->request;
  if (!request->application->intakes)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intakes are kept here");
  things->rows = NULL;
  things->row_count = things->return_count = 0;
  if (!desk_about_open(transaction, request, "belongings", act, &things->about, error) ||
      !belongings_intakes(transaction, &things->about.access, request->arena, &things->intakes,
                          &things->intake_count, error) ||
      !choose_intake(things, error))
    return false;
  return !things->intake ||
         (belongings_list(transaction, &things->about.access, request->arena, things->intake->id,
                          &things->rows, &things->row_count, error) &&
          belongings_returns(transaction, &things->about.access, request->arena, things->intake->id,
                             &things->returns, &things->return_count, error) &&
          load_signing(transaction, things, error));
}

/* --- Showing --------------------------------------------------------------------------------- */

static const struct intake_rules *rules_of(const struct web_request *request)
{
  return intakes_rules(request->application->intakes);
}

/* Is it still with the program, or to be dealt with? */
static bool is_here(const struct web_request *request, const struct belonging *row)
{
  const struct belongings_state *state = belongings_states_find(rules_of(request), row->state);
  return row->error_at == 0 && state && !state->is_end;
}

static void fill_restricted(const struct web_request *request, const struct belonging *row,
                            struct value *out)
{
  const struct restricted_item *item = restricted_items_find(rules_of(request), row->restricted);
  struct value *restricted = value_object(request->arena);
  if (!item) return;
  view_set_text(request, restricted, "label",
                desk_things_word(request, "restricted-items", item->code, ""));
  view_set_text(request, restricted, "why",
                desk_things_word(request, "restricted-items", item->code, ".why"));
  view_set_text(request, restricted, "goes",
                desk_things_word(request, "belongings.goes", item->fate, ""));
  view_set_flag(request, restricted, "is_open",
                is_here(request, row) && !text_equal(row->state, item->fate));
  value_set(out, "restricted", restricted);
}

static struct value *fill_row(const struct web_request *request, const struct belonging *row)
{
  struct value *out = value_object(request->arena);
  bool own = desk_is_own(request);
  view_set_text(request, out, "thing_id", row->id);
  view_set_text(request, out, "thing",
                row->thing.length ? row->thing : view_text(request, "person.erased"));
  view_set_text(request, out, "quantity", view_count(request->arena, row->quantity));
  view_set_text(request, out, "condition",
                row->count_id.length
                    ? view_text(request, "belongings.counted")
                    : desk_things_word(request, "belongings-conditions", row->condition, ""));
  view_set_text(request, out, "state",
                desk_things_word(request, "belongings-states", row->state, ""));
  view_set_text(request, out, "place", own ? TEXT("") : row->place);
  view_set_flag(request, out, "is_here", is_here(request, row));
  view_set_flag(request, out, "restricted", false);
  fill_restricted(request, row, out);
  return out;
}

static struct value *fill_stays(const struct desk_things *things)
{
  const struct web_request *request = things->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < things->intake_count && things->intake_count > 1; i++) {
    const struct intake *intake = &things->intakes[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "intake", intake->id);
    value_set(item, "made", desk_time(request, intake->made_at));
    view_set_text(request, item, "level",
                  people_label(request, CARE_LEVELS, intake->level_of_care));
    view_set_flag(request, item, "current", intake == things->intake);
    value_add(list, item);
  }
  return list;
}

static void fill_signing(const struct desk_things *things, struct value *page)
{
  const struct web_request *request = things->request;
  view_set_flag(request, page, "is_signed", things->is_signed);
  view_set_flag(request, page, "is_current", things->is_current);
  view_set_text(request, page, "signer",
                things->is_signed ? things->signing.person.signer : TEXT(""));
  if (things->is_signed) value_set(page, "signed_at", desk_time(request, things->signing.at));
}

/* What was given back, each time: signed, with its receipt, or why not. */
static void fill_returns(const struct desk_things *things, struct value *page)
{
  const struct web_request *request = things->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < things->return_count; i++) {
    const struct belongings_return *one = &things->returns[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "return_id", one->id);
    value_set(item, "at", desk_time(request, one->at));
    view_set_text(request, item, "count", view_count(request->arena, (int64_t)one->count));
    view_set_text(request, item, "unsigned",
                  one->reason.length
                      ? desk_things_word(request, "belongings-unsigned", one->reason, "")
                      : TEXT(""));
    value_add(list, item);
  }
  value_set(page, "returns", list);
  view_set_flag(request, page, "any_returns", things->return_count > 0);
}

void desk_things_fill(const struct desk_things *things)
{
  const struct web_request *request = things->request;
  struct web_view *view = things->view;
  struct value *here = value_list(request->arena), *gone = value_list(request->arena),
               *wrong = value_list(request->arena);
  if (!view->page) view->page = value_object(request->arena);
  struct value *page = view->page;
  desk_about_fill(&things->about, page);
  for (size_t i = 0; i < things->row_count; i++) {
    const struct belonging *row = &things->rows[i];
    value_add(row->error_at ? wrong : is_here(request, row) ? here : gone, fill_row(request, row));
  }
  value_set(page, "stays", fill_stays(things));
  view_set_flag(request, page, "many_stays", things->intake_count > 1);
  view_set_text(request, page, "intake", things->intake ? things->intake->id : TEXT(""));
  bool has_ended = things->intake && things->intake->ended_at;
  view_set_flag(request, page, "has_ended", has_ended);
  view_set_flag(request, page, "is_left", has_ended && value_count(here) > 0);
  view_set_flag(request, page, "any", things->row_count > 0);
  view_set_flag(request, page, "any_here", value_count(here) > 0);
  view_set_flag(request, page, "any_gone", value_count(gone) > 0);
  view_set_flag(request, page, "any_wrong", value_count(wrong) > 0);
  view_set_flag(request, page, "any_listed", value_count(here) + value_count(gone) > 0);
  value_set(page, "things", here);
  value_set(page, "gone", gone);
  value_set(page, "wrong", wrong);
  fill_signing(things, page);
  fill_returns(things, page);
  view_set_flag(request, page, "may_write",
                !desk_is_own(request) && desk_may(request, "belongings", "write") &&
                    things->about.person.erase_at == 0);
}

/* --- The list -------------------------------------------------------------------------------- */

/* The page begins at the first field after a thing was added, and at its top otherwise. */
#define FIELDS(flags_of_first)                                                                     \
  {                                                                                                \
    {.name = "thing",                                                                              \
     .label = "belongings.thing",                                                                  \
     .help = "belongings.thing_help",                                                              \
     .kind = DESK_TEXT,                                                                            \
     .flags = DESK_REQUIRED | (flags_of_first)},                                                   \
        {.name = "quantity",                                                                       \
         .label = "belongings.quantity",                                                           \
         .kind = DESK_NUMBER,                                                                      \
         .flags = DESK_REQUIRED | DESK_SHORT,                                                      \
         .least = 1,                                                                               \
         .most = LIMIT_BELONGING_QUANTITY},                                                        \
        {.name = "condition",                                                                      \
         .label = "belongings.condition",                                                          \
         .kind = DESK_CHOICE,                                                                      \
         .flags = DESK_REQUIRED},                                                                  \
        {.name = "restricted",                                                                     \
         .label = "belongings.restricted",                                                         \
         .help = "belongings.restricted_help",                                                     \
         .kind = DESK_CHOICE},                                                                     \
  }
static const struct desk_field fields[] = FIELDS(0), fields_again[] = FIELDS(DESK_FOCUS);
static const struct desk_mapping mappings[] = {{"error.belongings.name", "thing"},
                                               {"error.care.text", "thing"},
                                               {"error.care.long", "thing"},
                                               {"error.belongings.quantity", "quantity"},
                                               {"error.belongings.condition", "condition"},
                                               {"error.belongings.restricted", "restricted"},
                                               {NULL, NULL}};

struct adding {
  struct desk_things things;
  struct episode *stays; /* of which no intake has begun */
  size_t stay_count;
  struct belonging belonging;
};

/* Stays that have not ended and whose intake has not begun. */
static bool load_stays(struct store_transaction *transaction, struct adding *adding,
                       struct error *error)
{
  struct desk_things *things = &adding->things;
  struct web_request *request = things->request;
  struct access access;
  struct episode *all;
  size_t count;
  adding->stay_count = 0;
  if (!desk_may(request, "episode", "read") || !desk_may(request, "intake", "write")) return true;
  if (!people_access(transaction, request, "episode", "read", things->about.person.id, &access,
                     error) ||
      !episode_list(transaction, &access, request->arena, things->about.person.id, &all, &count,
                    error))
    return false;
  adding->stays = arena_allocate_array(request->arena, count + 1, sizeof *all);
  for (size_t i = 0; i < count; i++) {
    bool is_begun = all[i].ended_at != 0;
    for (size_t k = 0; k < things->intake_count; k++)
      is_begun = is_begun || text_equal(things->intakes[k].episode_id, all[i].id);
    if (!is_begun) adding->stays[adding->stay_count++] = all[i];
  }
  return true;
}

static bool load_page(struct store_transaction *transaction, void *context, struct error *error)
{
  struct adding *adding = context;
  return desk_things_load(transaction, &adding->things, "read", error) &&
         load_stays(transaction, adding, error);
}

static bool begin_intake(struct store_transaction *transaction, void *context, struct error *error)
{
  struct adding *adding = context;
  struct web_request *request = adding->things.request;
  struct access access;
  struct intake intake;
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error) ||
      !intake_begin(transaction, request->application->intakes, &access, request->arena,
                    web_parameter_get(request, "stay"), 0, &intake, error))
    return false;
  desk_redirect(request, adding->things.view, "/desk/people/%.*s/belongings?intake=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(intake.id));
  return true;
}

static bool add_thing(struct store_transaction *transaction, void *context, struct error *error)
{
  struct adding *adding = context;
  struct desk_things *things = &adding->things;
  struct web_request *request = things->request;
  struct belonging made = adding->belonging;
  if (!desk_about_open(transaction, request, "belongings", "write", &things->about, error) ||
      !belongings_add(transaction, request->application->intakes, &things->about.access,
                      request->arena, things->intake->id, &made, error))
    return false;
  desk_redirect(request, things->view, "/desk/people/%.*s/belongings?intake=%.*s&more=1",
                TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id));
  return true;
}

static void offer(struct desk_form *form, const struct intake *intake)
{
  struct web_request *request = form->request;
  const struct intake_rules *rules = rules_of(request);
  size_t most = restricted_items_count(rules), count = belongings_conditions_count(rules), used = 0;
  struct desk_choice *conditions =
      arena_allocate_array(request->arena, count + 1, sizeof *conditions);
  struct desk_choice *items = arena_allocate_array(request->arena, most + 1, sizeof *items);
  for (size_t i = 0; i < count; i++) {
    struct text code = belongings_conditions_get(rules, i);
    conditions[i] =
        (struct desk_choice){code, desk_things_word(request, "belongings-conditions", code, "")};
  }
  for (size_t i = 0; i < most; i++) {
    const struct restricted_item *item = restricted_items_get(rules, i);
    if (intake && !coverage_words_have(&item->programs, intake->program_kind)) continue;
    struct text label = desk_things_word(request, "restricted-items", item->code, "");
    struct text goes = desk_things_word(request, "belongings.goes", item->fate, "");
    items[used++] = (struct desk_choice){
        item->code, text_format(request->arena, "%.*s: %.*s", TEXT_PRINT(label), TEXT_PRINT(goes))};
  }
  desk_form_choices(form, "condition", conditions, count);
  desk_form_choices(form, "restricted", items, used);
}

static bool show(struct adding *adding, const struct desk_form *form)
{
  struct desk_things *things = &adding->things;
  const struct web_request *request = things->request;
  desk_things_fill(things);
  struct value *page = things->view->page, *stays = value_list(request->arena);
  for (size_t i = 0; i < adding->stay_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "stay", adding->stays[i].id);
    view_set_text(request, item, "level",
                  people_label(request, CARE_LEVELS, adding->stays[i].level_of_care));
    value_add(stays, item);
  }
  value_set(page, "to_begin", stays);
  view_set_flag(request, page, "may_handouts", desk_may(request, "intake", "read"));
  view_set_flag(request, page, "may_begin", adding->stay_count > 0);
  view_set_flag(request, page, "may_add", things->intake && !things->intake->ended_at);
  return desk_form_show(form, things->view, "desk/belongings");
}

static bool view_things(struct web_request *request, struct web_view *view, struct error *error)
{
  struct adding adding = {.things = {.request = request, .view = view}};
  struct desk_form form;
  if (!desk_read(request, load_page, &adding, error)) return false;
  bool is_more = web_parameter_has(request, "more"); /* one thing was added just now */
  desk_form_init(&form, request, is_more ? fields_again : fields, sizeof fields / sizeof *fields);
  offer(&form, adding.things.intake);
  desk_form_set(&form, "quantity", TEXT("1"));
  if (request->method == WEB_GET) return show(&adding, &form);
  if (text_equal(web_parameter_get(request, "act"), TEXT("begin"))) {
    if (desk_write(request, view, begin_intake, &adding, error)) return true;
    return desk_form_take(&form, error, NULL) && show(&adding, &form);
  }
  if (!adding.things.intake)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intake has begun");
  if (!desk_form_read(&form)) return show(&adding, &form);
  adding.belonging = (struct belonging){.thing = desk_form_get(&form, "thing"),
                                        .quantity = desk_form_number(&form, "quantity", 0),
                                        .condition = desk_form_get(&form, "condition"),
                                        .restricted = desk_form_get(&form, "restricted")};
  if (desk_write(request, view, add_thing, &adding, error)) return true;
  return desk_form_take(&form, error, mappings) && show(&adding, &form);
}

/* --- One's own ------------------------------------------------------------------------------- */

static bool load_own(struct store_transaction *transaction, void *context, struct error *error)
{
  return desk_things_load(transaction, context, "read", error);
}

static bool view_own(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_things things = {.request = request, .view = view};
  if (!desk_read(request, load_own, &things, error)) return false;
  desk_things_fill(&things);
  view->template_name = "desk/belongings_own";
  return true;
}

const struct web_route desk_belongings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                    .pattern = "/desk/people/{id}/belongings",
                                                    .handler = view_things,
                                                    .guard = "belongings",
                                                    .get_act = "read",
                                                    .post_act = "write"},
                                                   {.methods = WEB_GET,
                                                    .pattern = "/me/belongings",
                                                    .handler = view_own,
                                                    .guard = "belongings",
                                                    .get_act = "read"},
                                                   {.pattern = NULL}};
