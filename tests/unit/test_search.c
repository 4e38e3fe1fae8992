/*
 * Search on small directories whose answers can be read off the page: words, order, pages, cursors,
 * loosening and explaining, as docs/search.md says. test_search_oracle.c does the rest.
 */
#include "directory_support.h"

#include <math.h>
#include <sodium.h>

#include "directory/vector.h"

static const struct brief sites[] = {
    {1, "Harbor House", NULL, "12 Main Street", "Richmond", "VA", "SA OP BUM MD", 37.55, -77.46},
    {2, "Serenity Center", "Harborside Unit", "9 Oak Road", "Richmond", "VA", "SA OP MM", 37.60,
     -77.50},
    {3, "Lighthouse Recovery", NULL, "3 Elm Street", "Norfolk", "VA", "SA RES MM OTP MD", 36.85,
     -76.28},
    {4, "Mental Clinic", NULL, "4 Harbor Drive", "Baltimore", "MD", "SUMH OP MD", 39.29, -76.61},
    {5, "Unplaced Recovery", NULL, "5 Elm Street", "Dover", "DE", "SA OP BUM F92", 0, 0},
};
enum { SITES = sizeof sites / sizeof *sites };

struct world {
  struct needs *needs;
  struct snapshot *snapshot;
  struct search_workspace *workspace;
  struct arena *arena;
};

static void start(struct world *world, const struct brief *briefs, size_t count)
{
  world->needs = load_needs();
  world->snapshot = snapshot_of(world->needs, briefs, count);
  world->workspace = search_workspace_new();
  world->arena = arena_new(LIMIT_ARENA_REQUEST);
}

static void end(struct world *world)
{
  arena_free(world->arena);
  search_workspace_free(world->workspace);
  search_workspace_free(NULL);
  snapshot_close(world->snapshot);
  needs_free(world->needs);
}

static struct search_answer ask(struct world *world, const struct search_query *query)
{
  struct search_answer answer;
  struct error error = {0};
  must(search_run(world->snapshot, world->needs, world->workspace, world->arena, query, &answer,
                  &error),
       &error);
  return answer;
}

/* The last digits of the ids found, in order: "1 2". */
static const char *found(struct world *world, const struct search_answer *answer)
{
  char *out = arena_allocate(world->arena, answer->hit_count * 16 + 1);
  size_t length = 0;
  for (size_t i = 0; i < answer->hit_count; i++) {
    struct snapshot_row row;
    snapshot_row_get(world->snapshot, answer->hits[i].row, &row);
    unsigned number = (unsigned)strtoul(row.id.at + 24, NULL, 16);
    length += (size_t)snprintf(out + length, 16, "%s%u", i ? " " : "", number);
  }
  return out;
}

static void assert_finds(struct world *world, const char *words, const char *expected)
{
  struct search_query query = {.words = text_from(words), .limit = 20, .sort = SEARCH_NAME};
  struct search_answer answer = ask(world, &query);
  const char *given = answer.loosened_count ? "" : found(world, &answer);
  if (strcmp(given, expected) != 0) fail_msg("'%s' finds '%s', not '%s'", words, given, expected);
}

