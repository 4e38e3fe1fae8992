/*
 * about: see about.h.
 */
#include "web/desk/about.h"

struct text desk_about_id(const struct web_request *request)
{
  if (desk_is_own(request) && request->actor) return request->actor->person_id;
  return request->captured;
}

bool desk_about_open(struct store_transaction *transaction, struct web_request *request,
                     const char *object, const char *act, struct desk_about *out,
                     struct error *error)
{
  struct privacy *privacy = request->application->privacy;
  struct role_subject subject;
  struct text id = desk_about_id(request);
  if (!uuid_is_valid(id))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "not the id of a person");
  *out = (struct desk_about){.request = request};
  if (!care_subject_load(transaction, request->actor->program_id, id, request->actor, request->now,
                         &subject, error))
    return false;
  if (request->actor->kind == ACTOR_PERSON)
    subject.is_own = text_equal(id, request->actor->person_id);
  return access_open(transaction, privacy, request->actor, object, act, &subject, TEXT(""),
                     request->now, &out->access, error) &&
         person_load(transaction, &out->access, request->arena, id, &out->person, error) &&
         (desk_is_own(request) || people_banner_load(transaction, request, &out->access,
                                                     &out->person, &out->banner, error));
}

static struct text here(const struct desk_about *about)
{
  struct web_request *request = about->request;
  if (desk_is_own(request)) return TEXT("/me");
  return text_format(request->arena, "/desk/people/%.*s", TEXT_PRINT(about->person.id));
}

/* The tab that a page belongs to: the path's part behind the person, or the list it leads to. */
static const char *tab_of(const struct web_request *request)
{
  static const struct {
    const char *part, *tab;
  } parts[] = {{"/consents", "consents"},       {"/consent", "consents"},
               {"/disclosures", "disclosures"}, {"/share", "disclosures"},
               {"/notices", "notices"},         {"/views", "views"},
               {"/record", "record"},           {"/emergency", "emergency"}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (text_ends_with(request->path, text_from(parts[i].part))) return parts[i].tab;
  return "";
}

void desk_about_fill(const struct desk_about *about, struct value *page)
{
  struct web_request *request = about->request;
  bool own = desk_is_own(request);
  view_set_flag(request, page, "own", own);
  view_set_text(request, page, "id", about->person.id);
  view_set_text(request, page, "here", here(about));
  view_set_text(request, page, "name", person_full_name(request->arena, &about->person.identity));
  if (!own) people_show(request, &about->person, &about->banner, tab_of(request), page);
}

/* --- The whole record ------------------------------------------------------------------------ */

static void put(struct arena *arena, struct value *object, const char *key, struct text t)
{
  if (!text_is_empty(t)) value_set(object, key, value_text(arena, t));
}

static void put_time(struct arena *arena, struct value *object, const char *key, int64_t at)
{
  if (at) value_set(object, key, value_text(arena, time_format(arena, at)));
}

/* An access to the same person for another object; false without an error when the role has none.
 */
static bool open_other(struct store_transaction *transaction, const struct desk_about *about,
                       const char *object, struct access *out, bool *may, struct error *error)
{
  struct web_request *request = about->request;
  struct role_subject subject;
  *may = desk_may(request, object, "read");
  if (!*may) return true;
  if (!care_subject_load(transaction, request->actor->program_id, about->person.id, request->actor,
                         request->now, &subject, error))
    return false;
  if (request->actor->kind == ACTOR_PERSON)
    subject.is_own = text_equal(about->person.id, request->actor->person_id);
  return access_open(transaction, request->application->privacy, request->actor, object, "read",
                     &subject, TEXT(""), request->now, out, error);
}

static bool add_person(const struct desk_about *about, struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  const struct value *identity;
  struct value *person = value_object(arena);
  struct text key;
  const struct value *item;
  if (!json_read(arena, person_identity_write(arena, &about->person.identity), &identity, error))
    return false;
  put(arena, person, "id", about->person.id);
  for (size_t i = 0; value_member(identity, i, &key, &item); i++) value_append(person, key, item);
  put(arena, person, "language", about->person.language);
  value_set(record, "person", person);
  return true;
}

static bool add_episodes(struct store_transaction *transaction, const struct desk_about *about,
                         struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  struct access access;
  struct episode *episodes;
  size_t count;
  bool may;
  if (!open_other(transaction, about, "episode", &access, &may, error)) return false;
  if (!may) return true;
  if (!episode_list(transaction, &access, arena, about->person.id, &episodes, &count, error))
    return false;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < count; i++) {
    struct value *episode = value_object(arena);
    put(arena, episode, "id", episodes[i].id);
    put(arena, episode, "status", episodes[i].status);
    put(arena, episode, "level_of_care", episodes[i].level_of_care);
    put_time(arena, episode, "begun_at", episodes[i].begun_at);
    put_time(arena, episode, "ended_at", episodes[i].ended_at);
    put(arena, episode, "end_reason", episodes[i].end_reason);
    value_add(list, episode);
  }
  if (count) value_set(record, "episode", list);
  return true;
}

