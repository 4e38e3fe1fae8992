/*
 * /desk/people/{id}/packing and …/welcome: sheets that are handed or sent to somebody before they
 * come, in their own language: what to bring; when, where, who meets them, what the first day is
 * like. No sheet holds a family name or a reason. Threads: all state is the request's.
 */
#include "web/desk/about.h"
#include "web/packing_sheet.h"

struct handout {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct program program;
  struct site *sites;
  size_t site_count;
  struct intake *intakes;
  struct episode *stays;
  struct care_team_member *team;
  struct staff *staff;
  struct packing_said said;
  struct welcome_words *words;
  size_t intake_count, stay_count, team_count, staff_count, word_count;
  const struct site *site; /* where they come; NULL: not known */
  const struct zone *zone; /* and its clock */
  int64_t planned_at;      /* 0: not known */
};

/* --- Loading --------------------------------------------------------------------------------- */

static bool open_list(struct store_transaction *transaction, const struct handout *handout,
                      const char *object, struct access *out, struct error *error)
{
  struct web_request *request = handout->request;
  return access_open_list(transaction, request->application->privacy, request->actor, object,
                          "read", request->now, out, error);
}

static bool load_program(struct store_transaction *transaction, struct handout *handout,
                         struct error *error)
{
  struct arena *arena = handout->request->arena;
  struct access program, site, staff;
  return open_list(transaction, handout, "program", &program, error) &&
         program_load(transaction, &program, arena, &handout->program, error) &&
         open_list(transaction, handout, "site", &site, error) &&
         site_list(transaction, &site, arena, &handout->sites, &handout->site_count, error) &&
         open_list(transaction, handout, "staff", &staff, error) &&
         staff_list(transaction, &staff, arena, false, &handout->staff, &handout->staff_count,
                    error) &&
         packing_said_load(transaction, arena, handout->program.id, &handout->said, error) &&
         welcome_words_list(transaction, arena, handout->program.id, &handout->words,
                            &handout->word_count, error);
}

/* The stay that they come for: the newest that has not ended, and its intake. */
static void choose_stay(struct handout *handout)
{
  const struct episode *stay = NULL;
  handout->site = NULL;
  handout->planned_at = 0;
  for (size_t i = handout->stay_count; i-- > 0;)
    if (handout->stays[i].ended_at == 0) stay = &handout->stays[i];
  for (size_t i = 0; stay && i < handout->site_count; i++)
    if (text_equal(handout->sites[i].id, stay->site_id)) handout->site = &handout->sites[i];
  for (size_t i = 0; stay && i < handout->intake_count; i++)
    if (text_equal(handout->intakes[i].episode_id, stay->id))
      handout->planned_at = handout->intakes[i].planned_at;
  if (!handout->site && handout->site_count == 1) handout->site = &handout->sites[0];
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct handout *handout = context;
  struct web_request *request = handout->request;
  struct arena *arena = request->arena;
  struct access stays;
  if (!request->application->intakes)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intakes are kept here");
  if (!desk_about_open(transaction, request, "intake", "read", &handout->about, error) ||
      !intake_list(transaction, &handout->about.access, arena, &handout->intakes,
                   &handout->intake_count, error) ||
      !people_access(transaction, request, "episode", "read", handout->about.person.id, &stays,
                     error) ||
      !episode_list(transaction, &stays, arena, handout->about.person.id, &handout->stays,
                    &handout->stay_count, error) ||
      !care_team_list(transaction, &stays, arena, handout->about.person.id, &handout->team,
                      &handout->team_count, error) ||
      !load_program(transaction, handout, error))
    return false;
  choose_stay(handout);
  return site_zone(transaction, request->actor->program_id,
                   handout->site ? handout->site->id : TEXT(""), &handout->zone, error);
}

/* --- Both sheets ----------------------------------------------------------------------------- */

/* The request as it would be in the person's language, or in the one that `language` names, on the
 * clock of the place they come to. */