static void test_words(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  assert_finds(&world, "harbor", "1 4 2"); /* name, street, name2, by name */
  assert_finds(&world, "HARBOR'S", "2");   /* folded: "harbors" begins a word */
  assert_finds(&world, "harb", "1 4 2");   /* a prefix */
  assert_finds(&world, "harbro", "1 4 2"); /* neighbours swapped */
  assert_finds(&world, "harbr", "1 4 2");  /* one letter lost, of a beginning */
  assert_finds(&world, "hrabro", "");      /* two edits, six letters */
  assert_finds(&world, "lihgthuose", "3"); /* two edits, ten letters */
  assert_finds(&world, "ligthhouse recovery", "3");
  assert_finds(&world, "harbor richmond", "1 2"); /* all words */
  assert_finds(&world, "the harbor of", "1 4 2"); /* stop words fall away */
  assert_finds(&world, "12", "1");
  assert_finds(&world, "1", "");      /* one letter: only equal */
  assert_finds(&world, "13", "");     /* no edits in a number */
  assert_finds(&world, "elm", "3 5"); /* three letters: no edits, */
  assert_finds(&world, "elk", "");
  assert_finds(&world, "nlrm", ""); /* four letters: the first agrees */
  assert_finds(&world, "norfolkx", "3");
  assert_finds(&world, "suboxone", "1 5"); /* means a need */
  assert_finds(&world, "suboxon", "1 5");  /* the beginning of a synonym */
  assert_finds(&world, "suboxnoe", "1 5"); /* nearly one */
  assert_finds(&world, "methadone richmond", "2");
  assert_finds(&world, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop", "");
  assert_finds(&world, "øøøøø", "");
  assert_finds(&world, "harbor a b c d e f g h i j k unheard", "");
  assert_finds(&world,
               "harbor harbor harbor harbor harbor harbor harbor harbor harbor harbor "
               "harbor harbor unheard",
               "1 4 2"); /* twelve words count */
  end(&world);
}

static void test_stop_words_alone_count(void **state)
{
  (void)state;
  static const struct brief named[] = {{1, "The A Place", NULL, NULL, "Town", "VA", "SA", 38, -77},
                                       {2, "Other", NULL, NULL, "Town", "VA", "SA", 38, -77}};
  struct world world;
  start(&world, named, 2);
  assert_finds(&world, "the", "1");
  assert_finds(&world, "a", "1");
  end(&world);
}

static void test_order_and_distance(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  struct search_query query = {
      .has_point = true, .latitude = 37.55, .longitude = -77.46, .limit = 20};
  struct search_answer answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 2 3 4 5");
  assert_true(answer.hits[0].distance < 1e-6);
  assert_true(isnan(answer.hits[4].distance));
  assert_int_equal(answer.total, SITES);
  query.within = 5;
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 2");
  /* 1 degree of latitude is 69.0932 miles on a sphere of 3958.7613 */
  assert_true(fabs(answer.hits[1].distance - 4.0857) < 0.01);
  query.sort = SEARCH_NAME;
  query.within = 0;
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 3 4 2 5");
  assert_true(isnan(answer.hits[4].distance) && answer.hits[0].distance < 1e-6);
  query.within = 13000; /* more than half the globe: all that have coordinates */
  answer = ask(&world, &query);
  assert_int_equal(answer.total, SITES - 1);
  query = (struct search_query){.limit = 0};
  answer = ask(&world, &query);
  assert_int_equal(answer.total, SITES);
  assert_int_equal(answer.hit_count, 0);
  end(&world);
}

static void test_needs_groups_and_facets(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  const size_t methadone = need_named(world.needs, "methadone");
  const size_t buprenorphine = need_named(world.needs, "buprenorphine");
  const size_t medicaid = need_named(world.needs, "medicaid");
  const size_t outpatient = need_named(world.needs, "outpatient");
  size_t ticked[] = {methadone, buprenorphine, medicaid};
  struct search_query query = {
      .needs = ticked, .need_count = 2, .limit = 20, .facets = true, .sort = SEARCH_NAME};
  struct search_answer answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 3 2 5"); /* either medication */
  assert_int_equal(answer.facets[methadone], 4);
  assert_int_equal(answer.facets[medicaid], 2);
  assert_int_equal(answer.facets[outpatient], 3);
  query.need_count = 3;
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 3");
  query.needs = &ticked[1];
  query.need_count = 1;
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "1 5");
  assert_int_equal(answer.facets[methadone], 4); /* as it would be if ticked too */
  size_t codes[] = {code_named(world.needs, "OTP"), code_named(world.needs, "MD")};
  query = (struct search_query){.codes = codes, .code_count = 2, .limit = 20};
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "3");
  end(&world);
}

