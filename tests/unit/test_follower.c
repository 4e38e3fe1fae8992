/*
 * Tests of follower.h: what the store says of free places stands in the overlay after one look,
 * fades by time alone, and goes with its row. Expected: programme reference 4.2 (at most 2 hours:
 * now; 24: today; 72: call first; then hidden); the rows that the test itself wrote; limits.h.
 */
#include <unistd.h>

#include "bed_world.h"
#include "places_table.h"
#include "web/follower.h"

static struct directory *directory;
static struct web_follower *follower;
static const char house[] = "0199f000-0000-5000-8000-0000000000aa",
                  other[] = "0199f000-0000-5000-8000-0000000000bb";

/* A share folder with the few places of the tests: a directory asks for some. */
static const char *share_folder(void)
{
  static const char *const names[] = {"knowledge", "migrations", "locale"};
  const char *share = file_join(world.arena, world.folder, "share");
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  WORLD(file_make_folder(share, &world.error));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *from = world_share();
    const char *whole = from[0] == '/' ? from : file_join(world.arena, here, from);
    assert_int_equal(
        symlink(file_join(world.arena, whole, names[i]), file_join(world.arena, share, names[i])),
        0);
  }
  WORLD(file_replace(file_join(world.arena, share, "places.tsv"),
                     (struct text){PLACES_TABLE, sizeof PLACES_TABLE - 1}, &world.error));
  return share;
}

static int follower_begin(void **state)
{
  int begun = bed_begin(state);
  WORLD(directory_open(&directory, world.folder, share_folder(), NULL, &world.error));
  follower = web_follower_new(world.store, beds, directory);
  return begun;
}

static int follower_end(void **state)
{
  web_follower_stop(follower);
  directory_close(directory);
  return bed_end(state);
}

struct told {
  const char *house, *answer;
  int64_t as_of, now;
};
static bool do_tell(struct store_transaction *t, void *context, struct error *error)
{
  const struct told *told = context;
  struct availability_link link = {.facility_id = text_from(told->house),
                                   .level_of_care = TEXT("3.5")};
  return availability_put(t, beds, &link, TEXT("tap"), text_from(told->answer), told->as_of,
                          told->now, error);
}
static void tell(const char *of, const char *answer, int64_t at)
{
  struct told told = {of, answer, at, at};
  WORLD(store_write(world.store, do_tell, &told, &world.error));
}
static bool do_forget(struct store_transaction *t, void *context, struct error *error)
{
  return store_execute(t, "DELETE FROM availability WHERE facility_id = $1",
                       STORE_BIND(STORE_T(text_from(context))), NULL, error);
}
static void take_away(const char *of)
{
  WORLD(store_write(world.store, do_forget, (void *)(uintptr_t)of, &world.error));
}

static void look_at(int64_t now)
{
  WORLD(web_follower_look(follower, now, &world.error));
}

/* "yes now", or "" when nothing is said. */
static const char *said(const char *of)
{
  static char out[64];
  const struct overlay *overlay = directory_overlay_acquire(directory);
  const struct overlay_place *places;
  size_t count = overlay_find(overlay, text_from(of), &places);
  out[0] = '\0';
  if (count)
    snprintf(out, sizeof out, "%.*s %.*s", TEXT_PRINT(places->answer), TEXT_PRINT(places->age));
  directory_overlay_release(directory, overlay);
  return out;
}

static void a_word_is_said_and_fades_by_time_alone(void **state)
{
  (void)state;
  int64_t begun = world.now;
  look_at(begun);
  assert_string_equal(said(house), "");
  tell(house, "yes", begun);
  look_at(begun + 1);
  assert_string_equal(said(house), "yes now");
  look_at(begun + 2 * hour);
  assert_string_equal(said(house), "yes now");
  look_at(begun + 2 * hour + minute);
  assert_string_equal(said(house), "yes today");
  look_at(begun + day + minute);
  assert_string_equal(said(house), "yes call-first");
  look_at(begun + 3 * day + minute);
  assert_string_equal(said(house), "");
  tell(house, "no", begun + 3 * day + 2 * minute);
  look_at(begun + 3 * day + 2 * minute);
  assert_string_equal(said(house), "no now");
}

