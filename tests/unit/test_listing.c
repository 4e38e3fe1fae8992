/*
 * Listings: keys, united codes, the spool, and matching across releases. Expected matches are read
 * off design section 4 by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "directory/listing.h"

static struct arena *arena;

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(1 << 24);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

/* "name1|name2|street1|street2|zip|phone" as a listing. */
static struct listing listing_of(const char *parts)
{
  static const enum facility_field order[] = {FIELD_NAME1,   FIELD_NAME2, FIELD_STREET1,
                                              FIELD_STREET2, FIELD_ZIP,   FIELD_PHONE};
  struct listing listing = {.directories = DIRECTORY_SUBSTANCE_USE, .external_id = TEXT("")};
  for (size_t i = 0; i < FIELD_COUNT; i++) listing.fields[i] = TEXT("");
  struct text rest = text_from(parts), part;
  for (size_t i = 0; i < sizeof order / sizeof *order && text_split_next(&rest, '|', &part); i++)
    listing.fields[order[i]] = part;
  return listing;
}

static struct listing_keys keys_of(const char *parts)
{
  struct listing listing = listing_of(parts);
  struct listing_keys keys;
  listing_keys(arena, &listing, &keys);
  return keys;
}

static bool same_key(struct listing_key a, struct listing_key b)
{
  return listing_key_compare(&a, &b) == 0;
}

static void listing_keys_fold(void **state)
{
  (void)state;
  struct listing_keys a = keys_of("O'Neill House|East|12 Elm St.|B|23220|804-555-0142");
  struct listing_keys b = keys_of("ONEILL  house|EAST|12 elm st|b|23220|804-555-0142");
  assert_true(same_key(a.full, b.full) && same_key(a.site, b.site) && same_key(a.line, b.line));
  assert_false(same_key(a.content, b.content));
  struct listing_keys c = keys_of("O'Neill House|West|12 Elm St.|B|23220|804-555-0142");
  assert_false(same_key(a.full, c.full));
  assert_true(same_key(a.site, c.site));
  /* Parts do not run into one another. */
  assert_false(same_key(keys_of("a b|c|s||1").full, keys_of("a|b c|s||1").full));
  struct listing_keys d = keys_of("A||1 Elm||23220|");
  assert_true(d.line.high == 0 && d.line.low == 0);
  assert_true(d.external.high == 0 && d.external.low == 0);
}

static void listing_without_zip_is_known_by_city(void **state)
{
  (void)state;
  struct listing a = listing_of("A||1 Elm||"), b = a;
  a.fields[FIELD_CITY] = TEXT("St. Paul");
  b.fields[FIELD_CITY] = TEXT("Duluth");
  a.fields[FIELD_STATE] = b.fields[FIELD_STATE] = TEXT("MN");
  struct listing_keys left, right;
  listing_keys(arena, &a, &left);
  listing_keys(arena, &b, &right);
  assert_false(same_key(left.full, right.full));
  assert_true(text_equal(listing_identity(arena, &a), TEXT("a||1 elm||st paul MN")));
}

static void check_united(const char *a, const char *b, const char *expected)
{
  struct text got = listing_unite(arena, text_from(a), text_from(b), ' ');
  assert_string_equal(text_c(arena, got), expected);
}

static void listing_unites_codes(void **state)
{
  (void)state;
  check_united("", "", "");
  check_united("A", "", "A");
  check_united("", "B C", "B C");
  check_united("A C E", "B C F", "A B C E F");
  check_united("A B", "A B", "A B");
  check_united("X Y", "A", "A X Y");
}

static void listing_spool_gives_back(void **state)
{
  (void)state;
  struct listing_spool *spool;
  struct listing got, first = listing_of("One|two|three|four|23220|804"), second = listing_of("");
  size_t places[3];
  assert_true(listing_spool_new(&spool, NULL));
  assert_true(listing_spool_seal(spool, NULL)); /* empty */
  first.latitude = 37.5;
  first.quality = COORDINATE_REJECTED;
  first.county_from_zip = true;
  first.external_id = TEXT("frid");
  assert_true(listing_spool_add(spool, &first, &places[0], NULL));
  assert_true(listing_spool_add(spool, &second, &places[1], NULL));
  assert_true(listing_spool_seal(spool, NULL));
  listing_spool_get(spool, places[0], &got);
  for (size_t i = 0; i < FIELD_COUNT; i++) assert_true(text_equal(got.fields[i], first.fields[i]));
  assert_true(text_equal(got.external_id, TEXT("frid")) && got.county_from_zip);
  assert_true(got.latitude > 37.4 && got.quality == COORDINATE_REJECTED && got.directories == 1);
  listing_spool_get(spool, places[1], &got);
  assert_true(got.fields[FIELD_NAME1].length == 0 && !got.county_from_zip);
  assert_true(listing_spool_add(spool, &first, &places[2], NULL)); /* after it was read */
  assert_true(listing_spool_seal(spool, NULL));
  listing_spool_get(spool, places[2], &got);
  assert_true(text_equal(got.fields[FIELD_NAME1], TEXT("One")));
  listing_spool_free(spool);
}

