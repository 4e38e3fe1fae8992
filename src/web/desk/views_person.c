/*
 * /desk/people/{id}: one person: who they are, facts, stays. The banner stands above each page.
 */
#include "web/desk/people.h"

struct page {
  struct web_request *request;
  struct web_view *view;
  const char *object, *tab;
  struct person person;
  struct care_fact *facts;
  struct episode *episodes;
  struct care_team_member *team;
  struct site *sites;
  size_t fact_count, episode_count, team_count, site_count;
  struct text today;
  const struct zone *zone; /* of the person's site: where its days begin */
  bool may_team;
  struct text refused_id; /* the row whose change was refused, and why */
  const char *problem;
};

static bool open_page(struct store_transaction *transaction, struct page *page,
                      struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  return people_access(transaction, request, page->object, "read", request->captured, access,
                       error) &&
         people_fill(transaction, request, access, request->captured, page->tab, page->view,
                     &page->person, error) &&
         site_zone(transaction, request->actor->program_id, page->person.site_id, &page->zone,
                   error) &&
         people_today(transaction, request, page->person.site_id, &page->today, error);
}

static void add_row(struct web_request *request, struct value *rows, const char *label,
                    struct text value)
{
  if (value.length == 0) return;
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "label", view_text(request, label));
  view_set_text(request, row, "value", value);
  value_add(rows, row);
}

/* --- Overview -------------------------------------------------------------------------------- */

static bool load_overview(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct access access, stays;
  page->may_team = desk_may(page->request, "episode", "read");
  if (!open_page(transaction, page, &access, error)) return false;
  if (page->view->redirect.length || !page->may_team) return true;
  return people_access(transaction, page->request, "episode", "read", page->request->captured,
                       &stays, error) &&
         care_team_list(transaction, &stays, page->request->arena, page->request->captured,
                        &page->team, &page->team_count, error) &&
         episode_list(transaction, &stays, page->request->arena, page->request->captured,
                      &page->episodes, &page->episode_count, error);
}

static struct text join_lines(struct arena *arena, struct text a, struct text b)
{
  if (a.length == 0 || b.length == 0) return a.length ? a : b;
  return text_format(arena, "%.*s, %.*s", TEXT_PRINT(a), TEXT_PRINT(b));
}

static void add_contacts(const struct page *page, struct value *rows)
{
  struct web_request *request = page->request;
  const struct person_identity *identity = &page->person.identity;
  for (size_t i = 0; i < identity->phone_count; i++)
    add_row(request, rows, "person.phone",
            join_lines(request->arena, people_phone(request->arena, identity->phones[i].number),
                       view_text(request, identity->phones[i].may_leave_message
                                              ? "person.message_yes"
                                              : "person.message_no")));
  add_row(request, rows, "person.email", identity->email);
  add_row(request, rows, "person.address",
          text_trim(view_address(request->arena, identity->street, TEXT(""), identity->city,
                                 identity->state, identity->zip)));
  for (size_t i = 0; i < identity->contact_count; i++)
    add_row(request, rows, "person.contact_name",
            join_lines(request->arena,
                       join_lines(request->arena, identity->contacts[i].name,
                                  people_label(request, CARE_RELATIONSHIPS,
                                               identity->contacts[i].relationship)),
                       people_phone(request->arena, identity->contacts[i].phone)));
  for (size_t i = 0; i < identity->identifier_count; i++)
    add_row(
        request, rows, "person.identifier",
        join_lines(request->arena, identity->identifiers[i].value,
                   people_label(request, CARE_IDENTIFIER_KINDS, identity->identifiers[i].kind)));
}

