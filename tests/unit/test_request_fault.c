/*
 * Failing statements: every door of requests, waiting lists, calls, slots and links that writes is
 * tried with its first, second, third … statement failing, until none is left to fail. Each time it
 * must say no, and leave the database as it was; a clock is tried again and acts once. SQLite
 * alone, whose statements can be interrupted from outside; that a failed transaction leaves nothing
 * on either engine is the store's own test.
 */
#include "request_world.h"
#include "whole_act.h"

/* --- What there is --------------------------------------------------------------------------- */

static bool read_digest(struct store_transaction *t, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(
      t, &cursor,
      "SELECT (SELECT count(*) FROM request), (SELECT coalesce(sum(version), 0) FROM request),"
      " (SELECT count(*) FROM request_event), (SELECT count(*) FROM request_link WHERE"
      " revoked_at = 0), (SELECT count(*) FROM request_call), (SELECT coalesce(sum(version), 0)"
      " FROM callback), (SELECT coalesce(sum(version), 0) FROM waitlist_entry), (SELECT count(*)"
      " FROM interim_given), (SELECT count(*) FROM waitlist_skip), (SELECT coalesce(sum(taken), 0)"
      " FROM slot), (SELECT count(*) FROM slot_use WHERE left_at = 0), (SELECT count(*) FROM due),"
      " (SELECT count(*) FROM audit_waiting), (SELECT count(*) FROM capacity_notice),"
      " (SELECT count(*) FROM due WHERE person_id <> '')",
      STORE_BIND_NONE, error);
  return digest_take(is_read, cursor, 15, context, error);
}

/* --- Deeds --------------------------------------------------------------------------------- */

