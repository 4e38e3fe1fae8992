/*
 * Finding: from a request to the API's document, over four invented facilities. Expected totals,
 * counts and orders are read off the list in directory_world.h by hand; distances from Richmond's
 * ZIP 23220 to Henrico's 23228 (5.50 miles) and from Richmond's middle to it (0.58) were worked out
 * with the haversine formula of the design and radius 3958.7613 miles.
 */
#include "directory_world.h"

static int setup(void **state)
{
  struct world *world = calloc(1, sizeof *world);
  struct error error = {0};
  char path[128];
  struct needs *needs;
  world_make_folders(world);
  must(needs_load(&needs, "knowledge", &error), &error);
  world_build(world, needs, world_facilities);
  needs_free(needs);
  snprintf(path, sizeof path, "%s/locale", world->share);
  must(catalog_load(&world->catalog, path, &error), &error);
  must(directory_open(&world->directory, world->data, world->share, NULL, &error), &error);
  world->arena = arena_new(LIMIT_ARENA_REQUEST);
  *state = world;
  return 0;
}

static int teardown(void **state)
{
  struct world *world = *state;
  directory_close(world->directory);
  catalog_free(world->catalog);
  arena_free(world->arena);
  world_remove(world);
  free(world);
  return 0;
}

static bool find(struct world *world, struct directory_request request,
                 struct directory_answer *answer, struct error *error)
{
  if (request.limit == 0) request.limit = 20;
  const struct snapshot *snapshot = directory_acquire(world->directory);
  bool done = directory_find(world->directory, snapshot, world->catalog, world->arena, &request,
                             answer, error);
  directory_release(world->directory, snapshot);
  return done;
}

static const struct value *found(struct world *world, struct directory_request request)
{
  struct directory_answer answer;
  struct error error = {0};
  must(find(world, request, &answer, &error), &error);
  struct text_buffer buffer;
  const struct value *document;
  text_buffer_init(&buffer, LIMIT_JSON_BODY);
  json_write(answer.result, &buffer);
  must(
      json_read(world->arena, text_copy(world->arena, text_buffer_get(&buffer)), &document, &error),
      &error);
  text_buffer_fini(&buffer);
  return document;
}

static struct text member(const struct value *object, const char *name)
{
  return value_text_get(value_get(object, text_from(name)));
}

/* Names of the results, in order: "Hope House|Gateway". */
static const char *names_of(struct world *world, const struct value *document)
{
  const struct value *results = value_get(document, TEXT("results"));
  struct text joined = TEXT("");
  for (size_t i = 0; i < value_count(results); i++)
    joined = text_format(world->arena, "%.*s%s%.*s", TEXT_PRINT(joined), i ? "|" : "",
                         TEXT_PRINT(member(value_item(results, i), "name")));
  return text_c(world->arena, joined);
}

static const char *written(struct world *world, const struct value *value)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_JSON_BODY);
  json_write(value, &buffer);
  const char *copy = text_c(world->arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static const char *part(struct world *world, const struct value *document, const char *name)
{
  return written(world, value_get(document, text_from(name)));
}

static const struct value *first(const struct value *document)
{
  return value_item(value_get(document, TEXT("results")), 0);
}

#define NEEDS(...)                                                                                 \
  .needs = (const struct text[]){__VA_ARGS__},                                                     \
  .need_count = sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)
#define CODES(...)                                                                                 \
  .codes = (const struct text[]){__VA_ARGS__},                                                     \
  .code_count = sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)
#define FIND(...) found(world, (struct directory_request){__VA_ARGS__})

/* --- The document ----------------------------------------------------------------------------- */