/* --- Matching -------------------------------------------------------------------------------- */

enum { MOST = 8 };
struct given {
  const char *parts;
  unsigned directories; /* 0: substance use */
  bool foreign, withdrawn;
  size_t facility; /* of an old one */
};

/* Match and write "index:facility" or "index:-" with '~' for renamed. */
static const char *matched(const struct given *olds, size_t old_count, const struct given *news,
                           size_t new_count)
{
  struct match_old old[MOST];
  struct match_new fresh[MOST];
  size_t facilities = 0;
  for (size_t i = 0; i < old_count; i++) {
    old[i] = (struct match_old){.keys = keys_of(olds[i].parts),
                                .facility = olds[i].facility,
                                .directories = olds[i].directories ? olds[i].directories : 1,
                                .own = !olds[i].foreign,
                                .withdrawn = olds[i].withdrawn};
    if (olds[i].facility >= facilities) facilities = olds[i].facility + 1;
  }
  for (size_t i = 0; i < new_count; i++)
    fresh[i] = (struct match_new){.keys = keys_of(news[i].parts),
                                  .directories = news[i].directories ? news[i].directories : 1};
  listing_match(old, old_count, fresh, new_count, facilities);
  struct text_buffer out;
  text_buffer_init(&out, 1024);
  for (size_t i = 0; i < new_count; i++) {
    if (fresh[i].how == MATCH_NOTHING) text_buffer_add_format(&out, "%s-", i ? " " : "");
    else
      text_buffer_add_format(&out, "%s%s%zu", i ? " " : "",
                             fresh[i].how == MATCH_RENAMED ? "~" : "", fresh[i].facility);
  }
  const char *text = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return text;
}
#define MATCHED(olds, news)                                                                        \
  matched(olds, sizeof(olds) / sizeof *(olds), news, sizeof(news) / sizeof *(news))

static void match_by_identity_then_site_then_line(void **state)
{
  (void)state;
  const struct given olds[] = {{.parts = "A||1 Elm||11111|804-555-0101", .facility = 0},
                               {.parts = "B||2 Elm||11111|804-555-0102", .facility = 1},
                               {.parts = "C||3 Elm||11111|804-555-0103", .facility = 2},
                               {.parts = "D||4 Elm||11111|804-555-0104", .facility = 3}};
  const struct given news[] = {{.parts = "a||1 ELM||11111|804-555-0999"},
                               {.parts = "B|New||2 Elm|11111|"},
                               {.parts = "B|New|2 Elm|Floor 2|11111|804-555-0102"},
                               {.parts = "Sea House||3 Elm||11111|804-555-0103"},
                               {.parts = "D||4 Elm||22222|804-555-0104"}};
  assert_string_equal(MATCHED(olds, news), "0 - 1 ~2 -");
}

static void match_breaks_ties(void **state)
{
  (void)state;
  const struct given olds[] = {{.parts = "A|Adult|1 Elm||1|804-555-0101", .facility = 0},
                               {.parts = "A|Youth|1 Elm||1|804-555-0102", .facility = 1},
                               {.parts = "A|Women|1 Elm|Two|1|804-555-0103", .facility = 2},
                               {.parts = "A|Men|1 Elm|Six|1|804-555-0104", .facility = 3}};
  const struct given news[] = {{.parts = "A|Parents|1 Elm|Nine|1|804-555-0104"}, /* by phone */
                               {.parts = "A|Family|1 Elm|Two|1|804-555-0199"},   /* by line two */
                               {.parts = "A|Youth|1 Elm|Three|1|804-555-0198"},  /* by name two */
                               {.parts = "A|Adult|1 Elm||1|804-555-0197"}};      /* all of it */
  assert_string_equal(MATCHED(olds, news), "3 2 1 0");
}

