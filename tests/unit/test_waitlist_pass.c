/*
 * Tests of waitlist_pass.h on both engines: a hold that runs out or is given back puts its request
 * back where it stood, and the bed goes to the next person in the same transaction; a bed that is
 * not for everybody waits for somebody who decides. Expected values: what was written, by hand.
 */
#include "request_world.h"

static struct beds *beds;
static struct due_registry *registry;
static struct text bed_of_all, bed_of_women;

struct work {
  struct request request;
  struct request_answer answer;
  struct request_facts facts;
  struct waitlist_offer offer;
  struct waitlist_entry entry;
  struct request_event *events;
  struct bed_hold hold;
  struct text id;
  size_t count;
  int64_t version;
};
DEED(load, request_load(t, access, world.arena, w->id, &w->request, error))
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(offer, waitlist_offer(t, OF, w->id, &w->offer, w->version, NULL, error))
DEED(end_it, waitlist_end(t, OF, w->id, TEXT("said-no"), TEXT(""), w->version, error))
DEED(save_facts, request_save_facts(t, OF, w->id, &w->facts, w->version, error))
DEED(look, waitlist_load(t, OF, w->id, &w->entry, error))
DEED(history, request_history(t, access, world.arena, w->id, &w->events, &w->count, error))
DEED(place_hold, bed_hold_place(t, beds, access, world.arena, &w->hold, error))
DEED(give_back,
     bed_hold_release(t, beds, access, world.arena, w->hold.id, TEXT("went-elsewhere"), 1, error))

static bool make_unit(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return unit_create(t, world.care, access, world.arena, context, error);
}
static bool make_bed(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  return bed_create(t, beds, access, world.arena, context, error);
}

static struct text add_bed(struct text unit, const char *name, const char *policy)
{
  struct bed bed = {.unit_id = unit,
                    .name = text_from(name),
                    .level_of_care = TEXT("3.5"),
                    .policy = text_from(policy),
                    .licensed = true,
                    .staffed = true};
  WORLD(world_do("site", "write", TEXT(""), make_bed, &bed));
  return bed.id;
}

static int pass_begin(void **state)
{
  int failed = ground_begin(state);
  struct unit unit = {.site_id = ground.west,
                      .name = TEXT("East"),
                      .kind = TEXT("residential"),
                      .level_of_care = TEXT("3.5"),
                      .licensed = 4,
                      .staffed = 4};
  WORLD(beds_open(&beds, world_share(), world.care, &world.error));
  registry = due_registry_new();
  beds_register_due(beds, registry);
  requests_register_due(ground.requests, registry);
  waitlist_pass_register(ground.requests, beds);
  world_become("administrator", "", "");
  WORLD(world_do("site", "write", TEXT(""), make_unit, &unit));
  bed_of_all = add_bed(unit.id, "1", "any");
  bed_of_women = add_bed(unit.id, "2", "women");
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  return failed;
}

static int pass_end(void **state)
{
  due_registry_free(registry);
  beds_close(beds);
  return ground_end(state);
}

static struct work waiting(const char *family, int64_t injecting)
{
  struct work w = {.request = request_of(family)};
  w.request.injecting = injecting;
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  WORLD(request_do("write", w.id, enter, &w));
  w.version = 3;
  return w;
}

static void hold_for(struct work *w, struct text bed)
{
  w->hold = (struct bed_hold){.bed_id = bed, .kind = TEXT("outreach"), .request_id = w->id};
  WORLD(world_do("bed-board", "write", TEXT(""), place_hold, w));
  w->offer = (struct waitlist_offer){.place_kind = TEXT("bed"), .place_id = w->hold.id};
  WORLD(request_do("write", w->id, offer, w));
}

static void sweep_at(int64_t now)
{
  size_t fired;
  world.now = now;
  do WORLD(due_sweep(world.store, registry, now, 100, &fired, &world.error));
  while (fired);
}

static bool stands(struct work *w, const char *state)
{
  WORLD(request_do("read", w->id, load, w));
  WORLD(request_do("read", w->id, look, w));
  return text_equal(w->request.state, text_from(state));
}

GROUND_NUMBER(holds_of, "SELECT count(*) FROM bed_use WHERE request_id = $1 AND kind = 'hold'")

