/*
 * Places: what was typed, understood. The small table of places_table.h holds true facts of a few
 * places; the last test reads the built places.tsv and is skipped where it was not built.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/places.h"
#include "places_table.h"

static struct places *places;
static struct arena *arena;

static void write_table(char path[32], const char *content)
{
  static const char template[] = "/tmp/test_places_XXXXXX";
  memcpy(path, template, sizeof template);
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, content, strlen(content)), (ssize_t)strlen(content));
  close(file);
}

static int places_start(void **state)
{
  (void)state;
  char path[32];
  struct error error = {0};
  write_table(path, PLACES_TABLE);
  bool loaded = places_load(&places, path, &error);
  if (!loaded) print_error("%s\n", error.log);
  unlink(path);
  arena = arena_new(LIMIT_ARENA_REQUEST);
  return loaded ? 0 : -1;
}

static int places_end(void **state)
{
  (void)state;
  places_free(places);
  places_free(NULL);
  arena_free(arena);
  return 0;
}

/* The vocabulary of these tests. */
static bool is_word(const void *context, struct text folded)
{
  (void)context;
  return text_equal(folded, TEXT("detox")) || text_equal(folded, TEXT("va")) ||
         text_equal(folded, TEXT("richmond house")) || text_equal(folded, TEXT("recovery"));
}

/* "FOUND Richmond, VA", "AMBIGUOUS a | b", "UNKNOWN a | b", "NONE". */
static const char *shown(const struct place_answer *answer)
{
  static const char *const outcomes[] = {"NONE", "FOUND", "AMBIGUOUS", "UNKNOWN"};
  struct text text = text_from(outcomes[answer->outcome]);
  for (size_t i = 0; i < answer->count; i++)
    text = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(text), i ? " | " : " ",
                       TEXT_PRINT(answer->candidates[i].label));
  return text_c(arena, text);
}

static void resolves(const char *typed, const char *expected)
{
  struct place_answer answer;
  places_resolve(places, arena, text_from(typed), &answer);
  if (strcmp(shown(&answer), expected) != 0) print_error("typed \"%s\"\n", typed);
  assert_string_equal(shown(&answer), expected);
}

static void splits(const char *typed, const char *expected, const char *expected_words)
{
  struct place_answer answer;
  struct text words;
  places_split(places, arena, text_from(typed), is_word, NULL, &answer, &words);
  if (strcmp(shown(&answer), expected) != 0) print_error("typed \"%s\"\n", typed);
  assert_string_equal(shown(&answer), expected);
  assert_string_equal(text_c(arena, words), expected_words);
}

static void places_city_with_state(void **state)
{
  (void)state;
  static const char *const spellings[] = {"richmond va",
                                          "Richmond,VA",
                                          "RICHMOND , virginia",
                                          "Richmond Virginia",
                                          "Richmond, VA, USA",
                                          "richmond va united states",
                                          "rva",
                                          "  Richmond ,  V.A.  ",
                                          "Richmond; VA"};
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
    resolves(spellings[i], "FOUND Richmond, VA");
  resolves("St. Louis MO", "FOUND Saint Louis, MO");
  resolves("st.louis, misuri", "FOUND Saint Louis, MO");
  resolves("winston salem, carolina del norte", "FOUND Winston-Salem, NC");
  resolves("LaPlace", "FOUND La Place, LA");
  resolves("east boston ma", "FOUND East Boston, MA");
  resolves("Lakeside, VA", "FOUND Lakeside, VA");
  resolves("Mayagüez", "FOUND Mayaguez, PR");
  resolves("richmond in", "FOUND Richmond, IN");
}

static void places_bare_names(void **state)
{
  (void)state;
  resolves("Springfield", "AMBIGUOUS Springfield, MA | Springfield, MO");
  resolves("richmond", "AMBIGUOUS Richmond, VA | Richmond, IN");
  resolves("Saint Louis", "FOUND Saint Louis, MO"); /* three times the one in Arkansas */
  resolves("hope", "AMBIGUOUS Hope, IN | Hope, AR");
  resolves("nowhere", "UNKNOWN");
  resolves("", "NONE");
  resolves(" , - ", "NONE");
}

