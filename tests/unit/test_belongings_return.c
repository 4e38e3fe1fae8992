/*
 * Tests of giving back (belongings.h) on both engines: both sign the receipt that was shown, or
 * nobody does and a code says why; nothing is given back twice or by a receipt of something else.
 * Expected values: what was written; the SHA-256 of the receipt, by libsodium.
 */
#include <sodium.h>

#include "intake_world.h"

static struct text id;
static struct belongings_shown shown[3];

static struct text added(const char *name, int64_t quantity)
{
  struct work w = {.id = id,
                   .thing = {.thing = text_from(name),
                             .quantity = quantity,
                             .condition = TEXT("good"),
                             .restricted = TEXT("")}};
  world.now += 1000; /* in the order in which they were written */
  WORLD(to("belongings", "write", add_thing, &w));
  return w.thing.id;
}

static const char *state_of(struct text thing)
{
  struct work w = {.id = id};
  WORLD(to("belongings", "read", list_things, &w));
  for (size_t i = 0; i < w.size; i++)
    if (text_equal(w.things[i].id, thing)) return text_c(world.arena, w.things[i].state);
  return "gone";
}

static struct text hash_of(struct text words)
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  char *hex = arena_allocate(world.arena, 2 * sizeof hash + 1);
  crypto_hash_sha256(hash, (const unsigned char *)words.at, words.length);
  sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
  return text_from(hex);
}

/* Of the things that are shown; both sign with lines. */
static struct work giving(size_t count)
{
  struct work w = {.id = id};
  w.given = (struct belongings_return){
      .things = shown,
      .count = count,
      .words = TEXT("Ana herself"),
      .language = TEXT("es"),
      .reason = TEXT(""),
      .sha256 = TEXT(""),
      .person = {.method = SIGNATURE_DRAWN,
                 .signer = TEXT("Ana Bell"),
                 .role = TEXT("patient"),
                 .image = TEXT("12,30 13,31;40,9 41,9")},
      .staff = {.method = SIGNATURE_TYPED, .signer = TEXT("Ada"), .role = TEXT("staff")}};
  return w;
}

static struct work giving_unsigned(size_t count, const char *reason)
{
  struct work w = giving(count);
  w.given.reason = text_from(reason);
  w.given.person = w.given.staff = (struct signature){.role = TEXT("")};
  return w;
}

static void brought(void)
{
  id = begun(0);
  shown[0] = (struct belongings_shown){added("Abrigo azul", 1), 1};
  shown[1] = (struct belongings_shown){added("Libro", 2), 1};
  shown[2] = (struct belongings_shown){added("Gorra", 1), 1};
}

static void both_sign_the_receipt_that_was_shown(void **state)
{
  (void)state;
  brought();
  struct work w = giving(2);
  WORLD(to("belongings", "write", load_receipt, &w));
  assert_string_equal(text_c(world.arena, w.words),
                      "Lo que me devolvieron\n1. Abrigo azul: 1. Buena.\n2. Libro: 2. Buena.\n"
                      "Entregado a: Ana herself\nMe devolvieron lo que dice esta lista.\n");
  struct text receipt = w.words;
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.changed"); /* not shown */
  struct work other_thing = giving(3);
  other_thing.given.sha256 = hash_of(receipt);
  REFUSED(to("belongings", "write", give_back, &other_thing), "error.belongings.changed");
  struct work other_words = w;
  other_words.given.sha256 = hash_of(receipt);
  other_words.given.words = TEXT("somebody else");
  REFUSED(to("belongings", "write", give_back, &other_words), "error.belongings.changed");
  w.given.sha256 = hash_of(receipt);
  struct work roles = w;
  roles.given.staff.role = TEXT("patient");
  REFUSED(to("belongings", "write", give_back, &roles), "error.belongings.both");
  roles = w;
  roles.given.person.image = TEXT("");
  REFUSED(to("belongings", "write", give_back, &roles), "error.signature.missing");
  assert_string_equal(state_of(shown[0].id), "received"); /* nothing of it was done */
  WORLD(to("belongings", "write", give_back, &w));
  assert_string_equal(state_of(shown[0].id), "returned");
  assert_string_equal(state_of(shown[1].id), "returned");
  assert_string_equal(state_of(shown[2].id), "received");
  struct work list = {.id = id};
  WORLD(to("belongings", "read", list_returns, &list));
  assert_int_equal(list.size, 1);
  assert_int_equal(list.returns[0].count, 2);
  assert_int_equal(list.returns[0].reason.length, 0);
  assert_true(text_equal(list.returns[0].account_id, TEXT("account-of-case-manager")));
  list.item = w.given.id;
  WORLD(to("belongings", "read", load_return, &list));
  assert_true(text_equal(list.given.person.signed_bytes, receipt));
  assert_true(text_equal(list.given.staff.signed_bytes, receipt));
  assert_true(text_equal(text_from(list.given.person.sha256), hash_of(receipt)));
  assert_true(text_equal(list.given.person.signer, TEXT("Ana Bell")));
  struct text mine = id;
  id = list.id = begun(0); /* a receipt is of its own intake */
  if (!text_equal(id, mine))
    REFUSED(to("belongings", "read", load_return, &list), "error.404.text");
}