static struct web_request speak(const struct handout *handout)
{
  const struct web_request *request = handout->request;
  const struct catalog *catalog = request->application->catalog;
  struct web_request in = *request;
  size_t language;
  if (catalog_language_find(catalog, web_parameter_get(request, "language"), &language) ||
      catalog_language_find(catalog, handout->about.person.language, &language))
    in.language = language;
  in.zone = handout->zone;
  return in;
}

/* The languages that the sheet can be in, and the one it is in. */
static void fill_languages(const struct handout *handout, const struct web_request *in)
{
  const struct web_request *request = handout->request;
  const struct catalog *catalog = request->application->catalog;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < catalog_language_count(catalog); i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "code", catalog_language(catalog, i));
    view_set_text(request, item, "name", catalog_text(catalog, i, "language.name"));
    view_set_flag(request, item, "chosen", i == in->language);
    value_add(list, item);
  }
  value_set(handout->view->page, "languages", list);
  size_t spoken;
  view_set_flag(request, handout->view->page, "is_other",
                !catalog_language_find(catalog, handout->about.person.language, &spoken));
}

static void fill_place(const struct handout *handout, const struct web_request *in)
{
  struct value *page = handout->view->page, *place = value_object(in->arena);
  const struct site *site = handout->site;
  const struct program *program = &handout->program;
  bool has_street = site && site->street.length;
  struct text phone = site && site->phone.length ? site->phone : program->phone;
  struct text address = has_street ? view_address(in->arena, site->street, TEXT(""), site->city,
                                                  site->state, site->zip)
                                   : view_address(in->arena, program->street, TEXT(""),
                                                  program->city, program->state, program->zip);
  bool is_known = has_street || program->street.length;
  view_set_text(in, place, "program", program->name);
  view_set_text(in, place, "site", site ? site->name : TEXT(""));
  view_set_text(in, place, "address", is_known ? text_trim(address) : TEXT(""));
  view_set_text(in, place, "phone", people_phone(in->arena, phone));
  view_set_text(in, place, "hours", site && site->hours.length ? site->hours : program->hours);
  value_set(page, "place", place);
}

static bool begin(struct web_request *request, struct handout *handout, struct error *error)
{
  if (!desk_read(request, load, handout, error)) return false;
  handout->view->page = value_object(request->arena);
  desk_about_fill(&handout->about, handout->view->page);
  return true;
}

static bool view_packing(struct web_request *request, struct web_view *view, struct error *error)
{
  struct handout handout = {.request = request, .view = view};
  if (!begin(request, &handout, error)) return false;
  struct web_request in = speak(&handout);
  fill_languages(&handout, &in);
  fill_place(&handout, &in);
  packing_sheet_fill(&in, handout.program.kind, &handout.said, view->page);
  view->template_name = "desk/packing";
  return true;
}

/* --- The welcome ----------------------------------------------------------------------------- */

/* Who meets them: whom the page was told, else who looks after them. */
static struct value *fill_meeting(const struct handout *handout, const struct web_request *in)
{
  struct value *list = value_list(in->arena);
  struct text wanted = web_parameter_get(in, "meets");
  for (size_t i = 0; i < handout->staff_count; i++) {
    const struct staff *staff = &handout->staff[i];
    struct value *item = value_object(in->arena);
    if (wanted.length == 0 || !text_equal(staff->id, wanted)) continue;
    view_set_text(in, item, "name", staff->name);
    view_set_text(in, item, "role", people_label(in, CARE_PROFESSIONS, staff->profession));
    value_add(list, item);
  }
  for (size_t i = 0; i < handout->team_count && value_count(list) == 0; i++) {
    const struct care_team_member *member = &handout->team[i];
    bool has_ended = member->until_at && member->until_at <= in->now;
    if (has_ended) continue;
    struct value *item = value_object(in->arena);
    view_set_text(in, item, "name", member->staff_name);
    view_set_text(in, item, "role", people_label(in, CARE_TEAM_ROLES, member->role));
    value_add(list, item);
  }
  return list;
}