static void places_states(void **state)
{
  (void)state;
  resolves("Virginia", "FOUND Virginia");
  resolves("va", "FOUND Virginia");
  resolves("in", "FOUND Indiana");
  resolves("d.c.", "FOUND District of Columbia");
  resolves("Borinquen", "FOUND Puerto Rico");
  resolves("estado de Misuri", "FOUND Missouri");
  resolves("washington", "AMBIGUOUS Washington (state) | Washington, DC");
  resolves("washington state", "FOUND Washington (state)");
  resolves("atlantis state", "UNKNOWN");
  resolves("la", "AMBIGUOUS New Orleans, LA | Louisiana");
  char letters[3];
  assert_true(places_state(places, TEXT(" va "), letters));
  assert_string_equal(letters, "VA");
  assert_true(places_state(places, TEXT("carolina del norte"), letters));
  assert_string_equal(letters, "NC");
  assert_false(places_state(places, TEXT("ZZ"), letters));
  assert_false(places_state(places, TEXT("2!"), letters));
  static const char *const no_letters[] = {"a1", "1a", "{a", "a{", "abc"};
  for (size_t i = 0; i < sizeof no_letters / sizeof no_letters[0]; i++)
    assert_false(places_state(places, text_from(no_letters[i]), letters));
  assert_false(places_state(places, TEXT("Richmond"), letters));
  assert_false(places_state(places, (struct text){PLACES_TABLE, LIMIT_QUERY_TEXT + 1}, letters));
  assert_true(text_equal(places_state_name(places, "MO"), TEXT("Missouri")));
  assert_true(text_equal(places_state_name(places, "ZZ"), TEXT("")));
}

static void places_counties(void **state)
{
  (void)state;
  resolves("Henrico County, VA", "FOUND Henrico County, VA");
  resolves("henrico county", "FOUND Henrico County, VA");
  resolves("henrico county virginia", "FOUND Henrico County, VA");
  resolves("Wayne County", "AMBIGUOUS Wayne County, IN | Wayne County, MO");
  resolves("condado de Wayne, Misuri", "FOUND Wayne County, MO");
  resolves("condado de wayne", "AMBIGUOUS Wayne County, IN | Wayne County, MO");
  resolves("Orleans Parish", "FOUND Orleans Parish, LA");
  resolves("orleans county", "FOUND Orleans County, VT");
  resolves("Wayne", "AMBIGUOUS Wayne County, IN | Wayne County, MO");
  resolves("Wayne, IN", "FOUND Wayne County, IN");
  resolves("Richmond (city), VA", "FOUND Richmond (city), VA");
  resolves("wayne county, VA", "UNKNOWN");
}

static void places_zips_and_points(void **state)
{
  (void)state;
  resolves("23220", "FOUND 23220 (Richmond, VA)");
  resolves("23220-1234", "FOUND 23220 (Richmond, VA)");
  resolves("Richmond, VA 23220", "FOUND 23220 (Richmond, VA)");
  resolves("VA 23220", "FOUND 23220 (Richmond, VA)");
  resolves("09007", "FOUND 09007 (APO, AE)");
  resolves("23220--123", "UNKNOWN");
  resolves("23220-12x4", "UNKNOWN");
  resolves("nonsense 23220", "UNKNOWN");
  resolves("2322", "UNKNOWN");
  resolves("-2322", "UNKNOWN");
  resolves("23221", "UNKNOWN 23220 (Richmond, VA) | 23219 (Richmond, VA) | 23226 (Henrico, VA) | "
                    "23228 (Henrico, VA)");
  resolves("00001", "UNKNOWN");
  resolves("00679", "UNKNOWN 00680 (Mayaguez, PR)");
  resolves("99549", "UNKNOWN 99548 (Atka, AK) | 99547 (Atka, AK) | 99546 (Adak, AK)");
  resolves("37.54,-77.43", "FOUND 37.54, -77.43 (Richmond, VA)");
  resolves("37.54 -77.43", "FOUND 37.54, -77.43 (Richmond, VA)");
  resolves("0,0", "FOUND 0.00, 0.00");
  resolves("52.9,-179.9", "FOUND 52.90, -179.90");
  resolves("91,0", "UNKNOWN");
  resolves("0,181", "UNKNOWN");
  resolves("0,x", "UNKNOWN");
  resolves("x,0", "UNKNOWN");
  struct place_zip zip;
  assert_true(places_zip(places, TEXT("23228"), &zip));
  assert_string_equal(zip.zip, "23228");
  assert_string_equal(zip.state, "VA");
  assert_true(text_equal(zip.city, TEXT("Henrico")));
  assert_true(text_equal(zip.county, TEXT("Henrico County")));
  assert_true(places_zip(places, TEXT("27101"), &zip));
  assert_true(text_equal(zip.county, TEXT("")));
  assert_false(places_zip(places, TEXT("99999"), &zip));
  assert_false(places_zip(places, TEXT("2322x"), &zip));
}

