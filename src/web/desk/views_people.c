/*
 * /desk/people: find a person, or begin a record. Names stand in no address: a search is a POST.
 */
#include <stddef.h>

#include "web/desk/people.h"

enum { SHOWN_AT_ONCE = 25 };

/* --- Finding --------------------------------------------------------------------------------- */

struct search {
  struct web_request *request;
  struct text typed, today;
  struct person_hit *hits;
  size_t count;
  bool more;
};

static bool find(struct store_transaction *transaction, void *context, struct error *error)
{
  struct search *search = context;
  struct web_request *request = search->request;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "person",
                        "search", request->now, &access, error) ||
      !people_today(transaction, request, TEXT(""), &search->today, error))
    return false;
  search->more = false;
  if (search->typed.length)
    return person_search(transaction, &access, request->arena,
                         people_typed(request->application->catalog, request->arena, search->typed),
                         SHOWN_AT_ONCE, &search->hits, &search->count, &search->more, error);
  return person_recent(transaction, &access, request->arena, SHOWN_AT_ONCE, &search->hits,
                       &search->count, error);
}

static struct value *fill_hit(const struct search *search, const struct person_hit *hit)
{
  struct web_request *request = search->request;
  const struct person_identity *identity = &hit->person.identity;
  struct value *item = value_object(request->arena);
  int age = person_age(identity->birth_date, search->today);
  view_set_text(request, item, "href",
                text_format(request->arena, "/desk/people/%.*s", TEXT_PRINT(hit->person.id)));
  view_set_text(request, item, "name", person_full_name(request->arena, identity));
  view_set_text(request, item, "birth",
                identity->birth_date.length ? view_date(request, identity->birth_date) : TEXT(""));
  view_set_text(request, item, "age", age < 0 ? TEXT("") : view_count(request->arena, age));
  view_set_text(request, item, "phone",
                identity->phone_count ? people_phone(request->arena, identity->phones[0].number)
                                      : TEXT(""));
  view_set_flag(request, item, "joined", hit->found_in.length > 0);
  return item;
}

static bool view_people(struct web_request *request, struct web_view *view, struct error *error)
{
  struct search search = {.request = request, .typed = web_parameter_get(request, "q")};
  if (!desk_read(request, find, &search, error)) return false;
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t i = 0; i < search.count; i++) value_add(list, fill_hit(&search, &search.hits[i]));
  value_set(page, "people", list);
  view_set_flag(request, page, "any", search.count > 0);
  view_set_flag(request, page, "searched", search.typed.length > 0);
  view_set_flag(request, page, "more", search.more);
  view_set_text(request, page, "typed", search.typed);
  view_set_flag(request, page, "may_add", desk_may(request, "person", "write"));
  view->template_name = "desk/people";
  return true;
}