static void find_writes_the_document(void **state)
{
  struct world *world = *state;
  const struct value *document =
      FIND(.near = TEXT("23220"), .within = 10, NEEDS(TEXT("detox"), TEXT("methadone")));
  static const char *const members[] = {"total",  "place",   "places", "relaxed",
                                        "facets", "results", "next"};
  for (size_t i = 0; i < value_count(document); i++) {
    struct text key;
    const struct value *item;
    value_member(document, i, &key, &item);
    assert_string_equal(text_c(world->arena, key), members[i]);
  }
  assert_int_equal(value_count(document), 7);
  assert_string_equal(part(world, document, "total"), "1");
  assert_string_equal(part(world, document, "place"),
                      "{\"label\":\"23220 (Richmond, VA)\",\"latitude\":37.5498,"
                      "\"longitude\":-77.4588}");
  assert_string_equal(part(world, document, "places"), "[]");
  assert_string_equal(part(world, document, "relaxed"), "[]");
  assert_string_equal(part(world, document, "next"), "null");
  const struct value *result = first(document);
  assert_string_equal(part(world, result, "name"), "\"Lakeside Center\"");
  assert_string_equal(part(world, result, "distance_miles"), "5.50");
  assert_string_equal(part(world, result, "needs"), "[\"detox\",\"methadone\"]");
  assert_string_equal(part(world, result, "why"),
                      "[\"Detox (help with withdrawal)\",\"Methadone treatment\","
                      "\"5.5 miles away\"]");
  assert_string_equal(part(world, result, "intake_phone"), "\"804-555-0101\"");
}

static void find_counts_every_need(void **state)
{
  struct world *world = *state;
  const struct value *document = FIND(.facets = true, .state = TEXT("va"));
  const struct value *facets = value_get(document, TEXT("facets"));
  const struct needs *needs = directory_needs(world->directory);
  assert_int_equal(value_count(facets), needs_count(needs));
  for (size_t i = 0; i < needs_count(needs); i++) {
    struct text key;
    const struct value *item;
    value_member(facets, i, &key, &item);
    assert_true(text_equal(key, needs_get(needs, i)->name));
  }
  assert_string_equal(part(world, facets, "detox"), "1");
  assert_string_equal(part(world, facets, "substance-use"), "2");
  assert_string_equal(part(world, facets, "spanish"), "0");
  assert_string_equal(part(world, FIND(.facets = false), "facets"), "{}");
}

static void find_in_spanish(void **state)
{
  struct world *world = *state;
  const struct value *document =
      FIND(.near = TEXT("23220"), .within = 1, NEEDS(TEXT("detox")), .language = 1);
  assert_string_equal(part(world, first(document), "why"),
                      "[\"Desintoxicación (ayuda con la abstinencia)\",\"a 5.5 millas\"]");
  assert_string_equal(part(world, document, "relaxed"),
                      "[{\"what\":\"within\",\"was\":\"1 milla\",\"now\":\"en Virginia\"}]");
  /* Where knowledge has no labels in a language, they are English. */
  document = FIND(.near = TEXT("23228"), .within = 1, NEEDS(TEXT("detox")), .language = 2);
  assert_string_equal(part(world, first(document), "why"),
                      "[\"Detox (help with withdrawal)\",\"a 0.0 millas\"]");
}

/* --- Place and words -------------------------------------------------------------------------- */

static void find_splits_the_one_box(void **state)
{
  struct world *world = *state;
  const struct value *document = FIND(.q = TEXT("suboxone richmond va"));
  assert_string_equal(names_of(world, document), "Hope House|Gateway");
  assert_string_equal(part(world, first(document), "why"),
                      "[\"Buprenorphine (Suboxone)\",\"0.6 miles away\"]");
  document = FIND(.q = TEXT("hope"));
  assert_string_equal(names_of(world, document), "Hope House|Unlocated Hope");
  document = FIND(.q = TEXT("grace"), .near = TEXT("63101"));
  assert_string_equal(names_of(world, document), "Hope House");
  document = FIND(.q = TEXT("Missouri"));
  assert_string_equal(names_of(world, document), "Gateway");
  document = FIND(.near = TEXT("Missouri"));
  assert_string_equal(part(world, document, "total"), "4");
  assert_string_equal(names_of(world, document),
                      "Gateway|Lakeside Center|Hope House|Unlocated Hope");
  document = FIND(.q = TEXT("Missouri"), .state = TEXT("VA"));
  assert_string_equal(part(world, document, "total"), "2");
}

