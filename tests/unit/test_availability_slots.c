/*
 * Tests of what is published of slots (availability.h) on both engines: it follows each act on a
 * slot in the act's own transaction, never stands in the way of beds, and names nobody. Expected:
 * counted by hand from the places that the test makes and takes.
 */
#include "request_world.h"

static const char house[] = "0199f000-0000-5000-8000-0000000000aa";

struct work {
  struct slot slot;
  struct request request;
  struct text id;
  struct site site, *sites;
  struct availability *rows;
  size_t count;
};

DEED(make_slot, slot_create(t, OF, &w->slot, error))
DEED(save_slot, slot_save(t, OF, &w->slot, error))
DEED(add, slot_add(t, OF, w->slot.id, w->id, error))
DEED(leave, slot_leave(t, OF, w->slot.id, w->id, error))
DEED(confirm, availability_confirm_slots(t, access, w->id, error))
DEED(save_site, site_save(t, world.care, access, &w->site, error))
DEED(list_sites, site_list(t, access, world.arena, &w->sites, &w->count, error))
DEED(read_all, availability_read(t, world.arena, 0, 0, &w->rows, &w->count, error))
DEED(admit_by_hand, store_execute(t, "UPDATE request SET state = 'admitted' WHERE id = $1",
                                  STORE_BIND(STORE_T(w->id)), NULL, error))

static void as_administrator(world_function *function, const char *act, struct work *w)
{
  world_become("administrator", "", "");
  WORLD(world_do("site", act, TEXT(""), function, w));
  world_become("case-manager", "", text_c(world.arena, ground.ada));
}

static struct work slot_of(const char *level, int64_t capacity)
{
  struct work w = {.slot = {.site_id = ground.west,
                            .kind = TEXT("evening"),
                            .level_of_care = text_from(level),
                            .name = TEXT("Evening group"),
                            .weekdays = TEXT("1 3 5"),
                            .begins = 18 * 60,
                            .ends = 21 * 60,
                            .capacity = capacity}};
  as_administrator(make_slot, "write", &w);
  return w;
}

static struct text admitted(const char *family)
{
  struct work w = {.request = request_of(family)};
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  WORLD(request_do("write", w.id, admit_by_hand, &w));
  return w.id;
}

/* Join a site with its page in the finder; close it when `closed_at`. */
static void change_site(struct text site_id, const char *facility, int64_t closed_at)
{
  struct work w = {.count = 0};
  as_administrator(list_sites, "read", &w);
  for (size_t i = 0; i < w.count; i++)
    if (text_equal(w.sites[i].id, site_id)) w.site = w.sites[i];
  w.site.facility_id = text_from(facility);
  w.site.closed_at = closed_at;
  as_administrator(save_site, "write", &w);
}

/* What the server's sweeper does within a second. */
static void sweep(void)
{
  struct due_registry *registry = due_registry_new();
  struct beds *beds = NULL;
  size_t fired = 0;
  WORLD(beds_open(&beds, world_share(), world.care, &world.error));
  beds_register_due(beds, registry);
  do {
    WORLD(due_sweep(world.store, registry, world.now, 100, &fired, &world.error));
  } while (fired);
  due_registry_free(registry);
  beds_close(beds);
}

/* "aa 2.1 yes 3/2; …": facility, level, answer, places and how many are free. */
static const char *published(void)
{
  struct work w = {.count = 0};
  struct text all = TEXT("");
  WORLD(world_do("request", "read", TEXT(""), read_all, &w));
  for (size_t i = 0; i < w.count; i++) {
    const struct availability *row = &w.rows[i];
    assert_true(text_equal(row->source, TEXT("slots")));
    assert_true(row->expected == row->offerable);
    struct text facility = row->facility_id.length
                               ? text_slice(row->facility_id, 34, row->facility_id.length)
                               : TEXT("-");
    all = text_format(world.arena, "%.*s%s%.*s %.*s %.*s %lld/%lld", TEXT_PRINT(all), i ? "; " : "",
                      TEXT_PRINT(facility), TEXT_PRINT(row->level_of_care), TEXT_PRINT(row->answer),
                      (long long)row->places, (long long)row->offerable);
  }
  return text_c(world.arena, all);
}
static int64_t seen_at(void)
{
  struct work w = {.count = 0};
  WORLD(world_do("request", "read", TEXT(""), read_all, &w));
  assert_true(w.count > 0);
  return w.rows[0].as_of;
}