/* --- The form of an identity ----------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "given",
     .label = "person.given",
     .kind = DESK_TEXT,
     .flags = DESK_FOCUS,
     .longest = LIMIT_CARE_NAME},
    {.name = "middle", .label = "person.middle", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME},
    {.name = "family", .label = "person.family", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME},
    {.name = "chosen",
     .label = "person.chosen",
     .help = "person.chosen_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_NAME},
    {.name = "former",
     .label = "person.former",
     .help = "person.former_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_NAME},
    {.name = "birth_date",
     .label = "person.birth_date",
     .help = "person.birth_date_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "sex", .label = "person.sex", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "gender_identity", .label = "person.gender_identity", .kind = DESK_CHOICE},
    {.name = "pronouns", .label = "person.pronouns", .kind = DESK_CHOICE},
    {.name = "language", .label = "person.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "phone", .label = "person.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "phone_use", .label = "person.phone_use", .kind = DESK_CHOICE},
    {.name = "may_leave_message", .label = "person.may_leave_message", .kind = DESK_YES},
    {.name = "email", .label = "person.email", .kind = DESK_EMAIL},
    {.name = "street", .label = "person.street", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "city", .label = "person.city", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "state", .label = "person.state", .kind = DESK_CHOICE},
    {.name = "zip",
     .label = "person.zip",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT | DESK_NUMERIC,
     .longest = 10},
    {.name = "contact_name",
     .label = "person.contact_name",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_NAME},
    {.name = "contact_relationship", .label = "person.contact_relationship", .kind = DESK_CHOICE},
    {.name = "contact_phone",
     .label = "person.contact_phone",
     .kind = DESK_PHONE,
     .flags = DESK_SHORT},
    {.name = "identifier",
     .label = "person.identifier",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "identifier_kind", .label = "person.identifier_kind", .kind = DESK_CHOICE},
};

static void begin_form(struct desk_form *form, struct web_request *request)
{
  DESK_FORM_INIT(form, request, fields);
  people_choose(form, "sex", CARE_SEXES);
  people_choose(form, "gender_identity", CARE_GENDER_IDENTITIES);
  people_choose(form, "pronouns", CARE_PRONOUNS);
  people_choose(form, "language", CARE_SPOKEN);
  people_choose(form, "phone_use", CARE_PHONE_USES);
  people_choose(form, "state", CARE_STATES);
  people_choose(form, "contact_relationship", CARE_RELATIONSHIPS);
  people_choose(form, "identifier_kind", CARE_IDENTIFIER_KINDS);
}

static const struct people_member members[] = {
    {"given", offsetof(struct person, identity.given)},
    {"middle", offsetof(struct person, identity.middle)},
    {"family", offsetof(struct person, identity.family)},
    {"chosen", offsetof(struct person, identity.chosen)},
    {"birth_date", offsetof(struct person, identity.birth_date)},
    {"sex", offsetof(struct person, identity.sex)},
    {"gender_identity", offsetof(struct person, identity.gender_identity)},
    {"pronouns", offsetof(struct person, identity.pronouns)},
    {"language", offsetof(struct person, language)},
    {"email", offsetof(struct person, identity.email)},
    {"street", offsetof(struct person, identity.street)},
    {"city", offsetof(struct person, identity.city)},
    {"state", offsetof(struct person, identity.state)},
    {"zip", offsetof(struct person, identity.zip)},
};
enum { MEMBERS = sizeof members / sizeof *members };

static void put(struct desk_form *form, const struct person *person)
{
  const struct person_identity *identity = &person->identity;
  people_put(form, members, MEMBERS, person);
  if (identity->former_count) desk_form_set(form, "former", identity->former[0]);
  if (identity->phone_count) {
    desk_form_set(form, "phone", identity->phones[0].number);
    desk_form_set(form, "phone_use", identity->phones[0].use);
    if (identity->phones[0].may_leave_message) desk_form_set(form, "may_leave_message", TEXT("1"));
  }
  if (identity->contact_count) {
    desk_form_set(form, "contact_name", identity->contacts[0].name);
    desk_form_set(form, "contact_relationship", identity->contacts[0].relationship);
    desk_form_set(form, "contact_phone", identity->contacts[0].phone);
  }
  if (identity->identifier_count) {
    desk_form_set(form, "identifier", identity->identifiers[0].value);
    desk_form_set(form, "identifier_kind", identity->identifiers[0].kind);
  }
  desk_form_set_version(form, person->version);
}

/* Put what the form says in the first place of a list; the others stay. An empty first goes. */
// NOLINTBEGIN(bugprone-macro-parentheses): a type stands in no parentheses
#define REPLACE_FIRST(arena, type, list, count, is_empty, first)                                   \
  do {                                                                                             \
    type *made = arena_allocate_array((arena), (count) + 2, sizeof *made);                         \
    size_t made_count = 0;                                                                         \
    if (!(is_empty)) made[made_count++] = (first);                                                 \
    for (size_t at = 1; at < (count); at++) made[made_count++] = (list)[at];                       \
    (list) = made;                                                                                 \
    (count) = made_count;                                                                          \
  } while (0)
// NOLINTEND(bugprone-macro-parentheses)

static void take(const struct desk_form *form, struct person *person)
{
  struct arena *arena = form->request->arena;
  struct person_identity *identity = &person->identity;
  people_take(form, members, MEMBERS, person);
  struct text former = desk_form_get(form, "former"), use = desk_form_get(form, "phone_use");
  struct person_phone phone = {desk_form_get(form, "phone"), use.length ? use : TEXT("mobile"),
                               desk_form_has(form, "may_leave_message", TEXT("1"))};
  struct person_contact contact = {desk_form_get(form, "contact_name"),
                                   desk_form_get(form, "contact_relationship"),
                                   desk_form_get(form, "contact_phone")};
  struct text kind = desk_form_get(form, "identifier_kind");
  struct person_identifier identifier = {kind.length ? kind : TEXT("other"),
                                         desk_form_get(form, "identifier"), TEXT("")};
  REPLACE_FIRST(arena, struct text, identity->former, identity->former_count, former.length == 0,
                former);
  REPLACE_FIRST(arena, struct person_phone, identity->phones, identity->phone_count,
                phone.number.length == 0, phone);
  REPLACE_FIRST(arena, struct person_contact, identity->contacts, identity->contact_count,
                contact.name.length + contact.phone.length == 0, contact);
  REPLACE_FIRST(arena, struct person_identifier, identity->identifiers, identity->identifier_count,
                identifier.value.length == 0, identifier);
}