static void find_says_where_words_were_found(void **state)
{
  struct world *world = *state;
  assert_string_equal(
      part(world, first(FIND(.q = TEXT("lakeside oak henrico"), .sort = SEARCH_NAME)), "why"),
      "[\"“lakeside” matches its name\",\"“oak” matches its street\","
      "\"“henrico” matches its city\"]");
  /* A need that was asked for or named before is said once. */
  assert_string_equal(part(world,
                           first(FIND(.q = TEXT("suboxone buprenorphine outpatient"),
                                      .near = TEXT("23220"), NEEDS(TEXT("outpatient")))),
                           "why"),
                      "[\"Visits while you live at home\",\"Buprenorphine (Suboxone)\","
                      "\"0.0 miles away\"]");
  assert_string_equal(part(world,
                           first(FIND(.q = TEXT("hope outpatient medicaid"), .near = TEXT("23220"),
                                      NEEDS(TEXT("buprenorphine"), TEXT("methadone")))),
                           "why"),
                      "[\"Buprenorphine (Suboxone)\",\"“hope” matches its name\","
                      "\"Visits while you live at home\",\"Takes Medicaid\",\"0.0 miles away\"]");
  /* No one need given up brings "hope" back, so the words go, and then Spanish. */
  assert_string_equal(part(world,
                           first(FIND(.q = TEXT("hope suboxone"), .near = TEXT("23220"),
                                      NEEDS(TEXT("spanish"), TEXT("detox"), TEXT("outpatient")))),
                           "needs"),
                      "[\"detox\",\"outpatient\"]");
  assert_string_equal(part(world, FIND(.q = TEXT("detox")), "total"), "2");
  assert_string_equal(part(world, FIND(.q = TEXT("the")), "relaxed"),
                      "[{\"what\":\"words\",\"was\":\"the\",\"now\":\"\"}]");
}

static void find_says_signs_of_quality_where_they_order(void **state)
{
  struct world *world = *state;
  const struct needs *needs = directory_needs(world->directory);
  struct directory_answer answer;
  struct error error = {0};
  must(find(world, (struct directory_request){.q = TEXT("gateway")}, &answer, &error), &error);
  const struct snapshot *snapshot = directory_acquire(world->directory);
  size_t signs = 0;
  for (size_t i = 0; i < signs_count(needs); i++)
    signs += snapshot_row_sign(snapshot, answer.search.hits[0].row, i);
  directory_release(world->directory, snapshot);
  assert_true(signs > 0); /* it prescribes buprenorphine, counsels families */
  const struct value *document = FIND(.q = TEXT("gateway"));
  assert_int_equal(value_count(value_get(first(document), TEXT("why"))), 1 + signs);
  document = FIND(.q = TEXT("gateway"), .sort = SEARCH_NAME);
  assert_int_equal(value_count(value_get(first(document), TEXT("why"))), 1);
}

static void find_asks_which_place(void **state)
{
  struct world *world = *state;
  const struct value *document =
      FIND(.near = TEXT("Springfield"), .within = 10, .facets = true, NEEDS(TEXT("detox")));
  assert_string_equal(part(world, document, "total"), "0");
  assert_string_equal(part(world, document, "place"), "null");
  assert_string_equal(part(world, document, "places"),
                      "[{\"label\":\"Springfield, MA\",\"near\":\"Springfield, MA\"},"
                      "{\"label\":\"Springfield, MO\",\"near\":\"Springfield, MO\"}]");
  assert_string_equal(part(world, document, "results"), "[]");
  assert_string_equal(part(world, document, "relaxed"), "[]");
  assert_string_equal(part(world, value_get(document, TEXT("facets")), "detox"), "0");
  document = FIND(.q = TEXT("Richmnd, VA"));
  assert_string_equal(part(world, document, "places"),
                      "[{\"label\":\"Richmond, VA\",\"near\":\"Richmond, VA\"}]");
  assert_string_equal(part(world, FIND(.near = TEXT("xyzzy")), "places"), "[]");
}