static void places_means(void **state)
{
  (void)state;
  struct place_answer answer;
  places_resolve(places, arena, TEXT("Richmond, VA"), &answer);
  assert_true(fabs(answer.candidates[0].latitude - (37.5463 + 37.5498) / 2) < 1e-9);
  assert_true(fabs(answer.candidates[0].longitude + (77.4378 + 77.4588) / 2) < 1e-9);
  assert_int_equal(answer.candidates[0].weight, 2);
  /* Alaska reaches over the 180th meridian: 176.65 west, and twice 173.18 east, 186.82 west. */
  places_resolve(places, arena, TEXT("Alaska"), &answer);
  assert_true(fabs(answer.candidates[0].longitude - (360 - (176.65 + 2 * 186.82) / 3)) < 1e-6);
}

static void places_suggestions(void **state)
{
  (void)state;
  resolves("Richmnd, VA", "UNKNOWN Richmond, VA");
  resolves("Rihcmond, VA", "UNKNOWN Richmond, VA");
  resolves("Springfeild", "UNKNOWN Springfield, MA | Springfield, MO");
  resolves("Springfield, VA", "UNKNOWN Springfield, MA | Springfield, MO");
  resolves("Virgina", "UNKNOWN Virginia");
  resolves("Hop", "UNKNOWN");
  resolves("Springfeilddd", "UNKNOWN");
  resolves("Saint Luis", "UNKNOWN Saint Louis, MO | Saint Louis, AR");
  resolves("sxxxx xxxxx", "UNKNOWN");
  resolves("Springfield, Puerto, Rico", "UNKNOWN");
  resolves("{x, VA", "UNKNOWN");
  resolves("Winston\tSalm, North Carolina", "UNKNOWN Winston-Salem, NC");
  resolves("\x01Richmond, VA", "FOUND Richmond, VA");
  resolves(", Richmond, VA", "FOUND Richmond, VA");
}

static void places_one_box(void **state)
{
  (void)state;
  splits("", "NONE", "");
  splits("Richmond, VA", "FOUND Richmond, VA", "");
  splits("detox", "NONE", "detox");
  splits("detox richmond va", "FOUND Richmond, VA", "detox");
  splits("23220 detox", "FOUND 23220 (Richmond, VA)", "detox");
  splits("detox house 23220", "FOUND 23220 (Richmond, VA)", "detox house");
  splits("virginia detox", "FOUND Virginia", "detox");
  splits("detox richmond", "NONE", "detox richmond");
  splits("detox in Richmond", "AMBIGUOUS Richmond, VA | Richmond, IN", "detox");
  splits("detox in st louis mo now", "FOUND Saint Louis, MO", "detox now");
  splits("cerca de Mayagüez", "FOUND Mayaguez, PR", "");
  splits("richmond house", "NONE", "richmond house");
  splits("richmond house 23220", "FOUND 23220 (Richmond, VA)", "richmond house");
}

static void places_one_box_words_that_look_like_places(void **state)
{
  (void)state;
  splits("va", "NONE", "va"); /* a word of the vocabulary */
  splits("va detox", "NONE", "va detox");
  splits("detox va", "NONE", "detox va");
  splits("in", "NONE", "in");
  splits("IN", "FOUND Indiana", "");
  splits("la", "NONE", "la");
  splits("LA", "AMBIGUOUS New Orleans, LA | Louisiana", "");
  splits("hope", "NONE", "hope");
  splits("Hope, AR", "FOUND Hope, AR", "");
  splits("hope in", "NONE", "hope in");
  splits("hope, in", "FOUND Hope, IN", "");
  splits("near hope", "AMBIGUOUS Hope, IN | Hope, AR", "");
  splits("detox in recovery", "NONE", "detox in recovery");
  splits("detox in", "NONE", "detox in");
}

