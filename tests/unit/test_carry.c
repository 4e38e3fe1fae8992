/*
 * Carried answers: any set of them fits, they come back as they were, and each way in which a link
 * may not open has its own text. Expected: the issue (at most 1,800 characters, 30 days, nothing
 * kept but ids that were taken back).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "care_support.h"
#include "web/carry.h"
#include "web/qr.h"

static const int64_t NOW = INT64_C(1790000000000000), DAY = INT64_C(86400000000);
static struct web_application application;
static struct store *store;
static char folder[] = "/tmp/fairlead-carry-XXXXXX";

static int set_up(void **state)
{
  struct error error = {0};
  if (care_set_up(state) != 0 || !mkdtemp(folder)) return 1;
  application.care = table;
  if (seal_key_load(&application.key, file_join(arena, folder, "seal.key"), &error) &&
      store_open(&store, file_join(arena, folder, "fairlead.db"), &error) &&
      store_migrate(store, "migrations", &error))
    return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int tear_down(void **state)
{
  store_close(store);
  seal_key_free(application.key);
  return care_tear_down(state);
}

static struct text token_of(const struct facts *facts, enum choose_voice voice)
{
  struct text token = TEXT("");
  struct error error = {0};
  if (!carry_write(&application, arena, facts, voice, TEXT("2.5 8 3"), NOW, &token, &error))
    fail_msg("%s", error.log);
  return token;
}

static struct carried open_at(struct text token, int64_t now)
{
  struct carried carried = {0};
  struct error error = {0};
  if (!carry_read(&application, arena, token, now, &carried, &error)) fail_msg("%s", error.log);
  return carried;
}

static void assert_refused(struct text token, int64_t now, const char *person)
{
  struct carried carried;
  struct error error = {0};
  assert_false(carry_read(&application, arena, token, now, &carried, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, person);
}

static void what_is_carried_comes_back(void **state)
{
  (void)state;
  struct facts facts = facts_of("{\"cows\": 14, \"housing\": \"unsafe\", \"pregnant\": false, "
                                "\"motivation\": 7.5}");
  struct carried carried = open_at(token_of(&facts, CHOOSE_OTHER), NOW + 29 * DAY);
  for (size_t i = 0; i < facts_count(table); i++)
    assert_true(facts.value[i] == carried.facts.value[i] ||
                (isnan(facts.value[i]) && isnan(carried.facts.value[i])));
  assert_true(text_equal(carried.was, TEXT("2.5 8 3")));
  assert_int_equal(carried.voice, CHOOSE_OTHER);
  assert_true(carried.made == NOW && carried.until == NOW + 30 * DAY);
}

/* Every fact known, each in its longest form; and many random sets. */
static void any_set_of_answers_fits(void **state)
{
  (void)state;
  struct facts facts;
  facts_init(&facts);
  for (size_t i = 0; i < facts_count(table); i++) {
    const struct fact *fact = facts_get(table, i);
    double longest = 0;
    for (size_t w = 1; w < fact->word_count; w++)
      if (fact->words[w].length > fact->words[(size_t)longest].length) longest = (double)w;
    facts.value[i] = fact->kind == FACT_INTEGER  ? fact->maximum
                     : fact->kind == FACT_NUMBER ? fact->maximum - 0.123456789
                                                 : longest;
  }
  struct text token = token_of(&facts, CHOOSE_STAFF);
  assert_in_range(token.length, 1, CARRY_LONGEST);
  /* With the longest host name before it (RFC 1035: 253) it still fits a code. */
  struct error error = {0};
  struct text path;
  size_t size;
  struct text address = text_format(arena, "https://%0253d/es/carry/%.*s", 0, TEXT_PRINT(token));
  assert_true(web_qr(arena, address, &size, &path, &error));
  assert_in_range(size, 21 + 8, 177 + 8); /* versions 1 to 40, with the quiet zone */
  uint64_t seed = 42;
  for (size_t person = 0; person < 500; person++) {
    for (size_t i = 0; i < facts_count(table); i++) {
      seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
      const struct fact *fact = facts_get(table, i);
      double share = (double)(seed >> 33) / (double)(UINT64_C(1) << 31);
      double span = fact->kind == FACT_WORD     ? (double)fact->word_count - 1
                    : fact->kind == FACT_YES_NO ? 1
                                                : fact->maximum - fact->minimum;
      double value = share * span + (span > 1 && fact->kind != FACT_WORD ? fact->minimum : 0);
      facts.value[i] = fact->kind == FACT_NUMBER ? value : round(value);
    }
    assert_in_range(token_of(&facts, CHOOSE_STAFF).length, 1, CARRY_LONGEST);
  }
}

static void each_way_not_to_open_has_its_text(void **state)
{
  (void)state;
  struct facts facts = facts_of("{\"cows\": 14}");
  struct text token = token_of(&facts, CHOOSE_SELF);
  assert_refused(token, NOW + 30 * DAY + 1000000, "error.carry.expired");
  assert_refused(text_slice(token, 0, token.length - 4), NOW, "error.carry.broken");
  assert_refused(TEXT(""), NOW, "error.carry.broken");
  char *changed = text_c(arena, token);
  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  assert_refused(text_from(changed), NOW, "error.carry.broken");
  /* A seal of ours for another purpose. */
  struct text other = seal_write(arena, application.key, TEXT("interview"), TEXT("x"), NOW, 3600);
  assert_refused(other, NOW, "error.carry.broken");
  /* One of ours that holds what no table of today knows. */
  static const char *const stale[] = {"", "no deflate",
                                      "{\"who\":\"self\",\"facts\":{\"gone\":1}}"};
  for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
    assert_refused(
        seal_write(arena, application.key, TEXT("carry"), text_from(stale[i]), NOW, 3600), NOW,
        "error.carry.outdated");
}

static void taking_back_keeps_the_id_until_it_expires(void **state)
{
  (void)state;
  struct error error = {0};
  struct facts facts = facts_of("{\"cows\": 14}");
  struct carried one = open_at(token_of(&facts, CHOOSE_SELF), NOW);
  struct carried other = open_at(token_of(&facts, CHOOSE_SELF), NOW);
  bool is_revoked = true;
  assert_true(carry_is_revoked(store, &one, &is_revoked, &error) && !is_revoked);
  assert_true(carry_revoke(store, &one, NOW, &error));
  assert_true(carry_revoke(store, &one, NOW, &error));
  assert_true(carry_is_revoked(store, &one, &is_revoked, &error) && is_revoked);
  assert_true(carry_is_revoked(store, &other, &is_revoked, &error) && !is_revoked);
  assert_true(carry_forget(store, one.until - 1, &error));
  assert_true(carry_is_revoked(store, &one, &is_revoked, &error) && is_revoked);
  assert_true(carry_forget(store, one.until, &error));
  assert_true(carry_is_revoked(store, &one, &is_revoked, &error) && !is_revoked);
}

static void what_does_not_fit_a_code_is_refused(void **state)
{
  (void)state;
  struct error error = {0};
  struct text path;
  size_t size;
  assert_false(web_qr(arena, text_format(arena, "%03000d", 0), &size, &path, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_carried_comes_back),
      cmocka_unit_test(any_set_of_answers_fits),
      cmocka_unit_test(each_way_not_to_open_has_its_text),
      cmocka_unit_test(taking_back_keeps_the_id_until_it_expires),
      cmocka_unit_test(what_does_not_fit_a_code_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