static void find_pages(void **state)
{
  struct world *world = *state;
  const struct value *page = FIND(.sort = SEARCH_NAME, .limit = 3);
  assert_string_equal(names_of(world, page), "Gateway|Hope House|Lakeside Center");
  page = FIND(.sort = SEARCH_NAME, .limit = 3, .cursor = member(page, "next"));
  assert_string_equal(names_of(world, page), "Unlocated Hope");
  assert_string_equal(part(world, page, "next"), "null");
}

/* --- Never empty ------------------------------------------------------------------------------ */

static void find_loosens(void **state)
{
  struct world *world = *state;
  struct {
    struct directory_request request;
    const char *relaxed, *names;
  } cases[] = {
      {{.near = TEXT("23220"), .within = 3, NEEDS(TEXT("detox"))},
       "[{\"what\":\"within\",\"was\":\"3 miles\",\"now\":\"6 miles\"}]",
       "Lakeside Center"},
      {{.near = TEXT("23220"), .within = 2.5, NEEDS(TEXT("detox"))},
       "[{\"what\":\"within\",\"was\":\"2.5 miles\",\"now\":\"in Virginia\"}]",
       "Lakeside Center"},
      {{.near = TEXT("23220"), .within = 5, CODES(TEXT("fco"))},
       "[{\"what\":\"within\",\"was\":\"5 miles\",\"now\":\"nationwide\"}]",
       "Gateway"},
      {{.state = TEXT("VA"), CODES(TEXT("FCO"))},
       "[{\"what\":\"state\",\"was\":\"VA\",\"now\":\"nationwide\"}]",
       "Gateway"},
      {{.q = TEXT("zzzzzz"), .state = TEXT("MO")},
       "[{\"what\":\"words\",\"was\":\"zzzzzz\",\"now\":\"\"}]",
       "Gateway"},
      {{.near = TEXT("23220"), NEEDS(TEXT("spanish"), TEXT("residential"))},
       "[{\"what\":\"need\",\"was\":\"spanish\",\"now\":\"\"}]",
       "Lakeside Center"},
      {{.near = TEXT("23220"), NEEDS(TEXT("residential")), CODES(TEXT("SP"))},
       "[{\"what\":\"code\",\"was\":\"SP\",\"now\":\"\"}]",
       "Lakeside Center"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct value *document = found(world, cases[i].request);
    assert_string_equal(part(world, document, "relaxed"), cases[i].relaxed);
    assert_string_equal(names_of(world, document), cases[i].names);
  }
}

/* --- Refused ---------------------------------------------------------------------------------- */

static void find_refuses(void **state)
{
  struct world *world = *state;
  struct text many[LIMIT_QUERY_NEEDS + 1];
  char longest[LIMIT_QUERY_TEXT + 2];
  for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) many[i] = TEXT("detox");
  memset(longest, 'a', sizeof longest);
  struct text too_long = {longest, LIMIT_QUERY_TEXT + 1};
  struct {
    struct directory_request request;
    const char *person, *hint;
  } cases[] = {
      {{NEEDS(TEXT("buprenorfine"))}, "error.find.need", "Nearest: buprenorphine. Allowed: "},
      {{.needs = many, .need_count = LIMIT_QUERY_NEEDS + 1}, "error.find.need", "at most 64"},
      {{NEEDS(
           TEXT("a need whose name is far longer than the name of any need that there is, here"))},
       "error.find.need",
       "Nearest: a"},
      {{CODES(TEXT("BUX"))}, "error.find.code", "Nearest: BU"},
      {{.codes = many, .code_count = LIMIT_QUERY_CODES + 1}, "error.find.code", "at most 64"},
      {{.state = TEXT("ZZ")}, "error.find.state", "two letters"},
      {{.limit = LIMIT_RESULTS_PAGE + 1}, "error.find.limit", "1 to 100"},
      {{.within = -1}, "error.find.within", "miles"},
      {{.within = 1.0 / 0.0}, "error.find.within", "miles"},
      {{.within = 5}, "error.find.within.place", "needs a place"},
      {{.sort = (enum search_sort)9}, "error.find.sort", "best, distance, name"},
      {{.q = too_long}, "error.find.long", "256"},
      {{.near = too_long}, "error.find.long", "256"},
      {{.cursor = TEXT("nonsense")}, "error.search.cursor", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct directory_answer answer;
    struct error error = {0};
    assert_false(find(world, cases[i].request, &answer, &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_string_equal(error.person, cases[i].person);
    assert_non_null(strstr(error.hint, cases[i].hint));
    for (size_t language = 0; language < 2; language++)
      assert_true(catalog_find(world->catalog, language, text_from(error.person)).length > 0);
    assert_null(strstr(error.log, "buprenorfine")); /* what was typed is not logged */
  }
}

static void find_refuses_no_results(void **state)
{
  struct world *world = *state;
  struct directory_request request = {.limit = 0};
  struct directory_answer answer;
  struct error error = {0};
  assert_false(directory_find(world->directory, NULL, world->catalog, world->arena, &request,
                              &answer, &error));
  assert_string_equal(error.person, "error.find.limit");
}

static void find_counts_past_nine(void **state)
{
  struct world *world = *state;
  struct world_facility many[13] = {0};
  struct error error = {0};
  bool swapped;
  for (size_t i = 0; i < 12; i++) many[i] = world_facilities[0];
  world_build(world, directory_needs(world->directory), many);
  must(directory_refresh(world->directory, &swapped, &error), &error);
  const struct value *document = FIND(.facets = true);
  assert_string_equal(part(world, value_get(document, TEXT("facets")), "buprenorphine"), "12");
  world_build(world, directory_needs(world->directory), world_facilities);
  must(directory_refresh(world->directory, &swapped, &error), &error);
  assert_true(swapped);
}

static void find_takes_repeated_needs_once(void **state)
{
  struct world *world = *state;
  const struct value *document = FIND(NEEDS(TEXT("detox"), TEXT("detox")));
  assert_string_equal(part(world, first(document), "needs"), "[\"detox\"]");
}

static void find_reads_orders(void **state)
{
  (void)state;
  enum search_sort sort;
  assert_true(directory_read_sort(TEXT(""), &sort) && sort == SEARCH_BEST);
  assert_true(directory_read_sort(TEXT("distance"), &sort) && sort == SEARCH_DISTANCE);
  assert_true(directory_read_sort(TEXT("name"), &sort) && sort == SEARCH_NAME);
  assert_false(directory_read_sort(TEXT("price"), &sort));
}

static void find_without_a_snapshot(void **state)
{
  struct world *world = *state;
  struct directory_request request = {.near = TEXT("23220"), .limit = 20, .facets = true};
  struct directory_answer answer;
  struct error error = {0};
  must(directory_find(world->directory, NULL, world->catalog, world->arena, &request, &answer,
                      &error),
       &error);
  assert_string_equal(part(world, answer.result, "total"), "0");
  assert_string_equal(part(world, answer.result, "results"), "[]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(find_writes_the_document),
      cmocka_unit_test(find_counts_every_need),
      cmocka_unit_test(find_in_spanish),
      cmocka_unit_test(find_splits_the_one_box),
      cmocka_unit_test(find_says_where_words_were_found),
      cmocka_unit_test(find_says_signs_of_quality_where_they_order),
      cmocka_unit_test(find_asks_which_place),
      cmocka_unit_test(find_pages),
      cmocka_unit_test(find_loosens),
      cmocka_unit_test(find_refuses),
      cmocka_unit_test(find_refuses_no_results),
      cmocka_unit_test(find_counts_past_nine),
      cmocka_unit_test(find_takes_repeated_needs_once),
      cmocka_unit_test(find_reads_orders),
      cmocka_unit_test(find_without_a_snapshot),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