static void places_one_box_unknown(void **state)
{
  (void)state;
  splits("Richmnd, VA", "UNKNOWN Richmond, VA", "");
  splits("richmnd", "NONE", "richmnd");
  splits("detox near Richmnd VA", "UNKNOWN Richmond, VA", "detox");
  splits("detox in Richmnd, VA", "UNKNOWN Richmond, VA", "detox");
  splits("detox near xyzzy", "UNKNOWN", "detox");
  splits("detox in zzzzz MO", "FOUND Missouri", "detox in zzzzz");
  splits("Richmnd Virginia", "UNKNOWN Richmond, VA", "");
  splits("Richmnd, IN", "UNKNOWN Richmond, IN", "");
  splits("richmond center", "NONE", "richmond center");
  splits("detox, MO", "FOUND Missouri", "detox");
  splits("other house, MO", "FOUND Missouri", "other house");
}

static void places_one_box_here(void **state)
{
  (void)state;
  splits("detox near me", "NONE", "detox");
  splits("near me", "NONE", "");
  splits("detox near me now", "NONE", "detox now");
  splits("detox aqui", "NONE", "detox");
  splits("aqui detox", "NONE", "aqui detox");
}

static void places_hostile_text(void **state)
{
  (void)state;
  char longest[4096];
  memset(longest, 'a', sizeof longest);
  for (size_t step = 9; step > 0; step--) {
    struct place_answer answer;
    struct text words;
    for (size_t i = 0; i < sizeof longest; i += step) longest[i] = step % 2 ? ' ' : ',';
    places_split(places, arena, (struct text){longest, sizeof longest}, NULL, NULL, &answer,
                 &words);
    places_resolve(places, arena, (struct text){longest, sizeof longest}, &answer);
    assert_true(answer.count <= PLACE_CANDIDATES);
  }
  char expanding[256]; /* each of these letters folds to 18 */
  for (size_t i = 0; i + 3 <= sizeof expanding; i += 3) memcpy(expanding + i, "\xEF\xB7\xBA", 3);
  struct place_answer answer;
  places_resolve(places, arena, (struct text){expanding, 255}, &answer);
  assert_int_equal(answer.outcome, PLACE_UNKNOWN);
  resolves("\xff\xfe", "NONE");
  resolves("Richmond\xff, VA", "FOUND Richmond, VA");
}

static void places_more_candidates_than_room(void **state)
{
  (void)state;
  struct text_buffer table;
  struct error error = {0};
  char path[32];
  struct places *many;
  struct place_answer answer;
  text_buffer_init(&table, 1 << 20);
  text_buffer_add(&table, TEXT("setting\tdominance\t8\nsetting\tedit_letters_one\t4\n"
                               "setting\tedit_letters_two\t8\n"));
  for (int i = 0; i < 20; i++)
    text_buffer_add_format(&table, "state\tA%c\tState%c\tState%c\t\tplain\n", 'A' + i, 'A' + i,
                           'A' + i);
  for (int i = 0; i < 20; i++)
    text_buffer_add_format(&table, "zip\t%05d\t1\t1\tA%c\t-\tMidway\t\n", i, 'A' + i);
  text_buffer_add(&table, TEXT("state\tAZ\tStateA\tStateB\t\tplain\n"));
  for (int i = 0; i < 20; i++) text_buffer_add_format(&table, "alias\tany\tState%c\n", 'B' + i % 9);
  text_buffer_add(&table, TEXT("zip\t00020\t1\t1\tAT\t-\tMidway\t\n"
                               "zip\t00021\t1\t179\tAA\t-\tMeridian City\t\n"
                               "zip\t00022\t1\t-175\tAA\t-\tMeridian City\t\n"
                               "zip\t00023\t1\t1\tAA\t-\tMeridien City\t\n"));
  text_buffer_add_character(&table, 0);
  write_table(path, table.at);
  text_buffer_fini(&table);
  bool loaded = places_load(&many, path, &error);
  unlink(path);
  if (!loaded) fail_msg("%s", error.log);
  places_resolve(many, arena, TEXT("Midway"), &answer);
  assert_int_equal(answer.count, PLACE_CANDIDATES);
  assert_string_equal(answer.candidates[0].state, "AT"); /* two ZIPs, met last */
  places_resolve(many, arena, TEXT("any"), &answer);
  assert_int_equal(answer.outcome, PLACE_AMBIGUOUS);
  assert_int_equal(answer.count, PLACE_CANDIDATES);
  places_resolve(many, arena, TEXT("Midwey"), &answer);
  assert_int_equal(answer.count, PLACE_CANDIDATES);
  places_resolve(many, arena, TEXT("Meridian City"), &answer); /* 179 east and 185 east */
  assert_true(fabs(answer.candidates[0].longitude + 178) < 1e-9);
  places_resolve(many, arena, TEXT("Meridiann City"), &answer);
  assert_string_equal(shown(&answer), "UNKNOWN Meridian City, AA | Meridien City, AA");
  places_free(many);
}