static void what_is_published_follows_each_act(void **state)
{
  (void)state;
  struct work slot = slot_of("2.1", 2);
  slot.id = admitted("Adams");
  assert_string_equal(published(), "- 2.1 yes 2/2");
  world.now += MINUTE;
  WORLD(request_do("write", slot.id, add, &slot));
  assert_string_equal(published(), "- 2.1 yes 2/1");
  assert_true(seen_at() == world.now);
  struct work other = {.slot = slot.slot, .id = admitted("Baker")};
  WORLD(request_do("write", other.id, add, &other));
  assert_string_equal(published(), "- 2.1 no 2/0");
  /* the last place is gone: who is refused changes nothing */
  struct work third = {.slot = slot.slot, .id = admitted("Clark")};
  assert_false(request_do("write", third.id, add, &third));
  assert_string_equal(published(), "- 2.1 no 2/0");
  world.now += MINUTE;
  WORLD(request_do("write", slot.id, leave, &slot));
  assert_string_equal(published(), "- 2.1 yes 2/1");
}

static void levels_are_summed_and_a_moved_or_closed_slot_leaves_none(void **state)
{
  (void)state;
  struct work a = slot_of("2.1", 2), b = slot_of("2.1", 3), c = slot_of("1.7", 40);
  assert_string_equal(published(), "- 1.7 yes 40/40; - 2.1 yes 5/5");
  world.now += MINUTE;
  b.slot.closed_at = world.now;
  as_administrator(save_slot, "write", &b);
  c.slot.level_of_care = TEXT("1.5");
  as_administrator(save_slot, "write", &c);
  assert_string_equal(published(), "- 1.5 yes 40/40; - 1.7 no 0/0; - 2.1 yes 2/2");
  a.slot.site_id = ground.east;
  as_administrator(save_slot, "write", &a);
  struct work w = {.count = 0};
  WORLD(world_do("request", "read", TEXT(""), read_all, &w));
  for (size_t i = 0; i < w.count; i++)
    if (text_equal(w.rows[i].level_of_care, TEXT("2.1")))
      assert_int_equal(w.rows[i].places, text_equal(w.rows[i].site_id, ground.east) ? 2 : 0);
  assert_int_equal(w.count, 4);
}

static void a_site_is_joined_with_its_facility_by_the_clock(void **state)
{
  (void)state;
  slot_of("2.1", 2);
  int64_t seen = world.now;
  world.now += HOUR;
  change_site(ground.west, house, 0);
  assert_string_equal(published(), "- 2.1 yes 2/2");
  sweep();
  assert_string_equal(published(), "aa 2.1 yes 2/2");
  assert_true(seen_at() == seen); /* nobody looked */
  change_site(ground.west, house, world.now);
  sweep();
  assert_string_equal(published(), "- 2.1 yes 2/2"); /* of a closed site nobody is told */
}

static void somebody_looked_and_it_is_so(void **state)
{
  (void)state;
  slot_of("2.1", 2);
  world.now += 5 * HOUR;
  struct work w = {.id = ground.west};
  WORLD(world_do("request", "write", TEXT(""), confirm, &w));
  assert_true(seen_at() == world.now);
  assert_false(world_do("request", "read", TEXT(""), confirm, &w));
  assert_true(world.error.kind == ERROR_FORBIDDEN);
  world_become("case-manager", text_c(world.arena, ground.east), text_c(world.arena, ground.ada));
  assert_false(world_do("request", "write", TEXT(""), confirm, &w)); /* another site's */
  assert_true(world.error.kind == ERROR_FORBIDDEN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(what_is_published_follows_each_act),
      TEST(levels_are_summed_and_a_moved_or_closed_slot_leaves_none),
      TEST(a_site_is_joined_with_its_facility_by_the_clock),
      TEST(somebody_looked_and_it_is_so),
  };
  return store_support_run("availability_slots", tests, sizeof tests / sizeof *tests);
}