static void fill_overview(struct page *page)
{
  struct web_request *request = page->request;
  const struct person_identity *identity = &page->person.identity;
  struct value *rows = value_list(request->arena), *team = value_list(request->arena);
  add_row(request, rows, "person.name", person_full_name(request->arena, identity));
  for (size_t i = 0; i < identity->former_count; i++)
    add_row(request, rows, "person.former", identity->former[i]);
  add_row(request, rows, "person.sex", people_label(request, CARE_SEXES, identity->sex));
  add_row(request, rows, "person.gender_identity",
          people_label(request, CARE_GENDER_IDENTITIES, identity->gender_identity));
  add_row(request, rows, "person.pronouns",
          people_label(request, CARE_PRONOUNS, identity->pronouns));
  add_row(request, rows, "person.language",
          people_label(request, CARE_SPOKEN, page->person.language));
  add_contacts(page, rows);
  value_set(page->view->page, "rows", rows);
  for (size_t i = 0; i < page->team_count; i++) {
    if (page->team[i].until_at && page->team[i].until_at <= request->now) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", page->team[i].staff_name);
    view_set_text(request, item, "role",
                  people_label(request, CARE_TEAM_ROLES, page->team[i].role));
    value_add(team, item);
  }
  value_set(page->view->page, "team", team);
  view_set_flag(request, page->view->page, "may_team", page->may_team);
  view_set_flag(request, page->view->page, "has_team", value_count(team) > 0);
  view_set_flag(request, page->view->page, "may_edit",
                desk_may(request, "person", "write") && page->person.erase_at == 0);
  bool is_erased = page->person.erase_at != 0;
  view_set_flag(request, page->view->page, "may_merge",
                desk_may(request, "person", "merge") && !is_erased);
  view_set_flag(request, page->view->page, "may_account", desk_may(request, "own-account", "read"));
  view_set_flag(request, page->view->page, "may_erase",
                desk_may(request, "person", "erase") && !is_erased);
  view_set_text(request, page->view->page, "photo_to", TEXT(""));
  view_set_text(request, page->view->page, "status",
                page->episode_count
                    ? people_label(request, CARE_EPISODE_STATUSES, page->episodes[0].status)
                    : TEXT(""));
  view_set_text(request, page->view->page, "level",
                page->episode_count
                    ? people_label(request, CARE_LEVELS, page->episodes[0].level_of_care)
                    : TEXT(""));
}

static bool view_overview(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view, .object = "person", .tab = ""};
  if (!desk_read(request, load_overview, &page, error)) return false;
  if (view->redirect.length) return true;
  fill_overview(&page);
  view->template_name = "desk/person";
  return true;
}

/* --- Facts ----------------------------------------------------------------------------------- */

static const struct desk_field fact_fields[] = {
    {.name = "kind", .label = "person.fact_kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "value",
     .label = "person.fact_value",
     .help = "person.fact_value_help",
     .kind = DESK_CHOICE},
    {.name = "date",
     .label = "person.fact_date",
     .help = "person.fact_date_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "words",
     .label = "person.fact_words",
     .kind = DESK_LINES,
     .longest = LIMIT_CARE_WORDS},
    {.name = "since", .label = "person.fact_since", .kind = DESK_DATE, .flags = DESK_SHORT},
};
static const struct desk_mapping fact_mappings[] = {
    {"error.care.value", "value"},    {"error.care.code", "value"},
    {"error.care.required", "words"}, {"error.care.future", "since"},
    {"error.care.number", "value"},   {NULL, NULL}};

/* Kinds that people write here, and all their values: "pregnancy.yes". */
static void fact_choices(struct desk_form *form)
{
  const struct web_request *request = form->request;
  const struct care *care = request->application->records;
  size_t all, kinds = 0, values = 0;
  struct desk_choice *kind = people_choices(request, CARE_FACT_KINDS, &all);
  struct desk_choice *value = arena_allocate_array(request->arena, 256, sizeof *value);
  for (size_t i = 0; i < all; i++) {
    struct text code = kind[i].value;
    if (!text_equal(care_code_cell(care, CARE_FACT_KINDS, i, "subject"), TEXT("person")) ||
        text_equal(care_code_cell(care, CARE_FACT_KINDS, i, "value"), TEXT("number")))
      continue;
    kind[kinds++] = kind[i];
    for (size_t at = 0; at < care_fact_value_count(care, code) && values < 256; at++) {
      struct text v = care_fact_value(care, code, at);
      value[values++] = (struct desk_choice){
          text_format(request->arena, "%.*s.%.*s", TEXT_PRINT(code), TEXT_PRINT(v)),
          text_format(
              request->arena, "%.*s: %.*s", TEXT_PRINT(kind[kinds - 1].label),
              TEXT_PRINT(care_fact_value_label(care, request->arena, code, v, request->language)))};
    }
  }
  desk_form_choices(form, "kind", kind, kinds);
  desk_form_choices(form, "value", value, values);
}

static bool load_facts(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct access access;
  struct care_fact_query query = {.person_id = page->request->captured, .with_error = true};
  if (!open_page(transaction, page, &access, error)) return false;
  return page->view->redirect.length ||
         care_fact_list(transaction, &access, page->request->arena, &query, &page->facts,
                        &page->fact_count, error);
}

