/*
 * Tests of the notice to the State from beds, on both engines: each act counts who is in a bed
 * against what the program can take in, and at nine of ten (45 CFR 96.126(a)) one notice is owed.
 * Expected: the beds that the test itself filled, of four.
 */
#include "bed_world.h"

static struct requests *requests;

static int capacity_begin(void **state)
{
  int failed = bed_begin(state);
  WORLD(requests_open(&requests, world_share(), world.care, &world.error));
  waitlist_pass_register(requests, beds);
  return failed;
}

static int capacity_end(void **state)
{
  int failed = bed_end(state);
  requests_close(requests);
  return failed;
}

struct owed {
  int64_t count, taken, capacity, open;
};

static bool read_owed(struct store_transaction *t, void *context, struct error *error)
{
  struct owed *owed = context;
  struct store_cursor *cursor;
  bool more = false, done;
  if (!store_query(t, &cursor,
                   "SELECT taken, capacity, CASE WHEN over_at = 0 THEN 1 ELSE 0 END"
                   " FROM capacity_notice WHERE program_id = $1 AND places = 'bed'"
                   " ORDER BY reached_at, id",
                   STORE_BIND(STORE_T(world.program_id)), error))
    return false;
  while ((done = store_next(cursor, &more, error)) && more) {
    owed->count++;
    owed->taken = store_column_integer(cursor, 0);
    owed->capacity = store_column_integer(cursor, 1);
    owed->open += store_column_integer(cursor, 2);
  }
  store_cursor_close(cursor);
  return done;
}

static void owes(int64_t count, int64_t open)
{
  struct owed owed = {.count = 0};
  WORLD(store_read(world.store, read_owed, &owed, &world.error));
  if (owed.count != count || owed.open != open)
    fail_msg("%lld notices, %lld open", (long long)owed.count, (long long)owed.open);
  if (count) assert_true(owed.taken == 4 && owed.capacity == 4);
}

static void the_last_bed_owes_one_notice(void **state)
{
  (void)state;
  for (size_t i = 0; i < 3; i++) arrive(i, i, world.now - day);
  struct work w = hold_of(4, 3, "outreach");
  WORLD(bed_do(people[4], do_hold, &w));
  owes(0, 0); /* three of four, and a hold is nobody's admission */
  struct work back = {.id = w.hold.id, .reason = TEXT("other"), .version = 1};
  WORLD(bed_do(people[4], do_release, &back));
  arrive(3, 3, world.now);
  owes(1, 1);
  w = (struct work){.id = stays[0]};
  WORLD(bed_do(people[0], do_find, &w));
  struct work away = {.id = w.use.id,
                      .reason = TEXT("hospital-visit"),
                      .at = world.now,
                      .until = world.now + day,
                      .version = w.use.version};
  WORLD(bed_do(people[0], do_leave, &away));
  owes(1, 1); /* on leave one still has the bed; no second notice */
  WORLD(discharge(1, world.now, 3));
  owes(1, 0); /* over, and still owed */
}

static void what_the_staff_allows_counts(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  the_unit.staffed = 2;
  WORLD(world_do("site", "write", TEXT(""), save_unit, &the_unit));
  world_become("case-manager", "", "");
  arrive(0, 0, world.now);
  owes(0, 0);
  struct owed owed = {.count = 0};
  arrive(1, 1, world.now);
  WORLD(store_read(world.store, read_owed, &owed, &world.error));
  assert_true(owed.count == 1 && owed.taken == 2 && owed.capacity == 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_last_bed_owes_one_notice, capacity_begin, capacity_end),
      cmocka_unit_test_setup_teardown(what_the_staff_allows_counts, capacity_begin, capacity_end),
  };
  return store_support_run("bed capacity", tests, sizeof tests / sizeof *tests);
}
