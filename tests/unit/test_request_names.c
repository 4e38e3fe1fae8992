/*
 * Tests of request_names_load() and waitlist_before() on both engines: whom requests are about, and
 * who would be passed over. Expected values: 45 CFR 96.131's order, counted by hand; what was
 * typed.
 */
#include "request_world.h"

struct work {
  struct request request;
  struct request_answer answer;
  struct waitlist_entry *list;
  struct request_names names;
  struct text id, ids[64];
  size_t count, id_count;
  int64_t version;
};
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(before_of, waitlist_before(t, OF, w->id, &w->list, &w->count, error))
DEED(names_of, request_names_load(t, access, world.arena, w->ids, w->id_count, &w->names, error))

static void assert_refused(bool done, const char *person)
{
  assert_false(done);
  assert_string_equal(world.error.person, person);
}

static struct work accepted(const char *family, int64_t pregnant, int64_t injecting)
{
  struct work w = {.request = request_of(family), .version = 1};
  w.request.pregnant = pregnant;
  w.request.injecting = injecting;
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  return w;
}

static struct work waiting(const char *family, int64_t pregnant, int64_t injecting)
{
  struct work w = accepted(family, pregnant, injecting);
  WORLD(request_do("write", w.id, enter, &w));
  return w;
}

/* Whoever waitlist_offer() would ask a reason for, also for somebody who is on no list yet. */
static void who_stands_before_is_told(void **state)
{
  (void)state;
  struct work first = waiting("Adams", 0, 0);
  world.now += HOUR;
  struct work later = waiting("Baker", 0, 0), pregnant = waiting("Evans", 1, 0);
  world.now += HOUR;
  struct work fresh = accepted("Frank", 0, 1);
  const struct text wanted[] = {pregnant.id, first.id};
  WORLD(world_do("request", "read", TEXT(""), before_of, &later));
  assert_int_equal(later.count, 2);
  for (size_t i = 0; i < 2; i++) assert_true(text_equal(later.list[i].request_id, wanted[i]));
  WORLD(world_do("request", "read", TEXT(""), before_of, &pregnant));
  assert_int_equal(pregnant.count, 0);
  WORLD(world_do("request", "read", TEXT(""), before_of, &fresh));
  assert_int_equal(fresh.count, 1);
  assert_true(text_equal(fresh.list[0].request_id, pregnant.id));
  later.id = TEXT("nobody");
  assert_refused(world_do("request", "read", TEXT(""), before_of, &later), "error.request.gone");
  world_become("case-manager", text_c(world.arena, ground.east), "");
  assert_refused(world_do("request", "read", TEXT(""), before_of, &first), "error.403.text");
}

static struct text name_of(struct work *w, struct text id)
{
  const struct request_name *name = request_names_find(&w->names, id);
  return name && name->is_seen ? name->name : TEXT("not seen");
}

static void requests_are_named_by_their_ids(void **state)
{
  (void)state;
  struct work w = {.id_count = 0};
  assert_int_equal(w.id_count, 0);
  WORLD(world_do("request", "read", TEXT(""), names_of, &w));
  assert_null(request_names_find(&w.names, TEXT("nobody")));
  for (int i = 0; i < 45; i++) { /* more than one statement asks for */
    struct request request = request_of(text_c(world.arena, text_format(world.arena, "Bell%d", i)));
    WORLD(request_made(&request));
    w.ids[w.id_count++] = request.id;
  }
  struct request nameless = request_of("");
  nameless.identity.at[REQUEST_GIVEN] = TEXT("");
  WORLD(request_made(&nameless));
  w.ids[w.id_count++] = nameless.id;
  w.ids[w.id_count++] = w.ids[0];
  w.ids[w.id_count++] = TEXT("");
  w.ids[w.id_count++] = TEXT("nobody");
  WORLD(world_do("request", "read", TEXT(""), names_of, &w));
  assert_int_equal(w.names.count, 47);
  for (int i = 0; i < 45; i++) {
    struct text wanted = text_format(world.arena, "Jo Bell%d", i);
    assert_true(text_equal(name_of(&w, w.ids[i]), wanted));
  }
  assert_true(text_is_empty(name_of(&w, nameless.id)));
  assert_true(text_equal(name_of(&w, TEXT("nobody")), TEXT("not seen")));
  world_become("case-manager", text_c(world.arena, ground.east), "");
  WORLD(world_do("request", "read", TEXT(""), names_of, &w));
  assert_true(text_equal(name_of(&w, w.ids[0]), TEXT("not seen")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {TEST(who_stands_before_is_told),
                                     TEST(requests_are_named_by_their_ids)};
  return store_support_run("waitlist entry", tests, sizeof tests / sizeof *tests);
}
