/*
 * Tests of availability.h: nothing is typed, each count says as of when and fades, a tap needs no
 * account. Expected: programme reference 4.2 (at most 2 hours: now; 24: today; 72: call first; then
 * hidden); counts of the beds that the test itself took.
 */
#include "bed_world.h"

static const char key_text[] =
    "01 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
static const struct availability_link facility = {
    .facility_id = {"0199f000-0000-5000-8000-0000000000aa", 36}, .level_of_care = {"3.5", 3}};

static void says(const char *answer, int64_t beds_there, int64_t offerable, int64_t expected)
{
  struct availability row = published();
  if (!text_equal(row.answer, text_from(answer)) || row.places != beds_there ||
      row.offerable != offerable || row.expected != expected)
    fail_msg("%.*s, %lld beds, %lld now, %lld expected", TEXT_PRINT(row.answer),
             (long long)row.places, (long long)row.offerable, (long long)row.expected);
}

static bool plan_end(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  const struct work *w = context;
  return bed_plan_end(t, beds, access, world.arena, w->id, w->reason, error);
}

static void what_is_published_follows_the_board(void **state)
{
  (void)state;
  says("yes", 4, 4, 4);
  assert_true(text_equal(published().facility_id, TEXT("0199f000-0000-5000-8000-000000000001")));
  for (size_t i = 0; i < BEDS; i++) arrive(i, i, world.now - day);
  says("no", 4, 0, 0);
  assert_true(text_equal(published().source, TEXT("census")));
  assert_true(published().as_of == world.now);
  /* a plan for tomorrow (the program is in Denver) makes it likely */
  struct work w = {.id = stays[0], .reason = TEXT("2026-11-19")}; /* the world's now: 18th, 04:06 */
  WORLD(world_do("fact", "write", people[0], plan_end, &w));
  says("no", 4, 0, 0); /* noon tomorrow and an hour of cleaning are more than a day from now */
  world.now += 9 * hour;
  sweep(); /* time alone changed it */
  says("likely", 4, 0, 1);
  w.reason = TEXT(""); /* the plan is taken back */
  WORLD(world_do("fact", "write", people[0], plan_end, &w));
  says("no", 4, 0, 0);
  WORLD(discharge(1, world.now, 3));
  says("likely", 4, 0, 1); /* being cleaned */
  world.now += hour;
  sweep();
  says("yes", 4, 1, 1);
}

static void a_hold_is_no_free_bed_and_its_end_is_seen(void **state)
{
  (void)state;
  for (size_t i = 0; i < 3; i++) arrive(i, i, world.now - day);
  struct work w = hold_of(3, 3, "outreach");
  WORLD(bed_do(people[3], do_hold, &w));
  says("likely", 4, 0, 1);
  int64_t held_at = world.now;
  world.now += 90 * minute;
  sweep();
  says("yes", 4, 1, 1);
  assert_true(published().changed_at == world.now);
  assert_true(published().as_of == world.now || published().as_of == held_at);
}

static void a_unit_that_loses_staff_is_published(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  the_unit.staffed = 1;
  WORLD(world_do("site", "write", TEXT(""), save_unit, &the_unit));
  sweep(); /* within a second of the desk's act */
  world_become("case-manager", "", "");
  says("yes", 4, 1, 1);
  the_unit.staffed = 0;
  the_unit.version = 2;
  world_become("administrator", "", "");
  WORLD(world_do("site", "write", TEXT(""), save_unit, &the_unit));
  sweep();
  world_become("case-manager", "", "");
  says("no", 4, 0, 0);
}

static void it_fades(void **state)
{
  (void)state;
  static const struct {
    int64_t minutes;
    const char *age;
  } rows[] = {{0, "now"},
              {120, "now"},
              {121, "today"},
              {24 * 60, "today"},
              {24 * 60 + 1, "call-first"},
              {72 * 60, "call-first"},
              {72 * 60 + 1, ""}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct text age = availability_age(beds, world.now - rows[i].minutes * minute, world.now);
    if (!text_equal(age, text_from(rows[i].age)))
      fail_msg("%lld minutes: %.*s", (long long)rows[i].minutes, TEXT_PRINT(age));
  }
  /* a clock does not make it fresh again; a look at the board does */
  arrive(0, 0, world.now);
  int64_t seen = world.now;
  WORLD(discharge(0, world.now, 3));
  world.now += 3 * hour;
  sweep();
  assert_true(published().as_of == seen);
  struct work w = {.id = site};
  WORLD(bed_do(TEXT(""), do_confirm, &w));
  assert_true(published().as_of == world.now);
}