static void fill_facts(struct page *page)
{
  struct web_request *request = page->request;
  const struct care *care = request->application->records;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->fact_count; i++) {
    const struct care_fact *fact = &page->facts[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "kind", people_label(request, CARE_FACT_KINDS, fact->kind));
    view_set_text(
        request, item, "value",
        care_fact_value_label(care, request->arena, fact->kind, fact->value, request->language));
    view_set_text(request, item, "words", fact->words);
    value_set(item, "since", desk_time(request, fact->since_at));
    bool has_ended = fact->until_at && fact->until_at <= request->now;
    view_set_flag(request, item, "ended", has_ended);
    if (has_ended) value_set(item, "until", desk_time(request, fact->until_at));
    view_set_flag(request, item, "wrong", fact->error_at != 0);
    view_set_text(request, item, "why",
                  people_label(request, CARE_CORRECTION_REASONS, fact->error_reason));
    view_set_flag(request, item, "open", fact->error_at == 0 && !has_ended);
    bool is_refused = page->problem && text_equal(fact->id, page->refused_id);
    view_set_text(request, item, "row_problem",
                  is_refused ? view_text(request, page->problem) : TEXT(""));
    view_set_text(request, item, "fact_id", fact->id);
    value_set(item, "fact_version", value_integer(request->arena, fact->version));
    value_add(list, item);
  }
  value_set(page->view->page, "facts", list);
  view_set_flag(request, page->view->page, "any", page->fact_count > 0);
  view_set_flag(request, page->view->page, "may_write", desk_may(request, "fact", "write"));
  size_t count;
  struct desk_choice *reasons = people_choices(request, CARE_CORRECTION_REASONS, &count);
  struct value *options = value_list(request->arena);
  for (size_t i = 0; i < count; i++) {
    struct value *option = value_object(request->arena);
    view_set_text(request, option, "value", reasons[i].value);
    view_set_text(request, option, "label", reasons[i].label);
    view_set_flag(request, option, "chosen",
                  page->problem &&
                      text_equal(reasons[i].value, web_parameter_get(request, "reason")));
    value_add(options, option);
  }
  value_set(page->view->page, "reasons", options);
}

struct fact_act {
  struct page *page;
  struct care_fact fact;
  struct text act, id, reason;
  int64_t version;
};

/* One of three: a new fact, one that has ended, one that was wrong. */
static bool act_on_fact(struct store_transaction *transaction, void *context, struct error *error)
{
  struct fact_act *act = context;
  struct web_request *request = act->page->request;
  const struct care *care = request->application->records;
  struct care_fact fact = act->fact; /* adding writes into it, and this may run again */
  struct access access;
  if (!people_access(transaction, request, "fact", "write", request->captured, &access, error))
    return false;
  bool is_done =
      text_equal(act->act, TEXT("end"))
          ? care_fact_end(transaction, &access, act->id, request->now, act->version, error)
      : text_equal(act->act, TEXT("wrong"))
          ? care_fact_mark_error(transaction, care, &access, act->id, act->reason, act->version,
                                 error)
          : care_fact_add(transaction, care, &access, request->arena, &fact, error);
  if (is_done)
    desk_redirect(request, act->page->view, "/desk/people/%.*s/facts",
                  TEXT_PRINT(request->captured));
  return is_done;
}

/* What the form says, as a fact. Answers false when value and kind do not fit each other. */
static bool take_fact(struct desk_form *form, const struct page *page, struct care_fact *out)
{
  struct web_request *request = form->request;
  struct text value = desk_form_get(form, "value"), since = desk_form_get(form, "since");
  struct care_fact fact = {.person_id = request->captured,
                           .kind = desk_form_get(form, "kind"),
                           .words = desk_form_get(form, "words"),
                           .since_at = request->now,
                           .source_room = TEXT("care")};
  size_t dot = text_find(value, TEXT("."));
  if (value.length && !text_equal(text_slice(value, 0, dot), fact.kind)) {
    desk_form_refuse(form, "value", "error.care.value");
    return false;
  }
  fact.value =
      value.length ? text_slice(value, dot + 1, value.length) : desk_form_get(form, "date");
  if (since.length && !text_equal(since, page->today))
    (void)zone_day_begin(page->zone, since, &fact.since_at);
  *out = fact;
  return true;
}

/* A fact of the list has ended or was wrong. What is refused is said at its row, with what was
 * chosen. */