/* --- Loosening ------------------------------------------------------------------------------- */

static void test_loosen_place(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  struct search_query query = {.has_point = true,
                               .latitude = 37.62,
                               .longitude = -77.40,
                               .within = 4,
                               .point_state = "VA",
                               .limit = 20};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 1);
  assert_int_equal(answer.loosened[0].what, LOOSENED_WITHIN);
  assert_true(answer.loosened[0].within_was == 4 && answer.loosened[0].within_now == 8);
  query.within = 0.5;
  answer = ask(&world, &query);
  assert_string_equal(answer.loosened[0].state_now, "VA");
  assert_true(answer.loosened[0].within_now == 0);
  assert_int_equal(answer.total, 3);
  snprintf(query.point_state, 3, "NY");
  answer = ask(&world, &query);
  assert_string_equal(answer.loosened[0].state_now, "");
  assert_int_equal(answer.total, SITES);
  snprintf(query.state, 3, "ZZ");
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 2);
  assert_int_equal(answer.loosened[1].what, LOOSENED_STATE);
  assert_string_equal(answer.loosened[1].state_was, "ZZ");
  query = (struct search_query){.state = "NY", .limit = 20};
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 1);
  assert_int_equal(answer.loosened[0].what, LOOSENED_STATE);
  query = (struct search_query){.state = "??", .limit = 20};
  assert_int_equal(ask(&world, &query).total, SITES);
  end(&world);
}

static void test_loosen_words_then_need(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  size_t needs[] = {need_named(world.needs, "methadone"), need_named(world.needs, "pregnant"),
                    need_named(world.needs, "veterans")};
  struct search_query query = {
      .words = TEXT("qqqqzzzz"), .needs = needs, .need_count = 1, .limit = 20};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 1);
  assert_int_equal(answer.loosened[0].what, LOOSENED_WORDS);
  assert_int_equal(answer.total, 2);
  query.words = TEXT("lighthouse");
  query.need_count = 2; /* nobody has the second: it goes, the word stays */
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 1);
  assert_int_equal(answer.loosened[0].what, LOOSENED_NEED);
  assert_int_equal(answer.loosened[0].index, needs[1]);
  assert_string_equal(found(&world, &answer), "3");
  query.words = TEXT("qqqqzzzz");
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 2);
  assert_int_equal(answer.loosened[0].what, LOOSENED_WORDS);
  query.needs = &needs[1];
  query.need_count = 2; /* two that nobody has */
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 3);
  assert_int_equal(answer.loosened[1].index, needs[1]);
  assert_int_equal(answer.loosened[2].index, needs[2]);
  assert_int_equal(answer.total, SITES);
  size_t codes[] = {code_named(world.needs, "N40"), code_named(world.needs, "F92")};
  query = (struct search_query){.codes = codes, .code_count = 2, .limit = 20};
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 1); /* one place speaks Vietnamese */
  assert_int_equal(answer.loosened[0].what, LOOSENED_CODE);
  assert_int_equal(answer.loosened[0].index, codes[0]);
  query.has_point = true; /* and nobody knows where it is */
  answer = ask(&world, &query);
  assert_string_equal(found(&world, &answer), "5");
  codes[1] = code_named(world.needs, "F81");
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened_count, 2);
  end(&world);
}

/* With a point, the need goes whose loss brings the nearest result. */
static void test_loosen_to_the_nearest(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  size_t needs[] = {need_named(world.needs, "residential"), need_named(world.needs, "medicaid")};
  size_t code = code_named(world.needs, "BUM");
  struct search_query query = {.needs = needs,
                               .need_count = 2,
                               .codes = &code,
                               .code_count = 1,
                               .has_point = true,
                               .latitude = 36.85,
                               .longitude = -76.28,
                               .limit = 20};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.loosened[0].what, LOOSENED_CODE);
  assert_string_equal(found(&world, &answer), "3");
  query.latitude = 37.55;
  query.longitude = -77.46;
  answer = ask(&world, &query);
  assert_int_equal(answer.loosened[0].what, LOOSENED_NEED);
  assert_int_equal(answer.loosened[0].index, needs[0]);
  assert_string_equal(found(&world, &answer), "1");
  end(&world);
}