/* --- One tap --------------------------------------------------------------------------------- */

struct tap {
  struct seal_key *key;
  struct text token, answer, source;
  int64_t as_of;
};
static bool do_tap(struct store_transaction *t, void *context, struct error *error)
{
  const struct tap *tap = context;
  return availability_tap(t, beds, world.arena, tap->key, tap->token, tap->answer, world.now,
                          error);
}
static bool do_put(struct store_transaction *t, void *context, struct error *error)
{
  const struct tap *tap = context;
  return availability_put(t, beds, &facility, tap->source, tap->answer, tap->as_of, world.now,
                          error);
}
static bool tapped(store_function *function, struct tap *tap)
{
  error_clear(&world.error);
  return store_write(world.store, function, tap, &world.error);
}
static struct availability told(void)
{
  struct work w = {.count = 0};
  WORLD(bed_do(TEXT(""), do_read, &w));
  for (size_t i = 0; i < w.count; i++)
    if (text_equal(w.rows[i].facility_id, facility.facility_id)) return w.rows[i];
  return (struct availability){.places = -1};
}

static void one_tap_confirms_and_nothing_else(void **state)
{
  (void)state;
  struct tap tap = {.answer = TEXT("yes")};
  WORLD(seal_key_read(&tap.key, text_from(key_text), &world.error));
  tap.token = availability_link_write(world.arena, tap.key, &facility, world.now, 30 * 24 * 3600);
  assert_int_equal(told().places, -1);
  WORLD(tapped(do_tap, &tap));
  assert_true(text_equal(told().answer, TEXT("yes")));
  assert_true(text_equal(told().source, TEXT("tap")));
  assert_int_equal(told().program_id.length, 0);
  world.now += 5 * hour;
  WORLD(tapped(do_tap, &tap)); /* the same again confirms */
  assert_true(told().as_of == world.now);
  tap.answer = TEXT("3");
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.care.code");
  /* changed, of another use, too old */
  struct tap bad = tap;
  bad.answer = TEXT("no");
  char *changed = text_c(world.arena, tap.token);
  changed[40] = changed[40] == 'A' ? 'B' : 'A';
  bad.token = text_from(changed);
  is_refused(tapped(do_tap, &bad), ERROR_REFUSED, "error.seal.broken");
  bad.token = seal_write(world.arena, tap.key, TEXT("carry"), TEXT("a b"), world.now, 3600);
  is_refused(tapped(do_tap, &bad), ERROR_REFUSED, "error.seal.broken");
  bad.token = seal_write(world.arena, tap.key, TEXT("availability"), TEXT("ab"), world.now, 3600);
  is_refused(tapped(do_tap, &bad), ERROR_REFUSED, "error.seal.broken");
  world.now += 31 * day;
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.seal.expired");
  assert_true(text_equal(told().answer, TEXT("yes")));
  seal_key_free(tap.key);
}

static bool do_end(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return availability_link_end(t, facility.facility_id, world.now, error);
}

static void links_that_are_taken_back_open_no_more(void **state)
{
  (void)state;
  struct tap tap = {.answer = TEXT("yes")};
  WORLD(seal_key_read(&tap.key, text_from(key_text), &world.error));
  tap.token = availability_link_write(world.arena, tap.key, &facility, world.now, 30 * 24 * 3600);
  WORLD(tapped(do_tap, &tap));
  world.now += minute;
  WORLD(tapped(do_end, &tap));
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.seal.expired");
  struct availability_link other = {.facility_id = TEXT("0199f000-0000-5000-8000-0000000000bb"),
                                    .level_of_care = TEXT("3.5")};
  tap.token = availability_link_write(world.arena, tap.key, &other, world.now, 3600);
  WORLD(tapped(do_tap, &tap)); /* another facility's holds */
  world.now += minute;
  tap.token = availability_link_write(world.arena, tap.key, &facility, world.now, 3600);
  WORLD(tapped(do_tap, &tap)); /* and so does a new one */
  WORLD(tapped(do_end, &tap)); /* again */
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.seal.expired");
  seal_key_free(tap.key);
}