struct work {
  struct request request;
  struct request_answer answer;
  struct request_facts facts;
  struct waitlist_offer offer;
  struct call call;
  struct callback callback;
  struct slot slot;
  struct text id, service, staff, person, token, outcome;
  int64_t at, version;
};
DEED(make, request_create(t, OF, &w->request, error))
DEED(load, request_load(t, access, world.arena, w->id, &w->request, error))
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(assign, request_assign(t, OF, w->id, w->staff, w->version, error))
DEED(save_facts, request_save_facts(t, OF, w->id, &w->facts, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(give, interim_give(t, OF, w->id, w->service, w->at, error))
DEED(log_call, call_add(t, OF, &w->call, w->callback.id, error))
DEED(ask_call, callback_add(t, OF, &w->callback, error))
DEED(offer, waitlist_offer(t, OF, w->id, &w->offer, w->version, NULL, error))
DEED(release, waitlist_release(t, OF, w->id, w->version, error))
DEED(admit, waitlist_admit(t, OF, w->id, w->version, error))
DEED(leave, slot_leave(t, OF, w->slot.id, w->id, error))
DEED(end_it, waitlist_end(t, OF, w->id, w->outcome, TEXT("said so"), w->version, error))
DEED(make_link, request_link_make(t, OF, w->id, &w->token, error))
DEED(end_links, request_link_revoke(t, access, world.arena, w->id, error))
DEED(make_slot, slot_create(t, OF, &w->slot, error))

static bool attach(struct store_transaction *t, const struct access *access, void *context,
                   struct error *error)
{
  struct work *w = context;
  struct access to;
  struct role_subject subject;
  return care_subject_load(t, world.program_id, w->person, &world.actor, world.now, &subject,
                           error) &&
         access_open(t, world.privacy, &world.actor, "person", "write", &subject, w->person,
                     world.now, &to, error) &&
         request_attach(t, access, &to, world.arena, w->id, w->version, error);
}

static bool detach(struct store_transaction *t, const struct access *access, void *context,
                   struct error *error)
{
  struct work *w = context;
  struct request_detachment why = {TEXT("same-name"), TEXT("two of one name")};
  struct access from;
  struct role_subject subject;
  return care_subject_load(t, world.program_id, w->person, &world.actor, world.now, &subject,
                           error) &&
         access_open(t, world.privacy, &world.actor, "person", "write", &subject, w->person,
                     world.now, &from, error) &&
         request_detach(t, ground.requests, access, &from, world.arena, w->id, &why, w->version,
                        error);
}

static bool look_at(struct store_transaction *t, void *context, struct error *error)
{
  struct work *w = context;
  struct request_status status;
  return request_link_open(t, ground.requests, world.arena, w->token, world.now, &status, error);
}

/* How a deed is done: for a request, or for what is new. */
static bool do_it(request_function *run, struct work *w)
{
  error_clear(&world.error);
  if (run == make) {
    struct world_deed deed = {"request", "write", w->request.subject_id, run, w, true};
    return store_write(world.store, world_run, &deed, &world.error);
  }
  return run ? request_do("write", w->id, run, w)
             : store_write(world.store, look_at, w, &world.error);
}

struct
try {
  request_function *run;
  struct work work;
};
static bool run_try(void *context)
{
  struct try *try = context;
  return do_it(try->run, &try->work);
}

/* Try it with each statement failing in turn. Answers how many there are. */
static long torture(request_function *run, struct work *work)
{
  struct try try = {run, *work};
  long count = whole_act_try(run_try, &try, sizeof try);
  *work = try.work;
  return count;
}

static struct work made(void)
{
  struct work w = {.request = request_of("Bell")};
  w.request.injecting = 1;
  WORLD(request_begin(world.privacy, world.arena, world.program_id, world.now,
                      &w.request.subject_id, &world.error));
  assert_true(torture(make, &w) > 5);
  w.id = w.request.id;
  w.version = 1;
  return w;
}

static void again(struct work *w)
{
  WORLD(request_do("read", w->id, load, w));
  w->version = w->request.version;
}

static void a_way_in_fails_whole(void **state)
{
  (void)state;
  struct work w = made();
  w.slot = (struct slot){.site_id = ground.west,
                         .kind = TEXT("day"),
                         .level_of_care = TEXT("3.5"),
                         .name = TEXT("Day"),
                         .weekdays = TEXT("1 2"),
                         .begins = 540,
                         .ends = 720,
                         .capacity = 1};
  world_become("administrator", "", "");
  WORLD(world_do("site", "write", TEXT(""), make_slot, &w));
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  w.staff = ground.ben;
  assert_true(torture(assign, &w) > 4);
  again(&w);
  w.facts = (struct request_facts){TEXT("urgent"), TEXT("3.5"), 0, 1};
  assert_true(torture(save_facts, &w) > 4);
  again(&w);
  w.answer = (struct request_answer){true, TEXT(""), TEXT("welcome")};
  assert_true(torture(answer, &w) > 4);
  again(&w);
  assert_true(torture(enter, &w) > 8);
  w.service = TEXT("needle-risk");
  w.at = world.now;
  assert_true(torture(give, &w) > 5);
  w.callback = (struct callback){
      .request_id = w.id, .script = TEXT("call-back"), .due_at = world.now + HOUR};
  assert_true(torture(ask_call, &w) > 3);
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("call"),
                         .result = TEXT("reached"),
                         .words = TEXT("will come"),
                         .at = world.now};
  assert_true(torture(log_call, &w) > 6);
  again(&w);
  w.offer = (struct waitlist_offer){.place_kind = TEXT("slot"), .place_id = w.slot.id};
  assert_true(torture(offer, &w) > 8);
  again(&w);
  assert_true(torture(release, &w) > 6);
  again(&w);
  WORLD(request_do("write", w.id, offer, &w));
  again(&w);
  w.person = ground_person("Bell");
  assert_true(torture(attach, &w) > 8);
  again(&w);
  assert_true(torture(detach, &w) > 8);
  again(&w);
  WORLD(request_do("write", w.id, attach, &w));
  again(&w);
  assert_true(torture(admit, &w) > 10);
  assert_true(torture(leave, &w) > 5);
}

static void the_other_ways_fail_whole(void **state)
{
  (void)state;
  struct work w = made();
  assert_true(torture(make_link, &w) > 3);
  assert_true(torture(NULL, &w) > 2); /* opening it */
  assert_true(torture(end_links, &w) > 3);
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  again(&w);
  WORLD(request_do("write", w.id, enter, &w));
  again(&w);
  w.callback =
      (struct callback){.request_id = w.id, .script = TEXT("waiting"), .due_at = world.now + HOUR};
  WORLD(request_do("write", w.id, ask_call, &w));
  w.outcome = TEXT("said-no");
  assert_true(torture(end_it, &w) > 10);
}

GROUND_NUMBER(events_of, "SELECT count(*) FROM request_event WHERE request_id = $1")

/* A clock's handler: what failed is tried again, and happens once. */
static void clocks_ring_whole(void **state)
{
  (void)state;
  struct work w = made();
  struct due_registry *registry = due_registry_new();
  requests_register_due(ground.requests, registry);
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  again(&w);
  WORLD(request_do("write", w.id, enter, &w));
  int64_t before = events_of(w.id);
  world.now += 48 * HOUR; /* interim services are late */
  log_set_level(LOG_ERROR + 1);
  long n = 0;
  for (; events_of(w.id) == before; n++) {
    size_t fired = 0;
    struct error error = {.kind = ERROR_NONE};
    statement_fault_arm(n);
    (void)due_sweep(world.store, registry, world.now, 100, &fired, &error);
    statement_fault_disarm();
    world.now += HOUR; /* past the pause before the next try */
  }
  log_set_level(LOG_INFO);
  assert_true(n > 5);
  assert_int_equal(events_of(w.id), before + 1);
  assert_int_equal(ground_sweep(), 0);
  due_registry_free(registry);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(a_way_in_fails_whole),
      TEST(the_other_ways_fail_whole),
      TEST(clocks_ring_whole),
  };
  statement_fault_watch();
  return cmocka_run_group_tests_name("request_fault", tests, NULL, NULL);
}