static void test_empty_directory(void **state)
{
  (void)state;
  struct world world;
  start(&world, NULL, 0);
  struct search_query query = {
      .words = TEXT("hope"), .has_point = true, .within = 5, .limit = 20, .facets = true};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.total, 0);
  assert_int_equal(answer.loosened_count, 0);
  assert_int_equal(answer.facets[0], 0);
  query = (struct search_query){.limit = 20};
  assert_int_equal(ask(&world, &query).total, 0);
  end(&world);
}

/* --- Pages ----------------------------------------------------------------------------------- */

enum { MANY = 5000 };
static struct brief many[MANY];

/* Most at one point, some apart, some nowhere; long names that agree in their first 128 bytes. */
static void make_many(void)
{
  static char names[2][200];
  memset(names[0], 'a', 199);
  memset(names[1], 'a', 199);
  names[1][190] = 'b';
  for (unsigned i = 0; i < MANY; i++) {
    many[i] = (struct brief){i + 1,
                             names[i % 2],
                             i % 3 ? "Unit" : NULL,
                             "Main",
                             "Town",
                             i % 8 ? "VA" : "MD",
                             i % 12 == 0 ? "SA TRMA"
                             : i % 2     ? "SA JC CARF"
                                         : "SA",
                             38,
                             -77};
    if (i % 10 == 0) many[i].latitude = 38 + i / 5000.0;
    if (i % 50 == 1) many[i].latitude = 0;
  }
}

/* Page through everything; every row comes once, and in one order. */
static void assert_pages_join(struct world *world, struct search_query query)
{
  static bool seen[MANY];
  memset(seen, 0, sizeof seen);
  if (query.limit == 0) query.limit = 100;
  size_t count = 0;
  double last = -1;
  for (;;) {
    struct search_answer answer = ask(world, &query);
    for (size_t i = 0; i < answer.hit_count; i++) {
      assert_false(seen[answer.hits[i].row]);
      seen[answer.hits[i].row] = true;
      double distance = isnan(answer.hits[i].distance) ? INFINITY : answer.hits[i].distance;
      if (query.has_point && query.sort != SEARCH_NAME) assert_true(distance >= last);
      last = distance;
    }
    count += answer.hit_count;
    if (answer.next.length == 0) {
      assert_int_equal(count, answer.total);
      return;
    }
    query.cursor = text_copy(world->arena, answer.next);
  }
}

static void test_pages_join(void **state)
{
  (void)state;
  struct world world;
  make_many();
  start(&world, many, MANY);
  struct search_query near = {.has_point = true, .latitude = 38, .longitude = -77};
  assert_pages_join(&world, near);
  near.limit = 70;
  assert_pages_join(&world, near);
  near.words = TEXT("town");
  assert_pages_join(&world, near);
  near.within = 500;
  assert_pages_join(&world, near);
  assert_pages_join(&world, (struct search_query){.sort = SEARCH_NAME});
  assert_pages_join(&world, (struct search_query){.sort = SEARCH_BEST});
  assert_pages_join(&world, (struct search_query){.sort = SEARCH_BEST, .state = "MD"});
  assert_pages_join(&world, (struct search_query){.sort = SEARCH_NAME, .words = TEXT("unit")});
  end(&world);
}

/* A few rows of every block: their needs are counted row by row. */
static void test_sparse_facets(void **state)
{
  (void)state;
  struct world world;
  make_many();
  start(&world, many, MANY);
  size_t need = need_named(world.needs, "trauma");
  struct search_query query = {
      .words = TEXT("town"), .needs = &need, .need_count = 1, .limit = 1, .facets = true};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.total, (MANY + 11) / 12);
  assert_int_equal(answer.facets[need], answer.total);
  assert_int_equal(answer.facets[need_named(world.needs, "substance-use")], answer.total);
  assert_int_equal(answer.facets[need_named(world.needs, "methadone")], 0);
  end(&world);
}