struct keeping {
  struct seal_key *key;
  struct availability_link_row link;
  int64_t days;
  struct text token;
};
static bool do_keep(struct store_transaction *t, void *context, struct error *error)
{
  struct keeping *keeping = context;
  return availability_link_add(t, beds, world.arena, keeping->key, &keeping->link, keeping->days,
                               world.now, TEXT(""), &keeping->token, error);
}
static bool do_lose(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t, "DELETE FROM availability_link WHERE made_at > $1",
                       STORE_BIND(STORE_N(0)), NULL, error);
}

static void a_link_that_is_kept_opens_while_its_row_says_so(void **state)
{
  (void)state;
  struct tap tap = {.answer = TEXT("likely")};
  struct keeping keeping = {.link = {.facility_id = facility.facility_id,
                                     .level_of_care = facility.level_of_care,
                                     .for_whom = TEXT("Night desk")},
                            .days = 30};
  WORLD(seal_key_read(&tap.key, text_from(key_text), &world.error));
  keeping.key = tap.key;
  error_clear(&world.error);
  WORLD(store_write(world.store, do_keep, &keeping, &world.error));
  assert_true(keeping.link.until_at == world.now + 30 * day);
  tap.token = keeping.token;
  WORLD(tapped(do_tap, &tap));
  assert_true(text_equal(told().answer, TEXT("likely")));
  world.now += 30 * day + minute;
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.seal.expired");
  world.now -= day;
  WORLD(tapped(do_tap, &tap));
  WORLD(store_write(world.store, do_lose, NULL, &world.error)); /* another database was restored */
  is_refused(tapped(do_tap, &tap), ERROR_REFUSED, "error.seal.expired");
  static const int64_t wrong[] = {0, -1, LIMIT_AVAILABILITY_LINK_DAYS + 1};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    keeping.days = wrong[i];
    error_clear(&world.error);
    is_refused(store_write(world.store, do_keep, &keeping, &world.error), ERROR_REFUSED,
               "error.availability.days");
  }
  seal_key_free(tap.key);
}

static void an_older_word_changes_nothing(void **state)
{
  (void)state;
  struct tap put = {.source = TEXT("claimed"), .answer = TEXT("no"), .as_of = world.now};
  WORLD(tapped(do_put, &put));
  put = (struct tap){.source = TEXT("imported"), .answer = TEXT("yes"), .as_of = world.now - 1};
  WORLD(tapped(do_put, &put));
  assert_true(text_equal(told().source, TEXT("claimed")));
  assert_true(text_equal(told().answer, TEXT("no")));
  put.as_of = world.now + 1;
  is_refused(tapped(do_put, &put), ERROR_REFUSED, "error.care.future");
  put = (struct tap){.source = TEXT("census"), .answer = TEXT("yes"), .as_of = world.now};
  is_refused(tapped(do_put, &put), ERROR_REFUSED, "error.care.code"); /* nobody types a census */
}

/* --- What the public sees ----------------------------------------------------------------------
 */

static const char house[] = "0199f000-0000-5000-8000-0000000000aa",
                  other_house[] = "0199f000-0000-5000-8000-0000000000bb";

static struct availability said(const char *house_id, const char *level, const char *source,
                                const char *answer, int64_t hours_ago)
{
  bool is_census = strcmp(source, "census") == 0;
  bool is_slots = strcmp(source, "slots") == 0;
  return (struct availability){.facility_id = text_from(house_id),
                               .level_of_care = text_from(level),
                               .place_kind = is_census  ? TEXT("bed")
                                             : is_slots ? TEXT("slot")
                                                        : TEXT(""),
                               .source = text_from(source),
                               .answer = text_from(answer),
                               .places = is_census || is_slots ? 4 : 0,
                               .as_of = world.now - hours_ago * hour};
}

/* "aa 3.5 yes now census!; …" of what is shown; "!": what is told changes nothing. */
static const char *shown(const struct availability *rows, size_t count, int64_t *next_at)
{
  struct availability_shown *list;
  size_t found;
  struct text all = TEXT("");
  availability_show(beds, rows, count, world.arena, world.now, &list, &found, next_at);
  for (size_t i = 0; i < found; i++)
    all = text_format(world.arena, "%.*s%s%.*s %.*s %.*s %.*s %.*s%s", TEXT_PRINT(all),
                      i ? "; " : "", TEXT_PRINT(text_slice(list[i].facility_id, 34, 36)),
                      TEXT_PRINT(list[i].level_of_care), TEXT_PRINT(list[i].answer),
                      TEXT_PRINT(list[i].age), TEXT_PRINT(list[i].source),
                      list[i].is_counted ? "!" : "");
  return text_c(world.arena, all);
}

