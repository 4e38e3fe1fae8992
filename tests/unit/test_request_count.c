/*
 * Tests, on both engines, of what the desk's lists show of requests: how many are open and late,
 * who is to be called back and how, how many links open, which days differ. Expected values: what
 * was written; the urgencies' times of request-urgencies.csv, counted by hand.
 */
#include "request_world.h"

struct work {
  struct request request;
  struct request_count *counts;
  struct callback callback, *queue;
  struct business_day *days;
  struct call call;
  struct request_answer answer;
  struct text id, token, date;
  size_t count;
  int64_t links, until, version;
  bool is_open;
};
DEED(count_all,
     request_count(t, ground.requests, access, world.arena, &w->counts, &w->count, error))
DEED(ask_call, callback_add(t, ground.requests, access, world.arena, &w->callback, error))
DEED(read_queue, callback_list(t, access, world.arena, &w->queue, &w->count, error))
DEED(read_own, callback_list_of(t, access, world.arena, w->id, &w->queue, &w->count, error))
DEED(log_call, call_add(t, ground.requests, access, world.arena, &w->call, w->queue[0].id, error))
DEED(answer,
     request_answer(t, ground.requests, access, world.arena, w->id, &w->answer, w->version, error))
DEED(make_link, request_link_make(t, ground.requests, access, world.arena, w->id, &w->token, error))
DEED(revoke_links, request_link_revoke(t, access, world.arena, w->id, error))
DEED(count_links, request_link_count(t, access, world.arena, w->id, &w->links, &w->until, error))
DEED(set_day, business_day_save(t, access, w->date, w->is_open, error))
DEED(read_days, business_day_list(t, access, world.arena, &w->days, &w->count, error))

static struct work made(const char *family, const char *urgency, struct text site)
{
  struct work w = {.request = request_of(family)};
  w.request.urgency = text_from(urgency);
  w.request.site_id = site;
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  return w;
}

static void assert_counts(const struct work *w, const char *urgency, int64_t open,
                          int64_t unanswered, int64_t late)
{
  for (size_t i = 0; i < w->count; i++) {
    if (!text_equal(w->counts[i].urgency, text_from(urgency))) continue;
    assert_int_equal(w->counts[i].open, open);
    assert_int_equal(w->counts[i].unanswered, unanswered);
    assert_int_equal(w->counts[i].late, late);
    return;
  }
  fail_msg("no count of %s", urgency);
}

static void open_ones_are_counted_by_urgency(void **state)
{
  (void)state;
  struct work none = {.count = 0}, first = made("One", "urgent", ground.west);
  (void)made("Two", "urgent", ground.west);
  (void)made("Three", "emergency", ground.east);
  struct work gone = made("Four", "routine", ground.west);
  first.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", first.id, answer, &first));
  gone.answer = (struct request_answer){false, TEXT("age"), TEXT("")};
  WORLD(request_do("write", gone.id, answer, &gone));
  world.now += 31 * MINUTE; /* past an emergency's 30 */
  WORLD(world_do("request", "read", TEXT(""), count_all, &none));
  assert_int_equal(none.count, 3);
  assert_true(text_equal(none.counts[0].urgency, TEXT("emergency"))); /* as the list has them */
  assert_counts(&none, "emergency", 1, 1, 1);
  assert_counts(&none, "urgent", 2, 1, 0);
  assert_counts(&none, "routine", 0, 0, 0);
  world.now += 90 * MINUTE; /* past two hours */
  WORLD(world_do("request", "read", TEXT(""), count_all, &none));
  assert_counts(&none, "urgent", 2, 1, 1);
  world_become("case-manager", text_c(world.arena, ground.west), "");
  WORLD(world_do("request", "read", TEXT(""), count_all, &none));
  assert_counts(&none, "emergency", 0, 0, 0); /* at another site */
  assert_counts(&none, "urgent", 2, 1, 1);
  assert_false(world_do("person", "read", TEXT(""), count_all, &none));
}