/* A page goes on where it ended although the snapshot was swapped and its last row is gone. */
static void test_cursor_outlives_snapshot(void **state)
{
  (void)state;
  struct world world, other;
  start(&world, sites, SITES);
  static const struct brief left[] = {
      {3, "Lighthouse Recovery", NULL, "3 Elm Street", "Norfolk", "VA", "SA", 36.85, -76.28},
      {1, "Harbor House", NULL, "12 Main Street", "Richmond", "VA", "SA", 37.55, -77.46},
      {6, "Anchor", NULL, "1 Elm", "Richmond", "VA", "SA", 37.56, -77.46},
      {7, "Zebra", NULL, "1 Elm", "Norfolk", "VA", "SA", 36.9, -76.3}};
  start(&other, left, 4);
  struct search_query near = {
      .has_point = true, .latitude = 37.55, .longitude = -77.46, .limit = 2};
  near.cursor = ask(&world, &near).next; /* behind 2, which is gone */
  struct search_answer answer = ask(&other, &near);
  assert_string_equal(found(&other, &answer), "7 3");
  struct search_query name = {.sort = SEARCH_NAME, .limit = 3};
  name.cursor = ask(&world, &name).next; /* behind 4, "Mental Clinic" */
  answer = ask(&other, &name);
  assert_string_equal(found(&other, &answer), "7");
  struct search_query best = {.limit = 1};
  best.cursor = ask(&world, &best).next;
  assert_int_equal(ask(&other, &best).total, 4);
  end(&world);
  end(&other);
}

/* Rows without the need stand nearer, whole blocks of them. */
static void test_nearest_with_a_need_far_away(void **state)
{
  (void)state;
  enum { ROWS = 2000, FAR = 600 };
  struct world world;
  for (unsigned i = 0; i < ROWS; i++)
    many[i] = (struct brief){i + 1,
                             "House",
                             NULL,
                             "Main",
                             "Town",
                             "VA",
                             i < FAR ? "SA TRMA" : "SA",
                             i < FAR ? 30 + i / 1e4 : 45,
                             -77};
  start(&world, many, ROWS);
  size_t need = need_named(world.needs, "trauma");
  struct search_query query = {.has_point = true,
                               .latitude = 45,
                               .longitude = -77,
                               .needs = &need,
                               .need_count = 1,
                               .limit = 3};
  struct search_answer answer = ask(&world, &query);
  assert_int_equal(answer.total, FAR);
  assert_string_equal(found(&world, &answer), "600 599 598");
  end(&world);
}

/* A row that lies exactly at the radius is within it; a hair less, and it is not. */
static void test_radius_is_inclusive(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  struct search_query query = {
      .has_point = true, .latitude = 37.55, .longitude = -77.46, .limit = 3};
  query.within = ask(&world, &query).hits[1].distance;
  assert_int_equal(ask(&world, &query).total, 2);
  query.within = nextafter(query.within, 0);
  assert_int_equal(ask(&world, &query).total, 1);
  end(&world);
}

