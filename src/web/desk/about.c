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

bool desk_about_members(struct store_transaction *transaction, const struct desk_about *about,
                        struct access **out, size_t *count, struct error *error)
{
  struct web_request *request = about->request;
  struct text *ids;
  size_t found;
  if (!care_subject_members(transaction, &about->access, request->arena, about->person.id, &ids,
                            &found, error))
    return false;
  struct access *accesses = arena_allocate_array(request->arena, found + 1, sizeof *accesses);
  accesses[0] = about->access;
  *count = 1;
  for (size_t i = 0; i < found; i++) {
    struct role_subject subject;
    if (text_equal(ids[i], about->person.id)) continue;
    if (!care_subject_load(transaction, request->actor->program_id, ids[i], request->actor,
                           request->now, &subject, error))
      return false;
    struct actor actor = *request->actor; /* a person's own joined record is theirs */
    if (actor.kind == ACTOR_PERSON && subject.is_own) actor.person_id = ids[i];
    struct actor *asking = arena_allocate(request->arena, sizeof *asking);
    *asking = actor;
    if (!access_open(transaction, request->application->privacy, asking, about->access.object,
                     about->access.act, &subject, TEXT(""), request->now, &accesses[*count], error))
      return false;
    ++*count;
  }
  *out = accesses;
  return true;
}

bool desk_about_member(struct store_transaction *transaction, const struct desk_about *about,
                       struct access *out, struct error *error)
{
  struct access *accesses;
  size_t count;
  struct text record = web_parameter_get(about->request, "record");
  if (text_is_empty(record)) record = about->person.id;
  if (!desk_about_members(transaction, about, &accesses, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(accesses[i].person_id, record)) {
      *out = accesses[i];
      return true;
    }
  return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "not a record that was joined");
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
  } parts[] = {{"/consents", "consents"},
               {"/consent", "consents"},
               {"/sheet", "consents"},
               {"/end", "consents"},
               {"/consents/family", "consents"},
               {"/disclosures", "disclosures"},
               {"/share", "disclosures"},
               {"/copy", "disclosures"},
               {"/notices", "notices"},
               {"/views", "views"},
               {"/record", "record"},
               {"/belongings", "belongings"},
               {"/belongings/thing", "belongings"},
               {"/belongings/return", "belongings"},
               {"/belongings/sign", "belongings"},
               {"/emergency", "emergency"}};
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
    struct episode_step *steps;
    size_t step_count;
    if (!episode_history(transaction, &access, arena, &episodes[i], &steps, &step_count, error))
      return false;
    value_add(list, care_episode_document(arena, &episodes[i], steps, step_count));
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
  for (size_t i = 0; i < count; i++)
    value_add(list, care_fact_document(arena, about->request->application->records, &facts[i]));
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
  for (size_t i = 0; i < day_count; i++)
    value_add(list, care_delivered_day_document(arena, &days[i]));
  for (size_t i = 0; i < service_count; i++)
    value_add(sessions, care_delivered_service_document(arena, &services[i]));
  if (day_count) value_set(record, "delivered-day", list);
  if (service_count) value_set(record, "delivered-service", sessions);
  return true;
}

static bool add_coverage(struct store_transaction *transaction, const struct desk_about *about,
                         struct value *record, struct error *error)
{
  struct access access;
  bool may;
  return open_other(transaction, about, "coverage", &access, &may, error) &&
         (!may || desk_about_coverage(transaction, about, &access, record, error));
}

static bool add_belongings(struct store_transaction *transaction, const struct desk_about *about,
                           struct value *record, struct error *error)
{
  struct access access;
  bool may;
  return open_other(transaction, about, "belongings", &access, &may, error) &&
         (!may || desk_about_belongings(transaction, about, &access, record, error));
}

/* What each file is, of the kinds whose object may be read. */
static bool add_files(struct store_transaction *transaction, const struct desk_about *about,
                      struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < FILE_OBJECTS; i++) {
    struct access access;
    struct person_file *files;
    size_t count;
    bool may;
    if (!open_other(transaction, about, file_objects[i], &access, &may, error)) return false;
    if (!may) continue;
    if (!file_list(transaction, about->request->application->records, &access, arena,
                   about->person.id, TEXT(""), TEXT(""), &files, &count, error))
      return false;
    for (size_t at = 0; at < count; at++)
      if (!files[at].removed_at) value_add(list, care_file_document(arena, &files[at]));
  }
  if (value_count(list)) value_set(record, "file", list);
  return true;
}

bool desk_about_record(struct store_transaction *transaction, const struct desk_about *about,
                       const struct value **out, struct error *error)
{
  struct value *record = value_object(about->request->arena);
  value_set(record, "person", care_person_document(about->request->arena, &about->person));
  if (!add_episodes(transaction, about, record, error) ||
      !add_facts(transaction, about, record, error) ||
      !add_delivered(transaction, about, record, error) ||
      !add_coverage(transaction, about, record, error) ||
      !add_belongings(transaction, about, record, error) ||
      !add_files(transaction, about, record, error))
    return false;
  *out = record;
  return true;
}