static void what_did_not_change_is_not_built_anew(void **state)
{
  (void)state;
  tell(house, "yes", world.now);
  look_at(world.now);
  const struct overlay *first = directory_overlay_acquire(directory);
  for (int i = 1; i < 4; i++) look_at(world.now + i * minute);
  const struct overlay *again = directory_overlay_acquire(directory);
  assert_ptr_equal(first, again);
  tell(other, "no", world.now + 5 * minute);
  look_at(world.now + 5 * minute);
  assert_string_equal(said(other), "no now");
  const struct overlay_place *places;
  assert_int_equal(overlay_find(first, text_from(other), &places), 0); /* who holds one keeps it */
  directory_overlay_release(directory, again);
  directory_overlay_release(directory, first);
}

/* A transaction that took long, or a clock that is behind: LIMIT_AVAILABILITY_OVERLAP_SECONDS. */
static void a_late_word_is_seen(void **state)
{
  (void)state;
  tell(house, "yes", world.now);
  look_at(world.now);
  tell(other, "yes", world.now - minute);
  look_at(world.now + 1);
  assert_string_equal(said(other), "yes now");
}

/* Rows that are gone are missed when all are read, LIMIT_AVAILABILITY_WHOLE_SECONDS later, also
 * when as many others came; and at once when the clock was set back. */
static void what_is_gone_is_said_no_more(void **state)
{
  (void)state;
  tell(house, "yes", world.now);
  look_at(world.now);
  take_away(house);
  tell(other, "likely", world.now);
  look_at(world.now + minute);
  assert_string_equal(said(house), "yes now");
  assert_string_equal(said(other), "likely now");
  look_at(world.now + 10 * minute);
  assert_string_equal(said(house), "");
  assert_string_equal(said(other), "likely now");
  take_away(other);
  tell(house, "no", world.now);
  look_at(world.now - hour);
  assert_string_equal(said(other), "");
  assert_string_equal(said(house), "no now");
}

/* The whole table is read first, so that another row in the place of one leaves one. */
static void another_row_in_the_place_of_one(void **state)
{
  (void)state;
  tell(house, "yes", world.now);
  look_at(world.now);
  take_away(house);
  tell(other, "yes", world.now);
  look_at(world.now + 10 * minute);
  assert_string_equal(said(house), "");
  assert_string_equal(said(other), "yes now");
}

static bool do_hide(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t, "ALTER TABLE availability RENAME TO availability_away", STORE_BIND_NONE,
                       NULL, error);
}
static bool do_show(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t, "ALTER TABLE availability_away RENAME TO availability", STORE_BIND_NONE,
                       NULL, error);
}

/* While the store is away the last words stay; when it is back, the next look reads on. */
static void the_last_words_stay_while_the_store_is_away(void **state)
{
  (void)state;
  struct store *store = world.store;
  tell(house, "yes", world.now);
  look_at(world.now);
  struct web_follower *blind = web_follower_new(store, beds, directory);
  WORLD(web_follower_look(blind, world.now, &world.error));
  WORLD(store_write(store, do_hide, NULL, &world.error));
  bool is_read = web_follower_look(blind, world.now + hour, &world.error);
  error_clear(&world.error);
  WORLD(store_write(store, do_show, NULL, &world.error));
  assert_false(is_read);
  assert_string_equal(said(house), "yes now");
  tell(house, "no", world.now + hour);
  WORLD(web_follower_look(blind, world.now + hour, &world.error));
  assert_string_equal(said(house), "no now");
  web_follower_stop(blind);
}

static void a_thread_of_its_own_follows(void **state)
{
  (void)state;
  struct web_follower *running;
  WORLD(web_follower_start(&running, world.store, beds, directory, &world.error));
  tell(house, "likely", time_now());
  for (int tries = 0; tries < 400 && !said(house)[0]; tries++) usleep(25 * 1000);
  assert_string_equal(said(house), "likely now");
  web_follower_stop(running);
  assert_string_equal(said(house), "");
  web_follower_stop(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_begin, follower_end)
  const struct CMUnitTest tests[] = {
      TEST(a_word_is_said_and_fades_by_time_alone),
      TEST(what_did_not_change_is_not_built_anew),
      TEST(a_late_word_is_seen),
      TEST(what_is_gone_is_said_no_more),
      TEST(another_row_in_the_place_of_one),
      TEST(the_last_words_stay_while_the_store_is_away),
      TEST(a_thread_of_its_own_follows),
  };
  return store_support_run("follower", tests, sizeof tests / sizeof *tests);
}