static void assert_refused(struct world *world, const struct search_query *query)
{
  struct search_answer answer;
  struct error error = {0};
  assert_false(search_run(world->snapshot, world->needs, world->workspace, world->arena, query,
                          &answer, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.search.cursor");
}

static void test_false_cursors(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  struct search_query query = {
      .has_point = true, .latitude = 37.55, .longitude = -77.46, .limit = 2};
  struct text cursor = ask(&world, &query).next;
  for (size_t i = 0; i < cursor.length; i++) {
    char *spoiled = text_c(world.arena, cursor);
    spoiled[i] = spoiled[i] == 'A' ? 'B' : 'A';
    query.cursor = text_from(spoiled);
    assert_refused(&world, &query);
    query.cursor = text_slice(cursor, 0, i + (i == 0));
    if (i > 0) assert_refused(&world, &query);
  }
  /* Lengths that do not fit, behind a true checksum. */
  unsigned char bytes[256];
  size_t length;
  assert_int_equal(sodium_base642bin(bytes, sizeof bytes, cursor.at, cursor.length, NULL, &length,
                                     NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   0);
  bytes[length - sizeof(uint64_t) - 3] = 7;
  uint64_t sum = vector_plain.hash(bytes, length - sizeof sum);
  memcpy(bytes + length - sizeof sum, &sum, sizeof sum);
  char text[512];
  sodium_bin2base64(text, sizeof text, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  query.cursor = text_from(text);
  assert_refused(&world, &query);
  query.cursor = TEXT("not base64!");
  assert_refused(&world, &query);
  query.cursor = text_format(world.arena, "%01000d", 0);
  assert_refused(&world, &query);
  query.cursor = cursor;
  query.latitude = 38; /* another search */
  assert_refused(&world, &query);
  end(&world);
}

/* --- Explaining ------------------------------------------------------------------------------ */

static void test_explain(void **state)
{
  (void)state;
  struct world world;
  start(&world, sites, SITES);
  struct search_query query = {.words = TEXT("harbor suboxone richmnod 12 nothere")};
  struct search_reason reasons[LIMIT_QUERY_WORDS];
  uint32_t row = 0;
  assert_true(
      snapshot_row_find(world.snapshot, TEXT("00000000-0000-5000-8000-000000000001"), &row));
  size_t count = search_explain(world.snapshot, world.needs, world.arena, &query, row, reasons);
  assert_int_equal(count, 4);
  assert_int_equal(reasons[0].match, MATCH_NAME);
  assert_true(text_equal(reasons[0].word, TEXT("harbor")));
  assert_int_equal(reasons[1].match, MATCH_NEED);
  assert_int_equal(reasons[1].need, need_named(world.needs, "buprenorphine"));
  assert_int_equal(reasons[2].match, MATCH_CITY);
  assert_int_equal(reasons[3].match, MATCH_STREET);
  assert_true(
      snapshot_row_find(world.snapshot, TEXT("00000000-0000-5000-8000-000000000002"), &row));
  count = search_explain(world.snapshot, world.needs, world.arena, &query, row, reasons);
  assert_int_equal(count, 2); /* its second name, its city; no buprenorphine */
  assert_int_equal(reasons[0].match, MATCH_NAME);
  /* An answer remembers how its words were understood. */
  query.words = TEXT("harbor suboxone");
  struct search_answer answer = ask(&world, &query);
  assert_non_null(answer.used.understood);
  count = search_explain(world.snapshot, world.needs, world.arena, &answer.used, row, reasons);
  assert_int_equal(count, 1);
  assert_int_equal(reasons[0].match, MATCH_NAME);
  end(&world);
}

static void test_vector_has_a_name(void **state)
{
  (void)state;
  assert_true(strlen(search_vector()) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_stop_words_alone_count),
      cmocka_unit_test(test_order_and_distance),
      cmocka_unit_test(test_needs_groups_and_facets),
      cmocka_unit_test(test_loosen_place),
      cmocka_unit_test(test_loosen_words_then_need),
      cmocka_unit_test(test_loosen_to_the_nearest),
      cmocka_unit_test(test_empty_directory),
      cmocka_unit_test(test_pages_join),
      cmocka_unit_test(test_sparse_facets),
      cmocka_unit_test(test_cursor_outlives_snapshot),
      cmocka_unit_test(test_nearest_with_a_need_far_away),
      cmocka_unit_test(test_radius_is_inclusive),
      cmocka_unit_test(test_false_cursors),
      cmocka_unit_test(test_explain),
      cmocka_unit_test(test_vector_has_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