static void match_gives_a_facility_once(void **state)
{
  (void)state;
  const struct given olds[] = {{.parts = "A||1 Elm||1|804-555-0101", .facility = 0}};
  const struct given news[] = {{.parts = "A|Two|1 Elm||1|804-555-0101"},
                               {.parts = "A||1 Elm||1|804-555-0101"},
                               {.parts = "B||1 Elm||1|804-555-0101"}};
  assert_string_equal(MATCHED(olds, news), "- 0 -");
}

static void match_brings_back_the_withdrawn(void **state)
{
  (void)state;
  const struct given olds[] = {
      {.parts = "A||1 Elm||1|804-555-0101", .facility = 0, .withdrawn = true},
      {.parts = "A|Two|1 Elm||1|804-555-0102", .facility = 1},
      {.parts = "C||3 Elm||1|804-555-0103", .facility = 2, .withdrawn = true}};
  const struct given news[] = {{.parts = "A||1 Elm||1|804-555-0109"},
                               {.parts = "A|Three|1 Elm||1|804-555-0108"},
                               {.parts = "Renamed||3 Elm||1|804-555-0103"}};
  assert_string_equal(MATCHED(olds, news), "0 1 -");
}

static void match_other_sources(void **state)
{
  (void)state;
  const struct given olds[] = {
      {.parts = "A||1 Elm||1|804-555-0101", .facility = 0, .foreign = true},
      {.parts = "B||2 Elm||1|804-555-0102", .facility = 1, .foreign = true, .directories = 2},
      {.parts = "C||3 Elm||1|804-555-0103", .facility = 2, .foreign = true, .directories = 2}};
  const struct given news[] = {{.parts = "A|Annex|1 Elm||1|804-555-0109"}, /* one directory */
                               {.parts = "B|Annex|2 Elm||1|804-555-0102"}, /* two: not the whole */
                               {.parts = "C||3 Elm||1|804-555-0109"}};     /* two: the whole */
  assert_string_equal(MATCHED(olds, news), "0 - 2");
  const struct given treatment[] = {{.parts = "A|x|1 Elm||1|", .directories = 4}};
  assert_string_equal(MATCHED(olds, treatment), "0");
  /* Two programs at one site, one of each directory, in whatever order. */
  const struct given both[] = {
      {.parts = "D|Clinic|4 Elm|1st|1|804-555-0101", .facility = 0, .foreign = true},
      {.parts = "D|Day|4 Elm|2nd|1|804-555-0102",
       .facility = 1,
       .foreign = true,
       .directories = 2}};
  const struct given turned[] = {
      {.parts = "D|Day Program|4 Elm|B|1|804-555-0103", .directories = 2},
      {.parts = "D|The Clinic|4 Elm|A|1|804-555-0104"}};
  assert_string_equal(MATCHED(both, turned), "1 0");
}

static void match_prefers_its_own_source(void **state)
{
  (void)state;
  const struct given olds[] = {
      {.parts = "A||1 Elm||1|804-555-0101", .facility = 0, .foreign = true},
      {.parts = "A|Old|1 Elm||1|804-555-0101", .facility = 1}};
  const struct given news[] = {{.parts = "A||1 Elm||1|804-555-0101"}};
  assert_string_equal(MATCHED(olds, news), "1");
}

static void match_of_nothing(void **state)
{
  (void)state;
  const struct given news[] = {{.parts = "A||1 Elm||1|"}};
  assert_string_equal(matched(NULL, 0, news, 1), "-");
  assert_string_equal(matched(news, 1, NULL, 0), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(listing_keys_fold),
      cmocka_unit_test(listing_without_zip_is_known_by_city),
      cmocka_unit_test(listing_unites_codes),
      cmocka_unit_test(listing_spool_gives_back),
      cmocka_unit_test(match_by_identity_then_site_then_line),
      cmocka_unit_test(match_breaks_ties),
      cmocka_unit_test(match_gives_a_facility_once),
      cmocka_unit_test(match_brings_back_the_withdrawn),
      cmocka_unit_test(match_other_sources),
      cmocka_unit_test(match_prefers_its_own_source),
      cmocka_unit_test(match_of_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