/* What only the room knows to be wrong. Answers false when a field is. */
static bool check(struct desk_form *form, const struct person *person, struct text today)
{
  struct field_problems problems = {.count = 0};
  person_check(form->request->application->records, person, today, &problems);
  return people_refuse(form, &problems);
}

/* --- A new record ---------------------------------------------------------------------------- */

struct edit {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  struct text today;
};

static bool read_today(struct store_transaction *transaction, void *context, struct error *error)
{
  struct edit *edit = context;
  return people_today(transaction, edit->request, TEXT(""), &edit->today, error);
}

/* Whoever may be the same person is suggested at once, to those who may join records. */
static bool suggest(struct store_transaction *transaction, const struct edit *edit,
                    const struct access *access, struct error *error)
{
  return duplicate_suggest(transaction, edit->request->application->records, access,
                           edit->request->arena, edit->person.id, error);
}

static bool create(struct store_transaction *transaction, void *context, struct error *error)
{
  struct edit *edit = context;
  struct web_request *request = edit->request;
  struct role_subject subject = {.person_id = edit->person.id, .is_site = true};
  struct access access;
  if (!access_open(transaction, request->application->privacy, request->actor, "person", "write",
                   &subject, edit->person.id, request->now, &access, error) ||
      !person_create(transaction, request->application->records, &access, request->arena,
                     &edit->person, error) ||
      !suggest(transaction, edit, &access, error))
    return false;
  desk_redirect(request, edit->view, "/desk/people/%.*s", TEXT_PRINT(edit->person.id));
  return true;
}

static bool view_new(struct web_request *request, struct web_view *view, struct error *error)
{
  struct edit edit = {.request = request, .view = view};
  struct desk_form form;
  begin_form(&form, request);
  if (request->method == WEB_GET) return desk_form_show(&form, view, "desk/person_new");
  bool is_read = desk_form_read(&form);
  take(&form, &edit.person);
  edit.person.site_id = request->actor->site_id;
  person_tidy(request->arena, &edit.person);
  if (!is_read) return desk_form_show(&form, view, "desk/person_new");
  if (!store_read(request->application->store, read_today, &edit, error)) return false;
  if (!check(&form, &edit.person, edit.today))
    return desk_form_show(&form, view, "desk/person_new");
  return person_begin(request->application->privacy, request->arena, request->actor->program_id,
                      request->now, &edit.person.id, error) &&
         desk_write(request, view, create, &edit, error);
}

/* --- Changing one ---------------------------------------------------------------------------- */

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct edit *edit = context;
  struct access access;
  return people_access(transaction, edit->request, "person", "read", edit->request->captured,
                       &access, error) &&
         people_fill(transaction, edit->request, &access, edit->request->captured, "", edit->view,
                     &edit->person, error) &&
         people_today(transaction, edit->request, edit->person.site_id, &edit->today, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct edit *edit = context;
  struct access access;
  if (!people_access(transaction, edit->request, "person", "write", edit->person.id, &access,
                     error) ||
      !person_save(transaction, edit->request->application->records, &access, edit->request->arena,
                   &edit->person, error) ||
      !suggest(transaction, edit, &access, error))
    return false;
  desk_redirect(edit->request, edit->view, "/desk/people/%.*s", TEXT_PRINT(edit->person.id));
  return true;
}

static bool view_edit(struct web_request *request, struct web_view *view, struct error *error)
{
  struct edit edit = {.request = request, .view = view};
  struct desk_form form, stands;
  begin_form(&form, request);
  if (!desk_read(request, load, &edit, error)) return false;
  if (view->redirect.length) return true;
  if (request->method == WEB_GET) {
    put(&form, &edit.person);
    return desk_form_show(&form, view, "desk/person_edit");
  }
  begin_form(&stands, request);
  put(&stands, &edit.person);
  bool is_read = desk_form_read(&form);
  take(&form, &edit.person);
  person_tidy(request->arena, &edit.person);
  if (!is_read || !check(&form, &edit.person, edit.today))
    return desk_form_show(&form, view, "desk/person_edit");
  edit.person.version = desk_form_version(&form);
  if (desk_write(request, view, save, &edit, error)) return true;
  if (error->kind != ERROR_CONFLICT) return false;
  desk_form_conflict(&form, &stands);
  error_clear(error);
  return desk_form_show(&form, view, "desk/person_edit");
}

const struct web_route desk_people_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people",
                                                .handler = view_people,
                                                .guard = "person",
                                                .get_act = "search",
                                                .post_act = "search"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/new",
                                                .handler = view_new,
                                                .guard = "person",
                                                .get_act = "write",
                                                .post_act = "write"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/edit",
                                                .handler = view_edit,
                                                .guard = "person",
                                                .get_act = "write",
                                                .post_act = "write"},
                                               {.pattern = NULL}};