static bool change_fact(struct fact_act *act, struct desk_form *form, struct error *error)
{
  struct page *page = act->page;
  struct web_request *request = page->request;
  bool is_wrong = text_equal(act->act, TEXT("wrong"));
  act->id = web_parameter_get(request, "fact_id");
  act->reason = web_parameter_get(request, "reason");
  if (!text_read_integer(web_parameter_get(request, "fact_version"), &act->version))
    act->version = -1;
  if (is_wrong && act->reason.length == 0)
    error_set(error, ERROR_REFUSED, "person.fact_why_missing", "", "no reason was chosen");
  else if (desk_write(request, page->view, act_on_fact, act, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  page->problem = error->person;
  page->refused_id = act->id;
  page->view->status = error->kind == ERROR_CONFLICT ? 409 : 400;
  error_clear(error);
  fill_facts(page);
  return desk_form_show(form, page->view, "desk/person_facts");
}

static bool view_facts(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view, .object = "fact", .tab = "facts"};
  struct fact_act act = {.page = &page, .act = web_parameter_get(request, "act")};
  struct desk_form form;
  if (!desk_read(request, load_facts, &page, error)) return false;
  if (view->redirect.length) return true;
  DESK_FORM_INIT(&form, request, fact_fields);
  fact_choices(&form);
  if (request->method == WEB_POST && act.act.length) return change_fact(&act, &form, error);
  fill_facts(&page);
  if (request->method == WEB_GET) return desk_form_show(&form, view, "desk/person_facts");
  if (!desk_form_read(&form) || !take_fact(&form, &page, &act.fact))
    return desk_form_show(&form, view, "desk/person_facts");
  if (desk_write(request, view, act_on_fact, &act, error)) return true;
  return desk_form_take(&form, error, fact_mappings) &&
         desk_form_show(&form, view, "desk/person_facts");
}

/* --- Stays ----------------------------------------------------------------------------------- */

static const struct desk_field stay_fields[] = {
    {.name = "status", .label = "person.stay_status", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "site", .label = "person.stay_site", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "referral", .label = "person.stay_referral", .kind = DESK_CHOICE},
};
static const struct desk_mapping stay_mappings[] = {{"error.care.episode.open", NULL},
                                                    {"error.care.episode.status", "status"},
                                                    {"error.care.site", "site"},
                                                    {NULL, NULL}};

static bool load_stays(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct access access, sites;
  if (!open_page(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  return episode_list(transaction, &access, page->request->arena, page->request->captured,
                      &page->episodes, &page->episode_count, error) &&
         access_open_list(transaction, page->request->application->privacy, page->request->actor,
                          "site", "read", page->request->now, &sites, error) &&
         site_list(transaction, &sites, page->request->arena, &page->sites, &page->site_count,
                   error);
}

static struct text site_name(const struct page *page, struct text id)
{
  for (size_t i = 0; i < page->site_count; i++)
    if (text_equal(page->sites[i].id, id)) return page->sites[i].name;
  return TEXT("");
}

/* What may follow a state: {value, label}. */
static struct value *next_states(const struct page *page, struct text status)
{
  const struct care *care = page->request->application->records;
  struct value *list = value_list(page->request->arena);
  size_t index;
  struct text next;
  if (!care_code_find(care, CARE_EPISODE_STATUSES, status, &index)) return list;
  struct text rest = care_code_cell(care, CARE_EPISODE_STATUSES, index, "next");
  while (text_word_next(&rest, &next)) {
    struct value *option = value_object(page->request->arena);
    view_set_text(page->request, option, "value", next);
    view_set_text(page->request, option, "label",
                  people_label(page->request, CARE_EPISODE_STATUSES, next));
    value_add(list, option);
  }
  return list;
}

static void fill_stays(struct page *page)
{
  struct web_request *request = page->request;
  struct value *list = value_list(request->arena), *reasons = value_list(request->arena);
  for (size_t i = 0; i < page->episode_count; i++) {
    const struct episode *episode = &page->episodes[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "status",
                  people_label(request, CARE_EPISODE_STATUSES, episode->status));
    view_set_text(request, item, "level",
                  people_label(request, CARE_LEVELS, episode->level_of_care));
    view_set_text(request, item, "site", site_name(page, episode->site_id));
    view_set_flag(request, item, "has_begun", episode->begun_at != 0);
    value_set(item, "begun", desk_time(request, episode->begun_at));
    view_set_flag(request, item, "has_ended", episode->ended_at != 0);
    value_set(item, "ended", desk_time(request, episode->ended_at));
    view_set_text(request, item, "why",
                  people_label(request, CARE_END_REASONS, episode->end_reason));
    view_set_flag(request, item, "open", episode->ended_at == 0);
    value_set(item, "next", next_states(page, episode->status));
    view_set_text(request, item, "stay_id", episode->id);
    value_set(item, "stay_version", value_integer(request->arena, episode->version));
    value_add(list, item);
  }
  size_t count;
  struct desk_choice *codes = people_choices(request, CARE_END_REASONS, &count);
  for (size_t i = 0; i < count; i++) {
    struct value *option = value_object(request->arena);
    view_set_text(request, option, "value", codes[i].value);
    view_set_text(request, option, "label", codes[i].label);
    value_add(reasons, option);
  }
  value_set(page->view->page, "stays", list);
  value_set(page->view->page, "end_reasons", reasons);
  view_set_flag(request, page->view->page, "any", page->episode_count > 0);
  view_set_flag(request, page->view->page, "may_write", desk_may(request, "episode", "write"));
}

struct stay_act {
  struct page *page;
  struct episode episode;
  struct episode_change change;
  struct text id;
  int64_t version;
};

static bool act_on_stay(struct store_transaction *transaction, void *context, struct error *error)
{
  struct stay_act *act = context;
  struct web_request *request = act->page->request;
  const struct care *care = request->application->records;
  struct access access;
  if (!people_access(transaction, request, "episode", "write", request->captured, &access, error))
    return false;
  bool is_done = act->id.length ? episode_change_status(transaction, care, &access, request->arena,
                                                        act->id, &act->change, act->version, error)
                                : episode_create(transaction, care, &access, request->arena,
                                                 &act->episode, request->now, error);
  if (is_done)
    desk_redirect(request, act->page->view, "/desk/people/%.*s/episodes",
                  TEXT_PRINT(request->captured));
  return is_done;
}

static void stay_choices(struct desk_form *form, const struct page *page)
{
  struct desk_choice *sites =
      arena_allocate_array(form->request->arena, page->site_count + 1, sizeof *sites);
  for (size_t i = 0; i < page->site_count; i++)
    sites[i] = (struct desk_choice){page->sites[i].id, page->sites[i].name};
  people_choose(form, "status", CARE_EPISODE_STATUSES);
  people_choose(form, "level", CARE_LEVELS);
  people_choose(form, "referral", CARE_REFERRAL_SOURCES);
  desk_form_choices(form, "site", sites, page->site_count);
}

static bool view_stays(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view, .object = "episode", .tab = "episodes"};
  struct stay_act act = {.page = &page, .id = web_parameter_get(request, "stay_id")};
  struct desk_form form;
  if (!desk_read(request, load_stays, &page, error)) return false;
  if (view->redirect.length) return true;
  fill_stays(&page);
  DESK_FORM_INIT(&form, request, stay_fields);
  stay_choices(&form, &page);
  if (request->method == WEB_GET) return desk_form_show(&form, view, "desk/person_stays");
  if (act.id.length) {
    act.change = (struct episode_change){.status = web_parameter_get(request, "next"),
                                         .end_reason = web_parameter_get(request, "end_reason"),
                                         .words = web_parameter_get(request, "reason_words"),
                                         .at = request->now};
    if (!text_read_integer(web_parameter_get(request, "stay_version"), &act.version))
      act.version = -1;
  } else {
    if (!desk_form_read(&form)) return desk_form_show(&form, view, "desk/person_stays");
    act.episode = (struct episode){.person_id = request->captured,
                                   .status = desk_form_get(&form, "status"),
                                   .site_id = desk_form_get(&form, "site"),
                                   .level_of_care = desk_form_get(&form, "level"),
                                   .referral_source = desk_form_get(&form, "referral")};
  }
  if (desk_write(request, view, act_on_stay, &act, error)) return true;
  return desk_form_take(&form, error, stay_mappings) &&
         desk_form_show(&form, view, "desk/person_stays");
}

const struct web_route desk_person_routes[] = {{.methods = WEB_GET,
                                                .pattern = "/desk/people/{id}",
                                                .handler = view_overview,
                                                .guard = "person",
                                                .get_act = "read"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/facts",
                                                .handler = view_facts,
                                                .guard = "fact",
                                                .get_act = "read",
                                                .post_act = "write",
                                                .flags = WEB_LINES},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/episodes",
                                                .handler = view_stays,
                                                .guard = "episode",
                                                .get_act = "read",
                                                .post_act = "write",
                                                .flags = WEB_LINES},
                                               {.pattern = NULL}};
