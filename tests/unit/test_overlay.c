/*
 * Tests of overlay.h: what is said of free places is found by facility and rendered once; a reader
 * keeps what it holds. Expected: the places that the test itself put in, compared with a walk over
 * all of them.
 */
#include <pthread.h>

#include "directory_world.h"

static const char *const levels[] = {"2.1", "3.1", "3.5", "3.7"};

static struct overlay_place a_place(const char *id, const char *level, const char *answer)
{
  return (struct overlay_place){.facility_id = text_from(id),
                                .level_of_care = text_from(level),
                                .answer = text_from(answer),
                                .age = TEXT("now"),
                                .source = TEXT("census"),
                                .as_of = INT64_C(1795320000000000)}; /* 2026-11-22T04:00:00Z */
}

static const char house[] = "0d8f8a52-9c6e-5d5c-8d5e-0123456789ab";

static void nothing_said_is_no_overlay(void **state)
{
  (void)state;
  const struct overlay_place *places = NULL;
  struct overlay_place bad[] = {a_place("", "3.5", "yes"), a_place("no id", "3.5", "yes")};
  assert_null(overlay_new(NULL, 0));
  assert_null(overlay_new(bad, 2)); /* what no snapshot can have */
  assert_int_equal(overlay_find(NULL, text_from(house), &places), 0);
  assert_int_equal(overlay_json(NULL, text_from(house)).length, 0);
  assert_int_equal(overlay_count(NULL), 0);
  overlay_free(NULL);
}

static void places_come_by_level_and_rendered(void **state)
{
  (void)state;
  const struct overlay_place *places = NULL;
  struct overlay_place given[] = {a_place(house, "3.7", "no"),
                                  a_place("0D8F8A52-9C6E-5D5C-8D5E-0123456789AB", "3.5", "yes")};
  struct overlay *overlay = overlay_new(given, 2);
  assert_int_equal(overlay_count(overlay), 1);
  assert_int_equal(overlay_find(overlay, text_from(house), &places), 2);
  assert_true(text_equal(places[0].level_of_care, TEXT("3.5")));
  assert_true(text_equal(places[1].answer, TEXT("no")));
  assert_true(text_equal(
      overlay_json(overlay, text_from(house)),
      TEXT(",\"availability\":[{\"level_of_care\":\"3.5\",\"answer\":\"yes\",\"age\":\"now\","
           "\"source\":\"census\",\"as_of\":\"2026-11-22T04:00:00.000000Z\"},"
           "{\"level_of_care\":\"3.7\",\"answer\":\"no\",\"age\":\"now\",\"source\":\"census\","
           "\"as_of\":\"2026-11-22T04:00:00.000000Z\"}]")));
  assert_int_equal(overlay_json(overlay, TEXT("0d8f8a52-9c6e-5d5c-8d5e-0123456789ac")).length, 0);
  assert_int_equal(overlay_find(overlay, TEXT("0d8f8a52"), &places), 0);
  overlay_free(overlay);
}

/* Ids that share their ends, so that they meet in the table. */
static void many_are_found_and_no_others(void **state)
{
  (void)state;
  enum { MANY = 3000 };
  static char ids[MANY][UUID_TEXT + 1];
  struct overlay_place *given = calloc(MANY, sizeof *given);
  for (int i = 0; i < MANY; i++) {
    snprintf(ids[i], sizeof ids[i], "00000000-%04x-5000-8000-%012d", (unsigned)i, i % 7);
    given[i] = a_place(ids[i], levels[i % 4], i % 3 ? "yes" : "no");
  }
  struct overlay *overlay = overlay_new(given, MANY / 2);
  assert_int_equal(overlay_count(overlay), MANY / 2);
  for (int i = 0; i < MANY; i++) {
    const struct overlay_place *places = NULL;
    size_t count = overlay_find(overlay, text_from(ids[i]), &places);
    assert_int_equal(count, i < MANY / 2 ? 1 : 0);
    if (count) assert_true(text_equal(places->level_of_care, text_from(levels[i % 4])));
  }
  overlay_free(overlay);
  free(given);
}

/* --- Held and swapped ------------------------------------------------------------------------ */

struct reader {
  struct directory *directory;
  _Atomic bool is_over;
  size_t looks;
};

static void *read_on(void *context)
{
  struct reader *reader = context;
  while (!reader->is_over || reader->looks == 0) {
    const struct overlay *overlay = directory_overlay_acquire(reader->directory);
    const struct overlay_place *places = NULL;
    if (overlay) assert_int_equal(overlay_find(overlay, text_from(house), &places), 1);
    directory_overlay_release(reader->directory, overlay);
    reader->looks++;
  }
  return NULL;
}

static void a_reader_keeps_what_it_holds(void **state)
{
  (void)state;
  struct world world = {.directory = NULL};
  struct error error = {0};
  world_make_folders(&world);
  must(directory_open(&world.directory, world.data, world.share, NULL, &error), &error);
  assert_null(directory_overlay_acquire(world.directory));
  struct overlay_place yes = a_place(house, "3.5", "yes"), no = a_place(house, "3.5", "no");
  directory_publish(world.directory, overlay_new(&yes, 1));
  const struct overlay *old = directory_overlay_acquire(world.directory);
  directory_publish(world.directory, overlay_new(&no, 1));
  assert_true(text_contains(overlay_json(old, text_from(house)), TEXT("\"yes\"")));
  const struct overlay *current = directory_overlay_acquire(world.directory);
  assert_true(text_contains(overlay_json(current, text_from(house)), TEXT("\"no\"")));
  directory_overlay_release(world.directory, old);
  directory_overlay_release(world.directory, current);

  struct reader reader = {.directory = world.directory};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
  for (int i = 0; i < 500; i++)
    directory_publish(world.directory, i % 3 ? overlay_new(i % 2 ? &yes : &no, 1) : NULL);
  reader.is_over = true;
  pthread_join(thread, NULL);
  directory_publish(world.directory, NULL);
  assert_null(directory_overlay_acquire(world.directory));
  directory_overlay_release(world.directory, NULL);
  directory_close(world.directory);
  world_remove(&world);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_said_is_no_overlay),
      cmocka_unit_test(places_come_by_level_and_rendered),
      cmocka_unit_test(many_are_found_and_no_others),
      cmocka_unit_test(a_reader_keeps_what_it_holds),
  };
  return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