static void fill_staff(const struct handout *handout)
{
  const struct web_request *request = handout->request;
  struct value *list = value_list(request->arena);
  struct text wanted = web_parameter_get(request, "meets");
  for (size_t i = 0; i < handout->staff_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "value", handout->staff[i].id);
    view_set_text(request, item, "label", handout->staff[i].name);
    view_set_flag(request, item, "chosen", text_equal(handout->staff[i].id, wanted));
    value_add(list, item);
  }
  value_set(handout->view->page, "staff", list);
}

static struct text part_text(const struct web_request *in, struct text part, const char *after)
{
  struct text key = text_format(in->arena, "welcome-parts.%.*s%s", TEXT_PRINT(part), after);
  return view_text(in, text_c(in->arena, key));
}

/* {"title", "lines"}: the parts for this kind of program, each in the program's words or in ours.
 */
static struct value *fill_parts(const struct handout *handout, const struct web_request *in)
{
  const struct intake_rules *rules = intakes_rules(in->application->intakes);
  struct value *list = value_list(in->arena);
  for (size_t i = 0; i < welcome_parts_count(rules); i++) {
    const struct welcome_part *part = welcome_parts_get(rules, i);
    if (!coverage_words_have(&part->programs, handout->program.kind)) continue;
    struct text said = part_text(in, part->code, ".words"), line;
    for (size_t k = 0; k < handout->word_count; k++)
      if (text_equal(handout->words[k].part, part->code) &&
          packing_own(in, handout->words[k].words).length)
        said = packing_own(in, handout->words[k].words);
    struct value *item = value_object(in->arena), *lines = value_list(in->arena);
    while (text_split_next(&said, '\n', &line))
      if (!text_is_empty(text_trim(line))) value_add(lines, value_text(in->arena, line));
    view_set_text(in, item, "title", part_text(in, part->code, ""));
    value_set(item, "lines", lines);
    value_add(list, item);
  }
  return list;
}

static bool view_welcome(struct web_request *request, struct web_view *view, struct error *error)
{
  static const char *const names[] = {"when", "when_unknown", "where",   "who",       "anybody",
                                      "call", "hours",        "packing", "leave_word"};
  struct handout handout = {.request = request, .view = view};
  if (!begin(request, &handout, error)) return false;
  struct web_request in = speak(&handout);
  const struct person_identity *identity = &handout.about.person.identity;
  struct value *page = view->page, *meeting = fill_meeting(&handout, &in);
  struct text name = identity->chosen.length ? identity->chosen : identity->given;
  fill_languages(&handout, &in);
  fill_staff(&handout);
  fill_place(&handout, &in);
  value_set(page, "word", packing_words(&in, "welcome.", names, sizeof names / sizeof *names));
  view_set_text(request, page, "title",
                name.length ? VIEW_FORMAT(&in, "welcome.title_name", {"name", name})
                            : view_text(&in, "welcome.title"));
  view_set_text(request, page, "meets", web_parameter_get(request, "meets"));
  view_set_text(request, page, "sheet_language", request->application->languages[in.language]);
  view_set_flag(request, page, "is_planned", handout.planned_at != 0);
  if (handout.planned_at) value_set(page, "planned", desk_time(&in, handout.planned_at));
  value_set(page, "meeting", meeting);
  view_set_flag(request, page, "is_met", value_count(meeting) > 0);
  value_set(page, "parts", fill_parts(&handout, &in));
  view->template_name = "desk/welcome";
  return true;
}

const struct web_route desk_handout_routes[] = {{.methods = WEB_GET,
                                                 .pattern = "/desk/people/{id}/packing",
                                                 .handler = view_packing,
                                                 .guard = "intake",
                                                 .get_act = "read"},
                                                {.methods = WEB_GET,
                                                 .pattern = "/desk/people/{id}/welcome",
                                                 .handler = view_welcome,
                                                 .guard = "intake",
                                                 .get_act = "read"},
                                                {.pattern = NULL}};