static bool add_facts(struct store_transaction *transaction, const struct desk_about *about,
                      struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  struct care_fact_query query = {.person_id = about->person.id};
  struct access access;
  struct care_fact *facts;
  size_t count;
  bool may;
  if (!open_other(transaction, about, "fact", &access, &may, error)) return false;
  if (!may) return true;
  if (!care_fact_list(transaction, &access, arena, &query, &facts, &count, error)) return false;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < count; i++) {
    struct value *fact = value_object(arena);
    put(arena, fact, "id", facts[i].id);
    put(arena, fact, "kind", facts[i].kind);
    put(arena, fact, "value", facts[i].value);
    put(arena, fact, "words", facts[i].words);
    put_time(arena, fact, "since_at", facts[i].since_at);
    put_time(arena, fact, "until_at", facts[i].until_at);
    value_add(list, fact);
  }
  if (count) value_set(record, "fact", list);
  return true;
}

static bool add_delivered(struct store_transaction *transaction, const struct desk_about *about,
                          struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  struct access access;
  struct delivered_day *days;
  struct delivered_service *services;
  size_t day_count, service_count;
  bool may;
  if (!open_other(transaction, about, "delivered", &access, &may, error)) return false;
  if (!may) return true;
  if (!delivered_day_list(transaction, &access, arena, about->person.id, TEXT(""), TEXT(""), false,
                          &days, &day_count, error) ||
      !delivered_service_list(transaction, &access, arena, about->person.id, 0, 0, false, &services,
                              &service_count, error))
    return false;
  struct value *list = value_list(arena), *sessions = value_list(arena);
  for (size_t i = 0; i < day_count; i++) {
    struct value *day = value_object(arena);
    put(arena, day, "date", days[i].date);
    put(arena, day, "level_of_care", days[i].level_of_care);
    value_add(list, day);
  }
  for (size_t i = 0; i < service_count; i++) {
    struct value *session = value_object(arena);
    put(arena, session, "kind", services[i].kind);
    put_time(arena, session, "begun_at", services[i].begun_at);
    value_set(session, "minutes", value_integer(arena, services[i].minutes));
    value_add(sessions, session);
  }
  if (day_count) value_set(record, "delivered-day", list);
  if (service_count) value_set(record, "delivered-service", sessions);
  return true;
}

bool desk_about_record(struct store_transaction *transaction, const struct desk_about *about,
                       const struct value **out, struct error *error)
{
  struct value *record = value_object(about->request->arena);
  if (!add_person(about, record, error) || !add_episodes(transaction, about, record, error) ||
      !add_facts(transaction, about, record, error) ||
      !add_delivered(transaction, about, record, error))
    return false;
  *out = record;
  return true;
}
