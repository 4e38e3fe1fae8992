/*
 * /desk/requests/{id}/record: join a request with the record of its person: one that stands, found
 * by what the request says or by what is typed, or a new one made from the request; and plan the
 * stay, so that intake can begin. Names stand in no address: a search is a POST. Threads: all state
 * is the request's.
 */
#include <stddef.h>

#include "web/desk/requests.h"

enum { SHOWN_AT_ONCE = 10 };

static const struct desk_field fields[] = {
    {.name = "given", .label = "person.given", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME},
    {.name = "family", .label = "person.family", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME},
    {.name = "birth_date", .label = "person.birth_date", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "sex", .label = "person.sex", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "language", .label = "person.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "phone", .label = "person.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "may_leave_message", .label = "person.may_leave_message", .kind = DESK_YES},
    {.name = "email", .label = "person.email", .kind = DESK_EMAIL},
    {.name = "plan", .label = "requests.plan", .kind = DESK_YES},
};

static const struct desk_field undo_fields[] = {
    {.name = "reason",
     .label = "requests.undo_reason",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "undo_words",
     .label = "requests.undo_words",
     .kind = DESK_LINES,
     .longest = LIMIT_REQUEST_WORDS},
};
static const struct desk_mapping undo_mappings[] = {{"error.request.reason", "reason"},
                                                    {NULL, NULL}};

struct joining {
  struct web_request *request;
  struct web_view *view;
  struct request one;
  struct requests_ground ground;
  struct text typed, today;
  struct person_hit *hits;
  size_t hit_count;
  bool more;
  struct person_names names; /* of the record it is joined with */
  struct desk_form undo;     /* how it is taken out of that record */
  const char *problem;       /* of a join with a record that stands */
  /* What the act does. */
  struct text person_id; /* "": the new one's */
  struct person person;
  int64_t version;
  bool is_new, is_planned;
};

/* --- Looking --------------------------------------------------------------------------------- */

static bool search(struct store_transaction *transaction, struct joining *joining,
                   const struct access *access, struct text words, struct error *error)
{
  struct web_request *request = joining->request;
  return person_search(transaction, access, request->arena,
                       people_typed(request->application->catalog, request->arena, words),
                       SHOWN_AT_ONCE, &joining->hits, &joining->hit_count, &joining->more, error);
}

/* What was typed; else the name of the request, then the birth date, then the number. */
static bool find_people(struct store_transaction *transaction, struct joining *joining,
                        struct error *error)
{
  struct web_request *request = joining->request;
  const struct text *at = joining->one.identity.at;
  struct access access;
  joining->hit_count = 0;
  joining->more = false;
  if (joining->one.person_id.length || !desk_may(request, "person", "search")) return true;
  if (!requests_access_list(transaction, request, "person", "search", &access, error)) return false;
  if (joining->typed.length) return search(transaction, joining, &access, joining->typed, error);
  const struct text guesses[] = {
      text_trim(text_format(request->arena, "%.*s %.*s", TEXT_PRINT(at[REQUEST_GIVEN]),
                            TEXT_PRINT(at[REQUEST_FAMILY]))),
      at[REQUEST_BIRTH_DATE], at[REQUEST_PHONE]};
  for (size_t i = 0; i < sizeof guesses / sizeof *guesses && !joining->hit_count; i++)
    if (guesses[i].length && !search(transaction, joining, &access, guesses[i], error))
      return false;
  return true;
}