static void a_hold_that_runs_out_passes_to_the_next(void **state)
{
  (void)state;
  int64_t begun = world.now;
  struct work first = waiting("Adams", 1), second = waiting("Baker", 0);
  hold_for(&first, bed_of_all);
  sweep_at(begun + 90 * MINUTE - 1);
  assert_true(stands(&first, "offered"));
  sweep_at(begun + 90 * MINUTE);
  assert_true(stands(&first, "waiting"));
  assert_int_equal(first.entry.place.number, 1); /* where they stood */
  assert_true(stands(&second, "offered"));
  assert_int_equal(holds_of(second.id), 1);
  assert_int_equal(holds_of(first.id), 1);
  WORLD(request_do("read", first.id, history, &first));
  assert_true(text_equal(first.events[first.count - 1].code, TEXT("hold-ended")));
  sweep_at(begun + 180 * MINUTE); /* they did not come either: it is the first one's again */
  assert_true(stands(&second, "waiting"));
  assert_true(stands(&first, "offered"));
}

static void a_hold_given_back_passes_and_nobody_is_there(void **state)
{
  (void)state;
  struct work only = waiting("Adams", 0);
  hold_for(&only, bed_of_all);
  WORLD(world_do("bed-board", "write", TEXT(""), give_back, &only));
  assert_true(stands(&only, "waiting"));
  assert_int_equal(only.entry.place.number, 1);
  assert_int_equal(holds_of(only.id), 1); /* not held again for whom it was */
}

static void a_bed_for_some_waits_for_who_decides(void **state)
{
  (void)state;
  struct work first = waiting("Adams", 1), second = waiting("Baker", 0);
  hold_for(&first, bed_of_women);
  WORLD(world_do("bed-board", "write", TEXT(""), give_back, &first));
  assert_true(stands(&second, "waiting"));
  assert_int_equal(holds_of(second.id), 0);
  WORLD(request_do("read", second.id, history, &second));
  assert_true(text_equal(second.events[second.count - 1].kind, TEXT("bed-free")));
}

GROUND_NUMBER(open_holds_of,
              "SELECT count(*) FROM bed_use WHERE request_id = $1 AND kind = 'hold' AND end_at = 0")

/* Who says no keeps no bed: it goes on in the same transaction, whoever ends the request. */
static void the_end_of_a_request_frees_its_bed(void **state)
{
  (void)state;
  struct work first = waiting("Adams", 1), second = waiting("Baker", 0);
  hold_for(&first, bed_of_all);
  assert_int_equal(open_holds_of(first.id), 1);
  WORLD(request_do("read", first.id, load, &first));
  first.version = first.request.version;
  WORLD(request_do("write", first.id, end_it, &first));
  WORLD(request_do("read", first.id, load, &first));
  assert_true(text_equal(first.request.state, TEXT("ended")));
  assert_int_equal(open_holds_of(first.id), 0);
  assert_true(stands(&second, "offered"));
  assert_int_equal(open_holds_of(second.id), 1);
}

/* 45 CFR 96.126(c), also for somebody of whom it was learned while they waited. */
static void an_identifier_follows_the_facts(void **state)
{
  (void)state;
  struct work w = waiting("Adams", 0);
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.identifier.length, 0);
  w.facts = (struct request_facts){TEXT("routine"), TEXT("3.5"), 0, 1};
  WORLD(request_do("write", w.id, save_facts, &w));
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.identifier.length, 10);
  struct work same = waiting("Adams", 1); /* asks again: the same person, the same number */
  WORLD(request_do("read", same.id, look, &same));
  assert_true(text_equal(same.entry.identifier, w.entry.identifier));
  w.facts.injecting = 0;
  w.version++;
  WORLD(request_do("write", w.id, save_facts, &w));
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.identifier.length, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pass_begin, pass_end)
  const struct CMUnitTest tests[] = {
      TEST(a_hold_that_runs_out_passes_to_the_next),
      TEST(a_hold_given_back_passes_and_nobody_is_there),
      TEST(a_bed_for_some_waits_for_who_decides),
      TEST(the_end_of_a_request_frees_its_bed),
      TEST(an_identifier_follows_the_facts),
  };
  return store_support_run("waitlist pass", tests, sizeof tests / sizeof *tests);
}