static void nobody_has_to_sign_but_somebody_says_why(void **state)
{
  (void)state;
  brought();
  struct work w = giving_unsigned(1, "");
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.both");
  w = giving_unsigned(1, "because");
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.unsigned");
  w = giving(1);
  w.given.reason = TEXT("not-here"); /* a reason, and signatures */
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.unsigned");
  w = giving_unsigned(1, "not-here");
  WORLD(to("belongings", "write", give_back, &w));
  assert_string_equal(state_of(shown[0].id), "returned");
  struct work list = {.id = id};
  WORLD(to("belongings", "read", list_returns, &list));
  assert_true(text_equal(list.returns[0].reason, TEXT("not-here")));
  list.item = w.given.id;
  REFUSED(to("belongings", "read", load_return, &list), "error.404.text"); /* has no receipt */
}

static void nothing_is_given_back_twice_or_unseen(void **state)
{
  (void)state;
  brought();
  struct work none = giving_unsigned(0, "not-here");
  REFUSED(to("belongings", "write", give_back, &none), "error.belongings.none");
  struct work w = giving_unsigned(2, "not-here");
  shown[1] = shown[0];
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.state"); /* one twice */
  shown[1] = (struct belongings_shown){TEXT("nothing"), 1};
  REFUSED(to("belongings", "write", give_back, &w), "error.belongings.missing");
  shown[1] = (struct belongings_shown){shown[2].id, 7}; /* it was moved since, or will be */
  REFUSED(to("belongings", "write", give_back, &w), "error.intake.stale");
  assert_string_equal(state_of(shown[0].id), "received");
  struct work one = giving_unsigned(1, "not-here");
  WORLD(to("belongings", "write", give_back, &one));
  REFUSED(to("belongings", "write", give_back, &one), "error.intake.stale");
  shown[0].version = 2;
  REFUSED(to("belongings", "write", give_back, &one), "error.belongings.state"); /* an end */
  struct work others = giving_unsigned(1, "not-here");
  shown[0] = (struct belongings_shown){shown[2].id, 1};
  REFUSED(to("belongings", "read", give_back, &others), "error.403.text");
  REFUSED(world_do("belongings", "write", other, give_back, &others), "error.403.text");
  become("nurse"); /* reads belongings, and writes none */
  REFUSED(to("belongings", "write", give_back, &others), "error.403.text");
}

static bool forge(struct store_transaction *t, void *context, struct error *error)
{
  const char *const *row = context; /* reason, the person's signature, staff's */
  return store_execute(t,
                       "INSERT INTO belonging_return (program_id, id, intake_id, person_id,"
                       " reason, language, sha256, person_signature_id, staff_signature_id,"
                       " account_id, at) VALUES ($1, 'forged', 'x', 'y', $2, 'en', 'hash', $3, $4,"
                       " 'a', 1)",
                       STORE_BIND(STORE_T(world.program_id), STORE_T(text_from(row[0])),
                                  STORE_T(text_from(row[1])), STORE_T(text_from(row[2]))),
                       NULL, error);
}

static void the_database_wants_both_or_a_reason(void **state)
{
  (void)state;
  const char *const wrong[][3] = {
      {"", "", ""}, {"", "a", ""}, {"", "", "b"}, {"", "a", "a"}, {"not-here", "a", "b"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(store_write(world.store, forge, (void *)(uintptr_t)wrong[i], &world.error));
    error_clear(&world.error);
  }
  const char *const right[] = {"", "a", "b"};
  WORLD(store_write(world.store, forge, (void *)(uintptr_t)right, &world.error));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(both_sign_the_receipt_that_was_shown, begin, end),
      cmocka_unit_test_setup_teardown(nobody_has_to_sign_but_somebody_says_why, begin, end),
      cmocka_unit_test_setup_teardown(nothing_is_given_back_twice_or_unseen, begin, end),
      cmocka_unit_test_setup_teardown(the_database_wants_both_or_a_reason, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
