/*
 * Tests of call.h on both engines: what counts as an attempt to reach somebody, and that an end
 * asks for them wherever a request stands. Expected values: waitlist-outcomes.csv and
 * call-kinds.csv, counted by hand.
 */
#include "request_world.h"

struct work {
  struct request request;
  struct request_answer answer;
  struct waitlist_entry entry;
  struct call call;
  struct text id, outcome;
  int64_t version;
};
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(look, waitlist_load(t, OF, w->id, &w->entry, error))
DEED(end_it, waitlist_end(t, OF, w->id, w->outcome, TEXT(""), w->version, error))
DEED(log_call, call_add(t, OF, &w->call, TEXT(""), error))

static void assert_refused(bool done, const char *person)
{
  assert_false(done);
  assert_string_equal(world.error.person, person);
}

static void attempts_are_ours_and_since_the_last_touch(void **state)
{
  (void)state;
  static const char *const kinds[] = {"went-out", "came-in"};
  struct call calls[4];
  for (int64_t i = 0; i < 4; i++)
    calls[i] = (struct call){.kind = TEXT("went-out"), .result = TEXT("no-answer"), .at = 10 * i};
  assert_int_equal(call_attempts(ground.requests, calls, 0), 0);
  assert_int_equal(call_attempts(ground.requests, calls, 4), 4);
  for (size_t k = 0; k < 2; k++) { /* in any order; one at the same moment is before */
    calls[1].kind = text_from(kinds[k]);
    calls[1].result = k == 0 ? TEXT("reached") : TEXT("left-message");
    calls[1].at = 20;
    assert_int_equal(call_attempts(ground.requests, calls, 4), 1);
  }
  calls[3].result = TEXT("asked-to-call-later");
  assert_int_equal(call_attempts(ground.requests, calls, 4), 0);
}

/* 45 CFR 96.126(c) asks for contact while somebody waits; our own rule is the same for whoever
 * asked and is on no list yet. The figure 3: waitlist-outcomes.csv. */
static void who_is_on_no_list_is_tried_as_often(void **state)
{
  (void)state;
  struct work w = {.request = request_of("Aster")};
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  w.outcome = TEXT("not-reached");
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("came-in"),
                         .way = TEXT("call"),
                         .result = TEXT("left-message"),
                         .at = world.now - 5 * DAY};
  WORLD(request_do("write", w.id, log_call, &w)); /* who called us was not tried */
  w.call.kind = TEXT("went-out");
  for (int i = 0; i < 3; i++) {
    assert_refused(request_do("write", w.id, end_it, &w), "error.request.attempts");
    w.call.at = world.now - (4 - i) * DAY;
    WORLD(request_do("write", w.id, log_call, &w));
  }
  w.call.kind = TEXT("came-in"); /* between the second and the third, told later */
  w.call.at = world.now - 2 * DAY - 1;
  WORLD(request_do("write", w.id, log_call, &w));
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.attempts");
  w.call.kind = TEXT("went-out");
  w.call.at = world.now - DAY;
  WORLD(request_do("write", w.id, log_call, &w));
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  WORLD(request_do("write", w.id, enter, &w)); /* what was tried before counts on the list */
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.attempts, 2);
  assert_int_equal(w.entry.contact_at, world.now - DAY);
  w.version = 3;
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.attempts");
  w.call.at = world.now;
  WORLD(request_do("write", w.id, log_call, &w));
  WORLD(request_do("write", w.id, end_it, &w));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(attempts_are_ours_and_since_the_last_touch),
      TEST(who_is_on_no_list_is_tried_as_often),
  };
  return store_support_run("call", tests, sizeof tests / sizeof *tests);
}