static void places_refuses_damaged_tables(void **state)
{
  (void)state;
  static const char *const damaged[] = {
      "",
      "nonsense\tx\n",
      "setting\tdominance\tx\n",
      "setting\tdominance\t-1\n",
      "setting\tdominance\t2000000\n",
      "setting\tunknown\t1\n",
      "word\tunknown\tx\t\n",
      "state\tvirginia\tVirginia\tVirginia\t\tplain\n",
      "state\tV1\tVirginia\tVirginia\t\tplain\n",
      "state\t1V\tVirginia\tVirginia\t\tplain\n",
      "state\tvA\tVirginia\tVirginia\t\tplain\n",
      "state\tVa\tVirginia\tVirginia\t\tplain\n",
      "alias\t-\tRichmond, VA\n",
      "alias\trva\t\n",
      "county\tVA\tHenrico County\n",
      "zip\t1\t1\t1\tVA\t-\tX\t\n",
      "zip\tabcde\t1\t1\tVA\t-\tX\t\n",
      "zip\t-1234\t1\t1\tVA\t-\tX\t\n",
      "zip\t23220\tx\t1\tVA\t-\tX\t\n",
      "zip\t23220\t91\t1\tVA\t-\tX\t\n",
      "zip\t23220\t1\tx\tVA\t-\tX\t\n",
      "zip\t23220\t1\t181\tVA\t-\tX\t\n",
      "zip\t23220\t1\t1\t\t-\tX\t\n",
      "zip\t23220\t1\t1\tVA\tx\tX\t\n",
      "zip\t23220\t1\t1\tVA\t-1\tX\t\n",
      "zip\t23220\t1\t1\tVA\t0\tX\t\n",
      "zip\t23220\t1\t1\tVA\t-\tX\n",
      "zip\t23220\t1\t1\tVA\t-\tX\t\tmore\n",
      "zip\t23220\t1\t1\tVA\t-\tX\t\nzip\t23220\t1\t1\tVA\t-\tX\t\n",
  };
  for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
    char path[32];
    struct places *none = NULL;
    struct error error = {0};
    write_table(path, damaged[i]);
    bool loaded = places_load(&none, path, &error);
    unlink(path);
    if (loaded) print_error("taken: %s\n", damaged[i]);
    assert_false(loaded);
    assert_null(none);
    assert_int_equal(error.kind, ERROR_REFUSED);
  }
  struct places *none = NULL;
  struct error error = {0};
  assert_false(places_load(&none, "/nonexistent/places.tsv", &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

/* Expected distances: the haversine formula of the design with radius 3958.7613 miles, where it
 * is plain: a quarter of the globe, one degree of latitude, half the globe. */
static void places_distances(void **state)
{
  (void)state;
  const double radius = 3958.7613, pi = 3.14159265358979;
  assert_true(fabs(places_distance(0, 0, 0, 90) - radius * pi / 2) < 1e-6);
  assert_true(fabs(places_distance(37, -77, 38, -77) - radius * pi / 180) < 1e-6);
  assert_true(fabs(places_distance(0, 0, 0, 180) - radius * pi) < 1e-6);
  assert_true(fabs(places_distance(12, 34, 12, 34)) < 1e-12);
  assert_true(
      text_equal(places_attribution(), TEXT("ZIP data © GeoNames (geonames.org), CC BY 4.0")));
}

/* --- The real table --------------------------------------------------------------------------- */

static const char *const real_places[][2] = {
    {"richmond va", "FOUND Richmond, VA"},
    {"St. Louis MO", "FOUND Saint Louis, MO"},
    {"Ft Worth", "FOUND Fort Worth, TX"},
    {"Coeur d'Alene", "FOUND Coeur d'Alene, ID"},
    {"O'Fallon", "AMBIGUOUS O'Fallon, MO | O'Fallon, IL"},
    {"La Place, LA", "FOUND La Place, LA"},
    {"laplace la", "FOUND La Place, LA"},
    {"McKee", "FOUND McKee, KY"},
    {"Winston-Salem", "FOUND Winston-Salem, NC"},
    {"East Boston", "FOUND East Boston, MA"},
    {"New York", "FOUND New York, NY"},
    {"Nueva York", "FOUND New York, NY"},
    {"new york state", "FOUND New York (state)"},
    {"nyc", "FOUND New York, NY"},
    {"philly", "FOUND Philadelphia, PA"},
    {"Washington DC", "FOUND Washington, DC"},
    {"District of Columbia", "FOUND District of Columbia"},
    {"Puerto Rico", "FOUND Puerto Rico"},
    {"San Juan, PR", "FOUND San Juan, PR"},
    {"San José", "FOUND San Jose, CA"},
    {"Henrico County, VA", "FOUND Henrico County, VA"},
    {"Orleans Parish", "FOUND Orleans Parish, LA"},
    {"Cook County", "AMBIGUOUS Cook County, IL | Cook County, MN | Cook County, GA"},
    {"02139", "FOUND 02139 (Cambridge, MA)"},
    {"00901", "FOUND 00901 (San Juan, PR)"},
    {"2139", "UNKNOWN"},
    {"Chicago", "FOUND Chicago, IL"},
    {"Los Angeles", "FOUND Los Angeles, CA"},
    {"Houston", "FOUND Houston, TX"},
    {"Richmnd, VA", "UNKNOWN Richmond, VA"},
    {"Albuqurque", "UNKNOWN Albuquerque, NM"},
    {"37.54,-77.43", "FOUND 37.54, -77.43 (Richmond, VA)"},
};

/* Every ZIP's city and county, typed as they are shown, mean one place. */
static void means_one_place(void)
{
  struct place_zip zip;
  struct place_answer answer;
  char letters[3];
  struct arena *scratch = arena_new(LIMIT_ARENA_REQUEST);
  for (unsigned number = 0; number < 100000; number++, arena_clear(scratch)) {
    struct text digits = text_format(scratch, "%05u", number);
    if (!places_zip(places, digits, &zip) || !places_state(places, text_from(zip.state), letters))
      continue;
    for (int county = 0; county < 2; county++) {
      struct text name = county ? zip.county : zip.city;
      struct text label = text_format(scratch, "%.*s, %s", TEXT_PRINT(name), zip.state);
      if (name.length == 0) continue;
      places_resolve(places, scratch, label, &answer);
      if (answer.outcome != PLACE_FOUND) print_error("typed %s\n", text_c(scratch, label));
      assert_int_equal(answer.outcome, PLACE_FOUND);
    }
  }
  arena_free(scratch);
}

static void places_real_table(void **state)
{
  (void)state;
  const char *share = getenv("FAIRLEAD_SHARE");
  char *path = file_join(arena, share ? share : "build/share", "places.tsv");
  struct places *small = places;
  struct error error = {0};
  if (!file_exists(path)) skip();
  int64_t before = time_monotonic();
  if (!places_load(&places, path, &error)) fail_msg("%s", error.log);
  print_message("%s: loaded in %lld us\n", path, (long long)(time_monotonic() - before));
  for (size_t i = 0; i < sizeof real_places / sizeof real_places[0]; i++)
    resolves(real_places[i][0], real_places[i][1]);
  struct place_answer answer;
  places_resolve(places, arena, TEXT("Springfield"), &answer);
  assert_int_equal(answer.outcome, PLACE_AMBIGUOUS);
  assert_string_equal(answer.candidates[0].state, "IL");
  assert_string_equal(answer.candidates[1].state, "MA");
  assert_string_equal(answer.candidates[2].state, "MO");
  means_one_place();
  places_resolve(places, arena, TEXT("New York"), &answer); /* in Manhattan, by its landmarks */
  assert_true(places_distance(answer.candidates[0].latitude, answer.candidates[0].longitude,
                              40.7580, -73.9855) < 5);
  places_free(places);
  places = small;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places_city_with_state),
      cmocka_unit_test(places_bare_names),
      cmocka_unit_test(places_states),
      cmocka_unit_test(places_counties),
      cmocka_unit_test(places_zips_and_points),
      cmocka_unit_test(places_means),
      cmocka_unit_test(places_suggestions),
      cmocka_unit_test(places_one_box),
      cmocka_unit_test(places_one_box_words_that_look_like_places),
      cmocka_unit_test(places_one_box_unknown),
      cmocka_unit_test(places_one_box_here),
      cmocka_unit_test(places_hostile_text),
      cmocka_unit_test(places_more_candidates_than_room),
      cmocka_unit_test(places_refuses_damaged_tables),
      cmocka_unit_test(places_distances),
      cmocka_unit_test(places_real_table),
  };
  return cmocka_run_group_tests(tests, places_start, places_end);
}
