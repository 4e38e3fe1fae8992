/*
 * A program that takes requests, for tests of admission: care_world.h with a site, staff and the
 * rules of requests, and a deed for an access to one request.
 */
#ifndef FAIRLEAD_TESTS_REQUEST_WORLD_H
#define FAIRLEAD_TESTS_REQUEST_WORLD_H

#include "admission/admission.h"
#include "care_world.h"

static const int64_t MINUTE = INT64_C(60000000), HOUR = INT64_C(3600000000),
                     DAY = INT64_C(86400000000);
static struct {
  struct requests *requests;
  struct text west, east, ada, ben; /* sites; staff */
} ground;

typedef bool request_function(struct store_transaction *transaction, const struct access *access,
                              void *context, struct error *error);
struct request_deed {
  const char *act;
  struct text id;
  request_function *run;
  void *context;
};

static inline bool request_run(struct store_transaction *transaction, void *context,
                               struct error *error)
{
  struct request_deed *deed = context;
  struct access access;
  struct role_subject subject;
  return request_subject_load(transaction, world.program_id, deed->id, &world.actor, world.now,
                              world.arena, &subject, error) &&
         access_open(transaction, world.privacy, &world.actor, "request", deed->act, &subject,
                     deed->id, world.now, &access, error) &&
         deed->run(transaction, &access, deed->context, error);
}

/* Do something with an access to one request. */
static inline bool request_do(const char *act, struct text id, request_function *run, void *context)
{
  struct request_deed deed = {act, id, run, context};
  error_clear(&world.error);
  return store_write(world.store, request_run, &deed, &world.error);
}

static inline bool ground_make_site(struct store_transaction *t, const struct access *access,
                                    void *context, struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static inline bool ground_make_staff(struct store_transaction *t, const struct access *access,
                                     void *context, struct error *error)
{
  return staff_create(t, world.care, access, world.arena, context, error);
}
static inline bool ground_make_person(struct store_transaction *t, const struct access *access,
                                      void *context, struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
static inline bool ground_make_request(struct store_transaction *t, const struct access *access,
                                       void *context, struct error *error)
{
  return request_create(t, ground.requests, access, world.arena, context, error);
}

static inline int ground_begin(void **state)
{
  int failed = world_begin(state);
  struct site a = {.name = TEXT("West")}, b = {.name = TEXT("East")};
  struct staff ada = {.name = TEXT("Ada"), .profession = TEXT("nurse")},
               ben = {.name = TEXT("Ben"), .profession = TEXT("counselor")};
  memset(&ground, 0, sizeof ground);
  WORLD(requests_open(&ground.requests, world_share(), world.care, &world.error));
  WORLD(world_do("site", "write", TEXT(""), ground_make_site, &a));
  WORLD(world_do("site", "write", TEXT(""), ground_make_site, &b));
  WORLD(world_do("staff", "write", TEXT(""), ground_make_staff, &ada));
  WORLD(world_do("staff", "write", TEXT(""), ground_make_staff, &ben));
  ground.west = a.id;
  ground.east = b.id;
  ground.ada = ada.id;
  ground.ben = ben.id;
  world_become("case-manager", "", text_c(world.arena, ada.id));
  return failed;
}

static inline int ground_end(void **state)
{
  requests_close(ground.requests);
  return world_end(state);
}

static inline struct request request_of(const char *family)
{
  return (struct request){
      .site_id = ground.west,
      .source = TEXT("call"),
      .urgency = TEXT("routine"),
      .level_of_care = TEXT("3.5"),
      .pregnant = 0,
      .injecting = 0,
      .language = TEXT("en"),
      .identity = {.at = {[REQUEST_GIVEN] = TEXT("Jo"),
                          [REQUEST_FAMILY] = text_from(family),
                          [REQUEST_BIRTH_DATE] = TEXT("1990-02-03"),
                          [REQUEST_PHONE] = TEXT("3035550123")}},
      .words = TEXT("asks for a place near family"),
  };
}

/* Make it as who acts; false with the error in world.error. */
static inline bool request_made(struct request *request)
{
  error_clear(&world.error);
  if (!request_begin(world.privacy, world.arena, world.program_id, world.now, &request->subject_id,
                     &world.error))
    return false;
  struct world_deed deed = {"request",           "write", request->subject_id,
                            ground_make_request, request, true};
  return store_write(world.store, world_run, &deed, &world.error);
}

static inline struct text ground_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("en")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, ground_make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

/* Fire what is due at world.now. */
static inline size_t ground_sweep(void)
{
  struct due_registry *registry = due_registry_new();
  size_t fired = 0, all = 0;
  requests_register_due(ground.requests, registry);
  do {
    WORLD(due_sweep(world.store, registry, world.now, 100, &fired, &world.error));
    all += fired;
  } while (fired);
  due_registry_free(registry);
  return all;
}

struct ground_number {
  struct text id;
  int64_t number;
};
#define GROUND_NUMBER(name, sql)                                                                   \
  static bool name##_read(struct store_transaction *t, void *context, struct error *error)         \
  {                                                                                                \
    struct ground_number *asked = context;                                                         \
    struct store_cursor *cursor;                                                                   \
    bool more = false;                                                                             \
    if (!store_query(t, &cursor, sql, STORE_BIND(STORE_T(asked->id)), error) ||                    \
        !store_next(cursor, &more, error))                                                         \
      return false;                                                                                \
    asked->number = more ? store_column_integer(cursor, 0) : -1;                                   \
    return true;                                                                                   \
  }                                                                                                \
  static int64_t name(struct text id)                                                              \
  {                                                                                                \
    struct ground_number asked = {id, 0};                                                          \
    WORLD(store_read(world.store, name##_read, &asked, &world.error));                             \
    return asked.number;                                                                           \
  }

/* What most acts of requests are given. */
#define OF ground.requests, access, world.arena

#endif