static bool find_name(struct store_transaction *transaction, struct joining *joining,
                      struct error *error)
{
  struct web_request *request = joining->request;
  struct access access;
  joining->names = (struct person_names){.count = 0};
  if (!joining->one.person_id.length || !desk_may(request, "person", "search")) return true;
  return requests_access_list(transaction, request, "person", "search", &access, error) &&
         person_names_load(transaction, &access, request->arena, &joining->one.person_id, 1,
                           &joining->names, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  struct access access;
  return requests_access(transaction, request, "read", request->captured, &access, error) &&
         request_load(transaction, &access, request->arena, request->captured, &joining->one,
                      error) &&
         people_today(transaction, request, joining->one.site_id, &joining->today, error) &&
         find_people(transaction, joining, error) && find_name(transaction, joining, error) &&
         requests_ground_load(transaction, request, &joining->ground, error);
}

/* --- Joining --------------------------------------------------------------------------------- */

/* A stay that is planned, unless one at this site is open already. */
static bool plan(struct store_transaction *transaction, struct joining *joining,
                 struct text person_id, struct error *error)
{
  struct web_request *request = joining->request;
  const struct request *one = &joining->one;
  struct episode *stays;
  size_t count = 0;
  struct access reading, writing;
  struct episode stay = {.person_id = person_id,
                         .status = TEXT("planned"),
                         .site_id = one->site_id,
                         .level_of_care = one->level_of_care,
                         .care_manager = one->assigned};
  if (!people_access(transaction, request, "episode", "read", person_id, &reading, error) ||
      !episode_list(transaction, &reading, request->arena, person_id, &stays, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (stays[i].ended_at == 0 && text_equal(stays[i].site_id, one->site_id)) return true;
  return people_access(transaction, request, "episode", "write", person_id, &writing, error) &&
         episode_create(transaction, request->application->records, &writing, request->arena, &stay,
                        request->now, error);
}

static bool open_new(struct store_transaction *transaction, struct joining *joining,
                     struct access *to, struct error *error)
{
  struct web_request *request = joining->request;
  const struct care *care = request->application->records;
  struct person person = joining->person; /* making it writes into it, and this may run again */
  struct role_subject subject = {.person_id = person.id, .is_site = true};
  return access_open(transaction, request->application->privacy, request->actor, "person", "write",
                     &subject, person.id, request->now, to, error) &&
         person_create(transaction, care, to, request->arena, &person, error) &&
         duplicate_suggest(transaction, care, to, request->arena, person.id, error);
}

static bool join(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  struct text person_id = joining->person.id;
  struct access access, to;
  if (!requests_access(transaction, request, "write", request->captured, &access, error))
    return false;
  if (joining->is_new
          ? !open_new(transaction, joining, &to, error)
          : (!person_standing(transaction, request->arena, access.program_id, joining->person_id,
                              &person_id, error) ||
             !people_access(transaction, request, "person", "write", person_id, &to, error)))
    return false;
  if (!request_attach(transaction, &access, &to, request->arena, request->captured,
                      joining->version, error) ||
      (joining->is_planned && !plan(transaction, joining, person_id, error)))
    return false;
  desk_redirect(request, joining->view, "/desk/requests/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* --- Undoing --------------------------------------------------------------------------------- */

static bool undo(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  const struct desk_form *form = &joining->undo;
  struct request_detachment why = {desk_form_get(form, "reason"),
                                   desk_form_get(form, "undo_words")};
  struct access access, from;
  if (!joining->one.person_id.length)
    return error_set(error, ERROR_REFUSED, "error.request.step", "", "request: it is not joined");
  if (!requests_access(transaction, request, "write", request->captured, &access, error) ||
      !people_access(transaction, request, "person", "write", joining->one.person_id, &from,
                     error) ||
      !request_detach(transaction, request->application->requests, &access, &from, request->arena,
                      request->captured, &why, desk_form_version(form), error))
    return false;
  desk_redirect(request, joining->view, "/desk/requests/%.*s/record",
                TEXT_PRINT(request->captured));
  return true;
}

/* --- The page -------------------------------------------------------------------------------- */

/* A stay asks for a level of care, and for somebody who may write stays. */
static bool may_plan(const struct joining *joining)
{
  return joining->one.level_of_care.length && desk_may(joining->request, "episode", "write");
}

static bool has_consent(const struct request *one, const char *code)
{
  struct text rest = one->consents, word;
  while (text_word_next(&rest, &word))
    if (text_equal(word, text_from(code))) return true;
  return false;
}

static const struct people_member members[] = {
    {"given", offsetof(struct person, identity.given)},
    {"family", offsetof(struct person, identity.family)},
    {"birth_date", offsetof(struct person, identity.birth_date)},
    {"sex", offsetof(struct person, identity.sex)},
    {"language", offsetof(struct person, language)},
    {"email", offsetof(struct person, identity.email)},
};
enum { MEMBERS = sizeof members / sizeof *members };

static void begin_undo(struct joining *joining)
{
  DESK_FORM_INIT(&joining->undo, joining->request, undo_fields);
  requests_choose(&joining->undo, "reason", REQUEST_JOIN_REASONS);
  desk_form_set_version(&joining->undo, joining->one.version);
}

static void begin_form(struct desk_form *form, struct joining *joining)
{
  const struct request *one = &joining->one;
  const struct text *at = one->identity.at;
  DESK_FORM_INIT(form, joining->request, fields);
  people_choose(form, "sex", CARE_SEXES);
  people_choose(form, "language", CARE_SPOKEN);
  desk_form_set(form, "given", at[REQUEST_GIVEN]);
  desk_form_set(form, "family", at[REQUEST_FAMILY]);
  desk_form_set(form, "birth_date", at[REQUEST_BIRTH_DATE]);
  desk_form_set(form, "phone", at[REQUEST_PHONE]);
  desk_form_set(form, "email", at[REQUEST_EMAIL]);
  desk_form_set(form, "language", one->language);
  if (has_consent(one, "message")) desk_form_set(form, "may_leave_message", TEXT("1"));
  if (may_plan(joining)) desk_form_set(form, "plan", TEXT("1"));
  desk_form_set_version(form, one->version);
  begin_undo(joining);
}

/* Answers false when a field is refused. */
static bool take(struct desk_form *form, struct joining *joining)
{
  struct web_request *request = joining->request;
  struct person *person = &joining->person;
  struct field_problems problems = {.count = 0};
  if (!desk_form_read(form)) return false;
  people_take(form, members, MEMBERS, person);
  struct person_phone *phone = arena_allocate(request->arena, sizeof *phone);
  *phone = (struct person_phone){desk_form_get(form, "phone"), TEXT("mobile"),
                                 desk_form_has(form, "may_leave_message", TEXT("1"))};
  person->identity.phones = phone;
  person->identity.phone_count = phone->number.length > 0;
  person->site_id = joining->one.site_id;
  person_tidy(request->arena, person);
  person_check(request->application->records, person, joining->today, &problems);
  joining->is_new = true;
  joining->version = desk_form_version(form);
  joining->is_planned = may_plan(joining) && desk_form_has(form, "plan", TEXT("1"));
  return people_refuse(form, &problems);
}

static struct value *fill_hits(const struct joining *joining)
{
  const struct web_request *request = joining->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < joining->hit_count; i++) {
    const struct person *person = &joining->hits[i].person;
    const struct person_identity *identity = &person->identity;
    struct value *item = value_object(request->arena);
    struct text birth = identity->birth_date;
    view_set_text(request, item, "person_id", person->id);
    view_set_text(request, item, "name", person_full_name(request->arena, identity));
    view_set_text(request, item, "birth", birth.length ? view_date(request, birth) : TEXT(""));
    view_set_text(request, item, "phone",
                  identity->phone_count ? people_phone(request->arena, identity->phones[0].number)
                                        : TEXT(""));
    value_add(list, item);
  }
  return list;
}

static void fill_joined(const struct joining *joining, struct value *page)
{
  const struct web_request *request = joining->request;
  const struct request *one = &joining->one;
  bool is_joined = one->person_id.length > 0;
  view_set_flag(request, page, "is_joined", is_joined);
  people_set_name(request, page, &joining->names, one->person_id);
  view_set_flag(request, page, "may_undo",
                is_joined && desk_may(request, "person", "write") &&
                    !text_equal(one->state, TEXT("admitted")));
  desk_form_fill(&joining->undo, page, "undo");
}

static bool show(const struct joining *joining, const struct desk_form *form)
{
  const struct web_request *request = joining->request;
  const struct request *one = &joining->one;
  struct web_view *view = joining->view;
  struct value *page = view->page = value_object(request->arena);
  struct text birth = one->identity.at[REQUEST_BIRTH_DATE];
  view_set_text(request, page, "request_id", one->id);
  view_set_text(request, page, "name", requests_name(request, &one->identity));
  view_set_text(request, page, "birth", birth.length ? view_date(request, birth) : TEXT(""));
  view_set_text(request, page, "phone",
                people_phone(request->arena, one->identity.at[REQUEST_PHONE]));
  view_set_text(request, page, "site", requests_site_name(&joining->ground, one->site_id));
  view_set_text(request, page, "level", people_label(request, CARE_LEVELS, one->level_of_care));
  fill_joined(joining, page);
  view_set_flag(request, page, "may_plan", may_plan(joining));
  view_set_flag(request, page, "may_make", desk_may(request, "person", "write"));
  view_set_text(request, page, "typed", joining->typed);
  value_set(page, "hits", fill_hits(joining));
  view_set_flag(request, page, "any", joining->hit_count > 0);
  view_set_flag(request, page, "more", joining->more);
  view_set_text(request, page, "problem",
                joining->problem ? view_text(request, joining->problem) : TEXT(""));
  desk_form_show(form, view, "desk/request_record");
  if ((joining->problem || joining->undo.problem_count) && !view->status) view->status = 400;
  return true;
}

/* The form is of this page as it stands now; what was typed in it stays. */
static bool show_conflict(struct joining *joining, struct desk_form *form, struct error *error)
{
  struct desk_form now;
  error_clear(error);
  if (!desk_read(joining->request, load, joining, error)) return false;
  begin_form(&now, joining);
  if (joining->is_new) desk_form_conflict(form, &now);
  joining->problem = "form.problem.conflict";
  show(joining, joining->is_new ? form : &now);
  joining->view->status = 409;
  return true;
}

static bool make(struct joining *joining, struct desk_form *form, struct error *error)
{
  struct web_request *request = joining->request;
  if (!take(form, joining)) return show(joining, form);
  if (!person_begin(request->application->privacy, request->arena, request->actor->program_id,
                    request->now, &joining->person.id, error))
    return false;
  if (desk_write(request, joining->view, join, joining, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(joining, form, error);
  return desk_form_take(form, error, NULL) && show(joining, form);
}

static bool take_out(struct joining *joining, struct desk_form *form, struct error *error)
{
  if (!desk_form_read(&joining->undo)) return show(joining, form);
  if (desk_write(joining->request, joining->view, undo, joining, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(joining, form, error);
  return desk_form_take(&joining->undo, error, undo_mappings) && show(joining, form);
}

static bool view_record(struct web_request *request, struct web_view *view, struct error *error)
{
  struct joining joining = {.request = request, .view = view};
  struct desk_form form;
  struct text act = web_parameter_get(request, "act");
  if (request->method == WEB_POST) joining.typed = web_parameter_get(request, "q");
  if (!desk_read(request, load, &joining, error)) return false;
  begin_form(&form, &joining);
  if (request->method == WEB_GET || !act.length) return show(&joining, &form);
  if (text_equal(act, TEXT("new"))) return make(&joining, &form, error);
  if (text_equal(act, TEXT("undo"))) return take_out(&joining, &form, error);
  joining.person_id = web_parameter_get(request, "person");
  joining.is_planned =
      may_plan(&joining) && text_equal(web_parameter_get(request, "plan"), TEXT("1"));
  if (!text_read_integer(web_parameter_get(request, "version"), &joining.version))
    joining.version = -1;
  if (desk_write(request, view, join, &joining, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&joining, &form, error);
  if (error->kind != ERROR_REFUSED) return false;
  joining.problem = error->person;
  return show(&joining, &form);
}

const struct web_route desk_request_record_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                        .pattern = "/desk/requests/{id}/record",
                                                        .handler = view_record,
                                                        .guard = "request",
                                                        .get_act = "write",
                                                        .post_act = "write"},
                                                       {.pattern = NULL}};