static void the_queue_tells_whom_to_call_and_how(void **state)
{
  (void)state;
  struct work w = made("Quill", "urgent", ground.west), other = made("Rook", "urgent", ground.west);
  for (int i = 2; i > 0; i--) {
    w.callback = (struct callback){
        .request_id = w.id, .script = TEXT("call-back"), .due_at = world.now + i * HOUR};
    WORLD(request_do("write", w.id, ask_call, &w));
  }
  other.callback = (struct callback){
      .request_id = other.id, .script = TEXT("waiting"), .due_at = world.now + 3 * HOUR};
  WORLD(request_do("write", other.id, ask_call, &other));
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 3);
  assert_true(text_equal(w.queue[0].identity.at[REQUEST_FAMILY], TEXT("Quill")));
  assert_true(text_equal(w.queue[0].identity.at[REQUEST_PHONE], TEXT("3035550123")));
  assert_true(text_equal(w.queue[0].language, TEXT("en")));
  assert_int_equal(w.queue[0].due_at, world.now + HOUR);
  assert_true(text_equal(w.queue[2].identity.at[REQUEST_FAMILY], TEXT("Rook")));
  WORLD(request_do("read", w.id, read_own, &w));
  assert_int_equal(w.count, 2);
  assert_int_equal(w.queue[0].due_at, world.now + HOUR);
  assert_true(text_equal(w.queue[1].script, TEXT("call-back")));
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("call"),
                         .result = TEXT("reached"),
                         .at = world.now};
  WORLD(request_do("write", w.id, log_call, &w));
  WORLD(request_do("read", w.id, read_own, &w));
  assert_int_equal(w.count, 1);
  assert_false(request_do("read", other.id, read_own, &w)); /* opened for another */
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
}

static void links_that_open_are_counted(void **state)
{
  (void)state;
  struct work w = made("Quill", "urgent", ground.west);
  w.links = w.until = -1;
  WORLD(request_do("read", w.id, count_links, &w));
  assert_int_equal(w.links, 0);
  assert_int_equal(w.until, 0);
  WORLD(request_do("write", w.id, make_link, &w));
  int64_t first = world.now;
  world.now += HOUR;
  WORLD(request_do("write", w.id, make_link, &w));
  WORLD(request_do("read", w.id, count_links, &w));
  assert_int_equal(w.links, 2);
  int64_t length = w.until - world.now; /* request-link-days */
  assert_true(length > 0 && length % DAY == 0);
  world.now = first + length;
  WORLD(request_do("read", w.id, count_links, &w));
  assert_int_equal(w.links, 1); /* the first one's time is over */
  WORLD(request_do("write", w.id, revoke_links, &w));
  WORLD(request_do("read", w.id, count_links, &w));
  assert_int_equal(w.links, 0);
}

static void days_of_its_own_are_listed(void **state)
{
  (void)state;
  struct work w = {.date = TEXT("2026-12-24")};
  world_become("administrator", "", "");
  WORLD(world_do("program", "write", TEXT(""), set_day, &w));
  w.date = TEXT("2026-11-26");
  w.is_open = true;
  WORLD(world_do("program", "write", TEXT(""), set_day, &w));
  w.date = TEXT("2020-01-01"); /* long over */
  WORLD(world_do("program", "write", TEXT(""), set_day, &w));
  WORLD(world_do("program", "read", TEXT(""), read_days, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.days[0].date, TEXT("2026-11-26")) && w.days[0].is_open);
  assert_true(text_equal(w.days[1].date, TEXT("2026-12-24")) && !w.days[1].is_open);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(open_ones_are_counted_by_urgency),
      TEST(the_queue_tells_whom_to_call_and_how),
      TEST(links_that_open_are_counted),
      TEST(days_of_its_own_are_listed),
  };
  return store_support_run("request_count", tests, sizeof tests / sizeof *tests);
}