static void the_public_sees_what_is_counted_first_then_the_best(void **state)
{
  (void)state;
  int64_t next_at;
  struct availability rows[] = {
      said(other_house, "3.7", "tap", "yes", 3),
      said(house, "3.5", "tap", "yes", 0), /* counted here: what was told changes nothing */
      said(house, "3.7", "tap", "yes", 0), /* of this level nothing is counted */
      said(house, "3.5", "census", "no", 1),
      said(house, "3.5", "census", "likely", 30), /* a second site at the same listing */
      said("", "3.5", "census", "yes", 0),        /* of no facility */
      said(other_house, "3.5", "imported", "no", 1),
      said(other_house, "3.1", "tap", "yes", 73), /* too old */
  };
  size_t count = sizeof rows / sizeof *rows;
  assert_string_equal(shown(rows, count, &next_at),
                      "aa 3.5 likely call-first census!; aa 3.7 yes now tap; "
                      "bb 3.5 no now imported; bb 3.7 yes today tap");
  assert_true(next_at == world.now + hour + 1); /* one hour old: no longer now in another */
  /* a level without places is none; then what was told counts again */
  rows[3].places = rows[4].places = 0;
  assert_string_equal(shown(rows, count, &next_at),
                      "aa 3.5 yes now tap; aa 3.7 yes now tap; bb 3.5 no now imported; "
                      "bb 3.7 yes today tap");
  assert_string_equal(shown(rows, 0, &next_at), "");
  assert_true(next_at == INT64_MAX);
}

/* docs/decisions/014: counted goes first for 24 hours, then the newer word, then what is told. */
static void a_board_that_nobody_looks_at_outranks_nothing(void **state)
{
  (void)state;
  static const struct {
    int64_t board_hours, tap_hours;
    const char *shown;
  } cases[] = {
      {23, 0, "aa 3.5 no today census!"},      {24, 1, "aa 3.5 no today census!"},
      {25, 24, "aa 3.5 yes today tap"},        {25, 26, "aa 3.5 no call-first census"},
      {72, 71, "aa 3.5 yes call-first tap"},   {73, 0, "aa 3.5 yes now tap"},
      {73, 72, "aa 3.5 yes call-first tap"},   {73, 73, ""},
      {40, 40, "aa 3.5 no call-first census"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t next_at;
    struct availability rows[] = {said(house, "3.5", "tap", "yes", cases[i].tap_hours),
                                  said(house, "3.5", "census", "no", cases[i].board_hours)};
    assert_string_equal(shown(rows, 2, &next_at), cases[i].shown);
  }
}

static void slots_and_beds_of_one_level_stand_beside_each_other(void **state)
{
  (void)state;
  int64_t next_at;
  struct availability rows[] = {
      said(house, "2.1", "slots", "yes", 3), said(house, "3.5", "slots", "no", 0),
      said(house, "3.5", "census", "yes", 4), said(house, "2.1", "claimed", "no", 0)};
  assert_string_equal(shown(rows, 4, &next_at),
                      "aa 2.1 yes today slots!; aa 3.5 yes today census!");
  rows[0].places = 0;
  assert_string_equal(shown(rows, 4, &next_at), "aa 2.1 no now claimed; aa 3.5 yes today census!");
}

static void zero_reads_all_there_is(void **state)
{
  (void)state;
  struct work w = {.count = 0};
  struct tap put = {.source = TEXT("claimed"), .answer = TEXT("no"), .as_of = world.now};
  WORLD(tapped(do_put, &put));
  WORLD(bed_do(TEXT(""), do_read_all, &w));
  assert_int_equal(w.count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_begin, bed_end)
  const struct CMUnitTest tests[] = {
      TEST(what_is_published_follows_the_board),
      TEST(a_hold_is_no_free_bed_and_its_end_is_seen),
      TEST(a_unit_that_loses_staff_is_published),
      TEST(it_fades),
      TEST(one_tap_confirms_and_nothing_else),
      TEST(an_older_word_changes_nothing),
      TEST(a_link_that_is_kept_opens_while_its_row_says_so),
      TEST(the_public_sees_what_is_counted_first_then_the_best),
      TEST(a_board_that_nobody_looks_at_outranks_nothing),
      TEST(slots_and_beds_of_one_level_stand_beside_each_other),
      TEST(zero_reads_all_there_is),
      TEST(links_that_are_taken_back_open_no_more),
  };
  return store_support_run("availability", tests, sizeof tests / sizeof *tests);
}
